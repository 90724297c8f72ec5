"""How often something was done in a window of time."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestCount(models.Model):
    """Requests of one kind from one address or person in one window. Table of our own; a row is of no use after it."""

    key = models.CharField(_("kind, who and window (SHA-256)"), max_length=64, primary_key=True)
    hits = models.PositiveIntegerField(_("requests"))
    ends_at = models.DateTimeField(_("end of the window"), db_index=True)

    class Meta:
        db_table = "request_counts"
        verbose_name = _("count of requests")
        verbose_name_plural = _("counts of requests")

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.hits}"

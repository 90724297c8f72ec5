"""A run of an import: what was uploaded, how far the work is, and what it found. Each app has a table of its own."""

import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from projectgenius.db import CreatedAt, choices_check


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field of one line of a file."""

    number: int
    field: str
    message: str

    def as_report(self) -> dict[str, str]:
        """As a run keeps it; `field` is empty for the whole line."""
        place = gettext("line %(number)s") % {"number": self.number}
        return {"place": place, "field": self.field, "message": self.message}


def import_path(run: "ImportRun", filename: str) -> str:
    """Where an uploaded file waits for its import: an unguessable folder; the name is kept for the report alone."""
    return f"imports/{run._meta.db_table}/{secrets.token_urlsafe(16)}/{PurePosixPath(filename).name[-80:]}"


class RunStatus(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class ImportRun(CreatedAt):
    """One upload that is worked through in the background; a dry run reports and changes nothing.

    `report = [{"place": "line 7" or "modules/a.md", "field": "email", "message": "…"}, …]`; `counts` says how many
    rows were (or would be) treated in which way, such as `{"added": 3, "unchanged": 2}`.
    """

    Status = RunStatus

    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.RESTRICT, related_name="+", verbose_name=_("started by")
    )
    file = models.FileField(_("file"), upload_to=import_path, max_length=255)
    is_dry_run = models.BooleanField(_("dry run"), default=True, db_default=True)
    status = models.CharField(
        _("state"),
        max_length=20,
        choices=RunStatus.choices,
        default=RunStatus.WAITING,
        db_default=RunStatus.WAITING,
    )
    total = models.PositiveIntegerField(_("rows"), default=0, db_default=0)
    done = models.PositiveIntegerField(_("rows done"), default=0, db_default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    report = models.JSONField(_("report"), default=list, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def percent(self) -> int:
        """How far the run is, 0 to 100."""
        if self.status in (RunStatus.DONE, RunStatus.FAILED):
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def is_finished(self) -> bool:
        return self.status in (RunStatus.DONE, RunStatus.FAILED)

    @property
    def progress(self) -> dict[str, int | bool]:
        """What the script that draws the bar is told."""
        return {
            "percent": self.percent,
            "done": self.done,
            "total": self.total,
            "finished": self.is_finished,
        }


def status_check(table: str) -> models.CheckConstraint:
    """The database's list of states for a table of runs."""
    return choices_check(table, "status", RunStatus)

"""What a student is given beyond the rules for everybody."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.accommodation_querysets import AccommodationQuerySet
from courses.models.learning import CourseEnrollment
from projectgenius.db import TimeStamped


class Accommodation(TimeStamped):
    """More time, attempts or days for one student in one course; quizzes and assignments both ask here.

    Table of our own. The student sees the figures, and never `note`, which says why.
    """

    enrollment = models.OneToOneField(
        CourseEnrollment,
        on_delete=models.CASCADE,
        related_name="accommodation",
        verbose_name=_("enrollment"),
    )
    time_factor = models.DecimalField(
        _("time factor"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(1),
        db_default=Decimal(1),
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text=_("1.5 gives half as much time again."),
    )
    extra_attempts = models.PositiveIntegerField(
        _("extra attempts"), default=0, db_default=0, validators=[MaxValueValidator(100)]
    )
    extra_days = models.PositiveIntegerField(
        _("extra days"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(365)],
        help_text=_("For handing in assignments."),
    )
    note = models.TextField(
        _("note"), blank=True, default="", db_default="", help_text=_("The student does not see it.")
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.RESTRICT, related_name="+", verbose_name=_("given by")
    )

    objects = AccommodationQuerySet.as_manager()

    class Meta:
        db_table = "accommodations"
        ordering = ["enrollment_id"]
        verbose_name = _("accommodation")
        verbose_name_plural = _("accommodations")
        constraints = [
            models.CheckConstraint(
                condition=Q(time_factor__gte=1, time_factor__lte=10),
                name="accommodations_time_factor_range",
                violation_error_message=_("The time factor must be 1 to 10."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.enrollment_id)

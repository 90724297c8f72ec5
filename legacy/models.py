"""Programming challenges of the first ProjectGenius, and the code people sent in."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from projectgenius.db import PERCENT_VALIDATORS, CreatedAt, choices_check, minimum_check, percent_check


class SubmissionStatus(models.TextChoices):
    PENDING = "pending", _("waiting")
    RUNNING = "running", _("running")
    ACCEPTED = "accepted", _("accepted")
    WRONG_ANSWER = "wrong_answer", _("wrong answer")
    TIME_LIMIT = "time_limit", _("too slow")
    MEMORY_LIMIT = "memory_limit", _("too much memory")
    RUNTIME_ERROR = "runtime_error", _("error while running")
    COMPILE_ERROR = "compile_error", _("does not compile")
    OUTPUT_LIMIT = "output_limit", _("too much output")
    INTERNAL_ERROR = "internal_error", _("error on our side")


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    """Challenges."""

    def visible_to(self, user: Any) -> Self:
        """Active ones for everybody who is signed in, all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(is_active=True)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Code that was sent in."""

    def visible_to(self, user: Any) -> Self:
        """One's own, all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(user=user)


class Challenge(CreatedAt):
    """A programming problem. `solution` and the hidden test cases never leave the server."""

    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), help_text=_("Markdown."))
    difficulty = models.CharField(_("difficulty"), max_length=20)
    points = models.IntegerField(_("points"), validators=[MinValueValidator(0)])
    test_cases = models.JSONField(_("test cases"))
    solution = models.TextField(_("solution"))
    hints = models.JSONField(_("hints"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True, db_default=True)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        db_table = "challenges"
        ordering = ["title", "id"]
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")
        indexes = [
            models.Index(fields=["difficulty"], name="idx_challenges_difficulty"),
            models.Index(fields=["is_active"], name="idx_challenges_active"),
        ]
        constraints = [minimum_check("challenges", "points", 0)]

    def __str__(self) -> str:
        return self.title


class Submission(models.Model):
    """Code that a person sent in for a challenge, and the judge's verdict."""

    Status = SubmissionStatus

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="challenge_submissions",
        db_index=False,
        verbose_name=_("person"),
    )
    challenge = models.ForeignKey(
        Challenge,
        on_delete=models.RESTRICT,
        related_name="submissions",
        db_index=False,
        verbose_name=_("challenge"),
    )
    code = models.TextField(_("code"))
    language = models.CharField(_("language"), max_length=50)
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=SubmissionStatus.choices,
        default=SubmissionStatus.PENDING,
        db_default=SubmissionStatus.PENDING,
    )
    score = models.DecimalField(
        _("score"), max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT_VALIDATORS
    )
    feedback = models.TextField(_("feedback"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), db_default=Now())
    executed_at = models.DateTimeField(_("judged"), null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        db_table = "submissions"
        ordering = ["-submitted_at", "-id"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes = [
            models.Index(fields=["user"], name="idx_submissions_user"),
            models.Index(fields=["challenge"], name="idx_submissions_challenge"),
            models.Index(fields=["status"], name="idx_submissions_status"),
        ]
        constraints = [
            choices_check("submissions", "status", SubmissionStatus),
            percent_check("submissions", "score"),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} · {self.user_id}"

"""What students answered."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assessments.models.questions import Question
from assessments.models.quizzes import Quiz
from assessments.querysets import AttemptQuerySet, ResponseQuerySet
from projectgenius.db import PERCENT_VALIDATORS, CreatedAt, choices_check, minimum_check, percent_check


class AttemptStatus(models.TextChoices):
    IN_PROGRESS = "in_progress", _("in progress")
    COMPLETED = "completed", _("completed")
    ABANDONED = "abandoned", _("abandoned")


class GradingState(models.TextChoices):
    """Who has to grade a response."""

    OPEN = "open", _("the attempt is still running")
    JUDGE = "judge", _("waits for the judge")
    PERSON = "person", _("waits for a person")
    DONE = "done", _("graded")


class QuizAttempt(models.Model):
    """One sitting of a student. At most one runs at a time; the numbers never repeat.

    Of our own: `paper` (the questions as they were when it began, in its order, with their keys: see
    `assessments.paper`), `deadline`, `extra_minutes` given to this attempt, `is_preview` (an instructor's, never
    counted), `voided_at` with its reason, `position` (the question that was open last), `seen_at` (last sign of
    life), `resumed_at` (when it was reopened; while it runs again `time_taken` holds the seconds before), `graded_at`
    (when the score was settled), and what `quiz_analytics` has counted of it.
    """

    Status = AttemptStatus

    quiz = models.ForeignKey(
        Quiz, on_delete=models.RESTRICT, related_name="attempts", db_index=False, verbose_name=_("quiz")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="quiz_attempts",
        db_index=False,
        verbose_name=_("student"),
    )
    started_at = models.DateTimeField(_("started"), db_default=Now())
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    score = models.DecimalField(
        _("score"), max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT_VALIDATORS
    )
    attempt_number = models.IntegerField(_("number"))
    time_taken = models.IntegerField(_("seconds"), null=True, blank=True)
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=AttemptStatus.choices,
        default=AttemptStatus.IN_PROGRESS,
        db_default=AttemptStatus.IN_PROGRESS,
    )

    paper = models.JSONField(
        _("questions as asked"), default=list, db_default=Value([], models.JSONField()), blank=True
    )
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    extra_minutes = models.PositiveIntegerField(_("extra minutes"), default=0, db_default=0)
    is_preview = models.BooleanField(_("preview"), default=False, db_default=False)
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)
    void_reason = models.TextField(_("reason for voiding"), blank=True, default="", db_default="")
    position = models.PositiveIntegerField(_("last question shown"), default=1, db_default=1)
    resumed_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    graded_at = models.DateTimeField(_("graded"), null=True, blank=True)
    counted = models.JSONField(_("counted in the figures"), null=True, blank=True)
    is_count_due = models.BooleanField(_("to be counted"), default=False, db_default=False)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        db_table = "quiz_attempts"
        ordering = ["-started_at", "-id"]
        verbose_name = _("quiz attempt")
        verbose_name_plural = _("quiz attempts")
        indexes = [
            models.Index(fields=["user"], name="idx_attempts_user"),
            models.Index(fields=["status"], name="idx_attempts_status"),
            models.Index(
                fields=["deadline"], condition=models.Q(status="in_progress"), name="idx_attempts_running"
            ),
            models.Index(
                fields=["quiz"], condition=models.Q(is_count_due=True), name="idx_attempts_count_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "user", "attempt_number"], name="quiz_attempts_number_unique"
            ),
            models.UniqueConstraint(
                fields=["quiz", "user"],
                condition=models.Q(status="in_progress"),
                name="quiz_attempts_running_unique",
            ),
            choices_check("quiz_attempts", "status", AttemptStatus),
            percent_check("quiz_attempts", "score"),
            minimum_check("quiz_attempts", "attempt_number", 1),
            minimum_check("quiz_attempts", "time_taken", 0),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} · {self.user_id} · {self.attempt_number}"

    def get_absolute_url(self) -> str:
        return reverse("assessments:attempt_take", args=[self.pk])

    @property
    def is_running(self) -> bool:
        """Not submitted and not closed; whether its time is over is asked of `assessments.timing`."""
        return self.status == AttemptStatus.IN_PROGRESS

    @property
    def is_completed(self) -> bool:
        return self.status == AttemptStatus.COMPLETED

    @property
    def is_voided(self) -> bool:
        return self.voided_at is not None


class QuestionResponse(CreatedAt):
    """What a student answered to one question in one attempt.

    Of our own: `version` (the number of the save; an older packet never overwrites a newer answer), `saved_at`,
    `is_flagged`, `seconds` spent on it by the server's clock, `grading` (who has to grade it), `is_by_hand` (a
    person gave the points: no regrade takes them), `graded_by`, `graded_at`, and `judged` (verdicts of its tests:
    `{"verdict": "…", "tests": [{"number": 1, "sample": true, "verdict": "…", "points": "1"}, …]}`).
    """

    Grading = GradingState

    attempt = models.ForeignKey(
        QuizAttempt,
        on_delete=models.CASCADE,
        related_name="responses",
        db_index=False,
        verbose_name=_("attempt"),
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.RESTRICT,
        related_name="responses",
        db_index=False,
        verbose_name=_("question"),
    )
    response = models.JSONField(_("response"), null=True, blank=True)
    is_correct = models.BooleanField(_("correct"), null=True, blank=True)
    points_earned = models.DecimalField(
        _("points"), max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    feedback = models.TextField(_("feedback"), null=True, blank=True)

    version = models.PositiveIntegerField(_("version"), default=0, db_default=0)
    saved_at = models.DateTimeField(_("saved"), null=True, blank=True)
    is_flagged = models.BooleanField(_("flagged"), default=False, db_default=False)
    seconds = models.PositiveIntegerField(_("seconds spent"), default=0, db_default=0)
    grading = models.CharField(
        _("grading"),
        max_length=10,
        choices=GradingState.choices,
        default=GradingState.OPEN,
        db_default=GradingState.OPEN,
    )
    is_by_hand = models.BooleanField(_("points by hand"), default=False, db_default=False)
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("graded by"),
    )
    graded_at = models.DateTimeField(_("graded"), null=True, blank=True)
    judged = models.JSONField(_("what the judge found"), null=True, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        db_table = "question_responses"
        ordering = ["id"]
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        indexes = [
            models.Index(fields=["question"], name="idx_responses_question"),
            models.Index(
                fields=["grading", "question"],
                condition=models.Q(grading__in=["judge", "person"]),
                name="idx_responses_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "question"], name="question_responses_attempt_question_unique"
            ),
            minimum_check("question_responses", "points_earned", 0),
            choices_check("question_responses", "grading", GradingState),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} · {self.question_id}"

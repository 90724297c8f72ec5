"""How scores came to change after they were given."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.models.attempts import QuizAttempt
from assessments.models.questions import Question
from assessments.models.quizzes import Quiz
from assessments.querysets import RegradeQuerySet, ScoreChangeQuerySet
from projectgenius.db import CreatedAt, choices_check


class RegradeState(models.TextChoices):
    PREPARING = "preparing", _("being worked out")
    PREVIEWED = "previewed", _("previewed")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
    GAINS_APPLIED = "gains_applied", _("only gains applied")
    DROPPED = "dropped", _("dropped")


OPEN_STATES = (RegradeState.PREPARING, RegradeState.PREVIEWED, RegradeState.APPLYING)


class Regrade(CreatedAt):
    """Grading the finished attempts of a quiz again, after a key or points changed. Table of our own.

    `plan` says what changes on the papers (`assessments.new_keys`); what is applied is what was previewed, whatever
    happens to the questions in between. `preview = [{"attempt": 1, "user": 2, "old_score": "50.00", "new_score":
    "75.00", "was_passed": false, "is_passed": true}, …]`: whose score would move, worked out when it was made.
    `counts` says of how many attempts or responses what is true: `{"attempts", "up", "down", "passed", "failed",
    "own", "misfit", "judge", "programs"}`. `cursor` is the last attempt (id) that was worked on.
    """

    State = RegradeState

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="regrades", verbose_name=_("quiz"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.RESTRICT, related_name="+", verbose_name=_("started by")
    )
    reason = models.TextField(_("reason"))
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=RegradeState.choices,
        default=RegradeState.PREPARING,
        db_default=RegradeState.PREPARING,
    )
    plan = models.JSONField(_("what changes"), default=list, blank=True)
    preview = models.JSONField(_("preview"), default=list, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    total = models.PositiveIntegerField(_("attempts"), default=0, db_default=0)
    done = models.PositiveIntegerField(_("attempts done"), default=0, db_default=0)
    cursor = models.BigIntegerField(_("last attempt done"), default=0, db_default=0)
    gains_only = models.BooleanField(_("only gains"), default=False, db_default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = RegradeQuerySet.as_manager()

    class Meta:
        db_table = "regrades"
        ordering = ["-id"]
        verbose_name = _("regrade")
        verbose_name_plural = _("regrades")
        constraints = [
            choices_check("regrades", "state", RegradeState),
            models.UniqueConstraint(
                fields=["quiz"],
                condition=models.Q(state__in=["preparing", "previewed", "applying"]),
                name="regrades_open_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} · {self.pk}"

    @property
    def is_open(self) -> bool:
        """Not decided yet, or still being carried out."""
        return self.state in OPEN_STATES

    @property
    def is_working(self) -> bool:
        """Something is done in the background."""
        return self.state in (RegradeState.PREPARING, RegradeState.APPLYING)

    @property
    def percent(self) -> int:
        """How far the present work is, 0 to 100."""
        if not self.is_working:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def progress(self) -> dict[str, int | bool]:
        """What the script that draws the bar is told."""
        return {
            "percent": self.percent,
            "done": self.done,
            "total": self.total,
            "finished": not self.is_working,
        }


class ScoreChange(CreatedAt):
    """One change of points or of a score after grading: old, new, by whom and why. Table of our own, append-only.

    `question` is empty when the whole attempt's score is meant; `regrade` is set when one caused it.
    """

    attempt = models.ForeignKey(
        QuizAttempt, on_delete=models.CASCADE, related_name="score_changes", verbose_name=_("attempt")
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("question"),
    )
    regrade = models.ForeignKey(
        Regrade,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="changes",
        verbose_name=_("regrade"),
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
    )
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    old_points = models.DecimalField(
        _("points before"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    new_points = models.DecimalField(_("points after"), max_digits=5, decimal_places=2, null=True, blank=True)
    old_score = models.DecimalField(_("score before"), max_digits=5, decimal_places=2, null=True, blank=True)
    new_score = models.DecimalField(_("score after"), max_digits=5, decimal_places=2, null=True, blank=True)

    objects = ScoreChangeQuerySet.as_manager()

    class Meta:
        db_table = "score_changes"
        ordering = ["id"]
        verbose_name = _("change of a score")
        verbose_name_plural = _("changes of scores")

    def __str__(self) -> str:
        return f"{self.attempt_id} · {self.pk}"

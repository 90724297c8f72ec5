"""Figures about quizzes."""

from django.db import models
from django.db.models import Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from assessments.models.quizzes import Quiz
from assessments.querysets import QuizAnalyticsQuerySet
from projectgenius.db import percent_check


class QuizAnalytics(models.Model):
    """Figures over the finished attempts of one quiz; worked out, never typed.

    Of our own: the counts and sums from which the documented figures follow, so that one more attempt changes them
    without reading the others (`assessments.analytics`), and `items`, the analysis of each question
    (`assessments.item_analysis`), as it was at `items_at`.
    """

    quiz = models.OneToOneField(
        Quiz, on_delete=models.CASCADE, related_name="analytics", verbose_name=_("quiz")
    )
    total_attempts = models.IntegerField(_("attempts"), default=0, db_default=0)
    average_score = models.DecimalField(
        _("average score"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    completion_rate = models.DecimalField(
        _("completed, per cent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    average_time_seconds = models.DecimalField(
        _("average time in seconds"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    difficulty_rating = models.DecimalField(
        _("difficulty"), max_digits=3, decimal_places=2, null=True, blank=True
    )
    completed_count = models.PositiveIntegerField(_("completed"), default=0, db_default=0)
    abandoned_count = models.PositiveIntegerField(_("abandoned"), default=0, db_default=0)
    scored_count = models.PositiveIntegerField(_("with a score"), default=0, db_default=0)
    score_sum = models.DecimalField(
        _("sum of scores"), max_digits=14, decimal_places=2, default=0, db_default=0
    )
    time_sum = models.BigIntegerField(_("sum of seconds"), default=0, db_default=0)
    items = models.JSONField(
        _("analysis of the questions"), default=list, db_default=Value([], models.JSONField()), blank=True
    )
    items_at = models.DateTimeField(_("questions analysed"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_default=Now())

    objects = QuizAnalyticsQuerySet.as_manager()

    class Meta:
        db_table = "quiz_analytics"
        ordering = ["quiz_id"]
        verbose_name = _("quiz analytics")
        verbose_name_plural = _("quiz analytics")
        constraints = [
            percent_check("quiz_analytics", "average_score"),
            percent_check("quiz_analytics", "completion_rate"),
        ]

    def __str__(self) -> str:
        return str(self.quiz)

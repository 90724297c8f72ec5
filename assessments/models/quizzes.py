"""Quizzes, and when they are open."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.querysets import QuizAvailabilityQuerySet, QuizQuerySet
from courses.models import Availability
from courses.prerequisites import Gate
from projectgenius.db import PERCENT_VALIDATORS, TimeStamped, choices_check, minimum_check, percent_check


class KeyAfter(models.TextChoices):
    """From when on correct answers may be seen, where the quiz shows them at all."""

    ATTEMPT = "attempt", _("after each attempt")
    LAST_ATTEMPT = "last_attempt", _("after the last attempt")
    CLOSING = "closing", _("after the quiz has closed")


class Quiz(TimeStamped):
    """A set of questions with the rules of taking it.

    Of our own: `course` (the document lets the lesson be empty, a quiz always has a course), `results_at` and
    `key_after` (when score and correct answers are shown), `shuffle_options`, `one_question_per_page`, and
    `is_timer_optional` (a practice quiz may be taken without its clock).
    """

    KeyAfter = KeyAfter

    course = models.ForeignKey(
        "courses.Course", on_delete=models.CASCADE, related_name="quizzes", verbose_name=_("course")
    )
    lesson = models.ForeignKey(
        "courses.Lesson",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="quizzes",
        db_index=False,
        verbose_name=_("lesson"),
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"))
    time_limit = models.IntegerField(
        _("time limit"), null=True, blank=True, help_text=_("Minutes. Empty means no limit.")
    )
    passing_score = models.DecimalField(
        _("pass mark"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(70),
        db_default=Decimal(70),
        validators=PERCENT_VALIDATORS,
        help_text=_("Per cent."),
    )
    max_attempts = models.IntegerField(
        _("attempts"), null=True, blank=True, help_text=_("Empty means no limit.")
    )
    is_published = models.BooleanField(_("published"), default=False, db_default=False)
    shuffle_questions = models.BooleanField(_("shuffle the questions"), default=True, db_default=True)
    show_correct_answers = models.BooleanField(_("show correct answers"), default=True, db_default=True)
    key_after = models.CharField(
        _("correct answers are shown"),
        max_length=20,
        choices=KeyAfter.choices,
        default=KeyAfter.ATTEMPT,
        db_default=KeyAfter.ATTEMPT,
        help_text=_("Only where correct answers are shown at all."),
    )
    results_at = models.DateTimeField(
        _("results appear"),
        null=True,
        blank=True,
        help_text=_("Score and correct answers stay hidden until then. Empty means at once."),
    )
    shuffle_options = models.BooleanField(_("shuffle the options"), default=True, db_default=True)
    one_question_per_page = models.BooleanField(_("one question per page"), default=True, db_default=True)
    is_timer_optional = models.BooleanField(
        _("practice: the timer can be switched off"), default=False, db_default=False
    )

    objects = QuizQuerySet.as_manager()

    class Meta:
        db_table = "quizzes"
        ordering = ["title", "id"]
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        indexes = [
            models.Index(fields=["lesson"], name="idx_quizzes_lesson"),
            models.Index(fields=["is_published"], name="idx_quizzes_published"),
        ]
        constraints = [
            percent_check("quizzes", "passing_score"),
            choices_check("quizzes", "key_after", KeyAfter),
            minimum_check("quizzes", "time_limit", 1),
            minimum_check("quizzes", "max_attempts", 1),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("assessments:quiz_detail", args=[self.pk])

    @property
    def standing(self) -> str:
        """How far the reader came, as `includes/_attempt_state.html` words it; "" before the first attempt has ended.

        The quiz was read `with_standing`. What runs besides is `is_running`.
        """
        best, ended_as = self.best_score, self.ended_as  # type: ignore[attr-defined]
        if best is not None:
            return "passed" if best >= self.passing_score else "failed"
        if ended_as != "completed":
            return "empty" if ended_as else ""
        return "handed_in" if self.results_at and self.results_at > timezone.now() else "waiting"

    def clean(self) -> None:
        """A lesson, if set, lies in the quiz's course."""
        if self.lesson and self.lesson.module.course_id != self.course_id:
            raise ValidationError(
                {"lesson": ValidationError(_("Choose a lesson of this course."), code="other_course")}
            )


class QuizAvailability(Availability):
    """When a quiz is open. Table of our own."""

    quiz = models.OneToOneField(
        Quiz, on_delete=models.CASCADE, related_name="availability", verbose_name=_("quiz")
    )

    objects = QuizAvailabilityQuerySet.as_manager()

    item_name = "quiz"
    path_to_course = ("course",)

    class Meta:
        db_table = "quiz_availability"
        verbose_name = _("availability of a quiz")
        verbose_name_plural = _("availability of quizzes")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def gate(self) -> Gate | None:
        """A lesson that its quiz completes cannot be done before the quiz opens: the lesson waits with it."""
        if self.quiz_id is None or self.quiz.lesson_id is None:
            return None
        return Gate("lesson", self.quiz.lesson_id, self.after_lesson_id, self.after_module_id)

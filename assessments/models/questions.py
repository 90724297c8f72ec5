"""Questions of quizzes."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.models.quizzes import Quiz
from assessments.querysets import CodingQuestionQuerySet, QuestionQuerySet
from assessments.shapes import check_coding, check_question
from projectgenius.db import TimeStamped, choices_check, minimum_check


class QuestionType(models.TextChoices):
    MULTIPLE_CHOICE = "multiple_choice", _("multiple choice")
    TRUE_FALSE = "true_false", _("true or false")
    ESSAY = "essay", _("essay")
    CODING = "coding", _("coding")


class Difficulty(models.TextChoices):
    EASY = "easy", _("easy")
    MEDIUM = "medium", _("medium")
    HARD = "hard", _("hard")


class CheckerKind(models.TextChoices):
    """How a program's output is compared with the expected one; the values are those of `assessments.judge`."""

    STANDARD = "standard", _("word by word, spaces and line breaks do not matter")
    EXACT_LINES = "exact_lines", _("line by line, exactly")
    FLOATS = "floats", _("numbers within a tolerance")
    UNORDERED = "unordered", _("lines in any order")


class Question(TimeStamped):
    """One question of a quiz; the shapes of its JSON are those of its type (`assessments.shapes`).

    Of our own: `lesson`, the one that covers the question, and `is_retired`: later attempts do not ask it any more.
    """

    QuestionType = QuestionType
    Difficulty = Difficulty

    quiz = models.ForeignKey(
        Quiz, on_delete=models.CASCADE, related_name="questions", db_index=False, verbose_name=_("quiz")
    )
    question_type = models.CharField(_("type"), max_length=20, choices=QuestionType.choices)
    content = models.TextField(_("question"), help_text=_("Markdown."))
    options = models.JSONField(_("options"), null=True, blank=True)
    correct_answer = models.JSONField(_("correct answer"), null=True, blank=True)
    explanation = models.TextField(_("explanation"), null=True, blank=True)
    points = models.DecimalField(
        _("points"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(1),
        db_default=Decimal(1),
        validators=[MinValueValidator(0)],
    )
    order_index = models.IntegerField(_("order"))
    difficulty = models.CharField(
        _("difficulty"), max_length=20, choices=Difficulty.choices, null=True, blank=True
    )

    lesson = models.ForeignKey(
        "courses.Lesson",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name=_("lesson that covers it"),
    )
    is_retired = models.BooleanField(
        _("retired"),
        default=False,
        db_default=False,
        help_text=_("Not asked in new attempts. Attempts that have it keep it."),
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        db_table = "questions"
        ordering = ["order_index", "id"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        indexes = [
            models.Index(fields=["question_type"], name="idx_questions_type"),
            models.Index(fields=["quiz", "order_index"], name="idx_questions_order"),
        ]
        constraints = [
            choices_check("questions", "question_type", QuestionType),
            choices_check("questions", "difficulty", Difficulty),
            minimum_check("questions", "points", 0),
            minimum_check("questions", "order_index", 1),
        ]

    def __str__(self) -> str:
        return self.content[:80]

    def clean(self) -> None:
        """Options and correct answer have the shape of the question's type; the lesson lies in the quiz's course."""
        check_question(self)
        if self.lesson and self.quiz_id and self.lesson.module.course_id != self.quiz.course_id:
            raise ValidationError(
                {"lesson": ValidationError(_("Choose a lesson of this course."), code="other_course")}
            )

    @property
    def is_coding(self) -> bool:
        return self.question_type == QuestionType.CODING


class CodingQuestion(models.Model):
    """What a coding question needs beside the question itself.

    Of our own: the checker that compares outputs with its tolerance, and the reference solution;
    `solution_proven` is the fingerprint of solution, tests and limits with which it last passed all tests.
    """

    Checker = CheckerKind

    question = models.OneToOneField(
        Question,
        on_delete=models.CASCADE,
        primary_key=True,
        db_column="id",
        related_name="coding",
        verbose_name=_("question"),
    )
    starter_code = models.TextField(_("starter code"), null=True, blank=True)
    test_cases = models.JSONField(_("test cases"))
    language = models.CharField(_("language"), max_length=50)
    time_limit_seconds = models.IntegerField(_("time limit in seconds"), default=5, db_default=5)
    memory_limit_mb = models.IntegerField(_("memory limit in MB"), default=128, db_default=128)

    checker = models.CharField(
        _("outputs are compared"),
        max_length=20,
        choices=CheckerKind.choices,
        default=CheckerKind.STANDARD,
        db_default=CheckerKind.STANDARD,
    )
    tolerance = models.DecimalField(
        _("tolerance"),
        max_digits=13,
        decimal_places=12,
        default=Decimal("0.000001"),
        db_default=Decimal("0.000001"),
        validators=[MinValueValidator(0)],
        help_text=_("How far numbers may be off, absolutely or relatively."),
    )
    solution = models.TextField(
        _("reference solution"), blank=True, default="", db_default="", help_text=_("Students never see it.")
    )
    solution_proven = models.CharField(
        _("proof of the solution"), max_length=64, blank=True, default="", db_default="", editable=False
    )

    objects = CodingQuestionQuerySet.as_manager()

    class Meta:
        db_table = "coding_questions"
        ordering = ["question_id"]
        verbose_name = _("coding question")
        verbose_name_plural = _("coding questions")
        indexes = [models.Index(fields=["language"], name="idx_coding_questions_language")]
        constraints = [
            choices_check("coding_questions", "checker", CheckerKind),
            minimum_check("coding_questions", "tolerance", 0),
            minimum_check("coding_questions", "time_limit_seconds", 1),
            minimum_check("coding_questions", "memory_limit_mb", 1),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} ({self.language})"

    def clean(self) -> None:
        """The tests have their shape, the language is one that the judge knows, the limits are within bounds."""
        check_coding(self)

"""Imports of questions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.models.quizzes import Quiz
from assessments.querysets import QuestionImportQuerySet
from projectgenius.db import choices_check
from projectgenius.imports import ImportRun, status_check


class FileFormat(models.TextChoices):
    """The formats of files with questions."""

    GIFT = "gift", _("GIFT")
    MOODLE_XML = "moodle_xml", _("Moodle XML")
    CSV = "csv", _("CSV")


class QuestionImport(ImportRun):
    """Questions of a quiz out of a file. Table of our own.

    Lines of `report` also say what became of the question: `"kind": "taken"`, "changed", "there", "skipped", "note", or
    "fault" for the whole file; `counts` counts these.
    """

    Format = FileFormat

    quiz = models.ForeignKey(
        Quiz, on_delete=models.CASCADE, related_name="question_imports", verbose_name=_("quiz")
    )
    format = models.CharField(_("format"), max_length=20, choices=FileFormat.choices)
    takes_repeated = models.BooleanField(
        _("also questions that are there already"), default=False, db_default=False
    )

    objects = QuestionImportQuerySet.as_manager()

    class Meta:
        db_table = "question_imports"
        ordering = ["-id"]
        verbose_name = _("import of questions")
        verbose_name_plural = _("imports of questions")
        constraints = [
            status_check("question_imports"),
            choices_check("question_imports", "format", FileFormat),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id}: {self.created_at}"

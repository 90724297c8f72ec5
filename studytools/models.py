"""A student's own notes, and the flashcards made from them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projectgenius.db import CreatedAt, TimeStamped, choices_check, minimum_check


class PrivateRows(models.QuerySet[Any]):
    """Rows that only their owner sees; administrators too see none but their own."""

    def visible_to(self, user: Any) -> Self:
        """The rows of `user`."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class CardQuerySet(models.QuerySet["Flashcard"]):
    """Cards; their owner is the set's."""

    def visible_to(self, user: Any) -> Self:
        """The cards of `user`."""
        return self.filter(flashcard_set__user=user) if user.is_authenticated else self.none()


class DifficultyLevel(models.TextChoices):
    EASY = "easy", _("easy")
    MEDIUM = "medium", _("medium")
    HARD = "hard", _("hard")


class Note(TimeStamped):
    """A note in Markdown, private to its author."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notes",
        db_index=False,
        verbose_name=_("author"),
    )
    title = models.CharField(_("title"), max_length=200)
    content = models.TextField(_("text"))
    subject = models.CharField(_("subject"), max_length=100, null=True, blank=True)

    objects = PrivateRows.as_manager()

    class Meta:
        db_table = "notes"
        ordering = ["-updated_at", "-id"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [
            models.Index(fields=["user"], name="idx_notes_user"),
            models.Index(fields=["subject"], name="idx_notes_subject"),
        ]

    def __str__(self) -> str:
        return self.title


class FlashcardSet(CreatedAt):
    """Cards that were made from one note."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="flashcard_sets",
        db_index=False,
        verbose_name=_("owner"),
    )
    note = models.ForeignKey(
        Note, on_delete=models.CASCADE, related_name="flashcard_sets", db_index=False, verbose_name=_("note")
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), null=True, blank=True)
    total_cards = models.IntegerField(_("cards"), default=0, db_default=0, editable=False)

    objects = PrivateRows.as_manager()

    class Meta:
        db_table = "flashcard_sets"
        ordering = ["title", "id"]
        verbose_name = _("flashcard set")
        verbose_name_plural = _("flashcard sets")
        indexes = [
            models.Index(fields=["user"], name="idx_flashcard_sets_user"),
            models.Index(fields=["note"], name="idx_flashcard_sets_note"),
        ]
        constraints = [minimum_check("flashcard_sets", "total_cards", 0)]

    def __str__(self) -> str:
        return self.title


class Flashcard(CreatedAt):
    """A question and its answer."""

    Difficulty = DifficultyLevel

    flashcard_set = models.ForeignKey(
        FlashcardSet, on_delete=models.CASCADE, related_name="cards", db_index=False, verbose_name=_("set")
    )
    question = models.TextField(_("question"))
    answer = models.TextField(_("answer"))
    difficulty_level = models.CharField(
        _("difficulty"),
        max_length=20,
        choices=DifficultyLevel.choices,
        default=DifficultyLevel.MEDIUM,
        db_default=DifficultyLevel.MEDIUM,
    )
    times_reviewed = models.IntegerField(_("reviews"), default=0, db_default=0, editable=False)
    times_correct = models.IntegerField(_("remembered"), default=0, db_default=0, editable=False)

    objects = CardQuerySet.as_manager()

    class Meta:
        db_table = "flashcards"
        ordering = ["id"]
        verbose_name = _("flashcard")
        verbose_name_plural = _("flashcards")
        indexes = [
            models.Index(fields=["flashcard_set"], name="idx_flashcards_set"),
            models.Index(fields=["difficulty_level"], name="idx_flashcards_difficulty"),
        ]
        constraints = [
            choices_check("flashcards", "difficulty_level", DifficultyLevel),
            minimum_check("flashcards", "times_reviewed", 0),
            minimum_check("flashcards", "times_correct", 0),
        ]

    def __str__(self) -> str:
        return self.question[:80]

"""Notes and flashcards in the admin site: everybody's own, also for administrators."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import BackOfficeAdmin, NarrowedFilter, Rows
from accounts.permissions import is_back_office
from studytools.models import Flashcard, FlashcardSet, Note


class OwnRowsAdmin(BackOfficeAdmin):
    """Private rows. What is done to them is logged nowhere: a log that others read would tell of them."""

    def narrow(self, rows: Rows, user: Any) -> Rows:
        return rows.visible_to(user)  # type: ignore[attr-defined, no-any-return]

    def is_own(self, user: Any, row: Any) -> bool:
        """Without a row: whether the person has any business here."""
        return is_back_office(user) and (row is None or self.owner_id(row) == user.pk)

    def owner_id(self, row: Any) -> int:
        return row.user_id  # type: ignore[no-any-return]

    def can_view(self, user: Any, row: Any = None) -> bool:
        return self.is_own(user, row)

    def can_add(self, user: Any) -> bool:
        return False

    def can_change(self, user: Any, row: Any = None) -> bool:
        return self.is_own(user, row)

    def can_delete(self, user: Any, row: Any = None) -> bool:
        return False

    def save_row(self, row: Any, by: Any) -> None:
        row.save()

    def delete_row(self, row: Any, by: Any) -> None:
        row.delete()

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Leave no trace of its title."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Leave no trace of its title."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Leave no trace of its title."""


@admin.register(Note)
class NoteAdmin(OwnRowsAdmin):
    list_display = ("title", "subject", "updated_at")
    search_fields = ("title", "subject")
    fields = ("title", "subject", "content")

    def can_add(self, user: Any) -> bool:
        return is_back_office(user)

    def can_delete(self, user: Any, row: Any = None) -> bool:
        return self.is_own(user, row)

    def save_model(self, request: HttpRequest, obj: Note, form: ModelForm[Any], change: bool) -> None:
        """A new note is the caller's."""
        if not change:
            obj.user = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)


@admin.register(FlashcardSet)
class FlashcardSetAdmin(OwnRowsAdmin):
    list_display = ("title", "note", "total_cards")
    search_fields = ("title",)
    fields = ("title", "description", "note", "total_cards")
    readonly_fields = ("note", "total_cards")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("note")


@admin.register(Flashcard)
class FlashcardAdmin(OwnRowsAdmin):
    list_display = ("question", "flashcard_set", "difficulty_level", "times_reviewed", "times_correct")
    list_filter = (("flashcard_set", NarrowedFilter), ("difficulty_level", ChoicesDropdownFilter))
    search_fields = ("question", "answer")
    fields = ("flashcard_set", "question", "answer", "difficulty_level", "times_reviewed", "times_correct")
    readonly_fields = ("flashcard_set", "times_reviewed", "times_correct")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("flashcard_set")

    def owner_id(self, row: Flashcard) -> int:
        return row.flashcard_set.user_id

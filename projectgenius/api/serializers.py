"""What all serializers share: fields that only the server writes, and rows named by their id."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied

from projectgenius.request_facts import note_refused_row

LONGEST_ID = 20  # digits; a 64-bit number has at most 19


class ServerFields(serializers.Serializer[Any]):
    """Refuses a value that only the server may set, naming the field, unless it is the value that stands there.

    Such are all read-only fields, and the names in `Meta.server_only` that are never given out. So a row can be
    read, changed and sent back whole. For a new row, `Meta.own` names the fields that hold the caller's own id.
    """

    def to_internal_value(self, data: Any) -> Any:
        refused = self._refused(data) if isinstance(data, dict) else {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if refused and isinstance(error.detail, dict):
                raise serializers.ValidationError({**refused, **error.detail}) from None
            raise
        if refused:
            raise serializers.ValidationError(refused)
        return values

    def _refused(self, data: dict[str, Any]) -> dict[str, list[Any]]:
        meta = getattr(self, "Meta", None)
        closed = {name for name, field in self.fields.items() if field.read_only}
        closed |= set(getattr(meta, "server_only", ()))
        return {
            name: [_("Only the server sets this.")]
            for name in sorted(closed & data.keys())
            if not _same(data[name], self._standing_value(name))
        }

    def _standing_value(self, name: str) -> Any:
        """What the field holds, or will hold in a new row as far as that is known."""
        if self.instance is None:
            is_own = name in getattr(getattr(self, "Meta", None), "own", ())
            return self.context["request"].user.pk if is_own else None
        field = self.fields.get(name)
        if field is None:
            return None
        value = field.get_attribute(self.instance)
        return None if value is None else field.to_representation(value)


def _same(given: Any, standing: Any) -> bool:
    """Whether a value says what stands there already; a form sends texts, so the spelling decides."""
    return bool(given == standing or str(given) == str(standing))


class RowField(serializers.PrimaryKeyRelatedField):
    """A row named by its id, among those that the caller may see.

    `seen` names the queryset's method that says which. A missing row and a hidden one are answered alike.
    `may(user, row)` says whether the caller may hang something on the row; a `parent` that cannot be seen is not
    found (404), and one that may not be changed is refused (403).
    """

    default_error_messages = {
        "does_not_exist": _("There is no such row, or none that you may see."),
        "incorrect_type": _("Enter the id of a row, a whole number."),
    }

    def __init__(
        self,
        *,
        parent: bool = False,
        may: Callable[[Any, Any], bool] | None = None,
        seen: str = "visible_to",
        **kwargs: Any,
    ) -> None:
        self.is_parent, self.may, self.seen = parent, may, seen
        super().__init__(pk_field=serializers.IntegerField(min_value=1), **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = getattr(super().get_queryset(), self.seen)(self.context["request"].user)
        return rows

    def to_internal_value(self, data: Any) -> Model:
        text = str(data)
        if isinstance(data, bool | float) or not (
            text.isascii() and text.isdecimal() and len(text) < LONGEST_ID
        ):
            self.fail("incorrect_type")
        row: Model | None = self.get_queryset().filter(pk=int(text)).first()
        if row is None:
            if self.is_parent:
                self._note_refusal(text)
                raise NotFound
            self.fail("does_not_exist")
        if self.may is not None and not self.may(self.context["request"].user, row):
            self._note_refusal(text)
            raise PermissionDenied
        return row

    def _note_refusal(self, row_id: str) -> None:
        model: type[Model] = super().get_queryset().model  # type: ignore[union-attr]
        note_refused_row(self.context["request"], model._meta.db_table, row_id)

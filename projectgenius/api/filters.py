"""Narrowing, searching and ordering lists. What cannot be understood is refused, never passed over."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request

SEARCH_LENGTH = 100
LARGEST_ID = 2**63 - 1  # what a key's column holds
TRUTH = {"true": True, "1": True, "false": False, "0": False}


class Search(SearchFilter):
    """`?search=` over the view's `search_fields`; every word must be found."""

    def get_search_terms(self, request: Request) -> list[str]:
        """The words. Their number is bounded: a thousand would make a statement no database reads."""
        if len(request.query_params.get(self.search_param, "")) > SEARCH_LENGTH:
            raise ValidationError(
                {"search": [_("Search for at most %(count)s characters.") % {"count": SEARCH_LENGTH}]}
            )
        return list(super().get_search_terms(request))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Only where there is something to search."""
        if not getattr(view, "search_fields", None):
            return []
        parameters = super().get_schema_operation_parameters(view)
        parameters[0]["schema"]["maxLength"] = SEARCH_LENGTH
        return parameters


class Order(OrderingFilter):
    """`?ordering=title,-created_at` over the view's `ordering_fields`, each once; ties are decided by id."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> list[str]:
        """The order asked for, or the view's own."""
        text = request.query_params.get(self.ordering_param, "")
        terms = [term.strip() for term in text.split(",")] if text else []
        names = [term.removeprefix("-") for term in terms]
        if not set(names) <= set(view.ordering_fields) or len(set(names)) < len(names):
            listed = ", ".join(view.ordering_fields)
            raise ValidationError(
                {"ordering": [_("Order by these, each once: %(names)s.") % {"names": listed}]}
            )
        return [*(terms or view.ordering), "id"]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The names that can be given."""
        listed = ", ".join(view.ordering_fields)
        description = f"Names, separated by commas; `-` in front turns the order round. Known: {listed}."
        pattern = f"^-?({'|'.join(view.ordering_fields)})$"
        schema = {"type": "array", "items": {"type": "string", "pattern": pattern}, "uniqueItems": True}
        return [
            {
                "name": self.ordering_param,
                "required": False,
                "in": "query",
                "description": description,
                "schema": schema,
                "style": "form",
                "explode": False,
            }
        ]


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class IdFilter(django_filters.Filter):
    """Rows that belong to the row with this id; a hidden one and a missing one both give an empty list."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=LARGEST_ID, **kwargs)


class TruthField(forms.Field):
    """`true` or `false` and nothing else; empty means no wish."""

    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        if str(value).lower() not in TRUTH:
            raise forms.ValidationError(_("Write true or false."), code="truth")
        return TRUTH[str(value).lower()]


@extend_schema_field(OpenApiTypes.BOOL)
class TruthFilter(django_filters.Filter):
    """Rows for which something is true, or is not."""

    field_class = TruthField

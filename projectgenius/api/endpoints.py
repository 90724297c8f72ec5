"""What every endpoint over a table shares."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.mixins import CreateModelMixin
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from projectgenius.api.filters import Order, Search
from projectgenius.api.parsers import StrictJSONParser
from projectgenius.api.schema import Description

Scopes = Mapping[str, str | tuple[str, ...]]


class Endpoint(GenericViewSet[Any]):
    """Rows of one table: those that the caller may see, in pages, narrowed and ordered by named fields alone.

    `scopes` names what a key needs: `{"read": …, "write": …}`, or by the action's name; several words mean any of
    them. Without it no key with scopes is let in.
    A row is changed by PATCH; there is no PUT, and no OPTIONS that would describe fields to strangers. Answers
    belong to the caller, so no cache keeps them.
    """

    schema = Description()
    metadata_class = None
    parser_classes: Any = [StrictJSONParser]
    filter_backends: Any = [DjangoFilterBackend, Search, Order]
    http_method_names = ["get", "post", "patch", "delete", "head"]
    lookup_value_converter = "int"
    scopes: ClassVar[Scopes] = {}
    ordering: ClassVar[tuple[str, ...]] = ()
    ordering_fields: ClassVar[tuple[str, ...]] = ("id",)

    def get_queryset(self) -> QuerySet[Any]:
        """Only what the caller may see."""
        rows: Any = super().get_queryset()
        return rows.visible_to(self.request.user)  # type: ignore[no-any-return]

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filters narrow lists; a row asked for by its id is itself, whatever else the address says."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer


class CreateRows(CreateModelMixin):
    """Making a row. The framework's own would send callers to a field `url` of the row, which is people's text."""

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {}


def router() -> SimpleRouter:
    """Addresses with plain numbers as ids."""
    return SimpleRouter(use_regex_path=False)

"""Lists come in pages."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class Pages(PageNumberPagination):
    """Numbered pages: `?page=2&page_size=50`, at most 100 rows a page."""

    page_size_query_param = "page_size"
    page_size_query_description = "How many rows a page has; at most 100 are given."
    max_page_size = 100

    def get_page_size(self, request: Request) -> int | None:
        """The size asked for; one that is no number is refused rather than passed over."""
        text = request.query_params.get("page_size")
        if text is not None and (not text.isdecimal() or int(text[:9]) < 1):
            raise ValidationError({"page_size": [_("Enter a whole number of at least 1.")]})
        return super().get_page_size(request)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Both parameters, with the least value they can have."""
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"]["minimum"] = 1
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The page as OpenAPI 3.1 writes it (empty links have the type null)."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer"},
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

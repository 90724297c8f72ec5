"""The API's description (OpenAPI) is valid and says what the API does."""

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.api.serializers import NEVER_GIVEN_OUT
from courses.models import Course

Api = Callable[..., APIClient]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """The description; a warning or a fault in it fails."""
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    found: dict[str, Any] = yaml.safe_load(out.getvalue())
    return found


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_description_is_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert len(description["paths"]) >= 20


def test_either_header_with_a_key_is_enough(description: dict[str, Any]) -> None:
    schemes = description["components"]["securitySchemes"]
    assert {scheme["name"] for scheme in schemes.values()} == {"Authorization", "X-API-Key", "sessionid"}
    for path, _method, operation in operations(description):
        if path.startswith("/api/v1/me"):
            assert operation["security"] == [{"ApiKeyAuth": []}, {"XApiKeyAuth": []}, {"cookieAuth": []}]


def test_what_is_open_to_everybody_says_so(description: dict[str, Any]) -> None:
    public = {
        (path, method) for path, method, operation in operations(description) if {} in operation["security"]
    }
    tables = ("courses", "modules", "lessons", "lesson-videos")  # the rows that one may see there: previews
    assert public == {
        *((f"/api/v1/{table}/", "get") for table in tables),
        *((f"/api/v1/{table}/{{id}}/", "get") for table in tables),
        ("/api/v1/courses/{id}/contents/", "get"),
        ("/api/v1/certificates/verify/{code}/", "get"),
    }


def test_errors_are_described_in_the_one_shape(description: dict[str, Any]) -> None:
    for path, method, operation in operations(description):
        answers = operation["responses"]
        needed = {"400", "401", "403", "404", "405", "406", "429"}
        needed |= {"409", "413", "415"} if method != "get" else set()
        assert needed <= answers.keys(), (path, method)
        for status in needed:
            schema = answers[status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Error"}
        assert "Retry-After" in answers["429"]["headers"]


def test_pages_are_described_as_they_are(description: dict[str, Any]) -> None:
    pages = {
        name: schema
        for name, schema in description["components"]["schemas"].items()
        if name.startswith("Paginated")
    }
    assert len(pages) >= 9
    for schema in pages.values():
        assert schema["properties"].keys() == {"count", "next", "previous", "results"}
        assert schema["properties"]["next"]["type"] == ["string", "null"]
        assert "nullable" not in str(schema)


def test_secrets_have_no_place_in_it(description: dict[str, Any]) -> None:
    for name, schema in description["components"]["schemas"].items():
        assert not set(NEVER_GIVEN_OUT) & set(schema.get("properties", {})), name


def test_bodies_hold_no_field_of_the_servers(description: dict[str, Any]) -> None:
    server_only = {
        "id", "instructor", "student", "progress", "payment_status", "completed_at", "enrolled_at", "withdrawn_at",
        "certificate_issued", "last_accessed", "is_admin", "is_active", "email", "email_verified", "created_at",
        "updated_at", "lesson_count", "total_minutes", "file_size", "slug",
    }  # fmt: skip
    # Whom an invitation goes to, and which module comes where.
    named_by_who_asks = {"InvitationRequest": {"email"}, "PlacedModuleRequest": {"id"}}
    for name, schema in description["components"]["schemas"].items():
        if name.endswith("Request"):
            assert not server_only & set(schema["properties"]) - named_by_who_asks.get(name, set()), name


def test_description_and_its_page_are_served(api: Api, course: Course) -> None:
    assert api().get("/api/v1/schema/").status_code == 200
    page = api().get("/api/v1/docs/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert b"<script>" not in page.content

"""Additions to the API's description (OpenAPI)."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

ERRORS = {
    "400": "Some values are missing or wrong.",
    "401": "No valid session or key.",
    "403": "You may see this, but not do that.",
    "404": "Nothing there, or nothing that you may see.",
    "405": "Nobody may do this here.",
    "406": "The API answers in JSON only.",
    "409": "The present state forbids it; nothing was changed.",
    "413": "The body is too large.",
    "415": "The body is of a kind that is not read here.",
    "429": "Too many requests. Wait as long as Retry-After says.",
}
ONLY_FOR_WRITES = {"409", "413", "415"}
HEADERS: dict[str, dict[str, Any]] = {
    "401": {"WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string"}}},
    "405": {"Allow": {"description": "What can be done here.", "schema": {"type": "string"}}},
    "429": {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
}
ERROR_SCHEMA = {
    "type": "object",
    "required": ["code", "message", "fields"],
    "properties": {
        "code": {"type": "string", "description": "Stable, for programs."},
        "message": {"type": "string", "description": "A sentence, for people."},
        "fields": {
            "type": "object",
            "description": "Messages by field, for 400.",
            "additionalProperties": {},
        },
        "stored": {
            "type": "object",
            "description": "What the server has and keeps, for 409 `stale`: a newer version of what was sent.",
            "additionalProperties": {},
        },
    },
}


class Description(AutoSchema):
    """Says of an operation that is open to everybody that no key is needed."""

    def get_auth(self) -> list[dict[str, Any]]:
        auth: list[dict[str, Any]] = super().get_auth()
        is_public = any(
            getattr(self.view, "action", None) in getattr(policy, "public_actions", ())
            for policy in self.view.get_permissions()
        )
        return [*auth, {}] if is_public and {} not in auth else auth


def add_error_answers(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Give every operation the errors that it can answer with, in the one shape."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR_SCHEMA
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if isinstance(operation, dict) and "responses" in operation:
                for status in ERRORS:
                    if _can_answer_with(status, method, operation):
                        operation["responses"].setdefault(status, _error_answer(status))
    return result


def _can_answer_with(status: str, method: str, operation: dict[str, Any]) -> bool:
    """Whether it can; reading meets a conflict only where its own description says `409` and when."""
    if method != "get" or status not in ONLY_FOR_WRITES:
        return True
    return f"{status} `" in operation.get("description", "")


def _error_answer(status: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": ERRORS[status],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    return {**answer, "headers": HEADERS[status]} if status in HEADERS else answer

"""One shape for every error of the API."""

from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from projectgenius.errors import Conflict

API_PATH = "/api/"

# What an address of the API answers when no view of the API was reached.
PLAIN_ERRORS: dict[int, tuple[str, str | Promise]] = {
    400: ("bad_request", gettext_lazy("This request cannot be read.")),
    403: ("permission_denied", gettext_lazy("You are not allowed to do this.")),
    404: ("not_found", gettext_lazy("There is nothing at this address, or nothing that you may see.")),
    429: ("throttled", gettext_lazy("Too many tries. Try again in a few minutes.")),
    500: ("server_error", gettext_lazy("Something went wrong here. Nothing was changed.")),
}


def error_body(code: str, message: str | Promise, fields: Any = None) -> dict[str, Any]:
    """The one shape of an error: `{"code": …, "message": …, "fields": {field: [messages]}}`."""
    return {"code": code, "message": str(message), "fields": fields or {}}


def plain_error(request: HttpRequest, status_code: int) -> JsonResponse | None:
    """The error as JSON for an address of the API, None for a page: the site's error views ask this first."""
    if not request.path.startswith(API_PATH):
        return None
    code, message = PLAIN_ERRORS[status_code]
    return JsonResponse(error_body(code, message), status=status_code)


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn whatever the project raises into the one error shape with the right status."""
    request: HttpRequest = context["request"]._request
    request.must_roll_back = True  # type: ignore[attr-defined]
    if (own := _own_answer(error)) is not None:
        return Response(own[1], status=own[0])
    response = exception_handler(error, context)
    if response is not None:
        response.data = error_body(*_code_and_message(error))
    return response


def _own_answer(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status and body of an error that the framework does not know, or would shape otherwise."""
    answer: tuple[int, dict[str, Any]] | None = None
    match error:
        case Conflict():
            answer = status.HTTP_409_CONFLICT, error_body(error.code, error.message)
        case RestrictedError() | ProtectedError():
            message = _("Other rows hang on this one, so it cannot be deleted.")
            answer = status.HTTP_409_CONFLICT, error_body("holds_work", message)
        case RequestDataTooBig():
            message = _("The body of this request is too large.")
            answer = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, error_body("too_large", message)
        case SuspiciousOperation():
            answer = status.HTTP_400_BAD_REQUEST, error_body(*PLAIN_ERRORS[400])
        case DjangoValidationError():
            answer = status.HTTP_400_BAD_REQUEST, _invalid(_fields_of(error))
        case exceptions.ValidationError():
            fields = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
            answer = status.HTTP_400_BAD_REQUEST, _invalid(fields)
    return answer


def _invalid(fields: Any) -> dict[str, Any]:
    return error_body(
        "invalid", _("Some values are missing or wrong. Each is named with its reason."), fields
    )


def _fields_of(error: DjangoValidationError) -> dict[str, list[str]]:
    if not hasattr(error, "error_dict"):
        return {"non_field_errors": error.messages}
    return {
        "non_field_errors" if name == "__all__" else name: texts for name, texts in error.message_dict.items()
    }


def _code_and_message(error: Exception) -> tuple[str, str | Promise]:
    match error:
        case Http404() | exceptions.NotFound():
            return PLAIN_ERRORS[404]
        case DjangoPermissionDenied():
            code, message = PLAIN_ERRORS[403]
            return getattr(error, "code", code), str(error) or message
        case exceptions.APIException():
            codes = error.get_codes()
            return (codes if isinstance(codes, str) else error.default_code), str(error.detail)
    return "error", str(error)

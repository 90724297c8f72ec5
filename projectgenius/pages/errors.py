"""Pages for what went wrong; an address of the API is answered in its own shape."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.limits import mark_limited
from projectgenius.api.errors import plain_error


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400"""
    return plain_error(request, 400) or render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403; the reason is the exception's own sentence."""
    return plain_error(request, 403) or render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404"""
    return plain_error(request, 404) or render(request, "404.html", status=404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429: a limit of an entrance has stopped the request, which is logged."""
    mark_limited(request)
    return plain_error(request, 429) or render(request, "429.html", status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: no database and no context, only the number of the request."""
    context = {"request_id": getattr(request, "request_id", "")}
    return plain_error(request, 500) or render(None, "500.html", context, status=500)  # type: ignore[arg-type]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose page was open too long, or that came from elsewhere."""
    return render(request, "403_csrf.html", status=403)

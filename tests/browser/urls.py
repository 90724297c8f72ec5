"""The site's addresses, and those of pages that a test cannot reach otherwise."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from courses.models import Course
from projectgenius import urls as site
from projectgenius.pages import demo
from tests.browser.forms import wrong_form

handler400 = site.handler400
handler403 = site.handler403
handler404 = site.handler404
handler429 = site.handler429
handler500 = site.handler500


def components(request: HttpRequest) -> HttpResponse:
    """The gallery with all that it can show."""
    context = {
        "sample_form": wrong_form(),
        "sample_page": Paginator(range(200), 10).page(5),
        "sample_course": Course.objects.select_related("instructor").first(),
    }
    return render(request, "components.html", context)


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Only the course’s instructor may see this list.")


def unreadable(request: HttpRequest) -> HttpResponse:
    raise BadRequest


def too_often(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("This page breaks on purpose.")


def maintenance(request: HttpRequest) -> HttpResponse:
    return render(request, "503.html", status=503)


urlpatterns = [
    *site.urlpatterns,
    path("outbox/", demo.outbox, name="demo_outbox"),
    path("outbox/<int:pk>/", demo.outbox_message, name="demo_outbox_message"),
    path("components/", components),
    path("forbidden/", forbidden),
    path("unreadable/", unreadable),
    path("too-often/", too_often),
    path("broken/", broken),
    path("maintenance/", maintenance),
]

"""The front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from courses.models import Course

FEATURED = 6


def landing(request: HttpRequest) -> HttpResponse:
    """One sentence of what one gets, search, and the six courses with most to learn."""
    courses = (
        Course.objects.published().select_related("instructor").order_by("-total_minutes", "-id")[:FEATURED]
    )
    return render(request, "pages/landing.html", {"courses": courses})

"""A student's own page: what to do next."""

import math
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.requests import SignedInRequest
from assessments.models import Quiz, QuizAttempt
from courses.models import Course
from courses.outline import enrolled_courses

SUGGESTIONS = 3
SOON = timedelta(days=7)
MOST_DUE = 5


def running_attempts(user: Any, now: datetime) -> list[QuizAttempt]:
    """The attempts that run, the one that ends first before the others, those without an end last. One statement.

    Each with its `minutes_left`, None without a deadline.
    """
    own = QuizAttempt.objects.taken_by(user).filter(is_preview=False).open_at(now).without_paper()
    soonest = F("deadline").asc(nulls_last=True)
    attempts = list(own.select_related("quiz__course").order_by(soonest, "-started_at"))
    for attempt in attempts:
        left = (attempt.deadline - now).total_seconds() if attempt.deadline else None
        attempt.minutes_left = None if left is None else max(0, math.ceil(left / 60))  # type: ignore[attr-defined]
    return attempts


def due_soon(user: Any, now: datetime) -> list[Quiz]:
    """Quizzes of one's courses that close within a week and are not passed, the next one first. One statement."""
    closing = Quiz.objects.studied_by(user).closing_between(now, now + SOON).with_standing(user, now)
    left = closing.filter(Q(best_score=None) | Q(best_score__lt=F("passing_score")))
    return list(left.select_related("availability", "course")[:MOST_DUE])


@login_required
def home(request: SignedInRequest) -> HttpResponse:
    """Continue where one stopped, all of one's courses; three suggestions for somebody new."""
    now = timezone.now()
    places = enrolled_courses(request.user)
    running = [place for place in places if place.enrollment.is_open and not place.is_done]
    suggestions: list[Course] = []
    if not places:
        suggestions = list(
            Course.objects.published()
            .select_related("instructor")
            .order_by("-total_minutes", "-id")[:SUGGESTIONS]
        )
    context = {
        "places": places,
        # The one opened last; one in which everything is locked only when there is no other.
        "current": min(running, key=lambda place: place.lock is not None, default=None),
        "running": running,
        "suggestions": suggestions,
        "attempts": running_attempts(request.user, now),
        "due": due_soon(request.user, now) if places else [],
    }
    return render(request, "pages/dashboard.html", context)

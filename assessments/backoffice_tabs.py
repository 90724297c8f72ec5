"""The pages of one quiz in the admin site, and the row of links above them. A page joins by a line in `TABS`.

A tab shows once its page exists.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Quiz
from assessments.permissions import can_edit_quiz, can_view_quiz_work
from projectgenius.errors import Conflict

View = Callable[..., HttpResponseBase]
Address = Callable[[Quiz], str]


def page_of_quiz(name: str) -> Address:
    """The admin page `name` whose address holds the quiz's id (`assessments_quiz_change`)."""
    return lambda quiz: reverse(f"admin:{name}", args=[quiz.pk])


def list_of_quiz(name: str, field: str = "quiz") -> Address:
    """The admin's list `name` (`assessments_quizattempt_changelist`), narrowed to the quiz by its filter."""
    return lambda quiz: f"{reverse(f'admin:{name}')}?{field}__id__exact={quiz.pk}"


@dataclass(frozen=True)
class QuizTab:
    """A page about one quiz. `name` is what the page calls itself in `{% quiz_tabs quiz "name" %}`."""

    name: str
    label: str | Promise
    address: Address
    may: Callable[[Any, Quiz], bool] = can_view_quiz_work


TABS: list[QuizTab] = [
    QuizTab("questions", gettext_lazy("Questions"), page_of_quiz("assessments_quiz_build")),
    QuizTab("settings", gettext_lazy("Settings"), page_of_quiz("assessments_quiz_change")),
    QuizTab("publish", gettext_lazy("Publish"), page_of_quiz("assessments_quiz_publish"), may=can_edit_quiz),
    QuizTab("attempts", gettext_lazy("Attempts"), list_of_quiz("assessments_quizattempt_changelist")),
    QuizTab("grading", gettext_lazy("Grading"), page_of_quiz("assessments_quiz_grading")),
    QuizTab("regrade", gettext_lazy("Regrade"), page_of_quiz("assessments_quiz_regrade")),
    QuizTab("analytics", gettext_lazy("Analytics"), page_of_quiz("assessments_quiz_analytics")),
    QuizTab(
        "interchange",
        gettext_lazy("Import and export"),
        page_of_quiz("assessments_quiz_interchange"),
    ),
]


@dataclass(frozen=True)
class ShownTab:
    """A tab as somebody sees it on a page."""

    label: str | Promise
    url: str
    is_current: bool


def tabs_of(quiz: Quiz, user: Any, current: str = "") -> list[ShownTab]:
    """The tabs that `user` may open, in their order."""
    return [
        ShownTab(label=tab.label, url=url, is_current=tab.name == current)
        for tab in TABS
        if tab.may(user, quiz) and (url := _url(tab, quiz))
    ]


def _url(tab: QuizTab, quiz: Quiz) -> str:
    """Where the tab leads; empty while there is no such page."""
    try:
        return tab.address(quiz)
    except NoReverseMatch:
        return ""


def quiz_view(
    view: View,
    may: Callable[[Any, Quiz], bool] = can_view_quiz_work,
    back_to: str = "assessments_quiz_grading",
) -> View:
    """Find the quiz among those of courses that the person helps to teach (404), and ask for the right (403).

    What the present state forbids comes back to the page `back_to` as a message.
    """

    @wraps(view)
    def page(request: HttpRequest, pk: int, **rest: Any) -> HttpResponseBase:
        quizzes = Quiz.objects.in_read_courses_of(request.user).select_related("course__instructor")
        quiz = get_object_or_404(quizzes, pk=pk)
        if not may(request.user, quiz):
            raise PermissionDenied(_("You may look at this course, but not change it."))
        try:
            return view(request, quiz, **rest)
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
            return redirect(f"admin:{back_to}", pk=quiz.pk)

    return page


class QuizPages:
    """Further pages below a quiz's own; a class adds its routes to `quiz_routes`."""

    def quiz_routes(self) -> list[tuple[str, View, str]]:
        """Addresses below `<quiz>/`, their views and names (behind `assessments_quiz_`)."""
        return []

    def get_urls(self) -> list[Any]:
        site = self.admin_site  # type: ignore[attr-defined]
        found = []
        for route, view, name in self.quiz_routes():
            wrapped = site.admin_view(view)
            wrapped.model_admin = self
            found.append(path(f"<int:pk>/{route}", wrapped, name=f"assessments_quiz_{name}"))
        return [*found, *super().get_urls()]  # type: ignore[misc]

    def shown(self, request: HttpRequest, template: str, quiz: Quiz, **context: Any) -> HttpResponse:
        """A page of the admin about `quiz`."""
        may_edit = can_edit_quiz(request.user, quiz)
        return self.shown_without_quiz(request, template, quiz=quiz, may_edit=may_edit, **context)

    def shown_without_quiz(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        """A page of the admin about quizzes."""
        frame = self.admin_site.each_context(request)  # type: ignore[attr-defined]
        return TemplateResponse(request, f"assessments/admin/{template}", {**frame, **context})

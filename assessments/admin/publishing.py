"""The pages of the admin site on which a quiz is published, with what it lacks, and copied."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.backoffice_tabs import QuizPages, View, quiz_view
from assessments.copying import copy_quiz
from assessments.models import Quiz
from assessments.permissions import can_edit_quiz
from assessments.publishing import Finding, findings, publish_quiz, unpublish_quiz
from courses.admin.publishing import Line
from projectgenius.errors import Conflict

HERE = "assessments_quiz_publish"
IN_SETTINGS = ("closes_before_it_opens", "has_closed", "hidden_lesson")


def _line(finding: Finding, quiz: Quiz) -> Line:
    if finding.question:
        address = reverse("admin:assessments_question_change", args=[finding.question])
        words = _("Open question")
    elif finding.code in IN_SETTINGS:
        address, words = reverse("admin:assessments_quiz_change", args=[quiz.pk]), _("Open settings")
    elif finding.code == "hidden_course":
        address = reverse("admin:courses_course_publish", args=[quiz.course_id])
        words = _("Publish the course")
    else:
        address, words = reverse("admin:assessments_quiz_build", args=[quiz.pk]), _("Open questions")
    return Line(finding.message, finding.is_error, address, words)


class PublishPages(QuizPages):
    """Publishing a quiz and copying it. For `QuizAdmin`."""

    def quiz_routes(self) -> list[tuple[str, View, str]]:
        return [
            ("publish/", quiz_view(self.publish_page, can_edit_quiz, HERE), "publish"),
            ("copy/", quiz_view(self.copy_page, can_edit_quiz, HERE), "copy"),
            *super().quiz_routes(),
        ]

    def publish_page(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """What the quiz lacks; a POST publishes or takes back."""
        refused = ""
        if request.method == "POST":
            try:
                messages.success(request, _publish(request, quiz))
                return HttpResponseRedirect(reverse("admin:assessments_quiz_publish", args=[quiz.pk]))
            except Conflict as conflict:
                refused = str(conflict.message)
        lines = [_line(finding, quiz) for finding in findings(quiz)]
        context: dict[str, Any] = {
            "errors": [line for line in lines if line.is_error],
            "hints": [line for line in lines if not line.is_error],
            "refused": refused,
            "running": quiz.attempts.running().count(),
        }
        page = self.shown(request, "quiz_publish.html", quiz, title=quiz.title, **context)
        page.status_code = 409 if refused else 200
        return page

    def copy_page(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """Choose the course that gets the copy: the quiz's own, or another one that the person edits."""
        form = _copy_form(self, request, quiz)
        if request.method == "POST" and form.is_valid():
            try:
                copied = copy_quiz(quiz=quiz, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
            except ValidationError as error:
                form.add_error(None if "lesson" not in error.message_dict else "lesson", error.messages)
            else:
                messages.success(request, _("This is the copy, a draft."))
                return HttpResponseRedirect(reverse("admin:assessments_quiz_build", args=[copied.pk]))
        heading = _("Copy “%(title)s”") % {"title": quiz}
        words = {"title": _("Copy quiz"), "heading": heading, "button": _("Copy quiz")}
        return self.shown(request, "copy.html", quiz, form=form, **words)


def _publish(request: HttpRequest, quiz: Quiz) -> str:
    """Publish or take back; what was done, in words."""
    if request.POST.get("act") == "unpublish":
        unpublish_quiz(quiz=quiz, by=request.user)
        return _("“%(title)s” is a draft again.") % {"title": quiz}
    publish_quiz(quiz=quiz, by=request.user)
    return _("“%(title)s” is published.") % {"title": quiz}


def _copy_form(page: Any, request: HttpRequest, quiz: Quiz) -> forms.Form:
    """A course and a lesson, searched for among those that the person may see."""
    fields = {
        name: page.formfield_for_foreignkey(Quiz._meta.get_field(name), request)
        for name in ("course", "lesson")
    }
    form = forms.Form(request.POST or None, initial={"course": quiz.course_id})
    form.fields |= fields
    fields["lesson"].help_text = _("May stay empty.")
    return form

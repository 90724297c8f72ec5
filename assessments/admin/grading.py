"""Grading by people in the admin site: what waits, one response a page, and all responses to a question."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record_personal_read
from assessments.admin.answers import shown_answer
from assessments.backoffice_tabs import QuizPages, View, quiz_view
from assessments.grading_queue import (
    STATES,
    Way,
    after,
    answers_to,
    gradable,
    place_of,
    questions_to_grade,
    waiting,
    waiting_by_quiz,
)
from assessments.hand_grading import (
    LONGEST_FEEDBACK,
    LONGEST_REASON,
    give_feedback,
    grade_by_hand,
    grade_mark,
    needs_reason,
)
from assessments.models import GradingState, Question, QuestionResponse, Quiz
from assessments.paper import Entry, entry_of
from assessments.permissions import can_grade_response
from projectgenius.errors import Conflict

NAMES_HIDDEN = "grading_names_hidden"  # in the session
ROWS_OF_A_PAGE = 50
LONGEST_SEARCH = 100


class GradeForm(forms.Form):
    """Points, feedback, and why a score that was shown changes. Without points the feedback alone is kept."""

    points = forms.DecimalField(
        label=gettext_lazy("Points"),
        required=False,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    feedback = forms.CharField(
        label=gettext_lazy("Feedback"),
        required=False,
        max_length=LONGEST_FEEDBACK,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"), required=False, max_length=LONGEST_REASON
    )

    def save(self, response: QuestionResponse, by: Any, seen: str) -> bool:
        """Give points and feedback; False, with the errors on the form, when something of it cannot be."""
        given = self.cleaned_data
        if given["points"] is None and not given["feedback"].strip():
            self.add_error("points", _("Enter the points."))
            return False
        try:
            if given["points"] is None:
                give_feedback(response=response, feedback=given["feedback"], by=by, seen=seen)
            else:
                grade_by_hand(response=response, by=by, seen=seen, **given)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True


class GradingPages(QuizPages):
    """The queue of one quiz, and of all quizzes of somebody's courses."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.to_grade_page)  # type: ignore[attr-defined]
        return [path("to-grade/", view, name="assessments_quiz_to_grade"), *super().get_urls()]

    def quiz_routes(self) -> list[tuple[str, View, str]]:
        return [
            *super().quiz_routes(),
            ("grading/", quiz_view(self.grading_page), "grading"),
            ("grading/next/", quiz_view(self.next_page), "grading_next"),
            ("grading/names/", quiz_view(self.names_page), "grading_names"),
            ("grading/questions/<int:question>/", quiz_view(self.answers_page), "grading_answers"),
            ("grading/<int:response>/", quiz_view(self.response_page), "grading_response"),
        ]

    def to_grade_page(self, request: HttpRequest) -> HttpResponse:
        """Everything that waits for this person, quiz by quiz."""
        course = request.GET.get("course", "")
        quizzes = [quiz for quiz in waiting_by_quiz(request.user) if course in ("", str(quiz.course_id))]
        title = _("To grade")
        return self.shown_without_quiz(request, "to_grade.html", title=title, quizzes=quizzes)

    def grading_page(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """The questions of a quiz with how much of each waits."""
        questions = questions_to_grade(quiz, request.user)
        return self.shown(
            request,
            "grading.html",
            quiz,
            tab="grading",
            title=quiz.title,
            questions=questions,
            waiting=sum(row["waiting"] for row in questions),
            names_hidden=_names_hidden(request),
        )

    def next_page(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """To the first response that waits."""
        way = Way.read(request.GET)
        return self._go_on(request, quiz, way, after(waiting(quiz, request.user, way), None, way))

    def names_page(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """Hide or show the students' names, for as long as this person is signed in."""
        if request.method == "POST":
            request.session[NAMES_HIDDEN] = request.POST.get("hide") == "1"
        response = request.POST.get("response", "")
        if response.isascii() and response.isdecimal() and len(response) < 19:
            way = Way.read(request.POST)
            return redirect(address_of(quiz, int(response), way))
        return redirect("admin:assessments_quiz_grading", pk=quiz.pk)

    def answers_page(self, request: HttpRequest, quiz: Quiz, question: int) -> HttpResponse:
        """All responses to one question."""
        row = get_object_or_404(Question.objects.filter(quiz=quiz), pk=question)
        row.quiz = quiz
        hidden = _names_hidden(request)
        state = request.GET.get("state", "all")
        search = "" if hidden else request.GET.get("q", "").strip()[:LONGEST_SEARCH]
        rows = answers_to(row, request.user, state=state, search=search)
        chosen = {"state": state} if state in STATES[1:] else {}
        page = Paginator(rows, ROWS_OF_A_PAGE).get_page(request.GET.get("page", 1))
        return self.shown(
            request,
            "grading_answers.html",
            quiz,
            tab="grading",
            title=quiz.title,
            question=row,
            page_obj=page,
            states=_states(chosen.get("state", "all"), search),
            search=search,
            chosen=chosen,
            query=urlencode({**chosen, **({"q": search} if search else {})}),
            names_hidden=hidden,
        )

    def response_page(self, request: HttpRequest, quiz: Quiz, response: int) -> HttpResponse:
        """One response: read it, grade it, go on."""
        rows = gradable(quiz).select_related("attempt__user", "question", "graded_by")
        row = get_object_or_404(rows, pk=response)
        row.attempt.quiz = quiz
        if not can_grade_response(request.user, row):
            raise PermissionDenied(_("Your own work is graded by somebody else."))
        way = Way.read(request.GET)
        entry = entry_of(row.attempt.paper, row.question_id)
        form = GradeForm(request.POST or None, initial=_standing(row))
        conflict = None
        if request.method == "POST" and form.is_valid():
            try:
                if form.save(row, request.user, request.POST.get("seen", "")):
                    return self._saved(request, quiz, way, row)
            except Conflict as refusal:
                conflict = refusal
                row.refresh_from_db(from_queryset=rows)
        return self._shown_response(request, quiz, way, row, entry, form=form, conflict=conflict)

    def _shown_response(
        self,
        request: HttpRequest,
        quiz: Quiz,
        way: Way,
        row: QuestionResponse,
        entry: Entry | None,
        **more: Any,
    ) -> HttpResponse:
        hidden = _names_hidden(request)
        if request.method == "GET":
            person = row.attempt.user_id
            record_personal_read(by=request.user, person_id=person, course_id=quiz.course_id)
        place = place_of(waiting(quiz, request.user, way), row, way)
        is_waiting = row.grading == GradingState.PERSON
        return self.shown(
            request,
            "grading_response.html",
            quiz,
            tab="grading",
            title=quiz.title if hidden else f"{row.attempt.user.display_name} · {quiz.title}",
            row=row,
            entry=entry,
            answer=shown_answer(entry, row) if entry else None,
            place=place,
            is_waiting=is_waiting,
            previous=place.previous and address_of(quiz, place.previous, way),
            next=place.next and address_of(quiz, place.next, way),
            way=way,
            ways=_ways(quiz, row, way),
            seen=grade_mark(row),
            needs_reason=needs_reason(row.attempt),
            names_hidden=hidden,
            **more,
        )

    def _saved(self, request: HttpRequest, quiz: Quiz, way: Way, row: QuestionResponse) -> HttpResponse:
        """On to the next one; from a response that had been graded before back to the list of its question."""
        messages.success(request, _("Saved."))
        if row.grading != GradingState.PERSON:
            return redirect("admin:assessments_quiz_grading_answers", quiz.pk, row.question_id)
        if request.POST.get("act") == "stay":
            return redirect(address_of(quiz, row.pk, way))
        return self._go_on(request, quiz, way, after(waiting(quiz, request.user, way), row, way))

    def _go_on(self, request: HttpRequest, quiz: Quiz, way: Way, response: int | None) -> HttpResponse:
        if response is not None:
            return redirect(address_of(quiz, response, way))
        messages.success(request, _("Nothing is left to grade here."))
        return redirect("admin:assessments_quiz_grading", pk=quiz.pk)


def address_of(quiz: Quiz, response: int, way: Way) -> str:
    """The page of a response on somebody's way through the queue."""
    address = reverse("admin:assessments_quiz_grading_response", args=[quiz.pk, response])
    said = way.as_parameters()
    return f"{address}?{urlencode(said)}" if said else address


def _names_hidden(request: HttpRequest) -> bool:
    return bool(request.session.get(NAMES_HIDDEN))


def _standing(row: QuestionResponse) -> dict[str, Any]:
    """What the form begins with."""
    return {"points": row.points_earned, "feedback": row.feedback or ""}


def _ways(quiz: Quiz, row: QuestionResponse, way: Way) -> list[dict[str, Any]]:
    """The two orders, each as a link that stays with the present response."""
    words = {"question": _("Question by question"), "student": _("Student by student")}
    return [
        {
            "label": label,
            "url": address_of(quiz, row.pk, Way(name, way.question)),
            "is_current": name == way.by,
        }
        for name, label in words.items()
    ]


def _states(current: str, search: str) -> list[dict[str, Any]]:
    words = {
        "all": _("All"),
        "waiting": _("To grade"),
        "by_hand": _("Graded by hand"),
        "automatic": _("Graded by the key"),
    }
    kept = {"q": search} if search else {}
    return [
        {"label": words[name], "query": urlencode({"state": name, **kept}), "is_current": name == current}
        for name in STATES
    ]

"""Regrading in the admin site: what changed, whose score would move, and the decision."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from assessments.admin.grading import NAMES_HIDDEN
from assessments.backoffice_tabs import QuizPages, View, quiz_view
from assessments.models import Question, Quiz, Regrade, RegradeState
from assessments.new_keys import ACTS
from assessments.permissions import can_regrade_quiz
from assessments.regrading import apply_regrade, changed_questions, drop_regrade, finished, preview_regrade

LOOKED_AT = 2_000  # attempts that the page itself compares; a preview looks at all
ROWS_OF_A_PAGE = 50
SHOWN_REGRADES = 50
SORTS = ("change", "old", "new")


class RegradePages(QuizPages):
    """The regrades of a quiz."""

    def quiz_routes(self) -> list[tuple[str, View, str]]:
        return [
            *super().quiz_routes(),
            ("regrades/", quiz_view(self.regrades_page, back_to="assessments_quiz_regrade"), "regrade"),
            (
                "regrades/<int:regrade>/",
                quiz_view(self.regrade_page, back_to="assessments_quiz_regrade"),
                "regrade_detail",
            ),
            ("regrades/<int:regrade>/state/", quiz_view(self.regrade_state), "regrade_state"),
        ]

    def regrades_page(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """What differs from the papers, the form that begins a regrade, and those of before."""
        problems: dict[str, list[str]] = {}
        if request.method == "POST":
            try:
                return self._preview(request, quiz)
            except ValidationError as error:
                problems = error.message_dict
        total = finished(quiz).count()
        regrades = Regrade.objects.filter(quiz=quiz).select_related("started_by", "decided_by")
        regrades = regrades.defer("preview", "plan")[:SHOWN_REGRADES]
        return self.shown(
            request,
            "regrades.html",
            quiz,
            tab="regrade",
            title=quiz.title,
            lines=_question_lines(request, quiz),
            regrades=regrades,
            is_open=any(regrade.is_open for regrade in regrades),
            may_regrade=can_regrade_quiz(request.user, quiz),
            total=total,
            looked_at=LOOKED_AT if total > LOOKED_AT else 0,
            problems=problems,
            reason=request.POST.get("reason", ""),
        )

    def _preview(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        prefix = "act_"
        acts = {
            int(number): act
            for name, act in request.POST.items()
            if name.startswith(prefix) and act in ACTS and (number := name.removeprefix(prefix)).isdecimal()
        }
        reason = request.POST.get("reason", "")
        regrade = preview_regrade(quiz=quiz, by=request.user, reason=reason, acts=acts)
        return redirect("admin:assessments_quiz_regrade_detail", quiz.pk, regrade.pk)

    def regrade_page(self, request: HttpRequest, quiz: Quiz, regrade: int) -> HttpResponse:
        """Whose score would move, and what to do about it."""
        row = _regrade(quiz, regrade)
        if request.method == "POST":
            return self._decide(request, quiz, row)
        sort = request.GET.get("sort", "change")
        hidden = bool(request.session.get(NAMES_HIDDEN))
        return self.shown(
            request,
            "regrade.html",
            quiz,
            tab="regrade",
            title=quiz.title,
            run=row,
            questions=_planned(row),
            facts=_facts(row),
            heads=_heads(sort),
            page_obj=_page(row, sort, request.GET.get("page", 1)),
            query=f"sort={sort}" if sort.lstrip("-") in SORTS else "",
            changed=0 if row.is_open else row.changes.filter(question=None).count(),
            may_regrade=can_regrade_quiz(request.user, quiz),
            names_hidden=hidden,
        )

    def _decide(self, request: HttpRequest, quiz: Quiz, row: Regrade) -> HttpResponse:
        match request.POST.get("act"):
            case "all" | "gains" as mode:
                apply_regrade(regrade=row, by=request.user, mode=mode)
                messages.success(request, _("Applied.") if row.total else _("Nothing to apply."))
            case "drop":
                drop_regrade(regrade=row, by=request.user)
                messages.success(request, _("Dropped. No score has changed."))
        return redirect("admin:assessments_quiz_regrade_detail", quiz.pk, row.pk)

    def regrade_state(self, request: HttpRequest, quiz: Quiz, regrade: int) -> JsonResponse:
        """How far the work is."""
        state = _regrade(quiz, regrade).progress
        return JsonResponse(state, headers={"Cache-Control": "private, no-store"})


def _regrade(quiz: Quiz, pk: int) -> Regrade:
    rows = Regrade.objects.filter(quiz=quiz).select_related("started_by", "decided_by")
    row = get_object_or_404(rows, pk=pk)
    row.quiz = quiz
    return row


def _question_lines(request: HttpRequest, quiz: Quiz) -> list[dict[str, Any]]:
    """Each question with what changed since it was asked, and what is chosen for it."""
    if not can_regrade_quiz(request.user, quiz):
        return []
    changed = changed_questions(quiz, most=LOOKED_AT)
    lines = []
    for question in Question.objects.filter(quiz=quiz):
        found = changed.get(question.pk, {"in": set(), "attempts": 0})
        usual = "key" if found["in"] - {"type"} else ""
        chosen = request.POST.get(f"act_{question.pk}", usual)
        lines.append(
            {
                "question": question,
                "words": _difference_words(found["in"]),
                "attempts": found["attempts"],
                "acts": [(act, words, act == chosen) for act, words in _act_words().items()],
            }
        )
    return lines


def _act_words() -> dict[str, str]:
    return {
        "": _("Leave as it is"),
        "key": _("Count by the present key and points"),
        "full": _("Full points for everybody"),
        "omit": _("Leave out of the score"),
    }


def _difference_words(found: Iterable[str]) -> str:
    words = {
        "key": _("correct answer"),
        "points": _("points"),
        "explanation": _("explanation"),
        "tests": _("tests"),
        "type": _("type: its key does not fit what was asked"),
    }
    return ", ".join(words[name] for name in words if name in found)


def _planned(regrade: Regrade) -> list[tuple[Question, str]]:
    """The questions of the plan, with what is done."""
    acts = {change["question"]: change["act"] for change in regrade.plan}
    words = _act_words()
    return [(question, words[acts[question.pk]]) for question in Question.objects.filter(pk__in=acts)]


def _facts(regrade: Regrade) -> list[str]:
    """What the preview found, and what it leaves out, in sentences."""
    n = regrade.counts.get
    said = [
        ("up", ngettext("%(n)s score rises.", "%(n)s scores rise.", n("up", 0))),
        ("down", ngettext("%(n)s score falls.", "%(n)s scores fall.", n("down", 0))),
        ("passed", ngettext("%(n)s attempt passes now.", "%(n)s attempts pass now.", n("passed", 0))),
        ("failed", ngettext("%(n)s attempt fails now.", "%(n)s attempts fail now.", n("failed", 0))),
        (
            "programs",
            ngettext(
                "%(n)s program is judged again when you apply it. Its new points are not in this list; “only gains” "
                "leaves it as it is.",
                "%(n)s programs are judged again when you apply it. Their new points are not in this list; “only "
                "gains” leaves them as they are.",
                n("programs", 0),
            ),
        ),
        (
            "misfit",
            ngettext(
                "%(n)s answer stays as it is: the new key names an option that was not offered, or the question is "
                "of another type.",
                "%(n)s answers stay as they are: the new key names an option that was not offered, or the question "
                "is of another type.",
                n("misfit", 0),
            ),
        ),
        (
            "judge",
            ngettext(
                "%(n)s program is with the judge and stays as it is.",
                "%(n)s programs are with the judge and stay as they are.",
                n("judge", 0),
            ),
        ),
        (
            "own",
            ngettext(
                "%(n)s attempt of your own is left out: somebody else regrades it.",
                "%(n)s attempts of your own are left out: somebody else regrades them.",
                n("own", 0),
            ),
        ),
        ("stopped", _("The rest was left: who decided does not teach here any more.")),
    ]
    return [words % {"n": n(name, 0)} for name, words in said if n(name, 0)]


def _page(regrade: Regrade, sort: str, number: Any) -> Page[dict[str, Any]]:
    """The lines of the preview, sorted, with the students of the page."""
    lines = regrade.preview if regrade.state != RegradeState.PREPARING else []
    name = sort.lstrip("-") if sort.lstrip("-") in SORTS else "change"
    ordered = sorted(lines, key=lambda line: _sort_key(line, name), reverse=sort.startswith("-"))
    page = Paginator(ordered, ROWS_OF_A_PAGE).get_page(number)
    people = User.objects.in_bulk(line["user"] for line in page.object_list)
    page.object_list = [
        {**line, "student": people.get(line["user"]), "change": _change(line)} for line in page.object_list
    ]
    return page


def _change(line: dict[str, Any]) -> Decimal | None:
    """By how much a score moves; None where it was or becomes open."""
    old, new = line["old_score"], line["new_score"]
    return Decimal(new) - Decimal(old) if old is not None and new is not None else None


def _sort_key(line: dict[str, Any], name: str) -> Decimal:
    old, new = (Decimal(line[f"{side}_score"] or -1) for side in ("old", "new"))
    return {"old": old, "new": new, "change": new - old}[name]


def _heads(sort: str) -> list[dict[str, str]]:
    words = {"old": _("Score now"), "new": _("New score"), "change": _("Change")}
    return [
        {
            "label": label,
            "query": f"sort=-{name}" if sort == name else f"sort={name}",
            "order": {name: "ascending", f"-{name}": "descending"}.get(sort, ""),
        }
        for name, label in words.items()
    ]

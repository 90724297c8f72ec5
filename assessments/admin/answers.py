"""A response as those who grade see it: what was asked, the key, and what the student answered."""

import re
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from assessments.models import QuestionResponse
from assessments.paper import Entry, entry_of
from assessments.shapes import is_empty
from projectgenius.markdown import render_markdown

FENCE = re.compile(r"`{3,}")


def shown_answer(entry: Entry, row: QuestionResponse) -> dict[str, Any]:
    """For the template: `kind`, `is_empty`, `text` or `code` or `options`, the `model` answer, and the `judge`'s note.

    `options = [{"text", "is_chosen", "is_correct"}, …]`. Texts of students are shown as they are, never as Markdown.
    """
    shown: dict[str, Any] = {
        "kind": entry["type"],
        "is_empty": is_empty(row.response),
        "question": render_markdown(entry["content"], f"question-{row.pk}"),
        "model": None,
    }
    match entry["type"]:
        case "essay":
            shown |= {"text": row.response, "model": entry["correct_answer"]}
        case "coding":
            shown |= _program(entry, row)
        case _:
            shown["options"] = _options(entry, row.response)
    return shown


def answer_in_brief(row: QuestionResponse) -> str:
    """The answer alone, for a cell of a table: the chosen options, or what was written."""
    entry = entry_of(row.attempt.paper, row.question_id)
    if entry is None or is_empty(row.response):
        return "–"
    if entry["type"] in ("multiple_choice", "true_false"):
        chosen = [option["text"] for option in _options(entry, row.response) if option["is_chosen"]]
        return format_html_join("", "<p>{}</p>", [(text,) for text in chosen])
    written = row.response.get("code", "") if isinstance(row.response, dict) else row.response
    kind = "answer-code" if entry["type"] == "coding" else "answer-essay"
    return format_html('<div class="answer-text {}">{}</div>', kind, written)


def _program(entry: Entry, row: QuestionResponse) -> dict[str, Any]:
    code = row.response.get("code", "") if isinstance(row.response, dict) else ""
    judged = row.judged or {}
    return {
        "code": highlighted(code, entry["coding"]["language"], f"code-{row.pk}"),
        "note": _judge_note(judged),
        "tests": judged.get("tests", []),
    }


def highlighted(code: str, language: str, key: str) -> Any:
    """A program in colours; its fence is longer than any that stands in the program itself."""
    longest = max((len(found) for found in FENCE.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return render_markdown(f"{fence}{language}\n{code}\n{fence}", key)


def _judge_note(judged: dict[str, Any]) -> str:
    """Why a person has to look at a program."""
    if not judged:
        return _("The judge has not looked at this program.")
    if judged.get("note") == "judge_off":
        return _("The judge was switched off.")
    if judged.get("note") or judged.get("verdict") == "internal_error":
        return _("The judge failed three times.")
    passed = sum(test["verdict"] == "accepted" for test in judged.get("tests", []))
    numbers = {"passed": passed, "all": len(judged.get("tests", []))}
    return _("%(passed)s of %(all)s tests passed.") % numbers


def _options(entry: Entry, response: Any) -> list[dict[str, Any]]:
    if entry["type"] == "true_false":
        words = {True: _("True"), False: _("False")}
        return [
            {"text": text, "is_chosen": response is value, "is_correct": entry["correct_answer"] is value}
            for value, text in words.items()
        ]
    chosen = response if isinstance(response, list) else []
    return [
        {
            "text": option["text"],
            "is_chosen": option["id"] in chosen,
            "is_correct": option["id"] in entry["correct_answer"],
        }
        for option in entry["options"] or []
    ]

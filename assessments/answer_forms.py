"""Answers as pages send them: whole forms without a script, packets of JSON with one."""

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from assessments.attempts import save_response
from assessments.models import QuestionResponse, QuizAttempt
from assessments.paper import Entry
from assessments.shapes import error, is_empty

GREATEST_VERSION = 2**31 - 1
PACKET = {"question", "response", "version", "is_flagged", "position"}


def answer_from(entry: Entry, values: list[str]) -> Any:
    """What a form's fields of one question mean; `None` when nothing was chosen or written."""
    match entry["type"]:
        case "multiple_choice":
            return values or None
        case "true_false":
            return {"true": True, "false": False}.get(values[0]) if values else None
        case "coding":
            return {"code": _text(values)} if _text(values).strip() else None
    return _text(values) or None


def _text(values: list[str]) -> str:
    return values[0].replace("\r\n", "\n") if values else ""


@dataclass(frozen=True)
class SavedPage:
    """What became of a page of answers: `refused` holds, by question, those that a newer answer kept out."""

    refused: dict[int, Any]


def save_page(*, attempt: QuizAttempt, form: QueryDict, position: int | None = None) -> SavedPage:
    """Save the answers of a page that differ from the stored ones.

    Fields by question id: `answer-7`, `flag-7`, `version-7` (of the answer that the page showed). Raises as
    `save_response` does.
    """
    rows = {row.question_id: row for row in QuestionResponse.objects.filter(attempt=attempt)}
    refused = {}
    for entry in attempt.paper:
        pk = entry["question"]
        if (sent := _sent(entry, form, rows.get(pk))) is None:
            continue
        saved = save_response(attempt=attempt, question_id=pk, position=position, **sent)
        if not saved.is_newer and saved.response.response != sent["response"]:
            refused[pk] = sent["response"]
    return SavedPage(refused)


def _sent(entry: Entry, form: QueryDict, row: QuestionResponse | None) -> dict[str, Any] | None:
    """What a page sends for one question; None when it did not show it, or brings nothing new."""
    pk = entry["question"]
    shown = form.get(f"version-{pk}", "")
    if not shown.isdecimal() or len(shown) > 9:
        return None
    is_cleared = form.get("clear") == str(pk)
    answer = None if is_cleared else answer_from(entry, form.getlist(f"answer-{pk}"))
    is_flagged = form.get(f"flag-{pk}") == "on"
    before, was_flagged = (row.response, row.is_flagged) if row else (None, False)
    if is_untouched(entry, before, answer) and is_flagged == was_flagged:
        return None
    return {"response": answer, "is_flagged": is_flagged, "version": int(shown) + 1}


def is_untouched(entry: Entry, before: Any, answer: Any) -> bool:
    """Whether an answer says what is stored already; the starter code of a program says nothing."""
    if before is None and entry["type"] == "coding" and answer:
        starter = entry["coding"]["starter_code"].replace("\r\n", "\n")
        return bool(answer["code"].strip() == starter.strip())
    if isinstance(before, list) and isinstance(answer, list):
        return sorted(before) == sorted(answer)
    return bool(before == answer or (is_empty(before) and is_empty(answer)))


def read_packet(body: bytes) -> dict[str, Any]:
    """The arguments of `save_response` out of a packet of JSON.

    `{"question": id, "response": …, "version": 1, "is_flagged": false, "position": 3}`; the last two may be missing.
    Raises ValidationError by field.
    """
    try:
        packet = json.loads(body)
    except (ValueError, RecursionError):
        packet = None
    if not isinstance(packet, dict) or not set(packet) <= PACKET or "response" not in packet:
        raise ValidationError({"packet": error(_("Send one answer as JSON."), "packet_shape")})
    numbers = {name: packet.get(name) for name in ("question", "version", "position")}
    numbers["position"] = numbers["position"] or 1
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= GREATEST_VERSION:
            raise ValidationError({name: error(_("Send a whole number from 1."), "not_a_number")})
    is_flagged = packet.get("is_flagged")
    if is_flagged is not None and not isinstance(is_flagged, bool):
        raise ValidationError({"is_flagged": error(_("Send true or false."), "not_a_truth")})
    return {
        "question_id": numbers["question"],
        "response": packet["response"],
        "version": numbers["version"],
        "is_flagged": is_flagged,
        "position": numbers["position"] if "position" in packet else None,
    }

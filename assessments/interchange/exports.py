"""The questions of a quiz as a file: who edits the quiz takes them along, answers and all, and the log says so."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.audit import record_event
from assessments.interchange.csv_questions import write_csv
from assessments.interchange.drafts import Draft, Format, draft_of
from assessments.interchange.gift_writing import write_gift
from assessments.interchange.moodle_xml_writing import write_moodle_xml
from assessments.models import Question, QuestionType, Quiz
from assessments.permissions import can_export_questions

WRITERS: dict[Format, Callable[[Iterable[Draft]], str]] = {
    Format.GIFT: write_gift,
    Format.MOODLE_XML: write_moodle_xml,
    Format.CSV: write_csv,
}
HALF_CHARACTERS = re.compile("[\ud800-\udfff]")  # JSON may hold them, no file can
ENDINGS = {Format.GIFT: "gift", Format.MOODLE_XML: "xml", Format.CSV: "csv"}
CONTENT_TYPES = {Format.GIFT: "text/plain", Format.MOODLE_XML: "application/xml", Format.CSV: "text/csv"}


@dataclass(frozen=True)
class Exported:
    """A file, and the questions that its format cannot hold."""

    text: str
    left_out: list[Draft]


def export_questions(*, quiz: Quiz, format: str, by: Any) -> Exported:  # noqa: A002 - the word that files have
    """The questions that the quiz asks, in their order. Raises PermissionDenied for those who only assist.

    `by` is None for a command.
    """
    if by is not None and not can_export_questions(by, quiz):
        raise PermissionDenied(_("Only those who teach this course export its questions."))
    known = Format(format)
    drafts = [draft_of(question) for question in asked_in(quiz)]
    left_out = left_out_of(known, drafts)
    after = {"format": known.value, "questions": len(drafts) - len(left_out)}
    record_event("question.export", actor=by, row=quiz, course_id=quiz.course_id, after=after)
    text = WRITERS[known](draft for draft in drafts if _fits(known, draft))
    return Exported(HALF_CHARACTERS.sub("\ufffd", text), left_out)


def asked_in(quiz: Quiz) -> list[Question]:
    """What an export holds: retired questions stay behind."""
    return list(Question.objects.asked().filter(quiz=quiz).select_related("coding"))


def left_out_of(format: Format, drafts: Iterable[Draft]) -> list[Draft]:  # noqa: A002
    """The questions that the format cannot hold: programs, in GIFT, and those without language and tests."""
    return [draft for draft in drafts if not _fits(format, draft)]


def _fits(format: Format, draft: Draft) -> bool:  # noqa: A002
    is_coding = draft.question_type == QuestionType.CODING
    return not is_coding or (format != Format.GIFT and draft.coding is not None)


def export_response(quiz: Quiz, format: str, by: Any) -> HttpResponse:  # noqa: A002
    """The file as a download that no cache keeps."""
    exported = export_questions(quiz=quiz, format=format, by=by)
    known = Format(format)
    response = HttpResponse(exported.text, content_type=f"{CONTENT_TYPES[known]}; charset=utf-8")
    name = f"{slugify(quiz.title)[:60] or 'quiz'}.{ENDINGS[known]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response

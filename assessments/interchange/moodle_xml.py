"""Reading Moodle XML: a `<quiz>` of `<question type="…">`. Time is in step with the length of the file."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from assessments.interchange.coderunner import coding_of
from assessments.interchange.drafts import Draft, FileFault, Parsed, Skip, clean_text, with_feedback
from assessments.interchange.html_markdown import Converted, html_to_markdown, plain_to_markdown
from assessments.interchange.weights import require_few, rights, weight_of
from assessments.interchange.xml_tree import Node, read_xml
from assessments.models import Difficulty, QuestionType

ROOT = "quiz"
NUMBER = re.compile(r"\d{1,7}(?:\.\d{0,20})?\Z", re.ASCII)
MOST_POINTS = Decimal("999.99")
DIFFICULTY_TAG = "difficulty:"
PICTURE = re.compile(r"!\[(?P<alt>(?:[^\[\]\\\n]|\\.){0,1000})\]\(@@PLUGINFILE@@/(?P<name>[^()\s]{1,300})\)")
LINK = re.compile(r"\[(?P<words>(?:[^\[\]\\\n]|\\.){0,1000})\]\(@@PLUGINFILE@@/(?P<name>[^()\s]{1,300})\)")


def read_moodle_xml(text: str) -> Parsed:
    """The questions of a file. Raises FileFault `too_many`, `not_moodle`, and what `read_xml` raises."""
    parsed = Parsed()

    def take(root: str, node: Node) -> None:
        if root != ROOT:
            message = _("This XML is no export of questions from Moodle: it begins with <%(name)s>.")
            raise FileFault(message % {"name": root[:40]}, code="not_moodle")
        if node.tag == "question":
            _take(node, parsed)

    read_xml(text, take)
    if not parsed.count and not parsed.findings:
        raise FileFault(_("There is no question in this file."), code="no_question")
    return parsed


def _take(node: Node, parsed: Parsed) -> None:
    kind = node.attributes.get("type", "").strip().lower()
    if kind == "category":
        name = node.value("category", "text").removeprefix("$course$/")
        parsed.note(node.line, name, _("Categories are not kept: the questions go into one quiz."))
        return
    parsed.require_room()
    try:
        parsed.drafts.append(_question(node, kind))
    except Skip as skip:
        parsed.skip(node.line, node.value("name", "text") or node.value("questiontext", "text"), str(skip))


def _question(node: Node, kind: str) -> Draft:
    if kind == "description":
        raise Skip(_("It is a description: it asks nothing."))
    read = READERS.get(kind)
    if read is None:
        raise Skip(_("Questions of the type “%(type)s” are not known here.") % {"type": kind[:40]})
    if node.value("hidden") == "1":
        raise Skip(_("It is hidden in the file: an earlier version, or a deleted one."))
    draft = Draft(node.line, "", "")
    draft.content = text_of(node.child("questiontext"), draft)
    draft.points = _points(node.value("defaultgrade"), draft)
    draft.difficulty = _difficulty(node)
    read(node, draft)
    if node.all("hint"):
        draft.change(_("Hints are not kept."))
    return draft


def text_of(node: Node | None, draft: Draft) -> str:
    """A text of the file as Markdown, by the format that it names; without one it is HTML."""
    if node is None:
        return ""
    inner = node.child("text")
    raw = inner.text if inner else node.text
    style = node.attributes.get("format", "html")
    if style == "markdown":
        converted = Converted(clean_text(raw))
    elif style == "plain_text":
        converted = Converted(plain_to_markdown(raw))
    else:
        converted = html_to_markdown(raw.replace("\n", "<br>") if _is_bare(raw, style) else raw)
    for note in converted.notes:
        draft.change(note)
    return _without_files(converted.text, draft)


def _is_bare(raw: str, style: str) -> bool:
    return style == "moodle_auto_format" and "<p" not in raw and "<br" not in raw


def _without_files(text: str, draft: Draft) -> str:
    """Files that come along are not taken in: where one was shown stands its name."""

    def named(found: re.Match[str]) -> str:
        message = _("The file %(name)s is not taken in: upload it to the course and show it in the question.")
        draft.change(message % {"name": found["name"][:80]})
        return found.groupdict().get("alt") or found.groupdict().get("words") or f"`{found['name']}`"

    return LINK.sub(named, PICTURE.sub(named, text)) if "@@PLUGINFILE@@" in text else text


def _points(text: str, draft: Draft) -> Decimal:
    """Points with two decimals; one point where the file says nothing."""
    if not text:
        return Decimal(1)
    if not NUMBER.match(text) or Decimal(text) > MOST_POINTS:
        raise Skip(_("Its points “%(points)s” are no number up to 999.99.") % {"points": text[:20]})
    exact = Decimal(text)
    points = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if points != exact:
        draft.change(_("The points were rounded to two decimals."))
    return points


def _difficulty(node: Node) -> str | None:
    tags = node.child("tags")
    named = [tag.value("text") for tag in tags.all("tag")] if tags else []
    said = [name.removeprefix(DIFFICULTY_TAG) for name in named if name.startswith(DIFFICULTY_TAG)]
    return next((name for name in said if name in Difficulty.values), None)


def _feedback(node: Node, draft: Draft, feedback: list[tuple[str, str]]) -> None:
    with_feedback(text_of(node.child("generalfeedback"), draft), feedback, draft)


def _read_choice(node: Node, draft: Draft) -> None:
    draft.question_type = QuestionType.MULTIPLE_CHOICE
    texts, weights, feedback = [], [], []
    require_few(node.all("answer"))
    for answer in node.all("answer"):
        texts.append(text_of(answer, draft))
        weights.append(weight_of(answer.attributes.get("fraction", "0")))
        feedback.append((texts[-1], text_of(answer.child("feedback"), draft)))
    is_single = node.value("single").lower() not in ("false", "0")
    right = rights(weights, is_single=is_single, draft=draft)
    draft.options = list(zip(texts, right, strict=True))
    _feedback(node, draft, feedback)


def _read_truth(node: Node, draft: Draft) -> None:
    draft.question_type = QuestionType.TRUE_FALSE
    weights: dict[str, Decimal] = {}
    feedback = []
    require_few(node.all("answer"))
    for answer in node.all("answer"):
        name = answer.value("text").lower()
        weights[name] = weight_of(answer.attributes.get("fraction", "0"))
        said = _("right answer") if weights[name] > 0 else _("wrong answer")
        feedback.append((said, text_of(answer.child("feedback"), draft)))
    if set(weights) != {"true", "false"}:
        raise Skip(_("Its answers are not “true” and “false”."))
    right = rights([weights["true"], weights["false"]], is_single=True, draft=draft)
    if all(right):
        raise Skip(_("Both of its answers are right."))
    draft.correct_answer = right[0]
    _feedback(node, draft, feedback)


def _read_essay(node: Node, draft: Draft) -> None:
    draft.question_type = QuestionType.ESSAY
    if node.value("responseformat") == "noinline" or node.value("attachmentsrequired") not in ("", "0"):
        raise Skip(_("It asks for a file: that is an assignment here."))
    if node.value("responsetemplate", "text"):
        draft.change(_("The text that the answer begins with is not kept."))
    draft.correct_answer = text_of(node.child("graderinfo"), draft) or None
    _feedback(node, draft, [])


def _read_coding(node: Node, draft: Draft) -> None:
    draft.question_type = QuestionType.CODING
    draft.coding = coding_of(node, draft)
    _feedback(node, draft, [])


READERS: dict[str, Callable[[Node, Draft], None]] = {
    "multichoice": _read_choice,
    "truefalse": _read_truth,
    "essay": _read_essay,
    "coderunner": _read_coding,
}

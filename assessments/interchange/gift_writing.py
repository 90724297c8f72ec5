"""Writing GIFT. Programs have no place in it; what it cannot say of the others stands in comments for ourselves."""

import json
import re
from collections.abc import Iterable
from decimal import Decimal

from assessments.interchange.drafts import Draft
from assessments.interchange.gift import OWN_COMMENT
from assessments.models import QuestionType

SIGNS = re.compile(r"[\\:#={}~]")


def write_gift(drafts: Iterable[Draft]) -> str:
    """The text of the file. Coding questions are left out; the caller says so."""
    return "\n".join(_block(draft) for draft in drafts if draft.question_type != QuestionType.CODING)


def _block(draft: Draft) -> str:
    return f"{_own(draft)}[markdown]{_text(draft.content)} {{{_answers(draft)}{_general(draft)}}}\n"


def _own(draft: Draft) -> str:
    said: dict[str, str] = {}
    if draft.points != 1:
        said["points"] = f"{draft.points:.2f}"
    if draft.difficulty:
        said["difficulty"] = draft.difficulty
    if draft.question_type == QuestionType.ESSAY and isinstance(draft.correct_answer, str):
        said["answer"] = draft.correct_answer
    return f"{OWN_COMMENT} {json.dumps(said)}\n" if said else ""


def _text(text: str) -> str:
    """The text with its signs and line ends escaped; what would mean something at its beginning does not."""
    escaped = SIGNS.sub(lambda found: f"\\{found[0]}", text).replace("\n", "\\n")
    return f"\\n{escaped}" if escaped[:1].isspace() or escaped.startswith(("[", "%")) else escaped


def _general(draft: Draft) -> str:
    return f"####{_text(draft.explanation)}" if draft.explanation else ""


def _answers(draft: Draft) -> str:
    if draft.question_type == QuestionType.TRUE_FALSE:
        return "TRUE" if draft.correct_answer else "FALSE"
    if draft.question_type == QuestionType.ESSAY:
        return ""
    right = sum(is_right for _option, is_right in draft.options)
    lines = (f"\n    {_mark(is_right, right)}{_text(text)}" for text, is_right in draft.options)
    return "".join(lines) + "\n"


def _mark(is_right: bool, right: int) -> str:
    """What stands before an option of a question with `right` right ones."""
    if right == 1:
        return "=" if is_right else "~"
    part = Decimal(100) / (right or 1)
    return f"~%{part if is_right else -part:.5f}%"

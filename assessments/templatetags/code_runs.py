"""What the templates of programs need: the runner of a question, and texts that hide nothing."""

from dataclasses import dataclass
from typing import Any

from django import template

from accounts.models import User
from assessments.models import CodeRun, QuestionResponse, QuizAttempt
from assessments.paper import Entry, public_entry
from assessments.run_limits import off_sentence
from assessments.run_reports import public_report, visible
from assessments.runs import latest_run

register = template.Library()

LANGUAGE_NAMES = {
    "python": "Python",
    "javascript": "JavaScript",
    "c": "C",
    "cpp": "C++",
    "java": "Java",
    "bash": "Bash",
}


@dataclass(frozen=True)
class Runner:
    """A question's place for a program: what stands in the editor, the last run, and why none can be asked for."""

    question: int
    language: str
    language_name: str
    code: str
    samples: list[dict[str, Any]]
    hidden_tests: int
    seconds: int
    megabytes: int
    run: CodeRun | None
    report: dict[str, Any] | None
    off: str


@register.simple_tag
def runner_for(attempt: QuizAttempt, entry: Entry, response: QuestionResponse | None, user: User) -> Runner:
    """The runner of a question of a running attempt; `entry` as it stands on the paper or as it is shown to students.

    A run that is newer than the saved answer gives the code.
    """
    coding = entry["coding"] if "samples" in entry["coding"] else public_entry(entry)["coding"]
    run = latest_run(attempt=attempt, question_id=entry["question"], by=user)
    saved = response.response if response and response.response else None
    code = saved["code"] if saved else coding["starter_code"]
    if run and (
        saved is None or response is None or not response.saved_at or run.created_at > response.saved_at
    ):
        code = run.code
    off = off_sentence(coding["language"])
    return Runner(
        question=entry["question"],
        language=coding["language"],
        language_name=LANGUAGE_NAMES.get(coding["language"], coding["language"]),
        code=code,
        samples=coding["samples"],
        hidden_tests=coding["hidden_tests"],
        seconds=coding["time_limit_seconds"],
        megabytes=coding["memory_limit_mb"],
        run=run,
        report=public_report(run) if run else None,
        off=off[1] if off else "",
    )


register.filter(visible)


@register.filter
def milliseconds(seconds: float) -> int:
    """Seconds as whole milliseconds."""
    return round(seconds * 1000)

"""The paper of an attempt: its questions as they were when it began, in its own order, with their keys.

`paper = [entry, …]` and `entry = {"question": id, "type": "…", "content": Markdown, "points": "1.00",
"options": [{"id", "text"}, …] | null, "several": bool, "correct_answer": …, "explanation": … | null,
"difficulty": … | null, "lesson": id | null, "coding": {"language", "starter_code", "test_cases",
"time_limit_seconds", "memory_limit_mb", "checker", "tolerance"} | null}`.

The paper holds keys and hidden tests. What a student may see of an entry is `public_entry`, and nothing else.
"""

import random
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from assessments.models import Question, Quiz

Entry = dict[str, Any]


def make_paper(quiz: Quiz, questions: Iterable[Question], chance: random.Random) -> list[Entry]:
    """The questions as they are now, shuffled as the quiz says; `questions` come in order, with their `coding`."""
    entries = [make_entry(question) for question in questions]
    if quiz.shuffle_questions:
        chance.shuffle(entries)
    if quiz.shuffle_options:
        for entry in entries:
            if entry["options"]:
                chance.shuffle(entry["options"])
    return entries


def make_entry(question: Question) -> Entry:
    """One question as it is now."""
    correct = question.correct_answer
    return {
        "question": question.pk,
        "type": question.question_type,
        "content": question.content,
        "points": str(question.points),
        "options": [dict(option) for option in question.options] if question.options else None,
        "several": isinstance(correct, list) and len(correct) > 1,
        "correct_answer": correct,
        "explanation": question.explanation,
        "difficulty": question.difficulty,
        "lesson": question.lesson_id,
        "coding": _coding(question) if question.is_coding else None,
    }


def _coding(question: Question) -> Entry:
    coding = question.coding
    return {
        "language": coding.language,
        "starter_code": coding.starter_code or "",
        "test_cases": coding.test_cases,
        "time_limit_seconds": coding.time_limit_seconds,
        "memory_limit_mb": coding.memory_limit_mb,
        "checker": coding.checker,
        "tolerance": str(coding.tolerance),
    }


def asks_the_same(paper: Iterable[Entry], questions: Iterable[Question]) -> bool:
    """Whether a paper asks the questions as they are now; their order and that of their options does not matter."""
    return _unordered(paper) == _unordered(make_entry(question) for question in questions)


def _unordered(entries: Iterable[Entry]) -> dict[int, Entry]:
    return {
        entry["question"]: {
            **entry,
            "options": sorted(entry["options"] or [], key=lambda one: str(one["id"])),
        }
        for entry in entries
    }


def public_entry(entry: Entry) -> Entry:
    """What a student sees of a question while the attempt runs: text, options in order, points; of code also
    language, starter code, limits and the sample tests.
    """
    shown = {name: entry[name] for name in ("question", "type", "content", "points", "options", "several")}
    coding = entry["coding"]
    shown["coding"] = coding and {
        "language": coding["language"],
        "starter_code": coding["starter_code"],
        "time_limit_seconds": coding["time_limit_seconds"],
        "memory_limit_mb": coding["memory_limit_mb"],
        "samples": [
            {"number": number, "input": test["input"], "output": test["output"]}
            for number, test in enumerate(coding["test_cases"], start=1)
            if test.get("sample")
        ],
        "hidden_tests": sum(not test.get("sample") for test in coding["test_cases"]),
    }
    return shown


def entry_of(paper: Iterable[Entry], question_id: int) -> Entry | None:
    """The entry of a question; None when the paper does not have it."""
    return next((entry for entry in paper if entry["question"] == question_id), None)


def question_at(paper: Sequence[Entry], position: int) -> int | None:
    """The id of the question that stands at `position`, from 1; None where there is none."""
    return int(paper[position - 1]["question"]) if 1 <= position <= len(paper) else None


def points_possible(paper: Iterable[Entry]) -> Decimal:
    """The sum of the points of all questions."""
    return sum((Decimal(entry["points"]) for entry in paper), Decimal(0))

"""Challenges in the judge."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from assessments import judge
from assessments.judge import SandboxUnavailable
from legacy import judging
from legacy.models import Challenge, Submission
from tests.assessments.running import ADDS, SUBTRACTS, make_due, work

pytestmark = pytest.mark.django_db


def sent(user: User, code: str, language: str = "python") -> Submission:
    """A submission for a challenge with three tests, on the queue."""
    challenge = Challenge.objects.create(
        title="Add", description="Add two numbers.", difficulty="easy", points=1, solution="secret",
        test_cases=[
            {"input": "1 2", "output": "3"},
            {"input": "5 0", "output": "5"},
            {"input": "31415 1", "output": "31416"},
        ],
    )  # fmt: skip
    submission = Submission.objects.create(user=user, challenge=challenge, code=code, language=language)
    judging.request_judging(submission=submission)
    return submission


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "language", "status", "score"),
    [
        (ADDS["python"], "python", "accepted", "100.00"),
        (ADDS["c"], "c", "accepted", "100.00"),
        (SUBTRACTS, "python", "wrong_answer", "33.33"),
        ("raise SystemExit(3)", "python", "runtime_error", "0.00"),
        ("def", "python", "compile_error", "0.00"),
    ],
)
def test_submission_gets_status_and_score(
    student: User, code: str, language: str, status: str, score: str
) -> None:
    submission = sent(student, code, language)
    assert submission.status == "pending"
    work()
    submission.refresh_from_db()
    assert (submission.status, submission.score) == (status, Decimal(score))
    assert submission.executed_at
    assert "31415" not in submission.feedback


def test_judge_that_is_off_is_asked_three_times_and_blames_nobody(student: User, monkeypatch: Any) -> None:
    def off(*_args: Any, **_options: Any) -> None:
        raise SandboxUnavailable("no bwrap")

    monkeypatch.setattr(judging, "judge", off)
    submission = sent(student, ADDS["python"])
    later = timezone.now() + timedelta(hours=1)
    for _ in range(3):
        assert judging.give_up_lost(now=later) == 0
        work()
        make_due()
    assert judging.give_up_lost(now=later) == 1
    submission.refresh_from_db()
    assert (submission.status, submission.score) == ("internal_error", None)


def test_what_is_judged_stays_as_it_is(student: User, monkeypatch: Any) -> None:
    submission = sent(student, ADDS["python"])
    Submission.objects.update(status="accepted", score=100)
    work()
    submission.refresh_from_db()
    assert (submission.status, submission.score, submission.executed_at) == ("accepted", 100, None)
    assert not judge.is_allowed_here()

"""Running programs by the API."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.api_keys import issue_named_key
from accounts.models import User
from assessments.models import CodeRun, JudgeState
from tests.assessments.running import coding_attempt, judged_by, question_of, verdicts, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(student: User) -> Any:
    return coding_attempt(student)


def body(attempt: Any, **values: Any) -> dict[str, Any]:
    return {"question": question_of(attempt), "kind": "samples", "code": "print(3)", **values}


def path(attempt: Any) -> str:
    return f"/api/v1/quiz-attempts/{attempt.pk}/runs/"


def test_student_runs_a_program_and_reads_the_verdict(api: Any, running: Any, monkeypatch: Any) -> None:
    client = api(running.user)
    answer = client.post(path(running), body(running), format="json")
    assert (answer.status_code, answer.data["state"], answer.data["is_over"]) == (201, "queued", False)
    with judged_by(monkeypatch, verdicts("wrong_answer")):
        work()
    found = client.get(f"/api/v1/code-runs/{answer.data['key']}/").json()
    assert (found["is_over"], found["verdict"], found["message"]) == (
        True, "wrong_answer", "0 of 1 sample test passed",
    )  # fmt: skip
    assert found["tests"][0]["difference"][0] == {"mark": "missing", "text": "3"}


def test_key_needs_the_scope_to_submit(api: Any, running: Any) -> None:
    client = api()
    for scopes, status in ((["read"], 403), (["submit"], 201)):
        key = issue_named_key(user=running.user, name=scopes[0], scopes=scopes)[1]
        client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
        assert client.post(path(running), body(running), format="json").status_code == status
    run = CodeRun.objects.get()
    assert client.get(f"/api/v1/code-runs/{run.key}/").status_code == 403  # this key may not read


def test_nobody_runs_or_reads_for_another(
    api: Any, running: Any, instructor: User, admin_user: User, other_instructor: User
) -> None:
    running.quiz.course.instructor = instructor
    running.quiz.course.save()
    for person, status in ((instructor, 403), (admin_user, 403), (other_instructor, 404), (None, 401)):
        assert api(person).post(path(running), body(running), format="json").status_code == status
    assert not CodeRun.objects.exists()
    api(running.user).post(path(running), body(running), format="json")
    run = CodeRun.objects.get()
    for person in (instructor, admin_user, other_instructor):
        assert api(person).get(f"/api/v1/code-runs/{run.key}/").status_code == 404
    assert api(running.user).get(f"/api/v1/code-runs/{uuid4()}/").status_code == 404
    assert api(running.user).get("/api/v1/code-runs/").status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "all_tests"}, "kind"),
        ({"code": ""}, "code"),
        ({"code": "x" * 64_001}, "code"),
        ({"question": "x"}, "question"),
        ({"own_input": None}, "own_input"),
    ],
)
def test_wrong_values_are_named(api: Any, running: Any, values: dict[str, Any], field: str) -> None:
    answer = api(running.user).post(path(running), body(running, **values), format="json")
    assert (answer.status_code, set(answer.data["fields"])) == (400, {field})


def test_limits_and_a_judge_that_is_off_are_conflicts(api: Any, running: Any) -> None:
    client = api(running.user)
    for _ in range(3):
        client.post(path(running), body(running), format="json")
    answer = client.post(path(running), body(running), format="json")
    assert (answer.status_code, answer.data["code"]) == (409, "runs_waiting")
    JudgeState.objects.create(host_name="here", reason="no bwrap", checked_at=timezone.now())
    answer = client.post(path(running), body(running), format="json")
    assert (answer.status_code, answer.data["code"]) == (409, "judge_off")

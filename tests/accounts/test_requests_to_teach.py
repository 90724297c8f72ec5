"""Asking to become an instructor, and the decision."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from accounts.models import AuditEvent, InstructorRequest, User
from accounts.requests_to_teach import ask_to_teach, decide_request
from projectgenius.errors import Conflict
from tests.races import at_once, on_postgresql

Login = Callable[[User], Client]
API = "/api/v1/instructor-requests/"
PAGE = "/settings/teach/"


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_person_asks_once_until_answered(student: User, admin_user: User) -> None:
    first = ask_to_teach(user=student, motivation=" Counting. ")
    assert first.motivation == "Counting."
    with pytest.raises(Conflict) as refused:
        ask_to_teach(user=student, motivation="Again.")
    assert refused.value.code == "waiting"
    with pytest.raises(IntegrityError), transaction.atomic():
        InstructorRequest.objects.create(user=student, motivation="Past the rules.")
    decide_request(request=first, approve=False, by=admin_user, answer="Not now.")
    ask_to_teach(user=student, motivation="Again.")
    assert InstructorRequest.objects.count() == 2


@pytest.mark.parametrize("name", ["instructor", "admin_user"])
def test_who_may_teach_already_does_not_ask(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Conflict) as refused:
        ask_to_teach(user=request.getfixturevalue(name), motivation="Counting.")
    assert refused.value.code == "is_instructor"


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_request_needs_a_reason_of_some_length(student: User, text: str) -> None:
    with pytest.raises(ValidationError):
        ask_to_teach(user=student, motivation=text)
    assert not InstructorRequest.objects.exists()


def test_yes_makes_an_instructor_and_tells_in_the_persons_language(
    student: User, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=student.pk).update(language="de")
    row = ask_to_teach(user=student, motivation="Counting.")
    spoken: list[str | None] = []
    made = mail.EmailMessage.__init__
    monkeypatch.setattr(
        mail.EmailMessage,
        "__init__",
        lambda *args, **named: (spoken.append(translation.get_language()), made(*args, **named))[1],
    )
    decide_request(request=row, approve=True, by=admin_user, answer="Welcome!")
    assert User.objects.get(pk=student.pk).is_instructor
    (sent,) = mail.outbox
    assert sent.to == [student.email]
    assert "Welcome!" in sent.body
    assert "https://testserver/admin/" in sent.body
    assert spoken == ["de"]
    assert actions() == ["instructor_request.create", "instructor_request.approve", "role.grant"]


def test_no_needs_a_reason_which_the_person_reads(student: User, admin_user: User) -> None:
    row = ask_to_teach(user=student, motivation="Counting.")
    with pytest.raises(ValidationError):
        decide_request(request=row, approve=False, by=admin_user, answer=" ")
    assert mail.outbox == []
    decide_request(request=row, approve=False, by=admin_user, answer="We teach counting <already>.")
    assert not User.objects.get(pk=student.pk).is_instructor
    assert "counting <already>." in mail.outbox[0].body
    row.refresh_from_db()
    assert (row.status, row.decided_by) == ("declined", admin_user)


def test_decision_is_made_once_and_by_administrators(
    student: User, instructor: User, admin_user: User
) -> None:
    row = ask_to_teach(user=student, motivation="Counting.")
    for stranger in (student, instructor):
        with pytest.raises(PermissionDenied):
            decide_request(request=row, approve=True, by=stranger)
    decide_request(request=row, approve=True, by=admin_user)
    with pytest.raises(Conflict) as refused:
        decide_request(request=row, approve=False, by=admin_user, answer="No.")
    assert refused.value.code == "decided"


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_requests_sent_at_once_one_waits(student: User) -> None:
    answers = at_once(*[lambda: ask_to_teach(user=student, motivation="Counting.")] * 6)
    assert sum(isinstance(answer, InstructorRequest) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Conflict)} == {"waiting"}


# --- The page, the API, the admin site ---


def test_person_asks_on_the_page(login: Login, student: User) -> None:
    client = login(student)
    assert "Send request" in client.get(PAGE).content.decode()
    assert "error-summary" in client.post(PAGE, {"motivation": " "}).content.decode()
    page = client.post(PAGE, {"motivation": "Counting <b>well</b>."}, follow=True).content.decode()
    assert "Request sent." in page
    assert "Counting &lt;b&gt;well" in page
    assert "Send request" not in page
    assert (
        "waits for an answer already"
        in client.post(PAGE, {"motivation": "Again."}, follow=True).content.decode()
    )
    assert InstructorRequest.objects.count() == 1


def test_instructor_is_led_to_the_courses(login: Login, instructor: User) -> None:
    page = login(instructor).get(PAGE).content.decode()
    assert "You can make courses." in page
    assert "Send request" not in page


def test_api_takes_requests_and_no_decisions(
    api: Callable[..., APIClient], student: User, instructor: User, admin_user: User
) -> None:
    client = api(student)
    made = client.post(API, {"motivation": "Counting."}, format="json")
    assert (made.status_code, made.json()["status"]) == (201, "waiting")
    assert client.post(API, {"motivation": "Again."}, format="json").status_code == 409
    for field, value in (("status", "approved"), ("user", 1_000_000), ("answer", "Yes"), ("decided_by", 1)):
        answer = client.post(API, {"motivation": "Counting.", field: value}, format="json")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    row = f"{API}{made.json()['id']}/"
    assert [api(user).get(API).json()["count"] for user in (student, instructor, admin_user)] == [1, 0, 1]
    assert api(instructor).get(row).status_code == 404
    for user in (student, admin_user):
        assert api(user).patch(row, {"status": "approved"}, format="json").status_code == 405
        assert api(user).delete(row).status_code == 405


def test_administrator_decides_on_the_page_of_the_request(
    login: Login, student: User, admin_user: User
) -> None:
    row = ask_to_teach(user=student, motivation="Counting.")
    client, address = login(admin_user), f"/admin/accounts/instructorrequest/{row.pk}/change/"
    assert "Counting." in client.get(address).content.decode()
    for wrong in ({"decision": "decline", "answer": ""}, {"decision": "", "answer": "Hm."}):
        assert client.post(address, wrong).status_code == 200
    client.post(address, {"decision": "decline", "answer": "Not now."})
    row.refresh_from_db()
    assert (row.status, row.answer) == ("declined", "Not now.")
    assert len(mail.outbox) == 1
    assert 'name="decision"' not in client.get(address).content.decode()
    assert client.post(address, {"decision": "approve", "answer": ""}).status_code == 403
    row.refresh_from_db()
    assert row.status == "declined"


def test_administrator_approves_several_in_the_list(login: Login, student: User, admin_user: User) -> None:
    row = ask_to_teach(user=student, motivation="Counting.")
    client: Any = login(admin_user)
    for _twice in range(2):
        client.post(
            "/admin/accounts/instructorrequest/",
            {"action": "approve", "_selected_action": [row.pk], "index": "0"},
        )
    assert User.objects.get(pk=student.pk).is_instructor
    assert len(mail.outbox) == 1


def test_instructors_find_no_requests_in_the_admin(login: Login, student: User, instructor: User) -> None:
    row = ask_to_teach(user=student, motivation="Counting.")
    client = login(instructor)
    assert client.get("/admin/accounts/instructorrequest/").status_code == 403
    assert client.get(f"/admin/accounts/instructorrequest/{row.pk}/change/").status_code in {403, 404}

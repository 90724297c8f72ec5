"""Helpers, invitations, join codes and payments in the API: each role, the assistant and the co-instructor too."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import User
from courses.invitations import invite
from courses.join_codes import make_join_code
from courses.models import Course, CourseEnrollment, CourseHelper, CourseInvitation, CourseJoinCode, Payment
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, HelperFactory, PaymentFactory, make_course

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
# Nobody; a student in nothing, with a payment pending, with an open place; the owner, the co-instructor and the
# assistant of the course, another course's instructor, an administrator.
ROLES = ("AN", "SN", "SU", "SP", "IO", "CO", "TA", "IX", "AD")


@pytest.fixture
def world(course: Course, student: User, instructor: User, other_instructor: User, admin_user: User) -> Any:
    pending = EnrollmentFactory(course=course, payment_status="pending")
    place = EnrollmentFactory(course=course)
    co, assistant = HelperFactory(course=course, role="co_instructor"), HelperFactory(course=course)
    people = {
        "SN": student, "SU": pending.student, "SP": place.student, "IO": instructor, "CO": co.user,
        "TA": assistant.user, "IX": other_instructor, "AD": admin_user,
    }  # fmt: skip
    return {
        "people": people,
        "course": course,
        "course-helpers": assistant,
        "course-invitations": invite(course=course, email="a@example.org", role="student", by=instructor),
        "course-join-codes": make_join_code(course=course, by=instructor),
        "payments": PaymentFactory(enrollment=place),
    }


def statuses(text: str) -> dict[str, int]:
    return dict(zip(ROLES, map(int, text.split()), strict=True))


SEEN = {
    "course-helpers": {"SP", "IO", "CO", "TA", "AD"},
    "course-invitations": {"IO", "CO", "TA", "AD"},
    "course-join-codes": {"IO", "CO", "TA", "AD"},
    "payments": {"SP", "AD"},
}


@pytest.mark.parametrize("key", [False, True])
@pytest.mark.parametrize("table", SEEN)
def test_each_role_lists_and_reads_its_rows(api: Api, world: Any, table: str, key: bool) -> None:
    for role in ROLES:
        client = api(world["people"].get(role), key=key and role != "AN")
        answer = client.get(f"{ROOT}{table}/")
        if role == "AN":
            assert answer.status_code == 401
            continue
        listed = world[table].pk in {row["id"] for row in answer.json()["results"]}
        assert listed == (role in SEEN[table]), role
        detail = client.get(f"{ROOT}{table}/{world[table].pk}/")
        assert detail.status_code == (200 if listed else 404), role
        assert not {"token", "token_hash"} & detail.json().keys()


CREATE = {
    "course-helpers": ("user", statuses("401 403 403 403 400 403 403 403 201")),
    "course-invitations": ("email", statuses("401 403 403 403 201 409 403 403 409")),
    "helper-invitation": ("email", statuses("401 403 403 403 201 403 403 403 409")),
    "course-join-codes": ("", statuses("401 403 403 403 201 201 403 403 201")),
    "payments": ("", statuses("405 405 405 405 405 405 405 405 405")),
}


@pytest.mark.parametrize("name", CREATE)
def test_each_role_creates_what_it_may(api: Api, world: Any, name: str) -> None:
    table = name if name in SEEN else "course-invitations"
    _field, expected = CREATE[name]
    body: dict[str, Any] = {"course": world["course"].pk}
    if name == "course-helpers":
        body |= {"user": UserFactory().pk, "role": "assistant"}
    elif table == "course-invitations":
        body |= {"email": "new@example.org", "role": "student" if name == table else "assistant"}
    for role in ROLES:
        sent = len(mail.outbox)
        answer = api(world["people"].get(role)).post(f"{ROOT}{table}/", body, format="json")
        assert answer.status_code == expected[role], (role, answer.content)
        assert len(mail.outbox) == sent + (answer.status_code == 201 and table == "course-invitations")
    refused = api(world["people"]["AD"], key=True).post(f"{ROOT}{table}/", body, format="json")
    assert refused.status_code in (403, 405), "an administrator's key only reads"


DELETE = {
    "course-helpers": statuses("401 404 404 403 204 403 204 404 204"),
    "course-invitations": statuses("401 404 404 404 204 204 403 404 204"),
    "course-join-codes": statuses("401 404 404 404 204 204 403 404 204"),
    "payments": statuses("405 405 405 405 405 405 405 405 405"),
}


@pytest.mark.parametrize("table", DELETE)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_ends_what_it_may(api: Api, world: Any, table: str, role: str) -> None:
    answer = api(world["people"].get(role)).delete(f"{ROOT}{table}/{world[table].pk}/")
    assert answer.status_code == DELETE[table][role], answer.content
    ended = {
        "course-helpers": not CourseHelper.objects.filter(pk=world["course-helpers"].pk).exists(),
        "course-invitations": CourseInvitation.objects.filter(revoked_at__isnull=False).exists(),
        "course-join-codes": CourseJoinCode.objects.filter(is_active=False).exists(),
        "payments": not Payment.objects.exists(),
    }[table]
    assert ended == (answer.status_code == 204)


def test_owner_changes_a_role_and_nothing_else_of_it(api: Api, world: Any) -> None:
    url = f"{ROOT}course-helpers/{world['course-helpers'].pk}/"
    expected = statuses("401 404 404 403 200 403 403 404 200")
    for role in ROLES:
        client = api(world["people"].get(role))
        assert client.patch(url, {"role": "co_instructor"}, format="json").status_code == expected[role], role
        CourseHelper.objects.filter(pk=world["course-helpers"].pk).update(role="assistant")
    owner, admin = api(world["people"]["IO"]), api(world["people"]["AD"])
    foreign = make_course(slug="other", instructor=world["people"]["IO"])
    assert owner.patch(url, {"course": foreign.pk}, format="json").status_code == 400
    assert admin.patch(url, {"user": world["people"]["SN"].pk}, format="json").status_code == 400
    assert owner.patch(url, {"role": "owner"}, format="json").status_code == 400


def test_what_only_the_server_writes_is_refused(api: Api, world: Any) -> None:
    client, course = api(world["people"]["IO"]), world["course"].pk
    for table, body in (
        ("course-invitations", {"email": "x@example.org", "expires_at": "2999-01-01T00:00:00Z"}),
        ("course-invitations", {"email": "x@example.org", "invited_by": world["people"]["AD"].pk}),
        ("course-join-codes", {"code": "AAAAAAAAAA"}),
        ("course-join-codes", {"uses": 7}),
    ):
        answer = client.post(f"{ROOT}{table}/", {"course": course, **body}, format="json")
        assert answer.status_code == 400, (table, body)
        assert list(answer.json()["fields"]) == [list(body)[-1]]
    draft = make_course(slug="hidden", instructor=world["people"]["IX"], is_published=False)
    assert client.post(f"{ROOT}course-join-codes/", {"course": draft.pk}, format="json").status_code == 404


def test_invitation_is_sent_again_and_accepted_in_person(api: Api, world: Any) -> None:
    guest = UserFactory(email="a@example.org")
    url = f"{ROOT}course-invitations/{world['course-invitations'].pk}/resend/"
    expected = statuses("401 404 404 404 200 200 403 404 200")
    for role in ROLES:
        assert api(world["people"].get(role)).post(url).status_code == expected[role], role
    found = re.search(r"/invitations/([\w-]+)/", str(mail.outbox[-1].body))
    assert found
    accept, body = f"{ROOT}course-invitations/accept/", {"token": found.group(1)}
    assert api().post(accept, body, format="json").status_code == 401
    assert api(world["people"]["SN"]).post(accept, body, format="json").status_code == 404
    assert api(guest).post(accept, {"token": "unknown"}, format="json").status_code == 404
    assert api(guest, key=True).post(accept, body, format="json").json()["code"] == "missing_scope"
    for _time in range(2):
        assert api(guest).post(accept, body, format="json").status_code == 204
    assert CourseEnrollment.objects.filter(student=guest).count() == 1


def test_student_joins_by_a_code(api: Api, world: Any) -> None:
    student, url = world["people"]["SN"], f"{ROOT}course-enrollments/join/"
    code = world["course-join-codes"].code
    assert api().post(url, {"code": code}, format="json").status_code == 401
    answer = api(student).post(url, {"code": "AAAAAAAAAA"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_code")
    Course.objects.filter(pk=world["course"].pk).update(price=49)
    assert api(student, key=True).post(url, {"code": code}, format="json").json()["code"] == "missing_scope"
    Course.objects.filter(pk=world["course"].pk).update(price=0, enrollment_mode="invited")
    answer = api(student).post(f"{ROOT}course-enrollments/", {"course": world["course"].pk}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "by_invitation")
    answer = api(student, key=True).post(url, {"code": code.lower()}, format="json")
    assert (answer.status_code, answer.json()["payment_status"]) == (201, "free")
    assert api(student).post(url, {"code": code}, format="json").json()["code"] == "already_enrolled"
    world["course-join-codes"].refresh_from_db()
    assert world["course-join-codes"].uses == 1


@pytest.mark.parametrize("table", SEEN)
def test_lists_cost_the_same_however_long_they_are(api: Api, world: Any, table: str, statements: Any) -> None:
    client, course, counts = api(world["people"]["AD"], key=True), world["course"], []
    for turn in range(2):
        client.get(f"{ROOT}{table}/")
        with statements() as seen:
            assert client.get(f"{ROOT}{table}/").status_code == 200
        counts.append(len(seen))
        for number in range(4):
            HelperFactory(course=course)
            make_join_code(course=course, by=course.instructor)
            invite(course=course, email=f"{turn}{number}@example.org", role="student", by=course.instructor)
            PaymentFactory(enrollment__course=course)
    assert counts[0] == counts[1] <= 3, counts

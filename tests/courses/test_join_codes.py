"""Joining by a code, at any time and at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.join_codes import end_join_code, join_by_code, make_join_code
from courses.models import Course, CourseEnrollment, CourseJoinCode
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.courses.factories import HelperFactory
from tests.races import at_once, on_postgresql

Login = Callable[[User], Client]
Events = Callable[[], list[str]]


def last_token() -> str:
    """The token of the newest mail's link."""
    found = re.search(r"/invitations/([\w-]+)/", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(Conflict) as refused:
        act()
    return str(refused.value.code)


def closed(course: Course) -> Course:
    """The course, for invited students."""
    course.enrollment_mode = "invited"
    course.save()
    return course


# Join codes


def test_code_is_typed_in_any_way(course: Course, instructor: User, login: Login, events: Events) -> None:
    code = make_join_code(course=closed(course), by=instructor).code
    typed = f" {code[:3].lower()} {code[3:6]}-{code[6:].lower()} "
    student = UserFactory()
    client = login(student)
    answer = client.get("/join/", {"code": typed})
    assert answer["Location"] == f"/join/{code}/"
    assert "Counting for beginners" in client.get(answer["Location"]).content.decode()
    assert not CourseEnrollment.objects.exists(), "looking enrolls nobody"
    client.post(answer["Location"])
    assert CourseEnrollment.objects.get().student == student
    client.post(answer["Location"])
    assert CourseJoinCode.objects.get().uses == 1, "who is in already uses nothing up"
    assert [name for name in events() if "sign_in" not in name] == ["join_code.create", "enrollment.create"]
    assert Client().get(f"/join/{code}/")["Location"].startswith("/accounts/login/")


def test_every_code_that_opens_nothing_gets_the_same_answer(
    course: Course, instructor: User, student: User, login: Login
) -> None:
    now = timezone.now()
    ended = end_join_code(code=make_join_code(course=course, by=instructor), by=instructor)
    late = make_join_code(course=course, by=instructor, expires_at=now + timedelta(hours=1))
    CourseJoinCode.objects.filter(pk=late.pk).update(expires_at=now - timedelta(seconds=1))
    full = make_join_code(course=course, by=instructor, max_uses=1)
    join_by_code(text=full.code, student=UserFactory())
    draft = make_join_code(course=Course.objects.create(
        title="Draft", slug="draft", description="x", level="Beginner", category="x", duration_weeks=1,
        instructor=instructor), by=instructor)  # fmt: skip
    client, pages = login(student), set()
    for text in (ended.code, late.code, full.code, draft.code, "AAAAAAAAAA"):
        assert refusal(lambda text=text: join_by_code(text=text, student=student)) == "unknown_code"
        answer = client.get(f"/join/{text}/")
        assert answer.status_code == 404
        body = answer.content.decode().replace(text, "")
        pages.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"|[0-9A-F]{8}', "", body))
        assert client.post(f"/join/{text}/").status_code == 404
    assert len(pages) == 1
    assert not student.enrollments.exists()


def test_guessing_codes_is_slowed_down(student: User, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projectgenius.tries.time", SimpleNamespace(time=lambda: 90.0))  # one minute for all
    client = login(student)
    answers = {client.get(f"/join/AAAAAAAA{number:02}/").status_code for number in range(31)}
    assert answers == {404, 429}


def test_only_who_teaches_makes_and_ends_codes(
    course: Course, instructor: User, other_instructor: User
) -> None:
    code = make_join_code(course=course, by=instructor)
    for user in (other_instructor, UserFactory(), HelperFactory(course=course).user):
        with pytest.raises(PermissionDenied):
            make_join_code(course=course, by=user)
        with pytest.raises(PermissionDenied):
            end_join_code(code=code, by=user)
    for wrong in ({"max_uses": 0}, {"expires_at": timezone.now() - timedelta(hours=1)}):
        with pytest.raises(ValidationError):
            make_join_code(course=course, by=instructor, **wrong)  # type: ignore[arg-type]


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_code_for_three_lets_in_three_of_twelve_at_once(course: Course, instructor: User) -> None:
    code = make_join_code(course=course, by=instructor, max_uses=3)
    students = [UserFactory() for _number in range(12)]
    results = at_once(*[lambda one=one: join_by_code(text=code.code, student=one) for one in students])
    assert [one.code for one in results if isinstance(one, Conflict)] == ["unknown_code"] * 9
    code.refresh_from_db()
    assert (code.uses, CourseEnrollment.objects.count()) == (3, 3)

"""The log of what was done: what stands in it, what does not, and that nobody changes it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve

from accounts.audit import record_event, record_refusal
from accounts.models import AuditEvent, AuditOrigin, User
from accounts.requests_to_teach import ask_to_teach
from projectgenius.request_facts import RequestFacts, end_current_request, set_current_request
from tests.courses.factories import CertificateFactory, PaymentFactory, make_course
from tests.races import on_postgresql

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


@pytest.fixture
def in_a_request() -> Any:
    token = set_current_request(RequestFacts("1A2B3C4D", "2001:db8::7", "Browser/1.0"))
    yield
    end_current_request(token)


@pytest.mark.usefixtures("in_a_request")
def test_event_says_who_what_where_and_why(student: User, admin_user: User) -> None:
    record_event(
        "grade.change",
        actor=admin_user,
        on_behalf_of=student,
        row=student,
        course_id=7,
        before={"grade": 1},
        after={"grade": 2},
        reason="Counted again",
    )
    event = AuditEvent.objects.get()
    assert (event.actor_id, event.on_behalf_of_id, event.course_id) == (admin_user.pk, student.pk, 7)
    assert (event.table, event.row_id, event.request_id) == ("users", str(student.pk), "1A2B3C4D")
    assert (event.before, event.after, event.reason) == ({"grade": 1}, {"grade": 2}, "Counted again")
    assert (event.origin.address, event.origin.user_agent) == ("2001:db8::7", "Browser/1.0")
    assert str(event) == f"grade.change users {student.pk}"


def test_event_of_the_system_has_neither_actor_nor_origin() -> None:
    event = record_event("backup.make", table="backups", row_id=3)
    assert (event.actor_id, event.request_id, event.row_id) == (None, "", "3")
    assert (event.before, event.after) == (None, None)
    assert not AuditOrigin.objects.exists()


def test_event_goes_with_the_change_that_it_tells_of(student: User) -> None:
    with transaction.atomic():
        record_event("user.change", actor=student, row=student)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


def test_event_is_never_changed_or_deleted(student: User) -> None:
    event = record_event("user.change", actor=student)
    event.reason = "Another reason"
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    assert AuditEvent.objects.get().reason == ""


@on_postgresql
@pytest.mark.parametrize("statement", ["UPDATE audit_log SET reason = 'x'", "DELETE FROM audit_log"])
def test_database_refuses_to_change_the_log(student: User, statement: str) -> None:
    record_event("user.change", actor=student)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get().reason == ""


@on_postgresql
def test_origin_may_be_deleted_while_the_event_stays(student: User, in_a_request: None) -> None:
    record_event("user.change", actor=student)
    AuditOrigin.objects.all().delete()
    assert AuditEvent.objects.count() == 1


def refused(path: str, user: Any) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user
    request.resolver_match = resolve(path)
    return request


@pytest.mark.parametrize(
    ("path", "table", "row_id", "rest"),
    [
        ("/courses/counting/lessons/7/", "lessons", "7", {"address": {"slug": "counting"}}),
        ("/courses/counting/", "courses", "", {"address": {"slug": "counting"}}),
        ("/admin/accounts/user/7/change/", "users", "7", {}),
        ("/admin/accounts/user/", "users", "", {}),
        ("/admin/courses/course/7/students/", "courses", "7", {}),
        ("/admin/courses/course/7/students/9/", "courses", "7", {"address": {"enrollment": "9"}}),
        ("/api/v1/course-enrollments/7/", "course_enrollments", "7", {}),
        ("/api/v1/course-enrollments/", "course_enrollments", "", {}),
    ],
)
def test_refusal_names_person_table_and_row(
    *, path: str, table: str, row_id: str, rest: dict[str, Any], student: User
) -> None:
    record_refusal(refused(path, student), 403)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_id) == ("access.refuse", student.pk)
    assert (event.table, event.row_id) == (table, row_id)
    assert event.after == {"status": 403, "method": "GET", "view": resolve(path).view_name, **rest}


def test_refused_create_names_the_parent(
    api: Callable[..., Any], other_instructor: User, instructor: User
) -> None:
    hidden = make_course(slug="hidden", instructor=instructor, is_published=False)
    shown = make_course(slug="shown", instructor=instructor)
    for course, status in ((hidden, 404), (shown, 403)):
        body = {"course": course.pk, "title": "Mine"}
        assert api(other_instructor).post("/api/v1/modules/", body, format="json").status_code == status
        event = AuditEvent.objects.latest("id")
        assert (event.action, event.table, event.row_id) == ("access.refuse", "courses", str(course.pk))
        assert event.after == {"status": status, "method": "POST", "view": "api-modules-list"}


def test_refused_list_of_the_admin_is_logged(login: Login, instructor: User) -> None:
    assert login(instructor).get("/admin/accounts/user/").status_code == 403
    event = AuditEvent.objects.get(action="access.refuse")
    assert (event.actor_id, event.table, event.row_id) == (instructor.pk, "users", "")


def test_refusal_asks_the_database_nothing(student: User, statements: Any) -> None:
    request = refused("/courses/counting/lessons/7/", student)
    with statements() as seen:
        record_refusal(request, 403)
    assert len(seen) == 1  # the line itself


def test_administrators_look_at_a_person_is_logged_at_every_door(
    *, api: Callable[..., Any], login: Login, admin_user: User, instructor: User, enrolled_student: User
) -> None:
    place = enrolled_student.enrollments.get()
    course, person = place.course_id, enrolled_student.pk
    payment = PaymentFactory(enrollment=place)
    asked = ask_to_teach(user=enrolled_student, motivation="Counting.")
    progress = place.module_progress.create(module=place.course.modules.first())
    certificate = CertificateFactory(enrollment=place)
    doors = [
        (api, f"/api/v1/users/{person}/"),
        (api, f"/api/v1/course-enrollments/{place.pk}/"),
        (api, f"/api/v1/module-progress/{progress.pk}/"),
        (api, f"/api/v1/certificates/{certificate.pk}/"),
        (api, f"/api/v1/payments/{payment.pk}/"),
        (api, f"/api/v1/instructor-requests/{asked.pk}/"),
        (login, f"/payments/{payment.pk}/"),
        (login, f"/admin/courses/payment/{payment.pk}/change/"),
        (login, f"/admin/accounts/instructorrequest/{asked.pk}/change/"),
        (login, f"/admin/accounts/user/{person}/change/"),
        (login, f"/admin/courses/courseenrollment/{place.pk}/change/"),
        (login, f"/admin/courses/course/{course}/students/{place.pk}/"),
    ]
    for number, (browser, path) in enumerate(doors, 1):
        assert browser(admin_user).get(path).status_code == 200
        reads = AuditEvent.objects.filter(action="personal_data.read")
        assert reads.count() == number, path
        latest = reads.latest("id")
        assert (latest.actor_id, latest.table, latest.row_id) == (admin_user.pk, "users", str(person))
        if not any(word in path for word in ("accounts/", "payment", "instructor-requests")):
            assert browser(instructor).get(path).status_code == 200
    api(admin_user).get(f"/api/v1/users/{admin_user.pk}/")
    assert AuditEvent.objects.filter(action="personal_data.read").count() == len(doors)


def test_refusals_without_a_row_or_a_person_are_left_out(student: User) -> None:
    from django.contrib.auth.models import AnonymousUser

    record_refusal(refused("/home/", student), 403)
    record_refusal(refused("/courses/counting/", AnonymousUser()), 404)
    record_refusal(RequestFactory().get("/nowhere/"), 404)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("number", ["%00", "A%00B", "x" * 300, "%F0%9F%98%80", "%D0%96"])
def test_any_address_can_be_refused_and_logged(login: Login, student: User, number: str) -> None:
    assert login(student).get(f"/verify/{number}/").status_code == 404
    assert AuditEvent.objects.filter(action="access.refuse").count() == 1


def test_numbers_of_requests_are_the_same_in_answer_and_log(login: Login, student: User) -> None:
    answer = login(student).get("/courses/nothing/")
    event = AuditEvent.objects.latest("id")
    assert event.request_id == answer.headers["X-Request-ID"]
    assert login(student).get("/courses/nothing/").headers["X-Request-ID"] != event.request_id

"""Places, marks, progress and proofs in the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from assessments.models import Quiz
from courses.models import Certificate, Course, Lesson, LessonCompletion, PaymentStatus
from courses.progress import complete_lesson
from projectgenius import tries
from tests.accounts.factories import UserFactory
from tests.courses.factories import CertificateFactory, CompletionFactory, CourseFactory, EnrollmentFactory

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
PLACES, MARKS, PROOFS = f"{ROOT}course-enrollments/", f"{ROOT}lesson-completions/", f"{ROOT}certificates/"
VERIFY = f"{PROOFS}verify/"


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return Lesson.objects.get(module__course=course, title="Lesson 2.1")


# --- Enrollments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("price", "status"), [(0, "free"), (10, "pending")])
def test_server_sets_student_and_payment(api: Api, student: User, price: int, status: str) -> None:
    course = CourseFactory(price=price)
    answer = api(student).post(PLACES, {"course": course.pk}, format="json")
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["student"], shown["payment_status"], shown["progress"]) == (student.pk, status, "0.00")
    assert shown["course_title"] == course.title


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("student", 1_000_000),
        ("payment_status", "paid"),
        ("progress", "100.00"),
        ("completed_at", "2030-01-01T00:00:00Z"),
        ("certificate_issued", True),
        ("enrolled_at", "2020-01-01T00:00:00Z"),
        ("withdrawn_at", "2020-01-01T00:00:00Z"),
        ("last_accessed", "2020-01-01T00:00:00Z"),
    ],
)
def test_student_sets_nothing_but_the_course(
    api: Api, student: User, course: Course, field: str, value: Any
) -> None:
    answer = api(student).post(PLACES, {"course": course.pk, field: value}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not student.enrollments.exists()


def test_leaving_keeps_the_place_and_closes_it(
    api: Api, course: Course, enrolled_student: User, lesson: Lesson
) -> None:
    client, place = api(enrolled_student), course.enrollments.get()
    complete_lesson(lesson=lesson, student=enrolled_student)
    assert client.delete(f"{PLACES}{place.pk}/").status_code == 204
    assert client.get(f"{ROOT}lessons/{lesson.pk}/").json()["code"] == "not_enrolled"
    assert client.get(f"{PLACES}{place.pk}/").json()["withdrawn_at"] is not None
    back = client.post(PLACES, {"course": course.pk}, format="json")
    assert (back.status_code, back.json()["id"], back.json()["progress"]) == (201, place.pk, "25.00")
    assert client.get(f"{ROOT}lessons/{lesson.pk}/").status_code == 200


def test_instructor_ends_a_place_and_it_is_logged(api: Api, course: Course, enrolled_student: User) -> None:
    place = course.enrollments.get()
    assert api(course.instructor, key=True).delete(f"{PLACES}{place.pk}/").status_code == 204
    place.refresh_from_db()
    assert place.withdrawn_at is not None


def test_key_enrolls_in_free_courses_only(api: Api, student: User, course: Course) -> None:
    client, priced = api(student, key=True), CourseFactory(price=5)
    assert client.post(PLACES, {"course": course.pk}, format="json").status_code == 201
    answer = client.post(PLACES, {"course": priced.pk}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    place = EnrollmentFactory(student=student, course=priced, payment_status=PaymentStatus.PAID)
    assert client.delete(f"{PLACES}{place.pk}/").json()["code"] == "missing_scope"
    place.refresh_from_db()
    assert place.withdrawn_at is None


def test_places_are_narrowed(api: Api, course: Course, enrolled_student: User) -> None:
    done = EnrollmentFactory(course=course, completed_at=timezone.now())
    left = EnrollmentFactory(course=course, withdrawn_at=timezone.now(), payment_status="refunded")
    EnrollmentFactory()
    client = api(course.instructor)
    for query, expected in {
        "is_completed=true": {done.pk},
        "is_withdrawn=true": {left.pk},
        "payment_status=refunded": {left.pk},
        f"student={done.student_id}": {done.pk},
        f"course={course.pk}&is_completed=false&is_withdrawn=false": {enrolled_student.enrollments.get().pk},
    }.items():
        assert {row["id"] for row in client.get(f"{PLACES}?{query}").json()["results"]} == expected, query


# --- Completions ----------------------------------------------------------------------------------------


def test_marking_is_idempotent_and_moves_the_progress(
    api: Api, course: Course, enrolled_student: User, lesson: Lesson
) -> None:
    client = api(enrolled_student, key=True)
    first = client.post(MARKS, {"lesson": lesson.pk}, format="json")
    again = client.post(MARKS, {"lesson": lesson.pk}, format="json")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert client.get(PLACES).json()["results"][0]["progress"] == "25.00"
    rows = client.get(f"{ROOT}module-progress/?course={course.pk}").json()["results"]
    assert [(row["module"], row["progress"]) for row in rows] == [(lesson.module_id, "50.00")]
    assert client.delete(f"{MARKS}{first.json()['id']}/").status_code == 204
    assert client.get(PLACES).json()["results"][0]["progress"] == "0.00"
    assert not LessonCompletion.objects.exists()


def test_mark_is_ones_own_and_now(api: Api, enrolled_student: User, lesson: Lesson) -> None:
    for field, value in {"student": 1_000_000, "completed_at": "2020-01-01T00:00:00Z", "id": 5}.items():
        answer = api(enrolled_student).post(MARKS, {"lesson": lesson.pk, field: value}, format="json")
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field]


def test_quiz_lesson_is_completed_by_its_result(
    api: Api, course: Course, enrolled_student: User, lesson: Lesson
) -> None:
    Lesson.objects.filter(pk=lesson.pk).update(content_type="quiz")
    Quiz.objects.create(course=course, lesson=lesson, title="Quiz", is_published=True, passing_score=50)
    answer = api(enrolled_student).post(MARKS, {"lesson": lesson.pk}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "completed_by_result")


def test_nobody_undoes_somebody_elses_mark(
    api: Api, course: Course, enrolled_student: User, lesson: Lesson
) -> None:
    mark = CompletionFactory(student=enrolled_student, lesson=lesson)
    classmate = EnrollmentFactory(course=course).student
    assert api(classmate).delete(f"{MARKS}{mark.pk}/").status_code == 404
    assert api(course.instructor).delete(f"{MARKS}{mark.pk}/").status_code == 403
    assert LessonCompletion.objects.filter(pk=mark.pk).exists()


def test_refund_closes_marking_at_the_next_request(
    api: Api, course: Course, enrolled_student: User, lesson: Lesson
) -> None:
    client = api(enrolled_student)
    course.enrollments.update(payment_status=PaymentStatus.REFUNDED)
    assert client.post(MARKS, {"lesson": lesson.pk}, format="json").status_code == 403


# --- Certificates ---------------------------------------------------------------------------------------


def test_completing_the_course_gives_a_certificate_that_anyone_can_verify(
    api: Api, course: Course, enrolled_student: User
) -> None:
    client = api(enrolled_student)
    for one in Lesson.objects.published():
        client.post(MARKS, {"lesson": one.pk}, format="json")
    proof = client.get(PROOFS).json()["results"][0]
    assert (proof["course"], proof["student"]) == (course.pk, enrolled_student.pk)
    shown = api().get(f"{VERIFY}{proof['code']}/")
    assert shown.status_code == 200
    assert shown.json() == {
        "code": proof["code"],
        "is_revoked": False,
        "holder_name": enrolled_student.display_name,
        "course_title": course.title,
        "instructor_name": course.instructor.display_name,
        "hours": 1,
        "issued_at": proof["issued_at"],
        "statement": "",
        "reissued_at": None,
        "revoked_at": None,
        "revoked_reason": "",
    }


def test_code_is_read_as_people_type_it(api: Api) -> None:
    proof = CertificateFactory(code="ABCD-EFGH-JKLM-2345")
    for typed in ("abcdefghjklm2345", "ABCD EFGH JKLM 2345", "abcd-efgh-jklm-2345"):
        assert api().get(f"{VERIFY}{typed}/").json()["code"] == proof.code


def test_revoked_certificate_says_so_with_the_reason(api: Api) -> None:
    proof = CertificateFactory(revoked_at=timezone.now(), revoked_reason="Somebody else sat the exam.")
    shown = api().get(f"{VERIFY}{proof.code}/").json()
    assert (shown["is_revoked"], shown["revoked_reason"]) == (True, "Somebody else sat the exam.")


@pytest.mark.parametrize("code", ["AAAA-AAAA-AAAA-AAAA", "x", "%00", "é", "9" * 500])
def test_unknown_code_is_not_found(api: Api, code: str) -> None:
    answer = api().get(f"{VERIFY}{code}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_codes_cannot_be_found_by_trying(api: Api, student: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "TRIES", 3)
    proof = CertificateFactory()
    clients = [api(), api(student), api(UserFactory()), api()]
    answers = [client.get(f"{VERIFY}{proof.code}/") for client in clients]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert Certificate.objects.count() == 1

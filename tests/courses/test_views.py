"""What the pages of courses and lessons say and do. Who gets which status: `tests/test_access_matrix.py`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEvent, User
from courses.models import Course, CourseEnrollment, Lesson, LessonCompletion, Module, PaymentStatus
from courses.progress import complete_lesson
from tests.courses.factories import (
    CourseFactory,
    LessonFactory,
    ModuleFactory,
    ResourceFactory,
    make_course,
)

Login = Callable[[User], Client]
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COURSE = "/courses/counting/"


def lesson_url(lesson: Lesson, act: str = "") -> str:
    return f"{COURSE}lessons/{lesson.pk}/{act}"


def said(answer: HttpResponse) -> list[str]:
    """The messages that the next page will show."""
    return [str(message) for message in get_messages(answer.wsgi_request)]  # type: ignore[attr-defined]


# --- The catalogue ---


def test_catalogue_lists_published_courses_with_the_newest_first(client: Client, db: None) -> None:
    for number in range(14):
        CourseFactory(title=f"Course {number}")
    CourseFactory(title="Secret", is_published=False)
    page = client.get("/courses/")
    assert [course.title for course in page.context["page_obj"]] == [
        f"Course {number}" for number in range(13, 1, -1)
    ]
    assert "14 courses" in page.content.decode()
    second = client.get("/courses/?page=2")
    assert [course.title for course in second.context["page_obj"]] == ["Course 1", "Course 0"]


@pytest.mark.parametrize("page", ["", "0", "-1", "99", "x", "1" * 400, "\0"])
def test_any_page_number_is_answered(client: Client, course: Course, page: str) -> None:
    answer = client.get("/courses/", {"page": page})
    assert answer.status_code == 200
    assert course.title in answer.content.decode()


def test_filters_stay_in_the_links_of_the_pages(client: Client, db: None) -> None:
    for _number in range(13):
        CourseFactory(category="Music & Dance")
    page = client.get("/courses/?category=Music+%26+Dance&sort=title").content.decode()
    assert "category=Music+%26+Dance&amp;sort=title&amp;page=2" in page


def test_values_that_are_not_offered_show_all_courses(client: Client, course: Course) -> None:
    answer = client.get("/courses/?level=hard&q=zzz")
    assert answer.status_code == 200
    assert course.title in answer.content.decode()


def test_search_that_finds_nothing_says_so(client: Client, course: Course) -> None:
    page = client.get("/courses/?q=<script>alert(1)</script>").content.decode()
    assert "No courses match" in page
    assert "<script>alert" not in page


# --- A course's page ---


def test_course_page_shows_each_where_they_stand(
    client: Client, login: Login, course: Course, enrollment: CourseEnrollment, student: User
) -> None:
    anonymous = client.get(COURSE).content.decode()
    assert f"/accounts/signup/?next={quote(COURSE)}" in anonymous
    assert "Draft lesson" not in anonymous
    newcomer = login(student).get(COURSE).content.decode()
    assert f'action="{COURSE}enroll/"' in newcomer
    enrolled = login(enrollment.student).get(COURSE).content.decode()
    assert "Start the first lesson" in enrolled
    assert "0 of 4 lessons done" in enrolled
    CourseEnrollment.objects.update(withdrawn_at=NOON)
    assert "Come back to this course" in login(enrollment.student).get(COURSE).content.decode()


def test_teachers_course_page_shows_drafts(login: Login, course: Course, admin_user: User) -> None:
    for user in (course.instructor, admin_user):
        page = login(user).get(COURSE).content.decode()
        assert "Draft lesson" in page
        assert f"/admin/courses/course/{course.pk}/build/" in page


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("pending", "Your place is reserved. The lessons open when the payment is recorded."),
        ("failed", "The payment didn’t go through, so the lessons are closed. Your progress is kept."),
        ("refunded", "The price was paid back, so the lessons are closed. Your progress is kept."),
    ],
)
def test_waiting_student_is_told_why_the_lessons_are_closed(
    login: Login, enrollment: CourseEnrollment, lessons: list[Lesson], status: str, sentence: str
) -> None:
    CourseEnrollment.objects.update(payment_status=status)
    client = login(enrollment.student)
    assert sentence in client.get(COURSE).content.decode()
    locked = client.get(lesson_url(lessons[1]))
    assert locked.status_code == 403
    assert sentence in locked.content.decode()


def test_hostile_texts_of_a_course_are_shown_as_texts(client: Client, db: None) -> None:
    attack = "<script>alert(1)</script>"
    course = CourseFactory(
        title=attack,
        outcome=attack,
        description=f"{attack} [x](javascript:alert(1))",
        outcomes=attack,
        audience=attack,
        requirements=attack,
        cover_image="https://elsewhere.example/x.png",
        instructor__full_name=attack,
        instructor__bio=attack,
    )
    LessonFactory(module__course=course, module__title=attack, title=attack)
    page = client.get(course.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    assert "elsewhere.example" not in page, "no picture of another site"


@pytest.mark.parametrize("hidden", ["course", "module", "lesson"])
def test_what_is_unpublished_is_not_found(
    client: Client, login: Login, enrollment: CourseEnrollment, lessons: list[Lesson], hidden: str
) -> None:
    rows: dict[str, Any] = {"course": Course, "module": Module, "lesson": Lesson}
    rows[hidden].objects.update(is_published=False)
    CourseEnrollment.objects.update(progress=50)
    for browser in (client, login(enrollment.student)):
        assert browser.get(lesson_url(lessons[0])).status_code == 404
        assert lessons[0].title not in browser.get("/courses/?q=Lesson").content.decode()
        if hidden == "course":
            assert browser.get(COURSE).status_code == 404
        else:
            assert lessons[0].title not in browser.get(COURSE).content.decode()
    student = login(enrollment.student)
    for act in ("complete/", "undo/"):
        assert student.post(lesson_url(lessons[0], act)).status_code == 404
    assert not LessonCompletion.objects.exists()


# --- Enrolling ---


def test_student_enrolls_and_lands_on_the_first_lesson(
    login: Login, student: User, course: Course, lessons: list[Lesson]
) -> None:
    client = login(student)
    answer = client.post(f"{COURSE}enroll/", follow=True)
    assert [place for place, _status in answer.redirect_chain] == [
        f"{COURSE}continue/",
        lesson_url(lessons[0]),
    ]
    assert "You’re enrolled." in answer.content.decode()
    assert CourseEnrollment.objects.get().payment_status == PaymentStatus.FREE


def test_student_who_enrolls_twice_is_told_so(login: Login, enrollment: CourseEnrollment) -> None:
    answer = login(enrollment.student).post(f"{COURSE}enroll/")
    assert answer.headers["Location"] == COURSE
    assert said(answer) == ["You are enrolled in this course already."]
    assert CourseEnrollment.objects.count() == 1


def test_place_in_a_priced_course_is_reserved(login: Login, student: User) -> None:
    course = make_course(price="49.00", slug="priced")
    answer = login(student).post("/courses/priced/enroll/")
    assert answer.headers["Location"] == course.get_absolute_url()
    assert said(answer) == ["Your place is reserved. The lessons open when the payment is recorded."]


def test_instructor_cannot_enroll_in_the_own_course(login: Login, course: Course) -> None:
    answer = login(course.instructor).post(f"{COURSE}enroll/")
    assert said(answer) == ["You teach this course, so you cannot enroll in it."]
    assert not CourseEnrollment.objects.exists()


def test_visitor_is_sent_to_sign_in_first(client: Client, course: Course) -> None:
    answer = client.post(f"{COURSE}enroll/")
    assert answer.headers["Location"] == f"/accounts/login/?next={quote(COURSE)}enroll/"


# --- Lessons ---


def test_locked_lesson_sends_a_visitor_to_sign_in_and_tells_others_why(
    client: Client, login: Login, lessons: list[Lesson], student: User
) -> None:
    url = lesson_url(lessons[1])
    assert client.get(f"{url}?from=mail").headers["Location"] == (
        f"/accounts/login/?next={quote(url)}%3Ffrom%3Dmail"
    )
    locked = login(student).get(url)
    assert locked.status_code == 403
    page = locked.content.decode()
    assert "This lesson is locked" in page
    assert "It opens when you enroll in the course." in page
    assert "One, " not in page, "nothing of the content"


def test_preview_is_open_and_keeps_its_resources(
    client: Client, login: Login, lessons: list[Lesson], student: User
) -> None:
    ResourceFactory(lesson=lessons[0], title="Reading list")
    page = client.get(lesson_url(lessons[0])).content.decode()
    assert "Counting</h2>" in page
    assert "You’re reading a free preview" in page
    assert "Reading list" not in page
    assert "Reading list" in login(student).get(lesson_url(lessons[0])).content.decode()
    assert not CourseEnrollment.objects.exists()


def test_lesson_of_another_course_is_not_found_under_this_address(
    login: Login, course: Course, admin_user: User
) -> None:
    other = LessonFactory()
    assert login(admin_user).get(f"{COURSE}lessons/{other.pk}/").status_code == 404


def test_opening_a_lesson_is_noted_for_students_alone(
    login: Login, enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    login(enrollment.course.instructor).get(lesson_url(lessons[1]))
    enrollment.refresh_from_db()
    assert enrollment.last_accessed is None
    login(enrollment.student).get(lesson_url(lessons[1]))
    enrollment.refresh_from_db()
    assert enrollment.last_accessed is not None
    assert enrollment.module_progress.get().module == lessons[1].module


def test_completing_leads_on_to_the_end(
    login: Login, enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    client = login(enrollment.student)
    seen = [client.post(lesson_url(lesson, "complete/")).headers["Location"] for lesson in lessons]
    assert seen == [*(lesson_url(lesson) for lesson in lessons[1:]), f"{COURSE}end/"]
    enrollment.refresh_from_db()
    assert enrollment.progress == 100
    page = client.get(f"{COURSE}end/").content.decode()
    assert "Course completed" in page
    assert enrollment.certificate.code in page
    assert client.get(f"{COURSE}continue/").headers["Location"] == f"{COURSE}end/"


def test_undoing_stays_on_the_lesson(
    login: Login, enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    complete_lesson(lesson=lessons[0], student=enrollment.student)
    client = login(enrollment.student)
    assert "Completed" in client.get(lesson_url(lessons[0])).content.decode()
    answer = client.post(lesson_url(lessons[0], "undo/"))
    assert answer.headers["Location"] == lesson_url(lessons[0])
    assert not LessonCompletion.objects.exists()


def test_preview_is_not_completed_without_a_place(login: Login, lessons: list[Lesson], student: User) -> None:
    answer = login(student).post(lesson_url(lessons[0], "complete/"))
    assert answer.headers["Location"] == lesson_url(lessons[0])
    assert said(answer) == ["Enroll in this course first."]


def test_student_with_all_but_one_lesson_done_sees_what_is_left(
    login: Login, enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    for lesson in lessons[1:]:
        complete_lesson(lesson=lesson, student=enrollment.student)
    page = login(enrollment.student).get(f"{COURSE}end/").content.decode()
    assert "Not finished yet" in page
    assert "3 of 4 lessons done" in page
    assert lesson_url(lessons[0]) in page
    assert lesson_url(lessons[1]) not in page


def test_draft_module_is_read_by_its_instructor(login: Login, course: Course) -> None:
    lesson = LessonFactory(module=ModuleFactory(course=course, is_published=False), title="Hidden")
    assert login(course.instructor).get(lesson_url(lesson)).status_code == 200


# --- Forms ---


@pytest.mark.parametrize("path", ["enroll/", "lessons/{pk}/complete/", "lessons/{pk}/undo/"])
def test_forms_need_the_sites_own_page(
    enrollment: CourseEnrollment, lessons: list[Lesson], path: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(enrollment.student)
    url = COURSE + path.format(pk=lessons[0].pk)
    assert strict.get(url).status_code == 405
    refused = strict.post(url)
    assert refused.status_code == 403
    assert "The form was too old to be sent" in refused.content.decode()
    assert not LessonCompletion.objects.exists()


# --- Resources ---


def resource_with_file(lesson: Lesson, name: str = "Übersicht 1.html") -> Any:
    return ResourceFactory(lesson=lesson, url="", file=ContentFile(b"<script>alert(1)</script>", name=name))


def test_file_is_handed_out_as_a_download_that_runs_nothing(
    login: Login, enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    resource = resource_with_file(lessons[1])
    answer = login(enrollment.student).get(f"/resources/{resource.pk}/")
    assert b"".join(answer) == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert ".html" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_file_of_a_draft_or_a_link_is_not_found(
    login: Login, enrollment: CourseEnrollment, draft_lesson: Lesson, lessons: list[Lesson], student: User
) -> None:
    client = login(enrollment.student)
    link = ResourceFactory(lesson=lessons[1])
    hidden = resource_with_file(draft_lesson)
    shown = resource_with_file(lessons[1])
    assert client.get(f"/resources/{link.pk}/").status_code == 404
    assert client.get(f"/resources/{hidden.pk}/").status_code == 404
    assert login(student).get(f"/resources/{shown.pk}/").status_code == 404
    assert Client().get(f"/resources/{shown.pk}/").headers["Location"].startswith("/accounts/login/")


def test_hostile_address_of_a_resource_is_no_link(
    login: Login, enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    ResourceFactory(lesson=lessons[1], url="javascript:alert(1)")
    page = login(enrollment.student).get(lesson_url(lessons[1])).content.decode()
    assert "javascript:" not in page


# --- Refusals ---


def test_refusals_of_a_row_are_logged(login: Login, lessons: list[Lesson], student: User) -> None:
    client = login(student)
    before = AuditEvent.objects.count()
    client.get(lesson_url(lessons[1]))
    client.get("/courses/nothing/")
    refusals = AuditEvent.objects.order_by("id")[before:]
    assert [(event.action, event.table, event.row_id, event.after["status"]) for event in refusals] == [
        ("access.refuse", "lessons", str(lessons[1].pk), 403),
        ("access.refuse", "courses", "", 404),
    ]
    assert [event.after["view"] for event in refusals] == ["courses:lesson_detail", "courses:course_detail"]
    assert {event.actor_id for event in refusals} == {student.pk}

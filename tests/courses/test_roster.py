"""The roster in the admin: what it shows, to whom, at what price; and the export."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from courses.models import Course, CourseEnrollment, CourseHelper, HelperRole, PaymentStatus
from courses.progress import complete_lesson
from courses.roster import Choice
from courses.roster_export import export_roster
from projectgenius.csv_files import safe_cell
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, make_course

Login = Callable[[User], Client]
Statements = Callable[[], AbstractContextManager[list[str]]]
PAGES = ("students", "students_progress", "students_export", "messages")


def address(course: Course, name: str = "students", *more: int) -> str:
    return reverse(f"admin:courses_course_{name}", args=[course.pk, *more])


def helper(course: Course, role: str) -> User:
    user = UserFactory(username=f"a_{role}")
    CourseHelper.objects.create(course=course, user=user, role=role)
    return user


def names(response: Any) -> list[str]:
    return [line.enrollment.student.username for line in response.context["roster"].lines]


@pytest.fixture
def people(course: Course) -> dict[str, CourseEnrollment]:
    """One student for each standing."""
    now = timezone.now()
    weeks_ago = now - timedelta(days=15)

    def place(name: str, **fields: Any) -> CourseEnrollment:
        return EnrollmentFactory(student=UserFactory(username=name), course=course, **fields)

    return {
        "fresh": place("fresh"),
        "busy": place("busy", progress=Decimal("75"), enrolled_at=weeks_ago, last_accessed=now),
        "away": place("away", progress=Decimal("50"), enrolled_at=weeks_ago, last_accessed=weeks_ago),
        "done": place("done", progress=Decimal(100), completed_at=now, last_accessed=now),
        "owes": place("owes", payment_status=PaymentStatus.PENDING),
        "gone": place("gone", withdrawn_at=now),
    }


@pytest.mark.parametrize("name", PAGES)
def test_each_role_opens_the_pages_that_it_may(
    *,
    name: str,
    course: Course,
    student: User,
    enrolled_student: User,
    instructor: User,
    other_instructor: User,
    admin_user: User,
    login: Login,
) -> None:
    co_instructor, assistant = helper(course, HelperRole.CO_INSTRUCTOR), helper(course, HelperRole.ASSISTANT)
    export = name == "students_export"
    expected = {
        student: 403,
        enrolled_student: 403,
        instructor: 200,
        co_instructor: 200,
        assistant: 403 if export else 200,
        other_instructor: 404,
        admin_user: 200,
    }
    for user, status in expected.items():
        response = login(user).get(address(course, name), follow=True)
        assert response.status_code == status, user.username
    assert Client().get(address(course, name)).status_code == 302


def test_student_of_another_course_is_not_found_here(
    course: Course, enrollment: CourseEnrollment, instructor: User, login: Login
) -> None:
    other = EnrollmentFactory(course=make_course(slug="other", instructor=instructor))
    client = login(instructor)
    assert client.get(address(course, "student", enrollment.pk)).status_code == 200
    assert client.get(address(course, "student", other.pk)).status_code == 404


@pytest.mark.parametrize(
    ("standing", "shown"),
    [
        ("", {"fresh", "busy", "away", "done", "owes", "gone"}),
        ("active", {"fresh", "busy", "away"}),
        ("not_started", {"fresh"}),
        ("behind", {"away"}),
        ("completed", {"done"}),
        ("pending", {"owes"}),
        ("left", {"gone"}),
        ("nonsense", {"fresh", "busy", "away", "done", "owes", "gone"}),
    ],
)
def test_roster_shows_who_stands_so(
    *,
    standing: str,
    shown: set[str],
    course: Course,
    people: Any,
    instructor: User,
    login: Login,
) -> None:
    response = login(instructor).get(address(course), {"standing": standing})
    assert set(names(response)) == shown
    counts = response.context["roster"].counts
    assert counts[standing if standing in counts else "all"] == len(shown)


def test_roster_is_searched_by_name_and_address(
    course: Course, people: Any, instructor: User, login: Login
) -> None:
    client = login(instructor)
    assert names(client.get(address(course), {"q": "AWAY"})) == ["away"]
    assert names(client.get(address(course), {"q": "busy@example"})) == ["busy"]
    assert names(client.get(address(course), {"q": "busy away"})) == []
    assert "nobody" in client.get(address(course), {"q": "%"}).content.decode().lower()
    assert client.get(address(course), {"q": "a\0b" + "x" * 500}).status_code == 200


@pytest.mark.parametrize("sort", ["progress", "email", "enrolled", "opened", "name"])
def test_roster_is_sorted_both_ways(
    sort: str, course: Course, people: Any, instructor: User, login: Login
) -> None:
    client = login(instructor)
    up = names(client.get(address(course), {"sort": sort}))
    down = names(client.get(address(course), {"sort": f"-{sort}"}))
    assert sorted(up) == sorted(down) == sorted(people)
    assert up != down
    if sort == "progress":
        assert (up[-1], down[0]) == ("done", "done")
    if sort == "opened":
        assert {*up[-3:]} == {*down[-3:]} == {"fresh", "owes", "gone"}


def test_roster_does_not_sort_by_what_is_hidden(
    course: Course, people: Any, instructor: User, login: Login
) -> None:
    client = login(instructor)
    usual = names(client.get(address(course)))
    assert names(client.get(address(course), {"sort": "student__password"})) == usual


def test_roster_counts_published_lessons_done(
    *,
    course: Course,
    enrolled_student: User,
    lessons: Any,
    draft_lesson: Any,
    instructor: User,
    login: Login,
) -> None:
    complete_lesson(lesson=lessons[0], student=enrolled_student)
    complete_lesson(lesson=lessons[1], student=enrolled_student)
    enrolled_student.lesson_completions.create(lesson=draft_lesson)
    line = login(instructor).get(address(course)).context["roster"].lines[0]
    assert (line.done, line.total, line.enrollment.progress) == (2, 4, Decimal("50.00"))


def test_detail_shows_when_each_lesson_was_done(
    *,
    course: Course,
    enrolled_student: User,
    enrollment: CourseEnrollment,
    lessons: Any,
    instructor: User,
    login: Login,
) -> None:
    complete_lesson(lesson=lessons[0], student=enrolled_student)
    modules = login(instructor).get(address(course, "student", enrollment.pk)).context["modules"]
    assert [(module.done, len(module.lessons)) for module in modules] == [(1, 2), (0, 2)]
    assert modules[0].lessons[0].completed_at is not None


def test_grid_shows_each_module_of_each_student(
    *,
    course: Course,
    enrolled_student: User,
    lessons: Any,
    people: Any,
    instructor: User,
    login: Login,
) -> None:
    complete_lesson(lesson=lessons[0], student=enrolled_student)
    response = login(instructor).get(address(course, "students_progress"), {"q": "enrolled_student"})
    ((_line, cells),) = response.context["lines"]
    assert [module.title for module, _row in cells] == ["Module 1", "Module 2"]
    assert (cells[0][1].progress, cells[1][1]) == (Decimal("50.00"), None)


def test_only_an_administrators_look_is_logged(
    course: Course, enrollment: CourseEnrollment, instructor: User, admin_user: User, login: Login
) -> None:
    login(instructor).get(address(course, "student", enrollment.pk))
    assert not AuditEvent.objects.filter(action="personal_data.read").exists()
    login(admin_user).get(address(course, "student", enrollment.pk))
    event = AuditEvent.objects.get(action="personal_data.read")
    assert (event.actor_id, event.table, event.row_id) == (admin_user.pk, "users", str(enrollment.student_id))


@pytest.mark.parametrize("name", ["students", "students_progress"])
def test_queries_of_the_roster_do_not_grow(
    *,
    name: str,
    course: Course,
    people: Any,
    instructor: User,
    login: Login,
    statements: Statements,
) -> None:
    client = login(instructor)
    client.get(address(course, name))
    with statements() as few:
        client.get(address(course, name))
    for _number in range(30):
        EnrollmentFactory(course=course)
    with statements() as many:
        client.get(address(course, name))
    assert len(many) == len(few) < 12, "\n".join(many)


# Export


def exported(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_export_holds_the_chosen_rows_and_is_logged(
    course: Course, people: Any, instructor: User, login: Login
) -> None:
    response = login(instructor).get(address(course, "students_export"), {"standing": "behind"})
    (row,) = exported(response)
    assert (row["email"], row["state"], row["progress"]) == ("away@example.org", "behind", "50.00")
    assert "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    event = AuditEvent.objects.get(action="roster.export")
    assert (event.actor_id, event.course_id) == (instructor.pk, course.pk)
    assert event.after == {"rows": 1, "standing": "behind", "searched": False}


def test_export_keeps_the_order_of_the_list(
    course: Course, people: Any, instructor: User, login: Login
) -> None:
    client = login(instructor)
    listed = names(client.get(address(course), {"sort": "-progress"}))
    rows = exported(client.get(address(course, "students_export"), {"sort": "-progress"}))
    assert [row["email"].partition("@")[0] for row in rows] == listed


def test_refused_export_leaves_no_trace_of_one(course: Course, people: Any, login: Login) -> None:
    assistant = helper(course, HelperRole.ASSISTANT)
    response = login(assistant).get(address(course, "students_export"))
    assert response.status_code == 403
    assert "away@example.org" not in response.content.decode()
    assert not AuditEvent.objects.filter(action="roster.export").exists()


def test_export_itself_asks_for_the_right(course: Course, people: Any, other_instructor: User) -> None:
    assistant = User.objects.get(pk=helper(course, HelperRole.ASSISTANT).pk)
    for user in (assistant, other_instructor, people["busy"].student):
        with pytest.raises(PermissionDenied):
            export_roster(course=course, choice=Choice(), by=user)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_cell_is_never_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_name_that_is_a_formula_is_exported_as_text(course: Course, instructor: User, login: Login) -> None:
    EnrollmentFactory(course=course, student=UserFactory(full_name='=HYPERLINK("http://x")'))
    (row,) = exported(login(instructor).get(address(course, "students_export")))
    assert row["name"] == '\'=HYPERLINK("http://x")'


def test_choice_reads_back_what_it_writes() -> None:
    choice = Choice("behind", "ada", "-progress")
    assert Choice.read(choice.as_parameters()) == choice
    assert Choice().as_parameters() == {}

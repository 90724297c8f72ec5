"""The admin's start page: who needs attention in which course, and at what price."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, CourseHelper, HelperRole
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, make_course

Login = Callable[[User], Client]


def figures(response: Any) -> dict[str, list[str]]:
    return {
        course.slug: [str(figure["words"]) for figure in course.figures]
        for course in response.context["own_courses"]
    }


def test_menu_leads_to_what_waits_for_grading(course: Course, instructor: User, login: Login) -> None:
    page = login(instructor).get("/admin/courses/course/").content.decode()
    assert 'href="/admin/assessments/quiz/to-grade/"' in page


def test_instructor_sees_who_needs_attention(course: Course, instructor: User, login: Login) -> None:
    now = timezone.now()
    EnrollmentFactory(course=course)
    away = now - timedelta(days=20)
    EnrollmentFactory(course=course, enrolled_at=away, last_accessed=away, progress=Decimal(50))
    EnrollmentFactory(course=course, completed_at=now, progress=Decimal(100), last_accessed=now)
    EnrollmentFactory(course=course, completed_at=away, progress=Decimal(100), last_accessed=now)
    EnrollmentFactory(course=course, withdrawn_at=now)
    EnrollmentFactory(course=make_course(slug="theirs"))
    response = login(instructor).get("/admin/")
    assert figures(response) == {
        "counting": ["2 active students", "1 not started", "1 falling behind", "1 completed this week"]
    }
    assert f"/admin/courses/course/{course.pk}/students/?standing=behind" in response.content.decode()


def test_helpers_see_the_courses_they_help_in(course: Course, login: Login) -> None:
    for role in HelperRole.values:
        user = UserFactory(username=role)
        CourseHelper.objects.create(course=course, user=user, role=role)
        assert figures(login(user).get("/admin/")) == {"counting": ["0 active students"]}


def test_queries_do_not_grow_with_courses(
    course: Course, instructor: User, login: Login, statements: Any
) -> None:
    client = login(instructor)
    client.get("/admin/")
    with statements() as few:
        client.get("/admin/")
    for number in range(8):
        EnrollmentFactory(course=make_course(slug=f"more-{number}", instructor=instructor))
    with statements() as many:
        client.get("/admin/")
    assert len(many) == len(few) <= 6, "\n".join(many)

"""What students do in courses, and the log of it, in the admin site."""

from collections.abc import Callable

from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from courses.models import Course, CourseEnrollment, Module
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, make_course

Login = Callable[[User], Client]


def change(row: models.Model) -> str:
    return reverse(f"admin:courses_{row._meta.model_name}_change", args=[row.pk])


def test_enrollments_are_looked_at_by_instructors(
    instructor: User, enrolled_student: User, login: Login
) -> None:
    place = CourseEnrollment.objects.get()
    client = login(instructor)
    assert enrolled_student.email in client.get(change(place)).content.decode()
    assert client.post(change(place), {"payment_status": "refunded"}).status_code == 403
    assert client.post(reverse("admin:courses_courseenrollment_delete", args=[place.pk])).status_code == 403
    assert client.get(reverse("admin:courses_courseenrollment_add")).status_code == 403


def test_admin_gives_a_place(admin_user: User, course: Course, student: User, login: Login) -> None:
    add = reverse("admin:courses_courseenrollment_add")
    client = login(admin_user)
    assert client.post(add, {"student": student.pk, "course": course.pk}).status_code == 302
    assert CourseEnrollment.objects.get(student=student).payment_status == "free"
    assert AuditEvent.objects.get(action="enrollment.create").actor_id == admin_user.pk
    own = client.post(add, {"student": course.instructor_id, "course": course.pk}, follow=True)
    assert "You teach this course" in own.content.decode()
    assert CourseEnrollment.objects.count() == 1


def test_instructor_reads_who_came_and_nothing_else_of_the_log(
    instructor: User, course: Course, admin_user: User, login: Login
) -> None:
    student = UserFactory()
    login(admin_user).post(
        reverse("admin:courses_courseenrollment_add"), {"student": student.pk, "course": course.pk}
    )
    client = login(instructor)
    client.post(
        reverse("admin:courses_course_changelist"), {"action": "unpublish", "_selected_action": [course.pk]}
    )
    AuditEvent.objects.create(action="enrollment.create", course_id=make_course(slug="else").pk)
    listed = client.get(reverse("admin:accounts_auditevent_changelist")).context["cl"].result_list
    assert [(event.action, event.course_id) for event in listed] == [("enrollment.create", course.pk)]
    page = reverse("admin:accounts_auditevent_change", args=[listed[0].pk])
    assert "127.0.0.1" not in client.get(page).content.decode()
    assert "127.0.0.1" in login(admin_user).get(page).content.decode()
    assert client.post(page, {"action": "x"}).status_code == 403


def test_figures_of_the_start_page_are_right(instructor: User, course: Course, login: Login) -> None:
    EnrollmentFactory.create_batch(2, course=course)
    Module.objects.filter(course=course, order_index=2).update(is_published=False)
    make_course(slug="else", title="Not mine")
    response = login(instructor).get(reverse("admin:index"))
    [shown] = response.context["own_courses"]
    assert shown == course
    assert [str(figure["words"]) for figure in shown.figures][:2] == ["2 active students", "2 not started"]
    assert "Not mine" not in response.content.decode()

"""Announcements, reviews and achievements in the admin site."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from community.models import Achievement, CourseAnnouncement, CourseReview, UserAchievement
from courses.models import Course
from tests.courses.factories import make_course
from tests.projectgenius.admin_rows import course_rows

Login = Callable[[User], Client]


def test_instructor_announces_in_own_courses_alone(
    instructor: User, other_instructor: User, course: Course, login: Login
) -> None:
    foreign = make_course(slug="foreign", instructor=other_instructor)
    client = login(instructor)
    add = reverse("admin:community_courseannouncement_add")
    assert client.post(add, {"course": foreign.pk, "title": "No", "content": "-"}).status_code == 200
    assert client.post(add, {"course": course.pk, "title": "Yes", "content": "-"}).status_code == 302
    assert CourseAnnouncement.objects.get().title == "Yes"


def test_a_review_is_removed_by_an_admin_and_never_rewritten(
    instructor: User, student: User, admin_user: User, login: Login
) -> None:
    review = course_rows(instructor, student, "own")[CourseReview]
    change = reverse("admin:community_coursereview_change", args=[review.pk])
    delete = reverse("admin:community_coursereview_delete", args=[review.pk])
    assert login(instructor).post(delete, {"post": "yes"}).status_code == 403
    for user in (instructor, admin_user):
        assert login(user).post(change, {"rating": "1"}).status_code == 403
    assert login(admin_user).post(delete, {"post": "yes"}).status_code == 302
    assert not CourseReview.objects.exists()
    event = AuditEvent.objects.get(action="coursereview.delete")
    assert (event.actor_id, event.row_id) == (admin_user.pk, str(review.pk))


def test_an_earned_achievement_is_not_deleted(student: User, admin_user: User, login: Login) -> None:
    badge = Achievement.objects.create(name="First steps", description="-")
    UserAchievement.objects.create(user=student, achievement=badge)
    client = login(admin_user)
    address = reverse("admin:community_achievement_delete", args=[badge.pk])
    for response in (client.get(address), client.post(address, {"post": "yes"})):
        assert "This is in use (1 earned achievement), so it stays." in response.content.decode()
    UserAchievement.objects.filter(achievement=badge).delete()
    client.post(address, {"post": "yes"})
    assert not Achievement.objects.exists()

"""A teacher looks at the own course as a student would."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courses.models import (
    Course,
    CourseHelper,
    HelperRole,
    Lesson,
    LessonAvailability,
    LessonCompletion,
    VideoPosition,
)
from tests.accounts.factories import UserFactory
from tests.courses.factories import CompletionFactory, EnrollmentFactory, make_course

Login = Callable[[User], Client]
BANNER = "You see this course as a student who has just enrolled."


def page(lesson: Lesson) -> str:
    return reverse("courses:lesson_detail", args=[lesson.module.course.slug, lesson.pk])


@pytest.fixture
def client(instructor: User, login: Login) -> Client:
    return login(instructor)


def test_it_lasts_over_the_pages_of_the_course_until_it_is_ended(
    client: Client, course: Course, lessons: list[Lesson], instructor: User
) -> None:
    other = make_course(title="Other", slug="other", instructor=instructor)
    assert BANNER not in client.get(course.get_absolute_url()).content.decode()
    assert BANNER in client.get(f"{course.get_absolute_url()}?as=student").content.decode()
    for address in (
        course.get_absolute_url(),
        page(lessons[2]),
        reverse("courses:course_end", args=[course.slug]),
    ):
        assert BANNER in client.get(address).content.decode()
    assert BANNER not in client.get(other.get_absolute_url()).content.decode()
    assert BANNER not in client.get(f"{page(lessons[2])}?as=self").content.decode()
    assert BANNER not in client.get(course.get_absolute_url()).content.decode()


def test_drafts_are_not_there(client: Client, course: Course, draft_lesson: Lesson) -> None:
    assert "Draft lesson" in client.get(course.get_absolute_url()).content.decode()
    client.get(f"{course.get_absolute_url()}?as=student")
    assert "Draft lesson" not in client.get(course.get_absolute_url()).content.decode()
    answer = client.get(page(draft_lesson))
    assert answer["Location"] == course.get_absolute_url()
    assert "it is a draft" in client.get(course.get_absolute_url()).content.decode()


def test_locks_are_shown(client: Client, course: Course, lessons: list[Lesson]) -> None:
    LessonAvailability.objects.create(lesson=lessons[1], after_lesson=lessons[0])
    assert client.get(page(lessons[1])).status_code == 200
    answer = client.get(f"{page(lessons[1])}?as=student")
    assert answer.status_code == 403
    assert BANNER in answer.content.decode()
    assert "Opens after you complete" in answer.content.decode()


def test_course_that_is_a_draft_is_seen_as_if_it_were_published(
    client: Client, course: Course, lessons: list[Lesson]
) -> None:
    Course.objects.update(is_published=False)
    answer = client.get(f"{page(lessons[2])}?as=student")
    assert answer.status_code == 200
    assert "Complete and continue" in answer.content.decode()
    assert "Edit this lesson" not in answer.content.decode()


def test_nothing_is_written(course: Course, lessons: list[Lesson], admin_user: User, login: Login) -> None:
    """An administrator may be enrolled beside it: not even then."""
    enrollment = EnrollmentFactory(course=course, student=admin_user)
    client = login(admin_user)
    client.get(f"{page(lessons[0])}?as=student")
    address = reverse("courses:lesson_complete", args=[course.slug, lessons[0].pk])
    answer = client.post(address, follow=True)
    assert answer.redirect_chain[-1][0] == page(lessons[1])
    assert "Nothing is saved." in answer.content.decode()
    position = reverse("courses:video_position", args=[course.slug, lessons[0].pk])
    assert client.post(position, {"seconds": 5}).status_code == 204
    assert not LessonCompletion.objects.exists()
    assert not VideoPosition.objects.exists()
    done = CompletionFactory(student=admin_user, lesson=lessons[0])
    client.post(reverse("courses:lesson_undo", args=[course.slug, lessons[0].pk]))
    assert LessonCompletion.objects.filter(pk=done.pk).exists()
    enrollment.refresh_from_db()
    assert (enrollment.last_accessed, enrollment.progress) == (None, 0)


def test_it_is_for_those_who_teach_or_assist(
    course: Course, lessons: list[Lesson], enrolled_student: User, other_instructor: User, login: Login
) -> None:
    assistant = UserFactory()
    CourseHelper.objects.create(course=course, user=assistant, role=HelperRole.ASSISTANT)
    assert BANNER in login(assistant).get(f"{page(lessons[2])}?as=student").content.decode()
    for person, status in ((enrolled_student, 200), (other_instructor, 403)):
        answer = login(person).get(f"{page(lessons[2])}?as=student")
        assert answer.status_code == status
        assert BANNER not in answer.content.decode()
    assert Client().get(f"{page(lessons[2])}?as=student").status_code == 302


def test_continue_leads_to_the_first_lesson_that_students_see(
    client: Client, course: Course, lessons: list[Lesson]
) -> None:
    Lesson.objects.filter(pk=lessons[0].pk).update(is_published=False)
    client.get(f"{course.get_absolute_url()}?as=student")
    answer = client.get(reverse("courses:course_continue", args=[course.slug]))
    assert answer["Location"] == page(lessons[1])

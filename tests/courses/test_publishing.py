"""Showing a course and taking it back, by every door."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from courses.models import Course, CourseHelper, HelperRole, Lesson, Module
from courses.publishing import publish_course, unpublish_course
from projectgenius.background.models import QueuedTask
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.courses.factories import CourseFactory, EnrollmentFactory, make_course

Login = Callable[[User], Client]
Events = Callable[[], list[str]]


@pytest.fixture
def draft(instructor: User) -> Course:
    """Whole, but for being published."""
    return make_course(title="Draft", slug="draft", instructor=instructor, is_published=False)


@pytest.fixture
def bare(instructor: User) -> Course:
    """Without any lesson."""
    return CourseFactory(title="Bare", slug="bare", instructor=instructor, is_published=False)


def page(course: Course) -> str:
    return reverse("admin:courses_course_publish", args=[course.pk])


def is_published(course: Course) -> bool:
    return Course.objects.get(pk=course.pk).is_published


def test_course_is_published_and_taken_back(draft: Course, instructor: User, events: Events) -> None:
    EnrollmentFactory.create_batch(2, course=draft)
    EnrollmentFactory(course=draft, withdrawn_at=draft.created_at)
    for _time in range(2):
        publish_course(course=draft, by=instructor)
        assert is_published(draft)
    for _time in range(2):
        assert unpublish_course(course=draft, by=instructor) == 2
        assert not is_published(draft)
    assert events() == ["course.publish", "course.unpublish"]
    assert QueuedTask.objects.count() == 2


def test_course_is_published_with_all_drafts(draft: Course, instructor: User, events: Events) -> None:
    Module.objects.filter(title="Module 2").update(is_published=False)
    publish_course(course=draft, by=instructor, with_drafts=True)
    assert not Module.objects.filter(is_published=False).exists()
    assert not Lesson.objects.filter(is_published=False).exists()
    assert events() == ["module.publish", "lesson.publish", "course.publish"]
    draft.refresh_from_db()
    assert draft.lesson_count == 5


def test_drafts_stay_drafts_when_the_course_is_not_ready(
    bare: Course, instructor: User, events: Events
) -> None:
    Module.objects.create(course=bare, title="M", description="", order_index=1)
    with pytest.raises(Conflict) as refusal:
        publish_course(course=bare, by=instructor, with_drafts=True)
    assert refusal.value.code == "not_ready"
    assert not Module.objects.filter(is_published=True).exists()
    assert not is_published(bare)
    assert events() == []


# By every door


def test_page_says_what_is_missing_and_publishes(draft: Course, instructor: User, login: Login) -> None:
    client = login(instructor)
    text = client.get(page(draft)).content.decode()
    assert "Ready to publish" in text
    assert "The course page does not say what students will learn." in text
    assert client.post(page(draft), {"act": "publish"}).status_code == 302
    assert is_published(draft)
    EnrollmentFactory(course=draft)
    assert "1 student has a place in it" in client.get(page(draft)).content.decode()
    answer = client.post(page(draft), {"act": "unpublish"}, follow=True)
    assert "Unpublished. 1 student can’t open it" in answer.content.decode()
    assert not is_published(draft)


def test_page_refuses_and_leads_to_what_is_missing(bare: Course, instructor: User, login: Login) -> None:
    answer = login(instructor).post(page(bare), {"act": "publish"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "“Bare” is not ready. No lesson is published." in text
    assert "Not ready yet" in text
    assert reverse("admin:courses_course_build", args=[bare.pk]) in text
    assert not is_published(bare)


def test_page_leads_to_the_lesson(draft: Course, instructor: User, login: Login) -> None:
    lesson = Lesson.objects.get(title="Lesson 2.1")
    Lesson.objects.filter(pk=lesson.pk).update(content="")
    text = login(instructor).get(page(draft)).content.decode()
    assert "“Lesson 2.1” has no content." in text
    assert reverse("admin:courses_lesson_change", args=[lesson.pk]) in text


def test_page_is_for_those_who_edit_the_course(
    draft: Course, instructor: User, other_instructor: User, admin_user: User, login: Login
) -> None:
    helper = UserFactory()
    CourseHelper.objects.create(course=draft, user=helper, role=HelperRole.ASSISTANT)
    for person, status in ((other_instructor, 404), (helper, 403), (UserFactory(), 302)):
        assert login(person).post(page(draft), {"act": "publish"}).status_code == status
        assert not is_published(draft)
    for person in (instructor, admin_user):
        assert login(person).get(page(draft)).status_code == 200


def test_list_action_refuses_a_course_that_is_not_ready(
    draft: Course, bare: Course, instructor: User, login: Login
) -> None:
    data = {"action": "publish", "_selected_action": [draft.pk, bare.pk]}
    answer = login(instructor).post(reverse("admin:courses_course_changelist"), data, follow=True)
    assert "“Bare” is not ready." in answer.content.decode()
    assert not is_published(draft)
    data["_selected_action"] = [draft.pk]
    login(instructor).post(reverse("admin:courses_course_changelist"), data)
    assert is_published(draft)


def test_api_refuses_a_course_that_is_not_ready(
    bare: Course, instructor: User, api: Callable[..., APIClient]
) -> None:
    answer = api(instructor).patch(f"/api/v1/courses/{bare.pk}/", {"is_published": True}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert not is_published(bare)
    fields = {
        "title": "New", "description": "D", "level": "Beginner", "category": "C", "duration_weeks": 1,
        "is_published": True,
    }  # fmt: skip
    answer = api(instructor).post("/api/v1/courses/", fields, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert not Course.objects.filter(title="New").exists()
    assert not AuditEvent.objects.filter(action="course.publish").exists()

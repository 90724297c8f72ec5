"""What a course lacks before it can be shown."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from assessments.models import Quiz
from courses.checklist import Checklist, require_ready, text_findings
from courses.models import Course, Lesson, LessonAvailability, LessonVideo, Module, ModuleAvailability
from projectgenius.errors import Conflict
from tests.courses.factories import CourseFactory, LessonFactory, ModuleFactory

Statements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def course(db: None) -> Course:
    """A draft with a published module and lesson, in which nothing is missing."""
    course: Course = CourseFactory(
        is_published=False, outcomes="Count", cover_image="/covers/counting-30.svg"
    )
    LessonFactory(module=ModuleFactory(course=course, title="M"), title="L", is_preview=True)
    return course


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return Lesson.objects.get(module__course=course)


def codes(course: Course, *, with_drafts: bool = False) -> list[str]:
    return [finding.code for finding in Checklist.of(course).findings(with_drafts=with_drafts)]


def test_nothing_is_missing_in_a_whole_course(course: Course) -> None:
    assert codes(course) == []
    require_ready(course)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"description": " "}, ["no_description"]),
        ({"outcomes": "\n"}, ["no_outcomes"]),
        ({"cover_image": None}, ["no_cover"]),
        ({"cover_image": "https://example.org/a.png"}, ["no_cover"]),
    ],
)
def test_course_lacks_something(course: Course, changes: dict[str, Any], found: list[str]) -> None:
    for name, value in changes.items():
        setattr(course, name, value)
    assert codes(course) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"content": "\n "}, ["empty_lesson"]),
        ({"content": "", "content_type": "quiz"}, ["empty_lesson"]),
        ({"content_type": "quiz"}, ["no_quiz"]),
        ({"content_type": "assignment"}, ["no_assignment"]),
        ({"content_type": "video"}, ["no_video"]),
        ({"is_preview": False}, ["no_preview"]),
        ({"duration_minutes": None}, ["no_duration"]),
        ({"duration_minutes": 0}, ["no_duration"]),
        ({"content": "![](/a.png)"}, ["silent_picture"]),
        ({"content": "## A\n\n#### B"}, ["heading_jump"]),
        ({"is_published": False}, ["no_lesson", "empty_module"]),
    ],
)
def test_lesson_lacks_something(
    course: Course, lesson: Lesson, changes: dict[str, Any], found: list[str]
) -> None:
    Lesson.objects.update(**changes)
    assert codes(course) == found


def test_course_without_modules_has_no_lesson(db: None) -> None:
    assert "no_lesson" in codes(CourseFactory())
    with pytest.raises(Conflict) as refusal:
        require_ready(CourseFactory(title="Knots"))
    assert refusal.value.code == "not_ready"
    assert str(refusal.value.message).startswith("“Knots” is not ready. No lesson is published.")


def test_lesson_of_a_draft_module_is_not_shown(course: Course) -> None:
    Module.objects.update(is_published=False)
    assert codes(course) == ["no_lesson"]
    assert codes(course, with_drafts=True) == []


def test_drafts_are_looked_at_when_they_are_published_too(course: Course, lesson: Lesson) -> None:
    LessonFactory(module=lesson.module, is_published=False, content="")
    assert codes(course) == []
    assert codes(course, with_drafts=True) == ["empty_lesson"]
    require_ready(course)
    with pytest.raises(Conflict):
        require_ready(course, with_drafts=True)
    assert Checklist.of(course).drafts == (0, 1)


def test_quiz_and_video_fill_their_lessons(course: Course, lesson: Lesson) -> None:
    Lesson.objects.update(content="", content_type="quiz")
    quiz = Quiz.objects.create(course=course, lesson=lesson, title="Q", description="", is_published=True)
    assert codes(course) == []
    Quiz.objects.update(is_published=False)
    assert codes(course) == ["empty_lesson"]
    quiz.delete()
    Lesson.objects.update(content_type="video")
    video = LessonVideo.objects.create(lesson=lesson)
    assert codes(course) == ["no_video"]
    for change in ({"file": "a.mp4"}, {"file": "", "url": "https://example.org/v"}):
        LessonVideo.objects.filter(pk=video.pk).update(**change)
        assert codes(course) == []


def test_errors_stand_before_hints(course: Course) -> None:
    Lesson.objects.update(content="", duration_minutes=None, is_preview=False)
    assert codes(course) == ["empty_lesson", "no_preview", "no_duration"]


def test_lessons_that_wait_for_each_other_never_open(course: Course, lesson: Lesson) -> None:
    second, third = (LessonFactory(module=lesson.module, title=title) for title in ("Two", "Three"))
    LessonAvailability.objects.create(lesson=second, after_lesson=third)
    assert codes(course) == []
    LessonAvailability.objects.create(lesson=third, after_lesson=second)
    found = Checklist.of(course).findings()
    assert [(finding.code, finding.title) for finding in found] == [
        ("never_opens", "Two"),
        ("never_opens", "Three"),
    ]


def test_module_that_waits_for_a_lesson_of_its_own_never_opens(course: Course, lesson: Lesson) -> None:
    module = ModuleFactory(course=course, title="Later")
    inner = LessonFactory(module=module, title="Inner")
    rule = ModuleAvailability.objects.create(module=module, after_module=lesson.module)
    assert codes(course) == []
    ModuleAvailability.objects.filter(pk=rule.pk).update(after_module=None, after_lesson=inner)
    assert codes(course) == ["never_opens"]
    Lesson.objects.filter(pk=inner.pk).update(is_preview=True)
    assert codes(course) == []


def test_what_is_not_shown_is_not_waited_for(course: Course, lesson: Lesson) -> None:
    hidden = LessonFactory(module=lesson.module, is_published=False)
    waiting = LessonFactory(module=lesson.module)
    LessonAvailability.objects.create(lesson=waiting, after_lesson=hidden)
    assert codes(course) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![a cat](/a.png)", []),
        ("![ ](/a.png)", ["silent_picture"]),
        ("```\n![](/a.png)\n# A\n### B\n```", []),
        ("~~~~\n![](/a.png)", []),
        ("`![](/a.png)`", []),
        ("## A\n### B\n## C\n### D", []),
        ("### A\n## B", []),
        ("#hash\n\n#### B", []),
        ("## A\n```\ncode\n```\n#### B", ["heading_jump"]),
    ],
)
def test_texts_are_looked_through(text: str, found: list[str]) -> None:
    assert list(text_findings(text)) == found


def test_list_costs_the_same_however_long_the_course_is(course: Course, statements: Statements) -> None:
    def price() -> int:
        with statements() as seen:
            Checklist.of(course).findings()
        return len(seen)

    few = price()
    for _number in range(3):
        LessonFactory.create_batch(4, module=ModuleFactory(course=course))
    assert price() == few == 6

"""Earlier texts of lessons: kept by whoever changes them, numbered, compared, brought back."""

import pytest

from accounts.models import AuditEvent, User
from courses.authoring import restore_version, save_content
from courses.history import DiffLine, compare
from courses.models import Course, Lesson, LessonVersion
from tests.courses.factories import LessonFactory, ModuleFactory
from tests.races import at_once, on_postgresql


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return LessonFactory(module=course.modules.first(), title="Old title", content="Old text")


def change(lesson: Lesson, by: User | None, **fields: object) -> None:
    fresh = Lesson.objects.get(pk=lesson.pk)
    for name, value in fields.items():
        setattr(fresh, name, value)
    save_content(row=fresh, by=by)


def test_changing_title_or_text_keeps_what_stood_before(lesson: Lesson, instructor: User) -> None:
    change(lesson, instructor, content="New text")
    change(lesson, instructor, title="New title")
    kept = LessonVersion.objects.filter(lesson=lesson).order_by("number")
    assert [(row.number, row.title, row.content, row.saved_by) for row in kept] == [
        (1, "Old title", "Old text", instructor),
        (2, "Old title", "New text", instructor),
    ]


def test_other_changes_and_new_lessons_make_no_version(lesson: Lesson, instructor: User) -> None:
    change(lesson, instructor, is_published=False, duration_minutes=99)
    save_content(row=LessonFactory.build(module=lesson.module, order_index=99), by=instructor)
    assert not LessonVersion.objects.exists()


def test_a_change_by_the_system_has_no_author(lesson: Lesson) -> None:
    change(lesson, None, content="New text")
    assert LessonVersion.objects.get().saved_by is None


def test_versions_of_two_lessons_are_numbered_apart(lesson: Lesson, instructor: User) -> None:
    other = LessonFactory(module=lesson.module)
    change(lesson, instructor, content="a")
    change(other, instructor, content="b")
    assert list(LessonVersion.objects.values_list("number", flat=True)) == [1, 1]


def test_restoring_makes_a_new_version_and_loses_nothing(lesson: Lesson, instructor: User) -> None:
    change(lesson, instructor, content="Second", title="Second title")
    change(lesson, instructor, is_published=False)
    restored = restore_version(version=LessonVersion.objects.get(number=1), by=instructor)
    lesson.refresh_from_db()
    assert (lesson.title, lesson.content, lesson.is_published) == ("Old title", "Old text", False)
    assert restored == lesson
    newest = LessonVersion.objects.get(number=2)
    assert (newest.title, newest.content) == ("Second title", "Second")
    event = AuditEvent.objects.get(action="lesson.restore")
    assert (event.actor_id, event.after) == (instructor.pk, {"version": 1})


def test_restoring_what_stands_there_already_makes_no_version(lesson: Lesson, instructor: User) -> None:
    change(lesson, instructor, content="Second")
    change(lesson, instructor, content="Old text")
    restore_version(version=LessonVersion.objects.get(number=1), by=instructor)
    assert LessonVersion.objects.count() == 2


def test_comparing_names_every_changed_line_and_what_is_left_out() -> None:
    before = "\n".join(map(str, range(20)))
    after = before.replace("10", "ten")
    found = compare(before, after, context=1)
    assert found == [
        DiffLine("gap", ""),
        DiffLine("same", "9"),
        DiffLine("removed", "10"),
        DiffLine("added", "ten"),
        DiffLine("same", "11"),
        DiffLine("gap", ""),
    ]
    assert compare(before, before) == []


def test_comparing_very_long_texts_ends_soon() -> None:
    found = compare("a\n" * 2_000, "b\n" * 2_000)
    assert [line.kind for line in found] == ["removed"] * 2_000 + ["added"] * 2_000


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_versions_of_changes_at_the_same_moment_are_numbered_one_by_one() -> None:
    lesson = LessonFactory(module=ModuleFactory(), content="start")
    results = at_once(
        *[lambda number=number: change(lesson, None, content=f"text {number}") for number in range(12)]  # type: ignore[misc]
    )
    assert results == [None] * 12
    rows = list(LessonVersion.objects.order_by("number"))
    assert [row.number for row in rows] == list(range(1, 13))
    # What each replaced is kept: together with the text of now, all that was ever written is there.
    lesson.refresh_from_db()
    assert {row.content for row in rows} | {lesson.content} == {"start", *(f"text {n}" for n in range(12))}

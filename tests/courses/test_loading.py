"""Bringing a course folder into the database: adds what is missing, overwrites nothing, all or nothing."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from courses.folders import read_course
from courses.loading import load_course
from courses.models import Course, Lesson, LessonResource, Module
from tests.courses.factories import CompletionFactory, CourseFactory

LESSON = "01-first-steps/02-one-two-three.md"
PLACE = "counting-by-hand"


def load(folder: Path, instructor: User) -> tuple[Course, int]:
    return load_course(folder=read_course(folder), instructor=instructor)


def test_folder_becomes_a_course(course_folder: Path, instructor: User) -> None:
    course, added = load(course_folder, instructor)
    assert added == 4
    course.refresh_from_db()
    assert (course.slug, course.title, course.instructor) == (
        "counting-by-hand",
        "Counting by hand",
        instructor,
    )
    assert course.outcome_list == ["Count to five", "Count to ten"]
    assert (course.level, course.duration_weeks, course.cover_hue) == ("Beginner", 2, 100)
    assert (course.price, course.language, course.is_published) == (Decimal(0), "en", True)
    assert (course.lesson_count, course.total_minutes) == (2, 15)
    first, second = course.modules.get().lessons.all()
    assert (first.key, first.is_preview, first.content) == ("why-count", True, "Because.\n")
    assert (second.key, second.order_index, second.duration_minutes) == ("one-two-three", 2, 15)
    link, file = second.resources.all()
    assert (link.url, link.file.name) == ("https://example.org/numbers", "")
    assert (file.url, file.file_size, file.file.read()) == ("", 6, b"1,2,3\n")


def test_loading_twice_adds_and_overwrites_nothing(course_folder: Path, instructor: User) -> None:
    course, _added = load(course_folder, instructor)
    Course.objects.update(title="My own title", is_published=False)
    Lesson.objects.filter(key="why-count").update(content="My own text")
    LessonResource.objects.filter(url="").delete()
    assert load(course_folder, instructor) == (course, 0)
    course.refresh_from_db()
    assert (course.title, course.is_published) == ("My own title", False)
    assert Lesson.objects.get(key="why-count").content == "My own text"
    assert LessonResource.objects.count() == 1


def test_what_was_deleted_by_hand_comes_back(course_folder: Path, instructor: User) -> None:
    load(course_folder, instructor)
    Lesson.objects.get(key="one-two-three").delete()
    assert load(course_folder, instructor)[1] == 1
    assert Lesson.objects.get(key="one-two-three").resources.count() == 2
    Module.objects.get().delete()
    assert load(course_folder, instructor)[1] == 3


def test_what_was_added_to_the_folder_is_added(course_folder: Path, instructor: User) -> None:
    course, _added = load(course_folder, instructor)
    (course_folder / "01-first-steps" / "03-four.md").write_text("---\ntitle: Four\n---\nFour.")
    assert load(course_folder, instructor)[1] == 1
    assert [lesson.title for lesson in course.modules.get().lessons.all()][-1] == "Four"


def test_course_of_somebody_else_keeps_its_instructor(
    course_folder: Path, instructor: User, other_instructor: User
) -> None:
    CourseFactory(slug="counting-by-hand", instructor=other_instructor)
    course, added = load(course_folder, instructor)
    assert (course.instructor, added) == (other_instructor, 3)


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("course.yaml", ("level: Beginner", "level: Easy"), "counting-by-hand/course.yaml: level: "),
        ("course.yaml", ("weeks: 2", "weeks: two"), "counting-by-hand/course.yaml: duration_weeks: "),
        (
            "course.yaml",
            ("hue: 100", "hue: 360"),
            "counting-by-hand/course.yaml: Enter a hue from 0 to 359.",
        ),
        (
            "01-first-steps/module.yaml",
            ("First steps", "x" * 201),
            f"{PLACE}/01-first-steps/module.yaml: title: ",
        ),
        (LESSON, ("minutes: 15", "minutes: long"), f"{PLACE}/{LESSON}: minutes: "),
        (LESSON, ("minutes: 15", "type: game"), f"{PLACE}/{LESSON}: type: "),
        (
            LESSON,
            ("https://example.org/numbers", "javascript:alert(1)"),
            f"{PLACE}/{LESSON}: resources.url: ",
        ),
        (LESSON, ("type: file", "type: book"), f"{PLACE}/{LESSON}: resources.type: "),
        (LESSON, ("    url: https://example.org/numbers\n", ""), f"{PLACE}/{LESSON}: resources.url: "),
    ],
)
def test_value_that_cannot_be_used_names_its_file_and_leaves_nothing(
    course_folder: Path, instructor: User, name: str, change: tuple[str, str], sentence: str
) -> None:
    path = course_folder / name
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change))
    with pytest.raises(ValidationError) as error:
        load(course_folder, instructor)
    (message,) = error.value.messages
    assert message.startswith(sentence)
    assert not message.endswith("..")
    for model in (Course, Module, Lesson, LessonResource):
        assert not model.objects.exists()


def test_two_lessons_with_one_key_are_refused(course_folder: Path, instructor: User) -> None:
    (course_folder / "01-first-steps" / "03-why-count.md").write_text("---\ntitle: Again\n---\nAgain.")
    with pytest.raises(ValidationError, match=r"03-why-count.md: .*has the same key"):
        load(course_folder, instructor)
    assert not Course.objects.exists()


def test_lesson_with_work_is_not_touched(course_folder: Path, instructor: User) -> None:
    load(course_folder, instructor)
    completion = CompletionFactory(lesson=Lesson.objects.get(key="why-count"))
    load(course_folder, instructor)
    completion.refresh_from_db()
    assert completion.lesson.key == "why-count"

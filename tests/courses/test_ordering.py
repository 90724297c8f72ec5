"""The order of modules and lessons: what may be named, what is numbered, what follows."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from courses.models import Course, CourseEnrollment, Lesson, Module
from courses.ordering import arrange_course, move_lesson, move_module, reorder_modules, step_lesson
from projectgenius.background.models import QueuedTask
from projectgenius.errors import Conflict
from tests.courses.factories import CompletionFactory, LessonFactory, ModuleFactory, make_course
from tests.races import at_once, on_postgresql

Statements = Callable[[], object]


def titles(course: Course) -> list[tuple[str, list[str]]]:
    """The course as it stands; fails unless everything is numbered from 1."""
    found = []
    for place, module in enumerate(Module.objects.filter(course=course), start=1):
        lessons = list(module.lessons.all())
        assert module.order_index == place
        assert [lesson.order_index for lesson in lessons] == list(range(1, len(lessons) + 1))
        found.append((module.title, [lesson.title for lesson in lessons]))
    return found


def module(course: Course, number: int) -> Module:
    return Module.objects.get(course=course, title=f"Module {number}")


def lesson(title: str) -> Lesson:
    return Lesson.objects.get(title=title)


AS_MADE = [
    ("Module 1", ["Lesson 1.1", "Lesson 1.2", "Draft lesson"]),
    ("Module 2", ["Lesson 2.1", "Lesson 2.2"]),
]


def test_modules_come_into_the_order_given_and_stay_there(course: Course) -> None:
    ids = [module(course, 2).pk, module(course, 1).pk]
    for _time in range(2):
        reorder_modules(course=course, ids=ids)
        assert titles(course) == [AS_MADE[1], AS_MADE[0]]


@pytest.mark.parametrize("wrong", ["missing", "twice", "foreign", "none"])
def test_order_that_names_other_modules_is_refused(course: Course, wrong: str) -> None:
    first, second = course.modules.values_list("pk", flat=True)
    foreign = ModuleFactory().pk
    ids = {"missing": [first], "twice": [first, second, second], "foreign": [second, foreign], "none": []}
    with pytest.raises(Conflict) as refusal:
        reorder_modules(course=course, ids=ids[wrong])
    assert refusal.value.code == "order_changed"
    assert titles(course) == AS_MADE


def test_module_moves_by_steps_as_far_as_it_goes(course: Course) -> None:
    first = module(course, 1)
    assert not move_module(module=first, steps=-1)
    assert move_module(module=first, steps=1)
    assert not move_module(module=first, steps=1)
    assert [title for title, _lessons in titles(course)] == ["Module 2", "Module 1"]


@pytest.mark.parametrize(
    ("position", "expected"),
    [(1, ["Lesson 1.1", "Lesson 2.1", "Lesson 2.2"]), (2, ["Lesson 2.1", "Lesson 1.1", "Lesson 2.2"]),
     (None, ["Lesson 2.1", "Lesson 2.2", "Lesson 1.1"]), (99, ["Lesson 2.1", "Lesson 2.2", "Lesson 1.1"])],
)  # fmt: skip
def test_lesson_moves_into_another_module(course: Course, position: int | None, expected: list[str]) -> None:
    for _time in range(2):
        move_lesson(lesson=lesson("Lesson 1.1"), module=module(course, 2), position=position)
        assert titles(course) == [("Module 1", ["Lesson 1.2", "Draft lesson"]), ("Module 2", expected)]


def test_lesson_moves_inside_its_module(course: Course) -> None:
    move_lesson(lesson=lesson("Draft lesson"), module=module(course, 1), position=1)
    assert titles(course)[0][1] == ["Draft lesson", "Lesson 1.1", "Lesson 1.2"]
    move_lesson(lesson=lesson("Draft lesson"), module=module(course, 1), position=2)
    assert titles(course)[0][1] == ["Lesson 1.1", "Draft lesson", "Lesson 1.2"]


def test_lesson_does_not_move_into_another_course(course: Course) -> None:
    with pytest.raises(ValidationError) as refusal:
        move_lesson(lesson=lesson("Lesson 1.1"), module=ModuleFactory())
    assert refusal.value.code == "other_course"
    assert titles(course) == AS_MADE


def test_lesson_steps_over_the_end_of_its_module(course: Course) -> None:
    walker = lesson("Lesson 1.1")
    seen = []
    while step_lesson(lesson=Lesson.objects.get(pk=walker.pk), steps=1):
        seen.append([lessons.index("Lesson 1.1") if "Lesson 1.1" in lessons else None
                     for _title, lessons in titles(course)])  # fmt: skip
    assert seen == [[1, None], [2, None], [None, 0], [None, 1], [None, 2]]
    back = 0
    while step_lesson(lesson=Lesson.objects.get(pk=walker.pk), steps=-1):
        back += 1
    assert back == 5
    assert titles(course) == AS_MADE


def test_lesson_passes_through_an_empty_module(course: Course) -> None:
    ModuleFactory(course=course, title="Empty", order_index=3)
    assert step_lesson(lesson=lesson("Lesson 2.2"), steps=1)
    assert titles(course)[2] == ("Empty", ["Lesson 2.2"])


def test_key_that_is_taken_in_the_new_module_gets_a_number(course: Course) -> None:
    Lesson.objects.filter(title__in=["Lesson 1.1", "Lesson 2.1"]).update(key="start")
    move_lesson(lesson=lesson("Lesson 1.1"), module=module(course, 2))
    assert lesson("Lesson 1.1").key == "start-2"
    assert lesson("Lesson 2.1").key == "start"


def test_progress_follows_when_a_lesson_changes_its_module_alone(enrollment: CourseEnrollment) -> None:
    course = enrollment.course
    move_lesson(lesson=lesson("Lesson 1.1"), module=module(course, 1), position=2)
    reorder_modules(course=course, ids=[module(course, 2).pk, module(course, 1).pk])
    assert QueuedTask.objects.count() == 0
    move_lesson(lesson=lesson("Lesson 1.1"), module=module(course, 2))
    assert QueuedTask.objects.count() == 1


def test_lesson_moved_into_a_draft_module_counts_no_more(course: Course) -> None:
    hidden = ModuleFactory(course=course, order_index=3, is_published=False)
    CompletionFactory(lesson=lesson("Lesson 1.1"))
    move_lesson(lesson=lesson("Lesson 1.1"), module=hidden)
    course.refresh_from_db()
    assert course.lesson_count == 3


def test_whole_course_is_arranged_at_once(course: Course) -> None:
    ids = {row.title: row.pk for row in Lesson.objects.filter(module__course=course)}
    first, second = module(course, 1).pk, module(course, 2).pk
    layout = {
        second: [ids["Draft lesson"], ids["Lesson 2.2"], ids["Lesson 1.1"]],
        first: [ids["Lesson 2.1"], ids["Lesson 1.2"]],
    }
    for _time in range(2):
        arrange_course(course=course, layout=layout)
        assert titles(course) == [
            ("Module 2", ["Draft lesson", "Lesson 2.2", "Lesson 1.1"]),
            ("Module 1", ["Lesson 2.1", "Lesson 1.2"]),
        ]


def test_arrangement_that_leaves_out_or_repeats_or_takes_a_foreign_lesson_is_refused(course: Course) -> None:
    first, second = module(course, 1), module(course, 2)
    ones, twos = ([row.pk for row in part.lessons.all()] for part in (first, second))
    foreign = LessonFactory().pk
    for layout in (
        {first.pk: ones, second.pk: twos[:1]},
        {first.pk: [*ones, twos[0]], second.pk: twos},
        {first.pk: ones, second.pk: [twos[0], foreign]},
        {first.pk: [*ones, *twos]},
    ):
        with pytest.raises(Conflict) as refusal:
            arrange_course(course=course, layout=layout)
        assert refusal.value.code == "order_changed"
        assert titles(course) == AS_MADE


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_many_who_move_lessons_at_once_leave_one_order(course: Course) -> None:
    other = make_course(title="Other", slug="other", instructor=course.instructor)
    rows = list(Lesson.objects.filter(module__course=course).select_related("module"))
    targets = list(course.modules.all())
    acts = [
        lambda row=row, target=target, place=place: move_lesson(lesson=row, module=target, position=place)
        for place, (row, target) in enumerate(((row, target) for row in rows for target in targets), start=1)
    ]
    results = at_once(
        *acts, *[lambda: reorder_modules(course=course, ids=[targets[1].pk, targets[0].pk])] * 3
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sorted(title for _module, lessons in titles(course) for title in lessons) == sorted(
        row.title for row in rows
    )
    assert titles(other) == AS_MADE

"""When a lesson is open: the rule in the database and in words, on pages and in the API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from courses.authoring import save_content
from courses.availability import remove_availability, save_availability
from courses.models import (
    Course,
    CourseEnrollment,
    Lesson,
    LessonAvailability,
    LessonResource,
    Module,
    ModuleAvailability,
)
from courses.outline import course_outline, enrolled_courses
from courses.prerequisites import Gate, has_circle
from courses.progress import complete_lesson, undo_completion
from courses.reading import next_step
from projectgenius.errors import Conflict
from tests.accounts.factories import AdminFactory
from tests.courses.factories import (
    CompletionFactory,
    EnrollmentFactory,
    HelperFactory,
    LessonFactory,
    ModuleFactory,
    ResourceFactory,
    make_course,
)

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIMES = [
    (None, None),
    (NOON - HOUR, None),
    (NOON + HOUR, None),
    (None, NOON),
    (None, NOON + HOUR),
    (NOON, None),
]


def locks(course: Course, student: User, now: datetime = NOON) -> dict[str, str | None]:
    """What the outline says of each lesson."""
    outline = course_outline(course=course, user=student, is_open=True, now=now)
    return {one.title: one.lock.code if one.lock else None for one in outline.lessons}  # type: ignore[attr-defined]


def lock_lesson(lesson: Lesson, **rule: Any) -> LessonAvailability:
    return LessonAvailability.objects.create(lesson=lesson, **rule)


def lock_module(module: Module, **rule: Any) -> ModuleAvailability:
    return ModuleAvailability.objects.create(module=module, **rule)


@pytest.mark.parametrize("on_module", [False, True])
def test_condition_and_sentence_agree_in_every_case(
    enrollment: CourseEnrollment, lessons: list[Lesson], on_module: bool
) -> None:
    """Every combination of times, prerequisites, their publication and what was done."""
    course, student, target = enrollment.course, enrollment.student, lessons[3]
    key, key_module = lessons[0], ModuleFactory(course=course, order_index=9)
    in_module = LessonFactory(module=key_module)
    row = lock_module(target.module) if on_module else lock_lesson(target)
    seen = set()
    for times, after, published, done in product(
        TIMES, ("", "lesson", "module"), (True, False), (True, False)
    ):
        row.opens_at, row.closes_at = times
        row.after_lesson = key if after == "lesson" else None
        row.after_module = key_module if after == "module" else None
        row.save()
        Lesson.objects.filter(pk__in=[key.pk, in_module.pk]).update(is_published=published)
        student.lesson_completions.all().delete()
        if done:
            CompletionFactory(student=student, lesson=key)
            CompletionFactory(student=student, lesson=in_module)
        found = locks(course, student)[target.title]
        readable = Lesson.objects.visible_to(student, NOON).filter(pk=target.pk).exists()
        assert readable == (found is None), (times, after, published, done)
        seen.add(found)
    assert seen == {None, "opens_later", "closed", "after_lesson", "after_module"}


def test_reasons_are_told_in_the_readers_time_zone(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    student = enrollment.student
    row = lock_lesson(lessons[3], opens_at=NOON + HOUR)

    def reason() -> str:
        outline = course_outline(course=enrollment.course, user=student, is_open=True, now=NOON)
        return str(outline.lessons[3].lock.reason)  # type: ignore[attr-defined]

    assert reason() == "Opens on 3 December 2026 at 13:00."
    student.time_zone = "Asia/Tokyo"
    assert reason() == "Opens on 3 December 2026 at 22:00."
    row.closes_at, row.opens_at = NOON - 13 * HOUR, None
    row.save()
    assert reason() == "Closed on 3 December 2026 at 08:00."
    row.closes_at, row.after_lesson = None, lessons[1]
    row.save()
    assert reason() == "Opens after you complete “Lesson 1.2”."
    row.after_lesson, row.after_module = None, lessons[0].module
    row.save()
    assert reason() == "Opens after you complete the module “Module 1”."


def test_module_opens_after_all_published_lessons_of_another(
    enrollment: CourseEnrollment, lessons: list[Lesson], draft_lesson: Lesson
) -> None:
    course, student = enrollment.course, enrollment.student
    lock_module(lessons[2].module, after_module=lessons[0].module)
    complete_lesson(lesson=lessons[0], student=student)
    assert locks(course, student)["Lesson 2.1"] == "after_module"
    with pytest.raises(Conflict) as refused:
        complete_lesson(lesson=lessons[2], student=student)
    assert refused.value.code == "locked"
    complete_lesson(lesson=lessons[1], student=student)
    assert set(locks(course, student).values()) == {None}, "the draft is not asked of students"
    complete_lesson(lesson=lessons[2], student=student)
    undo_completion(lesson=lessons[1], student=student)
    assert locks(course, student)["Lesson 2.1"] == "after_module", "locked again; what was done stays"
    assert student.lesson_completions.filter(lesson=lessons[2]).exists()
    with pytest.raises(Conflict):
        undo_completion(lesson=lessons[2], student=student)


def test_somebody_elses_completion_opens_nothing(enrollment: CourseEnrollment, lessons: list[Lesson]) -> None:
    lock_lesson(lessons[3], after_lesson=lessons[0])
    CompletionFactory(lesson=lessons[0], student=EnrollmentFactory(course=enrollment.course).student)
    assert locks(enrollment.course, enrollment.student)["Lesson 2.2"] == "after_lesson"
    assert not Lesson.objects.visible_to(enrollment.student).filter(pk=lessons[3].pk).exists()


def test_preview_stays_open_whatever_its_rule(
    course: Course, enrolled_student: User, student: User, lessons: list[Lesson], client: Client
) -> None:
    lock_lesson(lessons[0], opens_at=NOON + timedelta(days=36500))
    lock_module(lessons[0].module, closes_at=NOON - timedelta(days=36500))
    for user in (enrolled_student, student):
        assert Lesson.objects.visible_to(user).filter(pk=lessons[0].pk).exists()
    assert locks(course, enrolled_student)["Lesson 1.1"] is None
    assert client.get(f"/courses/counting/lessons/{lessons[0].pk}/").status_code == 200
    assert complete_lesson(lesson=lessons[0], student=enrolled_student)


def test_files_and_pages_of_a_locked_lesson_are_closed_with_the_reason(
    login: Callable[[User], Client], enrolled_student: User, lessons: list[Lesson]
) -> None:
    lesson, client = lessons[3], login(enrolled_student)
    resource = ResourceFactory(lesson=lesson, title="The sheet")
    lock_lesson(lesson, after_lesson=lessons[1])
    url = f"/courses/counting/lessons/{lesson.pk}/"
    answer = client.get(url)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Opens after you complete “Lesson 1.2”." in page
    assert f"/courses/counting/lessons/{lessons[1].pk}/" in page
    assert "One, <em>two</em>" not in page
    assert "The sheet" not in page
    assert not LessonResource.objects.visible_to(enrolled_student).filter(pk=resource.pk).exists()
    answer = client.post(f"{url}complete/")
    assert answer.status_code == 302
    assert not enrolled_student.lesson_completions.exists()
    course_page = client.get("/courses/counting/").content.decode()
    assert "Opens after you complete “Lesson 1.2”." in course_page
    assert f'href="{url}"' not in course_page
    complete_lesson(lesson=lessons[1], student=enrolled_student)
    assert client.get(url).status_code == 200


def test_api_answers_a_locked_lesson_with_the_code(
    api: Callable[..., Any], enrolled_student: User, lessons: list[Lesson], course: Course
) -> None:
    lock_module(lessons[2].module, after_lesson=lessons[0])
    client = api(enrolled_student)
    answer = client.get(f"/api/v1/lessons/{lessons[3].pk}/")
    assert (answer.status_code, answer.json()["code"]) == (403, "after_lesson")
    assert "Lesson 1.1" in answer.json()["message"]
    contents = client.get(f"/api/v1/courses/{course.pk}/contents/").json()
    module = contents["modules"][1]
    assert module["lock"]["lesson"] == lessons[0].pk
    assert [one["lock"]["code"] for one in module["lessons"]] == ["after_lesson", "after_lesson"]
    answer = client.post("/api/v1/lesson-completions/", {"lesson": lessons[3].pk}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "locked")
    assert client.get("/api/v1/lesson-resources/").json()["count"] == 0


def test_who_teaches_assists_or_administers_passes_every_rule(
    api: Callable[..., Any], course: Course, lessons: list[Lesson]
) -> None:
    lock_module(lessons[3].module, opens_at=NOON + timedelta(days=36500))
    people = [course.instructor, AdminFactory()]
    people += [HelperFactory(course=course, role=role).user for role in ("assistant", "co_instructor")]
    for user in people:
        assert api(user).get(f"/api/v1/lessons/{lessons[3].pk}/").status_code == 200
        assert set(locks(course, user).values()) == {None}


def test_going_on_skips_what_is_locked(enrollment: CourseEnrollment, lessons: list[Lesson]) -> None:
    course, student = enrollment.course, enrollment.student
    lock_lesson(lessons[0], opens_at=NOON + timedelta(days=36500))
    Lesson.objects.filter(pk=lessons[0].pk).update(is_preview=False)
    assert next_step(course, student) == f"/courses/counting/lessons/{lessons[1].pk}/"
    (place,) = enrolled_courses(student)
    assert place.next_lesson
    assert place.next_lesson["id"] == lessons[1].pk
    for lesson in lessons[1:]:
        complete_lesson(lesson=lesson, student=student)
    (place,) = enrolled_courses(student)
    assert place.next_lesson is None
    assert place.lock
    assert place.lock.code == "opens_later"
    assert not place.is_done
    assert next_step(course, student) == "/courses/counting/end/"


def test_home_says_when_it_goes_on(
    login: Callable[[User], Client], enrolled_student: User, lessons: list[Lesson]
) -> None:
    for module in {lesson.module for lesson in lessons}:
        lock_module(module, opens_at=NOON + timedelta(days=36500))
    Lesson.objects.update(is_preview=False)
    client = login(enrolled_student)
    assert "Opens on" in client.get("/home/").content.decode()
    assert client.get("/courses/counting/continue/").url == "/courses/counting/end/"
    assert "Opens on" in client.get("/courses/counting/end/").content.decode()


# Which rules can be made


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        ([], False),
        ([Gate("lesson", 2, after_lesson=1)], False),
        ([Gate("lesson", 1, after_lesson=1)], True),
        ([Gate("lesson", 1, after_lesson=2), Gate("lesson", 2, after_lesson=1)], True),
        ([Gate("lesson", 1, after_module=10)], True),  # its own module
        ([Gate("module", 10, after_lesson=1)], True),  # a lesson in it
        ([Gate("module", 10, after_module=10)], True),
        ([Gate("module", 20, after_module=10)], False),
        ([Gate("module", 20, after_module=10), Gate("lesson", 1, after_lesson=3)], True),
        ([Gate("module", 20, after_lesson=1), Gate("lesson", 2, after_module=20)], False),
        ([Gate("module", 20, after_module=30)], False),  # an empty module
        ([Gate("module", 30, after_module=20), Gate("module", 20, after_module=30)], True),
    ],
)
def test_circles_are_found(gates: list[Gate], expected: bool) -> None:
    assert has_circle({1: 10, 2: 10, 3: 20}, gates) is expected


def test_rules_that_could_never_open_are_refused(
    course: Course, instructor: User, lessons: list[Lesson], events: Callable[[], list[str]]
) -> None:
    foreign = make_course(instructor=instructor).modules.first().lessons.first()

    def refusal(row: Any) -> dict[str, str]:
        with pytest.raises(ValidationError) as refused:
            save_availability(row=row, by=instructor)
        return {name: errors[0].code for name, errors in refused.value.error_dict.items()}

    row = LessonAvailability(lesson=lessons[1], after_lesson=lessons[1])
    assert refusal(row) == {"after_lesson": "waits_for_itself"}
    row = LessonAvailability(lesson=lessons[1], after_lesson=foreign, after_module=foreign.module)
    assert refusal(row) == {"after_lesson": "other_course", "after_module": "other_course"}
    row = ModuleAvailability(module=lessons[0].module, after_module=lessons[0].module)
    assert refusal(row) == {"after_module": "waits_for_itself"}
    row = LessonAvailability(lesson=lessons[1], opens_at=NOON, closes_at=NOON)
    assert refusal(row) == {"closes_at": "closes_before_it_opens"}
    assert not LessonAvailability.objects.exists()
    first = LessonAvailability(lesson=lessons[1], after_lesson=lessons[2])
    save_availability(row=first, by=instructor)
    assert refusal(LessonAvailability(lesson=lessons[2], after_lesson=lessons[1])) == {
        "after_lesson": "waits_for_itself"
    }
    save_availability(row=first, by=instructor)
    remove_availability(row=first, by=instructor)
    save_availability(row=LessonAvailability(lesson=lessons[2], after_lesson=lessons[1]), by=instructor)
    assert events()[-4:] == ["availability.change"] * 2 + ["availability.remove", "availability.change"]


def test_moves_that_break_a_rule_are_refused(course: Course, instructor: User, lessons: list[Lesson]) -> None:
    other = make_course(instructor=instructor).modules.first()
    lock_lesson(lessons[3], after_lesson=lessons[1])
    for moved, module in ((lessons[1], other), (lessons[3], other)):
        moved.module = module
        with pytest.raises(Conflict) as refused:
            save_content(row=moved, by=instructor)
        assert refused.value.code == "breaks_availability"
        moved.refresh_from_db()
        assert moved.module.course == course
    rule = lock_module(lessons[2].module, after_module=lessons[0].module)
    first = lessons[0].module
    first.course = other.course
    with pytest.raises(Conflict):
        save_content(row=first, by=instructor)
    # Within the course it may move, unless something then waits for itself.
    lessons[2].module = lessons[0].module
    save_content(row=lessons[2], by=instructor)
    rule.after_module, rule.after_lesson = None, lessons[1]
    rule.save()
    lessons[1].module = lessons[3].module
    with pytest.raises(Conflict):
        save_content(row=lessons[1], by=instructor)

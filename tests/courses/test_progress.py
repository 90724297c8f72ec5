"""How far a student is: always worked out from completions, never typed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from assessments.models import Quiz
from assignments.models import Assignment
from courses.authoring import delete_content, save_content
from courses.enrollment import enroll_student, unenroll_student
from courses.models import (
    Certificate,
    Course,
    CourseEnrollment,
    Lesson,
    LessonCompletion,
    Module,
    ModuleProgress,
)
from courses.payments import record_payment
from courses.progress import (
    complete_lesson,
    marked_by_student,
    recalculate_course,
    record_access,
    recount_course,
    undo_completion,
)
from courses.signals import course_completed
from projectgenius.errors import Conflict
from tests.courses.factories import (
    CompletionFactory,
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    make_course,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)
RunTasks = Callable[[], int]


@pytest.fixture
def completed_news() -> Any:
    """The enrollments of which `course_completed` told."""
    heard: list[CourseEnrollment] = []

    def hear(enrollment: CourseEnrollment, **kwargs: Any) -> None:
        heard.append(enrollment)

    course_completed.connect(hear)
    yield heard
    course_completed.disconnect(hear)


def finish(enrollment: CourseEnrollment, lessons: list[Lesson], now: datetime = NOON) -> None:
    """Complete all the lessons."""
    for lesson in lessons:
        complete_lesson(lesson=lesson, student=enrollment.student, now=now)
    enrollment.refresh_from_db()


def by_module(enrollment: CourseEnrollment) -> dict[str, Decimal]:
    """The progress of each module that was begun."""
    return dict(enrollment.module_progress.values_list("module__title", "progress"))


def test_completing_a_lesson_moves_module_and_course(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    returned = complete_lesson(lesson=lessons[0], student=enrollment.student, now=NOON)
    assert returned.progress == Decimal("25.00")
    enrollment.refresh_from_db()
    assert enrollment.progress == Decimal("25.00")
    assert by_module(enrollment) == {"Module 1": Decimal("50.00")}
    assert ModuleProgress.objects.get().started_at == NOON
    assert LessonCompletion.objects.get().completed_at == NOON
    assert enrollment.completed_at is None


def test_completing_twice_is_completing_once(enrollment: CourseEnrollment, lessons: list[Lesson]) -> None:
    for now in (NOON, LATER):
        complete_lesson(lesson=lessons[0], student=enrollment.student, now=now)
    assert LessonCompletion.objects.get().completed_at == NOON
    enrollment.refresh_from_db()
    assert enrollment.progress == 25


@pytest.mark.parametrize("hidden", ["lesson", "module"])
def test_what_is_not_published_does_not_count(
    enrollment: CourseEnrollment, lessons: list[Lesson], hidden: str
) -> None:
    finish(enrollment, lessons[:3])
    row = lessons[2] if hidden == "lesson" else lessons[2].module
    type(row).objects.filter(pk=row.pk).update(is_published=False)
    recalculate_course(course_id=enrollment.course_id)
    enrollment.refresh_from_db()
    assert enrollment.progress == (Decimal("66.67") if hidden == "lesson" else 100)
    assert by_module(enrollment)["Module 2"] == 0


def test_nothing_counts_in_a_course_that_is_not_published(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    finish(enrollment, lessons[:3])
    Course.objects.update(is_published=False)
    recalculate_course(course_id=enrollment.course_id)
    enrollment.refresh_from_db()
    assert enrollment.progress == 0
    assert set(by_module(enrollment).values()) == {Decimal(0)}
    Course.objects.update(is_published=True)
    recalculate_course(course_id=enrollment.course_id)
    enrollment.refresh_from_db()
    assert enrollment.progress == 75


def test_course_without_lessons_is_at_nothing_and_never_completed(db: None) -> None:
    enrollment = EnrollmentFactory()
    assert recalculate_course(course_id=enrollment.course_id) == 1
    enrollment.refresh_from_db()
    assert (enrollment.progress, enrollment.completed_at) == (0, None)
    assert not enrollment.module_progress.exists()


def test_module_that_was_only_opened_stays_at_nothing(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    record_access(enrollment=enrollment, lesson=lessons[2], now=NOON)
    complete_lesson(lesson=lessons[0], student=enrollment.student, now=LATER)
    assert by_module(enrollment) == {"Module 1": 50, "Module 2": 0}
    assert ModuleProgress.objects.get(module=lessons[2].module).started_at == NOON


def test_others_completions_do_not_count(enrollment: CourseEnrollment, lessons: list[Lesson]) -> None:
    other = EnrollmentFactory(course=enrollment.course)
    finish(other, lessons)
    assert recalculate_course(course_id=enrollment.course_id) == 2
    enrollment.refresh_from_db()
    assert enrollment.progress == 0
    assert enrollment.completed_at is None


def test_all_lessons_done_completes_the_course(
    enrollment: CourseEnrollment,
    lessons: list[Lesson],
    completed_news: list[CourseEnrollment],
    django_capture_on_commit_callbacks: Any,
) -> None:
    finish(enrollment, lessons[:3])
    assert enrollment.completed_at is None
    with django_capture_on_commit_callbacks(execute=True):
        complete_lesson(lesson=lessons[3], student=enrollment.student, now=NOON)
    enrollment.refresh_from_db()
    assert (enrollment.progress, enrollment.completed_at) == (100, NOON)
    assert enrollment.certificate_issued
    assert enrollment.certificate.issued_at == NOON
    assert by_module(enrollment) == {"Module 1": 100, "Module 2": 100}
    assert set(ModuleProgress.objects.values_list("completed_at", flat=True)) == {NOON}
    assert completed_news == [enrollment]


def test_undoing_takes_progress_back_and_nothing_else(
    enrollment: CourseEnrollment,
    lessons: list[Lesson],
    completed_news: list[CourseEnrollment],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        finish(enrollment, lessons)
        undo_completion(lesson=lessons[3], student=enrollment.student, now=LATER)
        enrollment.refresh_from_db()
        assert enrollment.progress == 75
        assert (enrollment.completed_at, enrollment.certificate_issued) == (NOON, True)
        assert by_module(enrollment)["Module 2"] == 50
        complete_lesson(lesson=lessons[3], student=enrollment.student, now=LATER)
    enrollment.refresh_from_db()
    assert (enrollment.progress, enrollment.completed_at) == (100, NOON)
    assert Certificate.objects.get().issued_at == NOON
    assert completed_news == [enrollment], "completed once, told once"


def test_undoing_what_was_not_done_changes_nothing(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    assert undo_completion(lesson=lessons[0], student=enrollment.student).progress == 0


@pytest.mark.parametrize("act", [complete_lesson, undo_completion])
@pytest.mark.parametrize("place", ["none", "pending", "refunded", "failed", "left", "elsewhere"])
def test_student_without_an_open_place_cannot_mark(
    act: Any, place: str, student: User, lessons: list[Lesson], course: Course
) -> None:
    if place == "elsewhere":
        EnrollmentFactory(student=student)
    elif place == "left":
        unenroll_student(enrollment=enroll_student(course=course, student=student), by=student)
    elif place != "none":
        EnrollmentFactory(student=student, course=course, payment_status=place)
    with pytest.raises(Conflict) as refusal:
        act(lesson=lessons[0], student=student)
    assert refusal.value.code == "not_enrolled"
    assert not LessonCompletion.objects.exists()


@pytest.mark.parametrize("kind", ["quiz", "assignment"])
def test_student_does_not_mark_what_a_result_completes(
    kind: str, enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    lesson = lessons[0]
    lesson.content_type = kind
    lesson.save()
    fields: dict[str, Any] = {
        "course": enrollment.course,
        "lesson": lesson,
        "title": "Work",
        "description": "Do it.",
    }
    item: Quiz | Assignment
    if kind == "quiz":
        item = Quiz.objects.create(**fields)
    else:
        item = Assignment.objects.create(
            **fields,
            instructions="Write.",
            assignment_type=Assignment.AssignmentType.values[0],
            submission_type=Assignment.SubmissionType.values[0],
        )
    assert marked_by_student(lesson), "nothing on it is published yet"
    complete_lesson(lesson=lesson, student=enrollment.student)
    item.is_published = True
    item.save()
    for act in (complete_lesson, undo_completion):
        with pytest.raises(Conflict) as refusal:
            act(lesson=lesson, student=enrollment.student)
        assert refusal.value.code == "completed_by_result"
    assert LessonCompletion.objects.count() == 1


def test_published_lesson_lowers_progress_and_keeps_the_completion(
    enrollment: CourseEnrollment, lessons: list[Lesson], draft_lesson: Lesson, run_tasks: RunTasks
) -> None:
    finish(enrollment, lessons)
    draft_lesson.is_published = True
    save_content(row=draft_lesson, by=enrollment.course.instructor)
    assert run_tasks() == 1
    enrollment.refresh_from_db()
    assert enrollment.progress == 80
    assert enrollment.completed_at == NOON
    assert by_module(enrollment) == {"Module 1": Decimal("66.67"), "Module 2": 100}


@pytest.mark.parametrize("way", ["unpublish lesson", "unpublish module", "delete lesson", "delete module"])
def test_taking_the_last_open_lesson_away_completes_the_course(
    way: str, enrollment: CourseEnrollment, run_tasks: RunTasks
) -> None:
    course = enrollment.course
    extra = LessonFactory(module__course=course)
    finish(enrollment, list(Lesson.objects.published().exclude(pk=extra.pk)))
    assert enrollment.progress == 80
    what, row = way.split(maxsplit=1)[0], extra.module if way.endswith("module") else extra
    if what == "delete":
        delete_content(row=row, by=course.instructor)
    else:
        row.is_published = False
        save_content(row=row, by=course.instructor)
    assert run_tasks() == 1
    enrollment.refresh_from_db()
    assert enrollment.progress == 100
    assert enrollment.completed_at is not None
    assert enrollment.certificate_issued


def test_moved_lesson_changes_both_courses(
    enrollment: CourseEnrollment, lessons: list[Lesson], run_tasks: RunTasks
) -> None:
    other = make_course(modules=1, lessons=1)
    elsewhere = EnrollmentFactory(course=other, student=enrollment.student)
    finish(enrollment, lessons[:1])
    lessons[1].module = Module.objects.get(course=other)
    save_content(row=lessons[1], by=enrollment.course.instructor)
    assert run_tasks() == 2
    before = enrollment.progress
    enrollment.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (before < enrollment.progress, elsewhere.progress) == (True, 0)
    assert Lesson.objects.published().filter(module__course=other).count() == 2


def test_lesson_that_somebody_did_stays_in_its_course(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    finish(enrollment, lessons[:1])
    lessons[0].module = Module.objects.get(course=make_course(modules=1, lessons=1))
    with pytest.raises(Conflict) as refused:
        save_content(row=lessons[0], by=enrollment.course.instructor)
    assert refused.value.code == "holds_work"


def test_course_without_certificates_is_completed_without_one(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    Course.objects.update(certificates_enabled=False)
    finish(enrollment, lessons)
    assert enrollment.completed_at == NOON
    assert not enrollment.certificate_issued
    assert not Certificate.objects.exists()


def test_working_progress_out_again_changes_nothing(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    finish(enrollment, lessons[:3])
    before = list(ModuleProgress.objects.order_by("id").values())
    for _time in range(2):
        assert recalculate_course(course_id=enrollment.course_id) == 1
    assert list(ModuleProgress.objects.order_by("id").values()) == before


def test_progress_is_kept_right_for_those_who_left(
    enrollment: CourseEnrollment, lessons: list[Lesson], run_tasks: RunTasks
) -> None:
    finish(enrollment, lessons[:1])
    unenroll_student(enrollment=enrollment, by=enrollment.student)
    lessons[3].is_published = False
    save_content(row=lessons[3], by=enrollment.course.instructor)
    run_tasks()
    enrollment.refresh_from_db()
    assert enrollment.progress == Decimal("33.33")


@pytest.mark.parametrize("closed", ["left", "refunded"])
def test_who_is_not_in_the_course_completes_it_on_coming_back(
    enrollment: CourseEnrollment, lessons: list[Lesson], run_tasks: RunTasks, closed: str
) -> None:
    """The last open lesson was unpublished meanwhile: nothing is left that could be completed."""
    finish(enrollment, lessons[:3])
    if closed == "left":
        unenroll_student(enrollment=enrollment, by=enrollment.student)
    else:
        CourseEnrollment.objects.update(payment_status="refunded")
    lessons[3].is_published = False
    save_content(row=lessons[3], by=enrollment.course.instructor)
    run_tasks()
    enrollment.refresh_from_db()
    assert (enrollment.progress, enrollment.completed_at, enrollment.certificate_issued) == (100, None, False)
    if closed == "left":
        enroll_student(course=enrollment.course, student=enrollment.student)
    else:
        record_payment(enrollment=enrollment, amount=Decimal(49), reference="1", by=None)
    enrollment.refresh_from_db()
    assert enrollment.completed_at is not None
    assert enrollment.certificate_issued


def test_opening_lessons_is_noted_once_a_minute(
    enrollment: CourseEnrollment, lessons: list[Lesson], statements: Any
) -> None:
    record_access(enrollment=enrollment, lesson=lessons[0], now=NOON)
    with statements() as seen:
        record_access(enrollment=enrollment, lesson=lessons[2], now=NOON + timedelta(seconds=59))
    assert seen == []
    enrollment.refresh_from_db()
    assert enrollment.last_accessed == NOON
    minute = NOON + timedelta(seconds=60)
    record_access(enrollment=enrollment, lesson=lessons[0], now=minute)
    enrollment.refresh_from_db()
    row = ModuleProgress.objects.get()
    assert enrollment.last_accessed == minute
    assert (row.started_at, row.last_accessed, row.progress) == (NOON, minute, 0)


def test_sums_of_a_course_count_what_is_published(course: Course) -> None:
    assert (course.lesson_count, course.total_minutes, course.hours) == (4, 40, 1)
    Lesson.objects.filter(title="Lesson 2.1").update(duration_minutes=None)
    Module.objects.filter(title="Module 1").update(is_published=False)
    recount_course(course_id=course.pk)
    course.refresh_from_db()
    assert (course.lesson_count, course.total_minutes) == (2, 10)


def test_course_without_lessons_sums_up_to_nothing(db: None) -> None:
    course = CourseFactory(lesson_count=3, total_minutes=30)
    recount_course(course_id=course.pk)
    course.refresh_from_db()
    assert (course.lesson_count, course.total_minutes) == (0, 0)


def test_completion_that_was_there_before_counts(enrollment: CourseEnrollment, lessons: list[Lesson]) -> None:
    """Such as one that was imported."""
    CompletionFactory(student=enrollment.student, lesson=lessons[3])
    finish(enrollment, lessons[:1])
    assert enrollment.progress == 50

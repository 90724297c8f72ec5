"""Changing what a course consists of: what is logged, what is refused, what follows."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import AuditEvent, User
from assessments.models import Quiz, QuizAttempt
from assignments.models import Assignment, AssignmentSubmission
from courses.authoring import delete_content, free_slug, next_order_index, save_content, work_on
from courses.models import Course, CourseEnrollment, Lesson, LessonResource, Module
from projectgenius.background.models import QueuedTask
from projectgenius.errors import Conflict
from tests.courses.factories import (
    CompletionFactory,
    CourseFactory,
    LessonFactory,
    ModuleFactory,
    ResourceFactory,
)

Events = Callable[[], list[str]]


def rows_of(course: Course) -> list[Course | Module | Lesson]:
    """A course, a module and a lesson, each with its parent published."""
    lesson = Lesson.objects.filter(module__course=course, is_published=True).select_related("module")[0]
    return [course, lesson.module, lesson]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["course", "module", "lesson"])
def test_publishing_and_unpublishing_is_logged(
    course: Course, instructor: User, events: Events, place: int
) -> None:
    row = rows_of(course)[place]
    name = row._meta.model_name
    for published in (False, False, True, True):
        row.is_published = published
        save_content(row=row, by=instructor)
    assert events() == [f"{name}.unpublish", f"{name}.publish"]
    event = AuditEvent.objects.first()
    assert event
    assert (event.actor_id, event.row_id, event.course_id) == (instructor.pk, str(row.pk), course.pk)


def test_other_changes_are_not_publishing(course: Course, instructor: User, events: Events) -> None:
    for row in rows_of(course):
        row.title = "Another title"
        save_content(row=row, by=instructor)
    assert events() == []
    assert set(Module.objects.values_list("title", flat=True)) == {"Another title", "Module 2"}


def test_new_row_is_logged_when_it_is_published_at_once(
    course: Course, instructor: User, events: Events
) -> None:
    module = course.modules.all()[0]
    for published in (False, True):
        save_content(
            row=Lesson(module=module, title="New", content="Text", order_index=9, is_published=published),
            by=instructor,
        )
    assert events() == ["lesson.publish"]


def test_sums_follow_at_once(course: Course, instructor: User, draft_lesson: Lesson) -> None:
    draft_lesson.is_published = True
    save_content(row=draft_lesson, by=instructor)
    course.refresh_from_db()
    assert (course.lesson_count, course.total_minutes) == (5, 50)
    delete_content(row=draft_lesson, by=instructor)
    course.refresh_from_db()
    assert (course.lesson_count, course.total_minutes) == (4, 40)


def test_saving_a_course_does_not_bring_back_old_sums(course: Course, instructor: User) -> None:
    """Somebody else added a lesson while the form was open."""
    stale = Course.objects.get(pk=course.pk)
    LessonFactory(module=course.modules.all()[0])
    save_content(row=stale, by=instructor)
    course.refresh_from_db()
    assert course.lesson_count == 5


def test_moved_lesson_changes_the_sums_of_both_courses(course: Course, instructor: User) -> None:
    module = ModuleFactory(course__instructor=instructor)
    lesson = Lesson.objects.get(title="Lesson 1.1")
    lesson.module = module
    save_content(row=lesson, by=instructor)
    assert Course.objects.get(pk=course.pk).lesson_count == 3
    assert Course.objects.get(pk=module.course_id).lesson_count == 1


@pytest.mark.parametrize("part", ["lesson", "module"])
def test_quizzes_and_assignments_follow_what_moved(course: Course, instructor: User, part: str) -> None:
    target = CourseFactory(instructor=instructor)
    lesson = Lesson.objects.get(title="Lesson 1.1")
    quiz = Quiz.objects.create(course=course, lesson=lesson, title="Q", description="D")
    assignment = Assignment.objects.create(
        course=course, lesson=lesson, title="A", description="D", instructions="I",
        assignment_type="lab", submission_type="text",
    )  # fmt: skip
    stays = Quiz.objects.create(course=course, title="Of no lesson", description="D")
    move(lesson, target, part, instructor)
    for row in (quiz, assignment):
        row.refresh_from_db()
        assert row.course == target
        row.full_clean()
    stays.refresh_from_db()
    assert stays.course == course


@pytest.mark.parametrize("part", ["lesson", "module"])
@pytest.mark.parametrize("work", ["completion", "attempt", "submission"])
def test_what_holds_work_stays_in_its_course(course: Course, instructor: User, part: str, work: str) -> None:
    lesson = Lesson.objects.get(title="Lesson 1.1")
    match work:
        case "completion":
            CompletionFactory(lesson=lesson)
        case "attempt":
            quiz = Quiz.objects.create(course=course, lesson=lesson, title="Q", description="D")
            QuizAttempt.objects.create(quiz=quiz, user=instructor, attempt_number=1)
        case "submission":
            assignment = Assignment.objects.create(
                course=course, lesson=lesson, title="A", description="D", instructions="I",
                assignment_type="lab", submission_type="text",
            )  # fmt: skip
            AssignmentSubmission.objects.create(assignment=assignment, student=instructor, content="x")
    with pytest.raises(Conflict) as refusal:
        move(lesson, CourseFactory(instructor=instructor), part, instructor)
    assert refusal.value.code == "holds_work"
    lesson = Lesson.objects.get(pk=lesson.pk)
    assert lesson.module.course == course


def move(lesson: Lesson, target: Course, part: str, by: User) -> None:
    """Take the lesson, or its whole module, into another course."""
    if part == "module":
        module = Module.objects.get(pk=lesson.module_id)
        module.course = target
        save_content(row=module, by=by)
    else:
        lesson.module = ModuleFactory(course=target)
        save_content(row=lesson, by=by)


def queued() -> int:
    return QueuedTask.objects.count()


@pytest.mark.parametrize("place", [0, 1, 2], ids=["course", "module", "lesson"])
def test_progress_is_worked_out_when_other_lessons_count(
    enrollment: CourseEnrollment, instructor: User, place: int
) -> None:
    row = rows_of(enrollment.course)[place]
    row.title = "Another title"
    save_content(row=row, by=instructor)
    assert queued() == 0
    row.is_published = False
    save_content(row=row, by=instructor)
    assert queued() == 1


def test_progress_is_worked_out_after_a_new_lesson_and_after_its_deletion(
    enrollment: CourseEnrollment, instructor: User
) -> None:
    module = rows_of(enrollment.course)[1]
    lesson = Lesson(module=module, title="New", content="Text", order_index=9, is_published=True)
    save_content(row=lesson, by=instructor)
    assert queued() == 1
    delete_content(row=lesson, by=instructor)
    assert queued() == 2


def test_nothing_is_worked_out_where_nobody_is_enrolled(course: Course, instructor: User) -> None:
    course.is_published = False
    save_content(row=course, by=instructor)
    assert queued() == 0


def test_handing_a_course_over_is_logged(
    course: Course, other_instructor: User, admin_user: User, events: Events
) -> None:
    before = course.instructor_id
    course.instructor = other_instructor
    save_content(row=course, by=admin_user)
    assert events() == ["course.hand_over"]
    event = AuditEvent.objects.get()
    assert (event.before, event.after) == ({"instructor": before}, {"instructor": other_instructor.pk})


@pytest.mark.parametrize("place", [0, 1, 2], ids=["course", "module", "lesson"])
def test_what_holds_work_is_not_deleted(
    enrollment: CourseEnrollment, instructor: User, events: Events, place: int
) -> None:
    row = rows_of(enrollment.course)[place]
    lesson = rows_of(enrollment.course)[2]
    CompletionFactory(student=enrollment.student, lesson=lesson)
    assert work_on(row) == ["1 enrollment", "1 lesson completion", "1 lesson completion"][place]
    with pytest.raises(Conflict) as refusal:
        delete_content(row=row, by=instructor)
    assert refusal.value.code == "holds_work"
    assert "Unpublish it instead." in str(refusal.value.message)
    assert type(row)._default_manager.filter(pk=row.pk).exists()
    assert events() == []


def test_course_that_somebody_left_holds_work(enrollment: CourseEnrollment, instructor: User) -> None:
    CourseEnrollment.objects.update(withdrawn_at=enrollment.enrolled_at)
    with pytest.raises(Conflict):
        delete_content(row=enrollment.course, by=instructor)


def test_course_with_quiz_attempts_is_not_deleted(course: Course, instructor: User, events: Events) -> None:
    """Attempts can be there without an enrollment: the instructor's own previews."""
    quiz = Quiz.objects.create(course=course, title="Quiz", description="Count.")
    QuizAttempt.objects.create(quiz=quiz, user=instructor, attempt_number=1)
    with pytest.raises(Conflict) as refusal:
        delete_content(row=course, by=instructor)
    assert refusal.value.code == "holds_work"
    assert Course.objects.filter(pk=course.pk).exists()
    assert events() == []


@pytest.mark.parametrize("place", [0, 1, 2], ids=["course", "module", "lesson"])
def test_what_holds_no_work_is_deleted_and_logged(course: Course, instructor: User, place: int) -> None:
    row = rows_of(course)[place]
    name, pk, title, course_id = row._meta.model_name, row.pk, row.title, course.pk
    delete_content(row=row, by=instructor)
    assert not type(row)._default_manager.filter(pk=pk).exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.row_id, event.course_id, event.before) == (
        f"{name}.delete",
        str(pk),
        course_id,
        {"name": title},
    )


def test_resource_is_saved_and_deleted(course: Course, instructor: User, events: Events) -> None:
    lesson = Lesson.objects.filter(module__course=course)[0]
    resource = LessonResource(lesson=lesson, title="Slides", resource_type="link", url="https://example.org/")
    save_content(row=resource, by=instructor)
    assert work_on(resource) == ""
    delete_content(row=resource, by=instructor)
    assert events() == ["lessonresource.delete"]
    assert not LessonResource.objects.exists()


def test_lesson_with_resources_is_deleted_with_them(course: Course, instructor: User) -> None:
    resource = ResourceFactory(lesson__module__course=course)
    delete_content(row=resource.lesson, by=instructor)
    assert not LessonResource.objects.exists()


def test_next_place_is_after_the_last(course: Course) -> None:
    module: Any = course.modules.all()[0]
    assert next_order_index(module.lessons) == 4
    assert next_order_index(CourseFactory().modules) == 1


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Data modelling with SQL", "data-modelling-with-sql"),
        ("Историята", "course"),
        ("  --  ", "course"),
        ("a" * 200, "a" * 70),
        ("Ñandú & Co.", "nandu-co"),
    ],
)
def test_address_of_a_course_is_made_of_its_title(db: None, title: str, slug: str) -> None:
    assert free_slug(title) == slug
    CourseFactory(slug=slug, price=Decimal(0))
    second = free_slug(title)
    assert second.startswith(f"{slug}-")
    CourseFactory(slug=second).full_clean()


def test_instructor_is_not_needed_to_save(course: Course) -> None:
    """The demo and imports act for the site itself; the log names nobody."""
    course.is_published = False
    save_content(row=course, by=None)
    event = AuditEvent.objects.get()
    assert event.actor_id is None

"""A copied course: what comes along, what stays behind, and what a failure leaves."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import AuditEvent, User
from assessments.models import CodingQuestion, Question, Quiz
from assignments.models import Assignment
from courses.copying import copy_course, duplicate_lesson
from courses.images import image_url
from courses.models import (
    Course,
    CourseHelper,
    CourseImage,
    CourseInvitation,
    HelperRole,
    Lesson,
    LessonAvailability,
    LessonResource,
    LessonVideo,
    Module,
    ModuleAvailability,
)
from courses.signals import course_copied
from tests.accounts.factories import AdminFactory, InstructorFactory, UserFactory
from tests.courses.factories import EnrollmentFactory, LessonFactory, ModuleFactory, ResourceFactory

Login = Callable[[User], Client]
Statements = Callable[[], AbstractContextManager[list[str]]]
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def full(course: Course) -> Course:
    """`course` with everything that can hang on one."""
    first, second = course.modules.all()
    one = first.lessons.all()[0]
    image = CourseImage(course=course, alt_text="A knot")
    image.file.save("knot.png", ContentFile(PNG, name="a.png"), save=True)
    shown = f"![A knot]({image_url(image)})"
    Lesson.objects.filter(pk=one.pk).update(content=f"Look: {shown}", content_type="video", key="first")
    course.description = f"See {shown}"
    course.price = Decimal("12.50")
    course.cover_file.save("cover.png", ContentFile(PNG, name="a.png"), save=False)
    course.save()
    ResourceFactory(lesson=one, title="Link")
    ResourceFactory(lesson=one, title="File", url="", resource_type="file", file_size=5,
                    file=ContentFile(b"hello", name="hello.txt"))  # fmt: skip
    LessonVideo.objects.create(
        lesson=one, file=ContentFile(b"film", name="film.mp4"), captions=ContentFile(b"WEBVTT", name="c.vtt"),
        transcript=shown, duration_seconds=12,
    )  # fmt: skip
    LessonAvailability.objects.create(lesson=second.lessons.all()[0], after_lesson=one, opens_at=NOON)
    ModuleAvailability.objects.create(module=second, after_module=first)
    quiz = Quiz.objects.create(course=course, lesson=one, title="Quiz", description="D", is_published=True)
    Quiz.objects.create(course=course, title="No lesson", description="D")
    Question.objects.create(
        quiz=quiz, question_type="multiple_choice", content=shown, order_index=1,
        options=[{"id": "a", "text": shown}], correct_answer=["a"],
    )  # fmt: skip
    coding = Question.objects.create(quiz=quiz, question_type="coding", content="Code", order_index=2)
    CodingQuestion.objects.create(
        question=coding, language="python", test_cases=[{"input": "", "output": "1"}]
    )
    Assignment.objects.create(
        course=course, lesson=one, title="Work", description="D", instructions=shown, due_date=NOON,
        assignment_type="homework", submission_type="text", rubric=[{"id": "a", "criterion": "C", "points": 1}],
    )  # fmt: skip
    EnrollmentFactory(course=course)
    CourseHelper.objects.create(course=course, user=UserFactory(), role=HelperRole.ASSISTANT)
    return course


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(out, "PNG")
    return out.getvalue()


PNG = _png()


def outline(course: Course) -> list[tuple[Any, ...]]:
    return [
        (module.title, module.order_index, module.is_published,
         [(row.title, row.order_index, row.is_published, row.is_preview, row.content_type, row.key)
          for row in module.lessons.all()])
        for module in course.modules.all()
    ]  # fmt: skip


def test_copy_is_a_draft_of_ones_own_with_the_same_parts(full: Course, instructor: User) -> None:
    copy = copy_course(course=full, by=instructor)
    assert (copy.title, copy.slug) == ("Copy of Counting for beginners", "copy-of-counting-for-beginners")
    assert not copy.is_published
    assert copy.instructor == instructor
    assert (copy.price, copy.level, copy.duration_weeks) == (full.price, full.level, full.duration_weeks)
    assert outline(copy) == outline(full)
    assert (copy.lesson_count, copy.total_minutes) == (4, 40)
    assert not set(copy.modules.values_list("pk")) & set(full.modules.values_list("pk"))
    event = AuditEvent.objects.get(action="course.copy")
    assert (event.row_id, event.after) == (str(copy.pk), {"source": full.pk})


def test_students_helpers_and_invitations_stay_behind(full: Course, instructor: User) -> None:
    copy = copy_course(course=full, by=instructor)
    assert not copy.enrollments.exists()
    assert not CourseHelper.objects.filter(course=copy).exists()
    assert not CourseInvitation.objects.filter(course=copy).exists()


def test_signature_goes_along_with_its_owner_alone(full: Course, instructor: User) -> None:
    full.certificate_signature.save("s.png", ContentFile(PNG, name="a.png"))
    co_instructor = InstructorFactory()
    CourseHelper.objects.create(course=full, user=co_instructor, role=HelperRole.CO_INSTRUCTOR)
    for person in (co_instructor, AdminFactory()):
        assert not copy_course(course=full, by=person).certificate_signature
    own = copy_course(course=full, by=instructor).certificate_signature
    assert own
    assert own.name != full.certificate_signature.name


def test_files_are_files_of_their_own(full: Course, instructor: User) -> None:
    copy = copy_course(course=full, by=instructor)
    for source, target in (
        (full.cover_file, copy.cover_file),
        (full.images.get().file, copy.images.get().file),
        (video(full).file, video(copy).file),
        (video(full).captions, video(copy).captions),
        (resource(full).file, resource(copy).file),
    ):
        assert source.name != target.name
        with source.storage.open(source.name) as one, target.storage.open(target.name) as two:
            assert one.read() == two.read()
    assert resource(copy).file_size == 5
    assert resource(copy).file.name.endswith("/hello.txt")
    assert copy.images.get().width == 3


def video(course: Course) -> LessonVideo:
    return LessonVideo.objects.get(lesson__module__course=course)


def resource(course: Course) -> LessonResource:
    return LessonResource.objects.get(lesson__module__course=course, title="File")


def test_texts_show_the_copies_of_the_pictures(full: Course, instructor: User) -> None:
    copy = copy_course(course=full, by=instructor)
    old, new = image_url(full.images.get()), image_url(copy.images.get())
    quiz = Quiz.objects.get(course=copy, title="Quiz")
    question = quiz.questions.get(order_index=1)
    texts = [
        copy.description,
        Lesson.objects.get(module__course=copy, key="first").content,
        video(copy).transcript,
        question.content,
        question.options[0]["text"],
        Assignment.objects.get(course=copy).instructions,
    ]
    for text in texts:
        assert new in text
        assert old not in text


def test_rules_of_the_copy_name_its_own_parts(full: Course, instructor: User) -> None:
    copy = copy_course(course=full, by=instructor)
    rule = LessonAvailability.objects.get(lesson__module__course=copy)
    assert rule.opens_at == NOON
    assert rule.after_lesson
    assert rule.after_lesson.module.course == copy
    assert rule.after_lesson.key == "first"
    module_rule = ModuleAvailability.objects.get(module__course=copy)
    assert module_rule.after_module
    assert module_rule.after_module.course == copy


def test_quizzes_and_assignments_come_along(full: Course, instructor: User) -> None:
    copy = copy_course(course=full, by=instructor)
    assert Quiz.objects.get(course=copy, title="No lesson").lesson is None
    quiz = Quiz.objects.get(course=copy, title="Quiz")
    assert quiz.lesson
    assert quiz.lesson.module.course == copy
    assert quiz.is_published
    assert [row.question_type for row in quiz.questions.all()] == ["multiple_choice", "coding"]
    assert quiz.questions.get(order_index=2).coding.test_cases == [{"input": "", "output": "1"}]
    assert quiz.questions.get(order_index=1).correct_answer == ["a"]
    assignment = Assignment.objects.get(course=copy)
    assert assignment.lesson
    assert assignment.lesson.module.course == copy
    assert (assignment.due_date, assignment.rubric[0]["criterion"]) == (NOON, "C")
    assert Question.objects.filter(quiz__course=full).count() == 2


def test_lost_file_does_not_keep_the_course_from_being_copied(full: Course, instructor: User) -> None:
    for name in (resource(full).file.name, full.images.get().file.name):
        default_storage.delete(name)
    copy = copy_course(course=full, by=instructor)
    titles = LessonResource.objects.filter(lesson__module__course=copy).values_list("title", flat=True)
    assert list(titles) == ["Link"]
    assert not copy.images.exists()


def test_failure_leaves_neither_rows_nor_files(
    full: Course, instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    save = default_storage.save
    monkeypatch.setattr(
        default_storage, "save", lambda *args, **more: saved.append(save(*args, **more)) or saved[-1]
    )

    def fail(**_kwargs: Any) -> None:
        raise RuntimeError

    course_copied.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            copy_course(course=full, by=instructor)
    finally:
        course_copied.disconnect(fail)
    assert len(saved) == 5
    assert not any(default_storage.exists(name) for name in saved)
    assert Course.objects.count() == 1


def test_course_is_copied_by_those_who_teach_it_and_may_make_courses(
    full: Course, instructor: User, other_instructor: User, admin_user: User
) -> None:
    helper = UserFactory()
    CourseHelper.objects.create(course=full, user=helper, role=HelperRole.CO_INSTRUCTOR)
    for person in (other_instructor, helper, UserFactory()):
        with pytest.raises(PermissionDenied):
            copy_course(course=full, by=person)
    CourseHelper.objects.create(course=full, user=other_instructor, role=HelperRole.CO_INSTRUCTOR)
    for person in (User.objects.get(pk=other_instructor.pk), admin_user):
        assert copy_course(course=full, by=person).instructor == person


def test_copying_costs_the_same_however_long_the_course_is(
    full: Course, instructor: User, statements: Statements
) -> None:
    def price() -> int:
        with statements() as seen:
            copy = copy_course(course=full, by=instructor)
        copy.delete()
        return len(seen)

    price()
    few = price()
    for _number in range(3):
        module = ModuleFactory(course=full)
        for lesson in LessonFactory.create_batch(5, module=module):
            ResourceFactory(lesson=lesson)
    assert price() == few


# Pages


def test_page_copies_and_leads_to_the_copy(
    full: Course, instructor: User, other_instructor: User, login: Login
) -> None:
    address = reverse("admin:courses_course_copy", args=[full.pk])
    client = login(instructor)
    assert client.get(address).status_code == 405
    answer = client.post(address)
    copy = Course.objects.get(title__startswith="Copy of")
    assert answer["Location"] == reverse("admin:courses_course_build", args=[copy.pk])
    assert login(other_instructor).post(address).status_code == 404
    assert Course.objects.count() == 2


def test_list_action_copies(full: Course, instructor: User, login: Login) -> None:
    data = {"action": "copy", "_selected_action": [full.pk]}
    answer = login(instructor).post(reverse("admin:courses_course_changelist"), data, follow=True)
    assert "“Copy of Counting for beginners” made, as a draft." in answer.content.decode()


# A lesson


def test_lesson_is_duplicated_behind_itself(full: Course, instructor: User, login: Login) -> None:
    module = Module.objects.get(course=full, title="Module 1")
    lesson = module.lessons.all()[0]
    copy = duplicate_lesson(lesson=lesson, by=instructor)
    assert [row.title for row in module.lessons.all()] == [
        "Lesson 1.1", "Copy of Lesson 1.1", "Lesson 1.2", "Draft lesson",
    ]  # fmt: skip
    assert [row.order_index for row in module.lessons.all()] == [1, 2, 3, 4]
    assert not copy.is_published
    assert copy.content == lesson.content
    assert copy.resources.count() == 2
    assert copy.video.file.name != lesson.video.file.name
    assert not copy.quizzes.exists()
    build = reverse("admin:courses_course_build", args=[full.pk])
    answer = login(instructor).post(f"{build}duplicate-lesson/", {"lesson": lesson.pk})
    assert answer.status_code == 302
    assert module.lessons.count() == 5

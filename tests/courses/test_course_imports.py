"""Courses out of archives: tried first, then imported whole or not at all, by who may make courses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from assessments.models import Quiz
from courses import course_imports, loading
from courses.course_imports import forget_old_archives, import_for_real, start_course_import, work_through
from courses.models import Course, CourseImport, Lesson, LessonResource, Module
from projectgenius.errors import Conflict
from tests.courses.archives import exported, rich_course
from tests.courses.importing import LESSON, stored_files, tried, upload

Login = Callable[[User], Client]
Api = Callable[..., APIClient]
Tasks = Callable[[], int]


def test_archive_is_tried_and_then_imported(instructor: User) -> None:
    run = tried(instructor)
    assert (run.status, run.report[0]["message"]) == (
        "done",
        "The course is published: everybody sees it as soon as it is imported.",
    )
    assert run.counts == {"courses": 1, "modules": 1, "lessons": 1}
    assert not Course.objects.exists(), "a dry run takes everything back"
    real = import_for_real(dry_run=run, by=instructor)
    work_through(run_id=real.pk)
    real.refresh_from_db()
    course = Course.objects.get()
    assert (real.status, real.course, course.slug, course.instructor) == (
        "done",
        course,
        "counting-by-hand",
        instructor,
    )
    event = AuditEvent.objects.get(action="course.import")
    assert (event.actor_id, event.row_id, event.after) == (
        instructor.pk,
        str(course.pk),
        {"slug": "counting-by-hand", "import": real.pk},
    )


@pytest.mark.django_db(transaction=True)
def test_archive_is_let_go_once_it_is_imported(instructor: User) -> None:
    run = tried(instructor)
    name = run.file.name
    real = import_for_real(dry_run=run, by=instructor)
    work_through(run_id=real.pk)
    assert not default_storage.exists(name or "")
    run.refresh_from_db()
    assert not run.file
    with pytest.raises(Conflict) as refused:
        import_for_real(dry_run=run, by=instructor)
    assert refused.value.code == "file_gone"


def test_queue_does_the_work_once(instructor: User, run_tasks: Tasks) -> None:
    run = start_course_import(file=upload(), by=instructor)
    run_tasks()
    run.refresh_from_db()
    import_for_real(dry_run=run, by=instructor)
    run_tasks()
    for one in CourseImport.objects.all():
        work_through(run_id=one.pk)  # as after a lost lease
    assert Course.objects.count() == 1


def test_dry_run_stores_nothing(instructor: User) -> None:
    course = rich_course(instructor)
    data = exported(course)
    before, rows = stored_files(), Lesson.objects.count()
    run = start_course_import(file=ContentFile(data, name="rich.zip"), by=instructor)
    work_through(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.counts["lessons"], run.counts["questions"]) == ("done", 4, 5), run.report
    assert stored_files() - before == {run.file.name}
    assert Lesson.objects.count() == rows


def test_course_with_the_same_address_stays_and_the_new_one_gets_another(
    instructor: User, course: Course
) -> None:
    run = tried(instructor, folder=course.slug)
    assert "The address counting is taken" in run.report[0]["message"]
    real = import_for_real(dry_run=run, by=instructor)
    work_through(run_id=real.pk)
    real.refresh_from_db()
    assert real.course
    assert real.course.slug.startswith("counting-")
    course.refresh_from_db()
    assert (course.title, course.modules.count()) == ("Counting for beginners", 2)


@pytest.mark.parametrize("folder", ["", "Ein Kurs!", "_", "x" * 90])
def test_folder_that_is_no_address_gives_one_made_of_the_title(instructor: User, folder: str) -> None:
    run = tried(instructor, folder=folder)
    assert run.status == "done", run.report
    real = import_for_real(dry_run=run, by=instructor)
    work_through(run_id=real.pk)
    assert Course.objects.get().slug == "counting-by-hand"


def test_stored_files_go_when_the_import_fails_at_its_end(
    instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are stored, then the last row is refused: neither rows nor files stay."""
    data = exported(rich_course(instructor))
    before, rows = (
        stored_files(),
        [model.objects.count() for model in (Course, Module, Lesson, LessonResource)],
    )

    def late_fault(*args: Any) -> None:
        raise RuntimeError

    run = start_course_import(file=ContentFile(data, name="rich.zip"), by=instructor)
    archive = {run.file.name}
    CourseImport.objects.filter(pk=run.pk).update(is_dry_run=False)
    monkeypatch.setitem(
        loading.PARTS, "quizzes", loading.PARTS["quizzes"].__class__(write=late_fault, read=late_fault)
    )
    with pytest.raises(RuntimeError):
        work_through(run_id=run.pk)
    assert stored_files() - before == archive
    assert [model.objects.count() for model in (Course, Module, Lesson, LessonResource)] == rows


def test_who_may_not_make_courses_any_more_imports_nothing(instructor: User) -> None:
    run = start_course_import(file=upload(), by=instructor)
    instructor.groups.clear()
    work_through(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.report[0]["message"]) == ("failed", "Only instructors make courses.")


def test_student_brings_in_no_archive(student: User) -> None:
    with pytest.raises(PermissionDenied):
        start_course_import(file=upload(), by=student)
    assert not CourseImport.objects.exists()


def test_archive_is_imported_once(instructor: User) -> None:
    run = tried(instructor)
    import_for_real(dry_run=run, by=instructor)
    with pytest.raises(Conflict) as refused:
        import_for_real(dry_run=run, by=instructor)
    assert refused.value.code == "imported_already"


def test_archive_with_faults_is_not_imported(instructor: User) -> None:
    run = tried(instructor, {LESSON: "x"})
    with pytest.raises(Conflict) as refused:
        import_for_real(dry_run=run, by=instructor)
    assert refused.value.code == "not_ready"


def test_archives_that_nobody_goes_on_with_are_let_go(instructor: User) -> None:
    run = tried(instructor)
    name = run.file.name
    assert forget_old_archives.func(now=timezone.now() + timedelta(days=6)) == 0
    assert forget_old_archives.func(now=timezone.now() + timedelta(days=8)) == 1
    assert not default_storage.exists(name or "")


def test_too_large_upload_is_not_even_kept(instructor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course_imports, "LARGEST_ARCHIVE", 10)
    with pytest.raises(Exception, match="smaller than 1 GB"):
        start_course_import(file=upload(), by=instructor)
    assert not CourseImport.objects.exists()


def test_quiz_that_is_not_ready_comes_in_as_a_draft(instructor: User) -> None:
    question = (
        "questions:\n  - type: true_false\n    question: Is it so?\n    correct: true\n    points: {points}\n"
    )
    quizzes = {
        "quizzes/01-empty.yaml": "title: Empty\ndescription: x\npublished: true\n",
        "quizzes/02-ready.yaml": "title: Ready\ndescription: x\npublished: true\n"
        + question.format(points=1),
        "quizzes/03-worthless.yaml": "title: Worthless\ndescription: x\npublished: true\n"
        + question.format(points=0),
        "quizzes/04-draft.yaml": "title: Draft\ndescription: x\npublished: false\n",
    }
    dry_run = tried(instructor, quizzes)
    assert dry_run.status == "done", dry_run.report
    work_through(run_id=import_for_real(dry_run=dry_run, by=instructor).pk)
    for run in CourseImport.objects.all():
        assert [line["message"] for line in run.report if "quizzes/" in line["place"]] == [
            "“Empty” comes in as a draft. The quiz has no questions.",
            "“Worthless” comes in as a draft. No question is worth points.",
        ]
    assert list(Quiz.objects.order_by("id").values_list("title", "is_published")) == [
        ("Empty", False),
        ("Ready", True),
        ("Worthless", False),
        ("Draft", False),
    ]

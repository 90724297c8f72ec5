"""What the tests of courses share."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.models import AuditEvent, User
from courses.models import Course, CourseEnrollment, Lesson
from projectgenius.background.schedule import Scheduler
from projectgenius.background.worker import LeasedWorker
from tests.courses.folder import write_course


@pytest.fixture
def enrollment(enrolled_student: User, course: Course) -> CourseEnrollment:
    """The open place of `enrolled_student` in `course`."""
    return CourseEnrollment.objects.get(student=enrolled_student, course=course)


@pytest.fixture
def lessons(course: Course) -> list[Lesson]:
    """The four published lessons of `course`, in order."""
    return list(Lesson.objects.published().filter(module__course=course).in_order())


@pytest.fixture
def draft_lesson(course: Course) -> Lesson:
    """The lesson of the first module that is not published."""
    return Lesson.objects.get(module__course=course, is_published=False)


@pytest.fixture
def events(db: None) -> Callable[[], list[str]]:
    """`events()` lists the actions of the audit log, oldest first."""
    return lambda: list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


@pytest.fixture
def run_tasks(db: None) -> Callable[[], int]:
    """`run_tasks()` does what waits in the queue, as a worker would; returns how many tasks there were."""

    def work() -> int:
        worker = LeasedWorker(lease=timedelta(seconds=60))
        worker.scheduler = Scheduler({})
        while worker.step():
            pass
        return worker.tasks_run

    return work


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """A course as files: `counting-by-hand`."""
    return write_course(tmp_path / "counting-by-hand")

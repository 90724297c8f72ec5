"""Loads the demo: adds what is missing, overwrites nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.registration import register_person
from courses.enrollment import enroll_student
from courses.folders import CourseFolder, read_course, refusal
from courses.loading import load_course
from courses.models import Course, CourseEnrollment, Lesson, LessonCompletion
from courses.payments import record_payment
from courses.permissions import helps_teach_course
from courses.progress import recalculate_progress
from projectgenius.demo.attempts import prove_solutions, take_quizzes

HERE = Path(__file__).parent
PASSWORD = "projectgenius"  # noqa: S105  (the demo's log-ins are public on purpose)


def load_demo(say: Callable[[str], Any]) -> None:
    """Load people, courses and enrollments; `say` is told in a line each what was added.

    What people changed on the site stays: who was renamed or uses a demo's address, left a course or closed one.
    Raises ValidationError that names the file when a course's folder cannot be used; all are read before any is loaded.
    """
    people: list[dict[str, Any]] = yaml.safe_load((HERE / "people.yaml").read_text(encoding="utf-8"))
    paths = sorted(path for path in (HERE / "courses").iterdir() if (path / "course.yaml").is_file())
    folders = [read_course(path) for path in paths]
    say(f"People: {_load_people(people)} added.")
    added = sum(load_course(folder=folder, instructor=_instructor_of(folder))[1] for folder in folders)
    say(f"Courses, modules and lessons: {added} added.")
    say(f"Enrollments: {_load_enrollments(people)} added.")
    prove_solutions()
    for person in people:
        take_quizzes.enqueue(person["username"])
    say("Attempts at quizzes: the worker adds what is missing.")


def _instructor_of(folder: CourseFolder) -> User:
    """Who teaches the course now, or will, according to its folder."""
    if course := Course.objects.filter(slug=folder.slug).select_related("instructor").first():
        return course.instructor
    name = folder.fields.get("instructor", "")
    if user := User.objects.filter(username=name).first():
        return user
    raise refusal(folder.path / "course.yaml", f"there is no instructor {name!r}")


def _load_people(people: list[dict[str, Any]]) -> int:
    there = {name.lower() for row in User.objects.values_list("username", "email") for name in row}
    missing = [person for person in people if there.isdisjoint((person["username"], person["email"]))]
    # Hashing takes long on purpose; the demo's people share one password and may share its hash.
    password_hash = make_password(PASSWORD) if missing else ""
    for person in missing:
        register_person(
            username=person["username"],
            email=person["email"],
            full_name=person["full_name"],
            bio=person.get("bio", ""),
            password_hash=password_hash,
            is_instructor=person["role"] == "instructor",
            is_admin=person["role"] == "admin",
        )
    return len(missing)


def _load_enrollments(people: list[dict[str, Any]]) -> int:
    added = 0
    students = User.objects.in_bulk([person["username"] for person in people], field_name="username")
    courses = {course.slug: course for course in Course.objects.published().select_related("instructor")}
    there = set(CourseEnrollment.objects.values_list("student__username", "course__slug"))
    for person in people:
        for entry in person.get("enrollments") or []:
            student, course = students.get(person["username"]), courses.get(entry["course"])
            if student and course and (student.username, course.slug) not in there:
                added += _enroll(student, course, entry)
    return added


@transaction.atomic
def _enroll(student: User, course: Course, entry: dict[str, Any]) -> bool:
    """Enroll as the site would, then lay the completions over the days since; False for who teaches the course now."""
    if helps_teach_course(student, course):
        return False
    now = timezone.now()
    begun = now - timedelta(days=entry["days_ago"])
    enrollment = enroll_student(course=course, student=student, now=begun)
    if not enrollment.is_settled:
        number = f"demo-{enrollment.pk}"
        record_payment(enrollment=enrollment, amount=course.price, reference=number, by=None, now=begun)
    lessons = Lesson.objects.published().filter(module__course=course).in_order()
    done = list(lessons[: round(lessons.count() * float(entry["completed"]))])
    moments = _spread(begun, now, len(done))
    LessonCompletion.objects.bulk_create(
        [
            LessonCompletion(student=student, lesson=lesson, completed_at=moment)
            for lesson, moment in zip(done, moments, strict=True)
        ],
        ignore_conflicts=True,  # an enrollment deleted by hand leaves its completions
    )
    if done:
        CourseEnrollment.objects.filter(pk=enrollment.pk).update(last_accessed=moments[-1])
    locked = (
        CourseEnrollment.objects.select_for_update()
        .select_related("course__instructor", "student")
        .get(pk=enrollment.pk)
    )
    recalculate_progress(enrollment=locked, now=moments[-1] if moments else begun)
    return True


def _spread(begun: datetime, now: datetime, count: int) -> list[datetime]:
    """`count` moments between two, evenly."""
    step = (now - begun) / (count + 1)
    return [begun + step * place for place in range(1, count + 1)]

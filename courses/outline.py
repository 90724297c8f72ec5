"""What a course consists of, as one person sees it; and a person's courses with what comes next."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery, Value
from django.db.models.fields import BooleanField
from django.utils import timezone

from courses.availability import RULE_FIELDS, Doings, Lock, first_lock, rule_from, rule_of
from courses.models import Course, CourseEnrollment, Lesson, LessonCompletion, Module, VideoPosition
from courses.permissions import can_view_course_work


@dataclass
class ModulePart:
    """A module with its lessons. Each lesson carries `is_done`, `is_locked` and, if its availability does it, `lock`.

    `lock` here is what keeps the module as a whole closed.
    """

    module: Module
    number: int
    lessons: list[Lesson] = field(default_factory=list)
    lock: Lock | None = None

    @property
    def total(self) -> int:
        return len(self.lessons)

    @property
    def done(self) -> int:
        return sum(lesson.is_done for lesson in self.lessons)  # type: ignore[attr-defined]

    @property
    def minutes(self) -> int:
        return sum(lesson.duration_minutes or 0 for lesson in self.lessons)


@dataclass
class Outline:
    """A course's modules and lessons in order."""

    modules: list[ModulePart]

    @property
    def lessons(self) -> list[Lesson]:
        """All lessons, in the order in which they are taken."""
        return [lesson for part in self.modules for lesson in part.lessons]

    @property
    def total(self) -> int:
        return sum(part.total for part in self.modules)

    @property
    def done(self) -> int:
        return sum(part.done for part in self.modules)

    @property
    def is_done(self) -> bool:
        """Every lesson is done; False while there is none."""
        return 0 < self.total == self.done

    @property
    def next_lesson(self) -> Lesson | None:
        """The first lesson that is open and not done; None when all are done, or what is left is locked."""
        return next((one for one in self.lessons if not one.is_done and not one.is_locked), None)  # type: ignore[attr-defined]

    def find(self, pk: int | None) -> Lesson | None:
        """The lesson with this id."""
        return next((lesson for lesson in self.lessons if lesson.pk == pk), None)

    def position(self, lesson: Lesson) -> int:
        """The lesson's place in the course, from 1; 0 when the outline does not hold it."""
        ids = [one.pk for one in self.lessons]
        return ids.index(lesson.pk) + 1 if lesson.pk in ids else 0

    def neighbours(self, lesson: Lesson) -> tuple[Lesson | None, Lesson | None]:
        """The lessons before and after."""
        lessons, place = self.lessons, self.position(lesson)
        before = lessons[place - 2] if place > 1 else None
        after = lessons[place] if 0 < place < len(lessons) else None
        return before, after


def course_outline(
    *, course: Course, user: Any, is_open: bool, as_student: bool = False, now: datetime | None = None
) -> Outline:
    """The outline of `course` for `user`, in two queries. `is_open`: lessons may be read (enrolled or teaching).

    Students see what is published, and of that what is locked by its availability with the reason; who teaches or
    assists sees all of it and passes every rule, unless it is looked at `as_student`.
    """
    modules = Module.objects.filter(course=course).select_related("availability")
    lessons = (
        Lesson.objects.filter(module__course=course)
        .select_related("availability")
        .defer("content")
        .in_order()
    )
    sees_all = can_view_course_work(user, course) and not as_student
    if not sees_all:
        modules = modules.filter(is_published=True)
        lessons = lessons.filter(is_published=True, module__is_published=True)
    parts = {
        module.pk: ModulePart(module=module, number=number)
        for number, module in enumerate(modules.order_by("order_index", "id"), start=1)
    }
    for lesson in lessons.annotate(is_done=_is_done(user)):
        if lesson.module_id not in parts:  # its module came between the two queries
            continue
        lesson.is_locked = not (is_open or lesson.is_preview)  # type: ignore[attr-defined]
        lesson.lock = None  # type: ignore[attr-defined]
        parts[lesson.module_id].lessons.append(lesson)
    outline = Outline(modules=list(parts.values()))
    if is_open and not sees_all:
        _lock(outline, user, now or timezone.now())
    return outline


def _lock(outline: Outline, user: Any, now: datetime) -> None:
    """Say of each part and lesson what keeps it closed."""
    doings = Doings()
    for part in outline.modules:
        for lesson in part.lessons:
            doings.add(
                lesson=lesson.pk,
                title=lesson.title,
                module=part.module.pk,
                module_title=part.module.title,
                is_done=lesson.is_done,  # type: ignore[attr-defined]
            )
    for part in outline.modules:
        part.lock = first_lock([rule_of(part.module)], doings, user=user, now=now)
        for lesson in part.lessons:
            if not lesson.is_preview:
                lock = part.lock or first_lock([rule_of(lesson)], doings, user=user, now=now)
                lesson.lock, lesson.is_locked = lock, lock is not None  # type: ignore[attr-defined]


def _is_done(user: Any) -> Exists | Value:
    if not user.is_authenticated:
        return Value(value=False, output_field=BooleanField())
    return Exists(LessonCompletion.objects.filter(lesson=OuterRef("pk"), student=user))


def _stopped_at(user: Any) -> Subquery:
    """Where somebody stopped in the lesson's video, in seconds."""
    return Subquery(VideoPosition.objects.filter(student=user, lesson=OuterRef("pk")).values("seconds"))


@dataclass
class Place:
    """One of a person's courses: the enrollment, how far each module is, and the lesson that comes next.

    `lock` says why none comes next, when all that is left is locked.
    """

    enrollment: CourseEnrollment
    modules: list["ModuleCount"] = field(default_factory=list)
    next_lesson: dict[str, Any] | None = None
    lesson_number: int = 0
    lock: Lock | None = None

    @property
    def course(self) -> Course:
        return self.enrollment.course

    @property
    def total(self) -> int:
        return sum(module.total for module in self.modules)

    @property
    def done(self) -> int:
        return sum(module.done for module in self.modules)

    @property
    def is_done(self) -> bool:
        return self.total > 0 and self.done == self.total


@dataclass
class ModuleCount:
    """How many lessons of a module there are, and how many are done."""

    number: int
    total: int = 0
    done: int = 0


def enrolled_courses(user: Any, now: datetime | None = None) -> list[Place]:
    """The courses that `user` is in, the one opened last first, in two queries however many there are."""
    enrollments = (
        CourseEnrollment.objects.active()
        .filter(student=user, course__is_published=True)
        .select_related("course__instructor")
        .order_by(F("last_accessed").desc(nulls_last=True), "-enrolled_at", "-id")
    )
    places = {enrollment.course_id: Place(enrollment=enrollment) for enrollment in enrollments}
    rows = (
        Lesson.objects.published()
        .filter(module__course__in=places)
        .annotate(course_id=F("module__course_id"), module_title=F("module__title"))
        .annotate(is_done=_is_done(user), stopped_at=_stopped_at(user))
        .in_order()
        .values(
            "course_id", "module_id", "module_title", "id", "title", "duration_minutes", "content_type",
            "is_preview", "is_done", "stopped_at", *RULE_FIELDS,
        )
    )  # fmt: skip
    by_course: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_course.setdefault(row["course_id"], []).append(row)
    for course_id, lessons in by_course.items():
        _fill(places[course_id], lessons, user, now or timezone.now())
    return list(places.values())


def _fill(place: Place, rows: list[dict[str, Any]], user: Any, now: datetime) -> None:
    """Count the lessons by module, and find the first that is open and not done."""
    doings = Doings()
    for row in rows:
        doings.add(
            lesson=row["id"],
            title=row["title"],
            module=row["module_id"],
            module_title=row["module_title"],
            is_done=row["is_done"],
        )
    seen: dict[int, ModuleCount] = {}
    for row in rows:
        if row["module_id"] not in seen:
            seen[row["module_id"]] = ModuleCount(number=len(seen) + 1)
            place.modules.append(seen[row["module_id"]])
        module = seen[row["module_id"]]
        module.total += 1
        module.done += row["is_done"]
        if place.next_lesson is not None or row["is_done"]:
            continue
        rules = (
            ()
            if row["is_preview"]
            else (rule_from(row, "module__availability__"), rule_from(row, "availability__"))
        )
        if (lock := first_lock(rules, doings, user=user, now=now)) is None:
            place.next_lesson, place.lesson_number = {**row, "module_number": module.number}, place.total
            place.lock = None
        else:
            place.lock = place.lock or lock

"""The roster of a course: its students with how far they are, narrowed, searched, sorted and paged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import (
    Course,
    CourseEnrollment,
    Lesson,
    LessonCompletion,
    Module,
    ModuleProgress,
    PaymentStatus,
)
from courses.standing import Pace, Standing, pace_of

PAGE_SIZE = 50
LONGEST_SEARCH = 100
# What the roster is sorted by: the name given in an address, its words, and the columns.
SORTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "name": (_("Name"), ("student__full_name", "student__username")),
    "email": (_("E-mail"), ("student__email",)),
    "progress": (_("Progress"), ("progress",)),
    "enrolled": (_("Enrolled"), ("enrolled_at",)),
    "opened": (_("Last opened"), ("last_accessed",)),
}


@dataclass(frozen=True)
class Choice:
    """Which students are meant: a standing, words to search for, and an order. The same on every way in."""

    standing: str = Standing.ALL
    search: str = ""
    sort: str = "name"

    @classmethod
    def read(cls, data: Any) -> "Choice":
        """From the parameters of an address; what is not known is passed over, as on every page with filters."""
        standing = data.get("standing", "")
        sort = data.get("sort", "")
        return cls(
            standing=standing if standing in Standing.values else Standing.ALL,
            search=data.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
            sort=sort if sort.removeprefix("-") in SORTS else "name",
        )

    def as_parameters(self) -> dict[str, str]:
        """What differs from a fresh roster, for addresses and hidden fields."""
        standard = Choice()
        named = {"standing": self.standing, "q": self.search, "sort": self.sort}
        fresh = {"standing": standard.standing, "q": standard.search, "sort": standard.sort}
        return {name: value for name, value in named.items() if value != fresh[name]}

    def rows(self, course: Course, now: datetime | None = None) -> QuerySet[CourseEnrollment]:
        """The enrollments that are meant, in order."""
        rows = searched(CourseEnrollment.objects.filter(course=course), self.search)
        return in_order(rows.standing(self.standing, now), self.sort)  # type: ignore[attr-defined]


def searched(rows: QuerySet[CourseEnrollment], text: str) -> QuerySet[CourseEnrollment]:
    """Students whose name or address holds every word of `text`."""
    for word in text.split():
        rows = rows.filter(
            Q(student__full_name__icontains=word)
            | Q(student__username__icontains=word)
            | Q(student__email__icontains=word)
        )
    return rows


def in_order(rows: QuerySet[CourseEnrollment], sort: str) -> QuerySet[CourseEnrollment]:
    """Sorted by one of `SORTS`, backwards with a minus; who never opened a lesson comes last either way."""
    columns = SORTS[sort.removeprefix("-")][1]
    if sort.startswith("-"):
        order = [F(column).desc(nulls_last=True) for column in columns]
    else:
        order = [F(column).asc(nulls_last=True) for column in columns]
    return rows.order_by(*order, "pk")


@dataclass
class RosterRow:
    """One line of the roster."""

    enrollment: CourseEnrollment
    done: int
    total: int
    pace: Pace
    state: str
    certificate: str = ""

    @property
    def state_label(self) -> Any:
        return STATES[self.state]


STATES: dict[str, Any] = {
    "left": _("Left"),
    "pending": _("Payment pending"),
    "failed": _("Payment failed"),
    "refunded": _("Refunded"),
    "completed": _("Completed"),
    "not_started": _("Not started"),
    "behind": _("Falling behind"),
    "active": _("Active"),
}


def state_of(enrollment: CourseEnrollment, pace: Pace) -> str:
    """One word of `STATES`: the first that is true."""
    if enrollment.withdrawn_at is not None:
        return "left"
    if enrollment.is_completed:
        return "completed"
    if not enrollment.is_settled:
        return str(PaymentStatus(enrollment.payment_status).value)
    if not pace.is_started:
        return "not_started"
    return "behind" if pace.is_behind else "active"


def pace(enrollment: CourseEnrollment, course: Course, now: datetime | None = None) -> Pace:
    """The pace of one place in `course`."""
    return pace_of(
        progress=enrollment.progress,
        enrolled_at=enrollment.enrolled_at,
        last_accessed=enrollment.last_accessed,
        duration_weeks=course.duration_weeks,
        now=now or timezone.now(),
    )


def roster_lines(
    course: Course, enrollments: Iterable[CourseEnrollment], now: datetime | None = None
) -> list[RosterRow]:
    """The enrollments as lines; one statement counts the lessons done by all of them."""
    rows = list(enrollments)
    done = lessons_done(course, [row.student_id for row in rows])
    lines = []
    for row in rows:
        own_pace = pace(row, course, now)
        lines.append(
            RosterRow(
                enrollment=row,
                done=done.get(row.student_id, 0),
                total=course.lesson_count,
                pace=own_pace,
                state=state_of(row, own_pace),
                certificate=_certificate_code(row),
            )
        )
    return lines


def lessons_done(course: Course, students: Sequence[int]) -> dict[int, int]:
    """How many lessons of the course that are published each of `students` has done; nobody with none is in it."""
    counts = (
        LessonCompletion.objects.filter(
            student__in=students,
            lesson__module__course=course,
            lesson__is_published=True,
            lesson__module__is_published=True,
        )
        .order_by()
        .values_list("student_id")
        .annotate(done=Count("pk"))
    )
    return dict(counts)


def with_people(rows: QuerySet[CourseEnrollment]) -> QuerySet[CourseEnrollment]:
    """Bring student and certificate along."""
    return rows.select_related("student", "certificate")


def _certificate_code(row: CourseEnrollment) -> str:
    certificate = getattr(row, "certificate", None)
    return certificate.code if certificate and certificate.revoked_at is None else ""


@dataclass
class RosterPage:
    """What the roster shows: one page of lines, how many students stand how, and what was chosen."""

    course: Course
    choice: Choice
    counts: dict[str, int]
    page: Page[CourseEnrollment]
    lines: list[RosterRow] = field(default_factory=list)


def roster_page(course: Course, choice: Choice, number: str | int, now: datetime | None = None) -> RosterPage:
    """A page of the roster. Without a search the count is that of the standing, so nothing is counted twice."""
    counts = CourseEnrollment.objects.filter(course=course).count_by_standing(now)
    rows = with_people(choice.rows(course, now))
    paginator = Paginator(rows, PAGE_SIZE)
    if not choice.search:
        paginator.count = counts[choice.standing]
    page = paginator.get_page(number)
    return RosterPage(course, choice, counts, page, roster_lines(course, page.object_list, now))


# One student, and everybody at a glance


@dataclass
class LessonLine:
    """A lesson, and when the student did it."""

    lesson: Lesson
    completed_at: datetime | None


@dataclass
class ModuleLine:
    """A module, how far the student is in it, and its lessons."""

    module: Module
    progress: ModuleProgress | None
    lessons: list[LessonLine]

    @property
    def done(self) -> int:
        return sum(line.completed_at is not None for line in self.lessons)


def student_progress(enrollment: CourseEnrollment) -> list[ModuleLine]:
    """Every published module and lesson in order, with what the student of this enrollment has done."""
    lessons = (
        Lesson.objects.published()
        .filter(module__course=enrollment.course_id)
        .select_related("module")
        .defer("content", "module__description")
        .in_order()
    )
    done = dict(
        LessonCompletion.objects.filter(
            student=enrollment.student_id, lesson__module__course=enrollment.course_id
        )
        .order_by()
        .values_list("lesson_id", "completed_at")
    )
    progress = {row.module_id: row for row in enrollment.module_progress.all()}
    lines: dict[int, ModuleLine] = {}
    for lesson in lessons:
        line = lines.setdefault(
            lesson.module_id, ModuleLine(lesson.module, progress.get(lesson.module_id), [])
        )
        line.lessons.append(LessonLine(lesson, done.get(lesson.pk)))
    return list(lines.values())


def progress_grid(
    course: Course, enrollments: Sequence[CourseEnrollment]
) -> tuple[list[Module], dict[int, dict[int, ModuleProgress]]]:
    """The course's published modules in order, and by enrollment and module how far each student is."""
    modules = list(Module.objects.filter(course=course, is_published=True).order_by("order_index", "id"))
    found: dict[int, dict[int, ModuleProgress]] = {}
    for row in ModuleProgress.objects.filter(enrollment__in=[row.pk for row in enrollments]):
        found.setdefault(row.enrollment_id, {})[row.module_id] = row
    return modules, found


def chosen_rows(
    course: Course, ids: Iterable[Any], choice: Choice, everybody: bool
) -> list[CourseEnrollment]:
    """The enrollments that somebody ticked, or all that match the choice; ids of other courses are not found.

    Raises ValidationError `nobody_chosen` when that is nobody.
    """
    rows = choice.rows(course)
    if not everybody:
        numbers = [
            int(text) for text in map(str, ids) if text.isascii() and text.isdecimal() and len(text) < 19
        ]
        rows = in_order(CourseEnrollment.objects.filter(course=course, pk__in=numbers[:PAGE_SIZE]), "name")
    found = list(rows.select_related("student", "course"))
    if not found:
        raise ValidationError(_("Choose at least one student."), code="nobody_chosen")
    return found

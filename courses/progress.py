"""How far a student is. Lesson completions are the source of truth; everything else is worked out here."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Count, Exists, FilteredRelation, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from courses.certificates import issue_certificate
from courses.models import Course, CourseEnrollment, Lesson, LessonCompletion, ModuleProgress
from courses.signals import course_completed
from projectgenius.errors import Conflict

ACCESS_INTERVAL = timedelta(minutes=1)


def percent(done: int, total: int) -> Decimal:
    """100 × done / total with two decimals, half up; 0 when there is nothing to do."""
    if total == 0:
        return Decimal("0.00")
    return (Decimal(100 * done) / total).quantize(Decimal("0.01"), ROUND_HALF_UP)


def marked_by_student(lesson: Lesson) -> bool:
    """Whether the student says when the lesson is done.

    Readings and videos: yes. A quiz or assignment lesson completes by its result, unless it holds no
    published quiz or assignment yet.
    """
    if lesson.is_marked_by_student:
        return True
    if not hasattr(lesson, "has_result"):
        return not Lesson.objects.filter(pk=lesson.pk).completed_by_result().exists()
    return not lesson.has_result


@transaction.atomic
def complete_lesson(*, lesson: Lesson, student: User, now: datetime | None = None) -> CourseEnrollment:
    """Mark `lesson` as done by `student`, once, and bring the progress up to date.

    Raises Conflict `not_enrolled` without an open enrollment, `locked` while the lesson's availability keeps it
    closed, and `completed_by_result` for a lesson that a quiz or an assignment completes.
    """
    now = now or timezone.now()
    enrollment = _locked_enrollment(lesson, student, now)
    if not marked_by_student(lesson):
        raise Conflict(_("This lesson is completed by its result."), code="completed_by_result")
    LessonCompletion.objects.get_or_create(student=student, lesson=lesson, defaults={"completed_at": now})
    recalculate_progress(enrollment=enrollment, now=now)
    return enrollment


@transaction.atomic
def undo_completion(*, lesson: Lesson, student: User, now: datetime | None = None) -> CourseEnrollment:
    """Take the mark back; a course once completed stays completed. Raises Conflict as `complete_lesson` does."""
    now = now or timezone.now()
    enrollment = _locked_enrollment(lesson, student, now)
    if not marked_by_student(lesson):
        raise Conflict(_("This lesson is completed by its result."), code="completed_by_result")
    LessonCompletion.objects.filter(student=student, lesson=lesson).delete()
    recalculate_progress(enrollment=enrollment, now=now)
    return enrollment


@transaction.atomic
def record_result(*, lesson: Lesson, enrollment: CourseEnrollment, now: datetime | None = None) -> None:
    """A result completes `lesson`, once: the caller has found that every quiz or assignment on it is done.

    What was completed so stays completed, whatever becomes of the result: nobody's way is closed again.
    """
    now = now or timezone.now()
    locked = (
        CourseEnrollment.objects.select_for_update(of=("self",))
        .select_related("course__instructor", "student")
        .get(pk=enrollment.pk)
    )
    done = LessonCompletion(student=locked.student, lesson=lesson, completed_at=now)
    LessonCompletion.objects.bulk_create([done], ignore_conflicts=True)
    recalculate_progress(enrollment=locked, now=now)


def _locked_enrollment(lesson: Lesson, student: User, now: datetime) -> CourseEnrollment:
    """The open enrollment, locked: completions of one student in one course come one after the other."""
    unlocked = Lesson.objects.filter(pk=lesson.pk).unlocked_for(student, now)
    enrollment = (
        CourseEnrollment.objects.open()
        .select_for_update(of=("self",))
        .select_related("course__instructor", "student")
        .filter(student=student, course__modules__lessons__in=Lesson.objects.published().filter(pk=lesson.pk))
        .annotate(is_unlocked=Exists(unlocked))
        .first()
    )
    if enrollment is None:
        raise Conflict(_("Enroll in this course first."), code="not_enrolled")
    if not enrollment.is_unlocked:  # type: ignore[attr-defined]
        raise Conflict(_("This lesson is locked now. Its page says why."), code="locked")
    return enrollment


@transaction.atomic
def recalculate_progress(*, enrollment: CourseEnrollment, now: datetime | None = None) -> None:
    """Work out module and course progress anew from the completions of published lessons.

    The caller holds the enrollment's lock. `completed_at` is set the first time 100 is reached and never
    taken back; then the certificate is issued and `course_completed` sent.
    """
    now = now or timezone.now()
    counts = (
        Lesson.objects.published()
        .filter(module__course_id=enrollment.course_id)
        .annotate(
            mine=FilteredRelation("completions", condition=Q(completions__student=enrollment.student_id))
        )
        .order_by()
        .values_list("module_id")
        .annotate(total=Count("id"), done=Count("mine"))
    )
    by_module = {module_id: (done, total) for module_id, total, done in counts}
    _save_module_progress(enrollment, by_module, now)
    done = sum(pair[0] for pair in by_module.values())
    total = sum(pair[1] for pair in by_module.values())
    enrollment.progress = percent(done, total)
    reached = total > 0 and done == total
    newly_completed = reached and enrollment.is_open and enrollment.completed_at is None
    if newly_completed:
        enrollment.completed_at = now
    enrollment.save(update_fields=["progress", "completed_at"])
    if newly_completed:
        issue_certificate(enrollment=enrollment, now=now)
        transaction.on_commit(lambda: course_completed.send(CourseEnrollment, enrollment=enrollment))


def _save_module_progress(
    enrollment: CourseEnrollment, by_module: dict[int, tuple[int, int]], now: datetime
) -> None:
    """Write a row for each module that has been begun; one statement for all."""
    rows = {row.module_id: row for row in ModuleProgress.objects.filter(enrollment=enrollment)}
    for module_id, (done, _total) in by_module.items():
        if done and module_id not in rows:
            rows[module_id] = ModuleProgress(enrollment=enrollment, module_id=module_id, started_at=now)
    for module_id, row in rows.items():
        done, total = by_module.get(module_id, (0, 0))
        row.progress = percent(done, total)
        if total and done == total and row.completed_at is None:
            row.completed_at = now
    ModuleProgress.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["enrollment", "module"],
        update_fields=["progress", "completed_at"],
    )


def record_access(*, enrollment: CourseEnrollment, lesson: Lesson, now: datetime | None = None) -> None:
    """Note that a lesson was opened; at most once a minute, so that reading does not mean writing."""
    now = now or timezone.now()
    if enrollment.last_accessed and now - enrollment.last_accessed < ACCESS_INTERVAL:
        return
    with transaction.atomic():
        CourseEnrollment.objects.filter(pk=enrollment.pk).update(last_accessed=now)
        ModuleProgress.objects.bulk_create(
            [
                ModuleProgress(
                    enrollment=enrollment, module_id=lesson.module_id, started_at=now, last_accessed=now
                )
            ],
            update_conflicts=True,
            unique_fields=["enrollment", "module"],
            update_fields=["last_accessed"],
        )
    enrollment.last_accessed = now


@transaction.atomic
def recount_course(*, course_id: int) -> None:
    """Bring the course's own sums over published lessons up to date (they count even while it is a draft).

    The course is locked before counting: of two changes at once, the second counts what the first has saved.
    """
    list(Course.objects.select_for_update(no_key=True).filter(pk=course_id).order_by().values_list("pk"))
    sums = Lesson.objects.filter(
        module__course_id=course_id, is_published=True, module__is_published=True
    ).aggregate(lessons=Count("id"), minutes=Sum("duration_minutes"))
    Course.objects.filter(pk=course_id).update(
        lesson_count=sums["lessons"], total_minutes=sums["minutes"] or 0
    )


def recalculate_course(*, course_id: int) -> int:
    """Bring every enrollment of a course up to date after its content changed; returns how many there were.

    One transaction an enrollment, so that nobody waits for the whole class.
    """
    ids = CourseEnrollment.objects.filter(course_id=course_id).values_list("pk", flat=True)
    count = 0
    for pk in ids.iterator(chunk_size=1000):
        with transaction.atomic():
            enrollment = (
                CourseEnrollment.objects.select_for_update(of=("self",))
                .select_related("course__instructor", "student")
                .get(pk=pk)
            )
            recalculate_progress(enrollment=enrollment)
        count += 1
    return count

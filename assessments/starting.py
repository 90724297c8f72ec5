"""Starting an attempt, one that counts or a preview."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assessments.availability import lock_of
from assessments.finishing import finish_attempt
from assessments.models import Question, Quiz, QuizAttempt
from assessments.paper import asks_the_same, make_paper
from assessments.permissions import can_preview_quiz
from assessments.questions import hold_questions, holding_questions
from assessments.timing import deadline_of, has_ended, time_allowed
from courses.models import CourseEnrollment, CourseHelper
from projectgenius.errors import Conflict


@transaction.atomic
def start_attempt(
    *, quiz: Quiz, student: User, is_untimed: bool = False, now: datetime | None = None
) -> tuple[QuizAttempt, bool]:
    """Begin an attempt, or find the one that runs; says too whether it is new.

    The enrollment is locked: of many starts at once one makes the attempt. One that runs although its end has come is
    closed first. Raises PermissionDenied for those who teach or assist in the course and for administrators, and
    Conflict `not_enrolled`, `not_published`, `locked` (its message is the reason), `no_questions`, `no_attempts_left`,
    `timer_required`.
    """
    now = now or timezone.now()
    enrollment = lock_enrollment(quiz, student)
    running = QuizAttempt.objects.running().filter(quiz=quiz, user=student).first()
    if running and not running.is_preview and not has_ended(running.deadline, now):
        return running, False
    if running:
        finish_attempt(attempt=running, now=now)
    quiz = _open_quiz(quiz, student, now)
    if is_untimed and not quiz.is_timer_optional:
        raise Conflict(_("This quiz is taken with its timer."), code="timer_required")
    accommodation = getattr(enrollment, "accommodation", None)
    number = _next_number(quiz, student, accommodation.extra_attempts if accommodation else 0)
    factor = accommodation.time_factor if accommodation else Decimal(1)
    allowed = None if is_untimed else time_allowed(minutes=quiz.time_limit, factor=factor)
    return _make_attempt(quiz, student, number, allowed, now, questions=_asked(quiz)), True


def lock_enrollment(quiz: Quiz, student: User) -> CourseEnrollment:
    """The open enrollment of a student of the course, locked: what limits attempts is counted behind this lock.

    The quiz's questions stay as they are from here on too.
    """
    helps = CourseHelper.objects.filter(course=OuterRef("course"), user=student)
    enrollment = (
        CourseEnrollment.objects.open()
        .select_for_update(of=("self",))
        .select_related("accommodation", "course")
        .annotate(is_helper=Exists(helps), held=holding_questions(quiz.pk))
        .filter(student=student, course=quiz.course_id)
        .first()
    )
    if enrollment is None:
        raise Conflict(_("Enroll in this course first."), code="not_enrolled")
    teaches = enrollment.is_helper or enrollment.course.instructor_id == student.pk  # type: ignore[attr-defined]
    if teaches or student.is_admin:
        raise PermissionDenied(_("Attempts that count are for students. Preview the quiz instead."))
    return enrollment


def _open_quiz(quiz: Quiz, student: User, now: datetime) -> Quiz:
    """The quiz as it stands, if it shows and nothing keeps it or its lesson closed to the student."""
    found = Quiz.objects.published().with_rules().filter(pk=quiz.pk).first()
    if found is None:
        raise Conflict(_("This quiz is not open."), code="not_published")
    if lock := lock_of(found, student, now):
        raise Conflict(str(lock.reason), code="locked")
    return found


def _next_number(quiz: Quiz, student: User, extra: int) -> int:
    """The number of the next attempt. A voided attempt frees its place in the limit, never its number."""
    own = QuizAttempt.objects.filter(quiz=quiz, user=student).order_by()
    facts = own.aggregate(
        last=Max("attempt_number"), used=Count("pk", filter=Q(is_preview=False, voided_at=None))
    )
    if quiz.max_attempts is not None and facts["used"] >= quiz.max_attempts + extra:
        raise Conflict(_("You have used all your attempts."), code="no_attempts_left")
    return (facts["last"] or 0) + 1


def _asked(quiz: Quiz) -> list[Question]:
    return list(Question.objects.asked().filter(quiz=quiz).select_related("coding"))


def _make_attempt(
    quiz: Quiz,
    student: User,
    number: int,
    allowed: timedelta | None,
    now: datetime,
    *,
    questions: Sequence[Question],
    is_preview: bool = False,
) -> QuizAttempt:
    paper = make_paper(quiz, questions, random.SystemRandom())
    if not paper:
        raise Conflict(_("This quiz has no questions yet."), code="no_questions")
    availability = getattr(quiz, "availability", None)
    closes_at = availability.closes_at if availability and not is_preview else None
    return QuizAttempt.objects.create(
        quiz=quiz,
        user=student,
        attempt_number=number,
        started_at=now,
        seen_at=now,
        paper=paper,
        deadline=deadline_of(started_at=now, allowed=allowed, closes_at=closes_at),
        is_preview=is_preview,
    )


@transaction.atomic
def start_preview(*, quiz: Quiz, by: User, now: datetime | None = None) -> tuple[QuizAttempt, bool]:
    """An instructor takes the quiz as a student would; nothing of it counts. Says too whether it is new.

    The quiz may be a draft, or closed. A preview that runs is gone on with as long as the quiz asks what it asked; once
    a question was changed it is closed, and the next one shows the quiz as it is. So is an attempt of the time before
    somebody came to teach here. Raises PermissionDenied, and Conflict `no_questions`.
    """
    now = now or timezone.now()
    if not can_preview_quiz(by, quiz):
        raise PermissionDenied(_("Only those who teach the course preview its quizzes."))
    list(User.objects.select_for_update(no_key=True).filter(pk=by.pk).order_by().values_list("pk"))
    hold_questions(quiz.pk)
    questions = _asked(quiz)
    running = QuizAttempt.objects.running().filter(quiz=quiz, user=by).first()
    if running:
        goes_on = running.is_preview and not has_ended(running.deadline, now)
        if goes_on and asks_the_same(running.paper, questions):
            return running, False
        finish_attempt(attempt=running, now=now)
    last = QuizAttempt.objects.filter(quiz=quiz, user=by).order_by().aggregate(n=Max("attempt_number"))["n"]
    allowed = time_allowed(minutes=quiz.time_limit)
    number = (last or 0) + 1
    return _make_attempt(quiz, by, number, allowed, now, questions=questions, is_preview=True), True

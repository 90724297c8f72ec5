"""What a student sees of a quiz before and between attempts: its rules in figures, and the own attempts."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from assessments.availability import lock_of
from assessments.models import KeyAfter, Question, Quiz, QuizAttempt
from assessments.permissions import can_preview_quiz, can_view_quiz_work
from assessments.timing import deadline_of, time_allowed
from courses.availability import Lock
from courses.models import CourseEnrollment
from projectgenius.markdown import render_markdown

KEY_TEXTS: dict[str, str | Promise] = {
    KeyAfter.ATTEMPT: _("You see the correct answers after each attempt."),
    KeyAfter.LAST_ATTEMPT: _("You see the correct answers after your last attempt."),
    KeyAfter.CLOSING: _("You see the correct answers after the quiz has closed."),
}


@dataclass
class QuizPage:
    """A quiz as one person sees it. `attempts` are the own ones in order; a running one has its time still to go."""

    quiz: Quiz
    user: Any
    enrollment: CourseEnrollment | None
    attempts: list[QuizAttempt]
    questions: int
    points: Decimal
    lock: Lock | None
    now: datetime

    @classmethod
    def of(cls, quiz: Quiz, user: Any, now: datetime | None = None) -> "QuizPage":
        """Gather it; `quiz` was read `with_rules()`."""
        now = now or timezone.now()
        own = QuizAttempt.objects.filter(quiz=quiz, user=user).without_paper().order_by("attempt_number")
        asked = Question.objects.asked().filter(quiz=quiz).order_by()
        sums = asked.aggregate(questions=Count("pk"), points=Sum("points"))
        return cls(
            quiz=quiz,
            user=user,
            enrollment=_open_enrollment(quiz, user),
            attempts=list(own),
            questions=sums["questions"],
            points=sums["points"] or Decimal(0),
            lock=lock_of(quiz, user, now),
            now=now,
        )

    @cached_property
    def description(self) -> SafeString:
        return render_markdown(self.quiz.description)

    @property
    def can_preview(self) -> bool:
        return can_preview_quiz(self.user, self.quiz)

    @property
    def sees_all(self) -> bool:
        """Teaches or assists here, or administers: takes no attempt that counts."""
        return can_view_quiz_work(self.user, self.quiz)

    @property
    def running(self) -> QuizAttempt | None:
        """The attempt to go on with."""
        return next((one for one in self.attempts if one.is_running), None)

    @property
    def past(self) -> list[QuizAttempt]:
        """Ended attempts, the newest first."""
        return [one for one in reversed(self.attempts) if not one.is_running]

    # --- Time

    @cached_property
    def minutes(self) -> int | None:
        """The time limit of this student with the extra time, in minutes; None without a limit."""
        allowed = self._allowed
        return None if allowed is None else int(allowed.total_seconds() // 60)

    @property
    def minutes_left(self) -> int:
        """Whole minutes of the running attempt, a begun one counted."""
        deadline = self.running.deadline if self.running else None
        return math.ceil(max(0, (deadline - self.now).total_seconds()) / 60) if deadline else 0

    @property
    def points_to_pass(self) -> Decimal:
        return self.points * self.quiz.passing_score / 100

    @property
    def extra_minutes(self) -> int:
        """How much of it the student was given beyond the others."""
        return (self.minutes or 0) - (self.quiz.time_limit or 0)

    @property
    def _allowed(self) -> timedelta | None:
        accommodation = getattr(self.enrollment, "accommodation", None)
        factor = accommodation.time_factor if accommodation else Decimal(1)
        return time_allowed(minutes=self.quiz.time_limit, factor=factor)

    @property
    def opens_at(self) -> datetime | None:
        return getattr(getattr(self.quiz, "availability", None), "opens_at", None)

    @property
    def closes_at(self) -> datetime | None:
        return getattr(getattr(self.quiz, "availability", None), "closes_at", None)

    @property
    def cut_at(self) -> datetime | None:
        """When an attempt begun now would end early, because the quiz closes."""
        whole = deadline_of(started_at=self.now, allowed=self._allowed, closes_at=None)
        closes = self.closes_at
        return closes if whole and closes and self.now < closes < whole else None

    # --- Attempts

    @property
    def most_attempts(self) -> int | None:
        """How many attempts this student has, with extra ones; None without a limit."""
        if self.quiz.max_attempts is None:
            return None
        accommodation = getattr(self.enrollment, "accommodation", None)
        return self.quiz.max_attempts + (accommodation.extra_attempts if accommodation else 0)

    @property
    def used(self) -> int:
        return sum(not one.is_voided and not one.is_preview for one in self.attempts)

    @property
    def left(self) -> int | None:
        return None if self.most_attempts is None else max(0, self.most_attempts - self.used)

    @property
    def can_start(self) -> bool:
        """Whether "Start attempt" is offered; `attempts.start_attempt` decides."""
        open_to_start = self.enrollment and not self.lock and self.questions and not self.running
        return bool(open_to_start and self.left != 0 and not self.sees_all)

    # --- Results

    @property
    def key_text(self) -> str | Promise:
        """When correct answers are shown."""
        if not self.quiz.show_correct_answers:
            return _("Correct answers are not shown.")
        return KEY_TEXTS[self.quiz.key_after]

    @property
    def shows_scores(self) -> bool:
        return self.quiz.results_at is None or self.quiz.results_at <= self.now

    @property
    def best(self) -> QuizAttempt | None:
        """The attempt that counts: the first with the highest score."""
        scored = [one for one in self.attempts if one.score is not None and not one.is_voided]
        counting = [one for one in scored if not one.is_preview] if self.shows_scores else []
        return max(counting, key=lambda one: one.score or 0, default=None)

    @property
    def has_passed(self) -> bool:
        return bool(self.best and (self.best.score or 0) >= self.quiz.passing_score)


def _open_enrollment(quiz: Quiz, user: Any) -> CourseEnrollment | None:
    return (
        CourseEnrollment.objects.open()
        .select_related("accommodation")
        .filter(student=user, course=quiz.course_id)
        .first()
    )

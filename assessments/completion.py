"""When a quiz lesson is completed: every published quiz on it has a counting attempt at or above its pass mark.

A quiz whose results are still held back (`results_at`) completes nothing before they appear: progress would tell what
the result page does not. What was completed stays completed, whatever becomes of quiz or attempt.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments.models import AttemptStatus, Quiz, QuizAttempt
from courses.models import CourseEnrollment, Lesson, LessonCompletion
from courses.progress import record_result


def complete_quiz_lesson(*, attempt: QuizAttempt, now: datetime | None = None) -> bool:
    """Complete the lesson of an attempt's quiz for its student, if the attempt was the last one missing.

    The attempt brings its quiz. Says whether the lesson was completed by this.
    """
    quiz, score = attempt.quiz, attempt.score
    is_in_vain = attempt.is_preview or attempt.is_voided or score is None or score < quiz.passing_score
    if quiz.lesson_id is None or is_in_vain:
        return False
    return _complete(quiz.lesson_id, now or timezone.now(), Q(student=attempt.user_id)) > 0


def complete_lessons(*, lesson_ids: Iterable[int], now: datetime | None = None) -> int:
    """Complete these lessons for all who have passed what is on them by now; returns how many completions were new.

    For when a quiz was published, unpublished, deleted, moved or got another pass mark.
    """
    now = now or timezone.now()
    return sum(_complete(pk, now) for pk in lesson_ids)


def complete_released(*, since: datetime, now: datetime | None = None) -> int:
    """Complete the lessons of quizzes whose results appeared after `since`."""
    now = now or timezone.now()
    released = Quiz.objects.filter(results_at__gt=since, results_at__lte=now)
    return complete_lessons(
        lesson_ids={pk for pk in released.values_list("lesson", flat=True) if pk}, now=now
    )


def _complete(lesson_id: int, now: datetime, whose: Q = Q()) -> int:  # noqa: B008  (it is not changed)
    enrollments = list(_due(lesson_id, now).filter(whose))
    for enrollment in enrollments:
        record_result(lesson=Lesson(pk=lesson_id), enrollment=enrollment, now=now)
    return len(enrollments)


def _due(lesson_id: int, now: datetime) -> QuerySet[CourseEnrollment]:
    """The enrollments of those who have passed every published quiz of the lesson and have not completed it."""
    quizzes = Quiz.objects.filter(lesson=lesson_id, lesson__content_type="quiz", is_published=True)
    passing = QuizAttempt.objects.counting().filter(
        quiz=OuterRef("pk"),
        user=OuterRef(OuterRef("student")),
        status=AttemptStatus.COMPLETED,
        score__gte=OuterRef("passing_score"),
    )
    is_released = Q(results_at=None) | Q(results_at__lte=now)
    left = quizzes.exclude(Exists(passing) & is_released)
    done = LessonCompletion.objects.filter(lesson=lesson_id, student=OuterRef("student"))
    return CourseEnrollment.objects.filter(
        Exists(quizzes), ~Exists(left), ~Exists(done), course__modules__lessons=lesson_id
    )

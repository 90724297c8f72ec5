"""The pictures of a course that quizzes show: to whom, and where."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone

from assessments.models import AttemptStatus, Question, Quiz, QuizAttempt
from courses.models import CourseImage


def pictures_in_quizzes(user: Any, mention: Any) -> Q:
    """The condition that a quiz shows the picture to `user`: its description, or the paper of an own attempt.

    A picture that an explanation alone holds waits until the attempt is over and correct answers are shown. Nobody
    knows its address before: it holds an unguessable word.
    """
    if not user.is_authenticated:
        return Q(pk__in=[])
    described = Quiz.objects.visible_to(user).filter(
        course=OuterRef("course_id"), description__contains=mention
    )
    asked = Question.objects.filter(quiz__course=OuterRef("course_id")).alias(
        in_options=Cast("options", models.TextField())
    )
    in_question = asked.filter(Q(content__contains=mention) | Q(in_options__contains=mention))
    explains = asked.filter(explanation__contains=mention)
    papers = QuizAttempt.objects.filter(user=user, quiz__course=OuterRef("course_id"))
    papers = papers.alias(written=Cast("paper", models.TextField())).filter(written__contains=mention)
    with_key = papers.exclude(status=AttemptStatus.IN_PROGRESS).filter(
        Q(quiz__results_at=None) | Q(quiz__results_at__lte=timezone.now()), quiz__show_correct_answers=True
    )
    is_asked = Exists(papers.order_by()) & (Exists(in_question.order_by()) | ~Exists(explains.order_by()))
    return Q(Exists(described.order_by())) | Q(is_asked) | Q(Exists(with_key.order_by()))


def places_in_quizzes(image: CourseImage, mention: str) -> Iterator[str]:
    """The titles of quizzes that show the picture, or showed it to somebody whose attempt is kept."""
    of_course = Quiz.objects.filter(course=image.course_id)
    questions = Question.objects.filter(quiz__in=of_course).alias(
        in_options=Cast("options", models.TextField())
    )
    written = questions.filter(
        Q(content__contains=mention) | Q(explanation__contains=mention) | Q(in_options__contains=mention)
    )
    attempts = QuizAttempt.objects.filter(quiz__in=of_course).alias(written=Cast("paper", models.TextField()))
    kept = attempts.filter(written__contains=mention)
    shown = Q(description__contains=mention) | Q(pk__in=written.order_by().values("quiz"))
    yield from of_course.filter(shown | Q(pk__in=kept.order_by().values("quiz"))).values_list(
        "title", flat=True
    )

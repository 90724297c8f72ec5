"""What quizzes do when news comes: an attempt was graded, a course copied, a lesson moved, a worker started."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts.models import User
from accounts.records import count_in_words
from accounts.signals import person_erased
from assessments import judge
from assessments.completion import complete_quiz_lesson
from assessments.copying import copy_availability, copy_questions
from assessments.judge_states import ProgramsHere
from assessments.judging import QUEUE
from assessments.models import Question, Quiz, QuizAttempt
from assessments.regraded_attempts import note_score_after_judging
from assessments.runs import forget_runs_of
from assessments.signals import attempt_graded
from assessments.tasks import complete_quiz_lessons
from courses.authoring import stays_where_it_is
from courses.copying import fresh
from courses.models import Course, Lesson
from courses.signals import content_moved, course_copied
from projectgenius.background.signals import worker_started
from projectgenius.background.worker import LeasedWorker


@receiver(course_copied)
def copy_quizzes(
    *, source: Course, copy: Course, lessons: dict[int, Lesson], rewrite: Callable[[Any], Any], **_kwargs: Any
) -> None:
    """Copy the course's quizzes with their questions and when they are open; nobody's attempts."""
    old = list(Quiz.objects.filter(course=source).order_by("pk"))
    quizzes = Quiz.objects.bulk_create(
        fresh(
            quiz,
            course_id=copy.pk,
            lesson_id=lessons[quiz.lesson_id].pk if quiz.lesson_id in lessons else None,
            description=rewrite(quiz.description),
        )
        for quiz in old
    )
    by_id = {quiz.pk: new for quiz, new in zip(old, quizzes, strict=True)}
    new_lessons = {pk: lesson.pk for pk, lesson in lessons.items()}
    questions = Question.objects.filter(quiz__in=by_id).select_related("coding").order_by("pk")
    copy_questions(questions, into=by_id, lessons=new_lessons, rewrite=rewrite)
    modules_of = Lesson.objects.filter(module__course=source).values_list("pk", "module")
    new_modules = {module: lessons[pk].module_id for pk, module in modules_of if pk in lessons}
    copy_availability(by_id, new_lessons, new_modules)


@receiver(content_moved)
def take_quizzes_along(*, lessons: Iterable[int], course: Course, **_kwargs: Any) -> None:
    """The quizzes of lessons that came into another course belong to it now; one with students' work stays."""
    if work := QuizAttempt.objects.filter(quiz__lesson__in=lessons):
        raise stays_where_it_is(count_in_words(work))
    Quiz.objects.filter(lesson__in=lessons).exclude(course=course).update(course=course)


@receiver(attempt_graded)
def complete_lesson(*, attempt: QuizAttempt, **_kwargs: Any) -> None:
    """Who passes the last quiz of a lesson has completed it."""
    complete_quiz_lesson(attempt=attempt)


@receiver(post_delete, sender=Quiz)
def complete_without_quiz(*, instance: Quiz, **_kwargs: Any) -> None:
    """What a deleted quiz kept from being complete may be complete now."""
    if instance.lesson_id and instance.is_published:
        complete_quiz_lessons.enqueue([instance.lesson_id])


@receiver(person_erased)
def forget_tried_programs(*, user: User, by: Any, **_kwargs: Any) -> None:
    """What a person tried out is nobody's academic record."""
    forget_runs_of(user=user, by=by)


@receiver(worker_started)
def open_judge(*, worker: LeasedWorker, **_kwargs: Any) -> None:
    """Workers may run students' programs, where they can; no other process may."""
    judge.allow_here()
    worker.take_only_while(QUEUE, ProgramsHere())


@receiver(attempt_graded)
def note_regraded_program(*, attempt: QuizAttempt, **_kwargs: Any) -> None:
    """A regrade that waited for the judge has its new score."""
    note_score_after_judging(attempt=attempt)

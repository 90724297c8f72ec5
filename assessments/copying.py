"""Copying questions and quizzes: all that was written, nothing of those who answered."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import User
from assessments.models import CodingQuestion, Question, Quiz, QuizAvailability
from assessments.questions import arrange, lock_quiz, place_behind, require_right
from courses.copying import Files, copied_files, copy_images, fresh
from courses.models import Course, CourseImage, Lesson

Rewrite = Callable[[Any], Any]
MENTION = re.compile(r"/course-images/(\d+)/")


def copy_questions(
    questions: Iterable[Question], *, into: Mapping[int, Quiz], lessons: Mapping[int, int], rewrite: Rewrite
) -> list[Question]:
    """Write copies of questions that were read with their `coding`; returns them in the same order.

    `into` leads from old quizzes to the new ones, `lessons` from old lessons to the new ones' ids: a lesson that is
    not there is left out.
    """
    old = list(questions)
    new = Question.objects.bulk_create(
        (
            fresh(
                question,
                quiz_id=into[question.quiz_id].pk,
                lesson_id=lessons.get(question.lesson_id or 0),
                content=rewrite(question.content),
                options=rewrite(question.options),
                explanation=rewrite(question.explanation),
            )
            for question in old
        ),
        batch_size=100,
    )
    CodingQuestion.objects.bulk_create(
        fresh(question.coding, question_id=copy.pk)
        for question, copy in zip(old, new, strict=True)
        if hasattr(question, "coding")
    )
    return new


def copy_question(*, question: Question, quiz: Quiz | None = None, by: User) -> Question:
    """Copy a question behind itself, or to the end of another quiz that `by` edits.

    In another course it shows copies of its pictures, and no lesson covers it. Raises PermissionDenied.
    """
    target = quiz or question.quiz
    require_right(question.quiz, by)
    with copied_files() as files:
        target = lock_quiz(target.pk)
        require_right(target, by)
        question = Question.objects.select_related("coding", "quiz__course").get(pk=question.pk)
        source = question.quiz
        rewrite = _rewrite(source.course, target.course, _texts(question), files, by)
        [copy] = copy_questions(
            [question], into={source.pk: target}, lessons=_lessons(source, target.course_id), rewrite=rewrite
        )
        Question.objects.filter(pk=copy.pk).update(is_retired=False)
        return place_behind(copy, question.pk if target.pk == source.pk else None)


def copy_quiz(*, quiz: Quiz, course: Course | None = None, lesson: Lesson | None = None, by: User) -> Quiz:
    """Make a draft with the settings and the questions that are asked; in the same course also when it is open.

    `course` is another course that `by` edits; `lesson` one of the copy's course (empty: in the same course the
    quiz's own lesson). Raises PermissionDenied, and ValidationError `other_course`.
    """
    course = course or quiz.course
    stays = course.pk == quiz.course_id
    if lesson is not None and lesson.module.course_id != course.pk:
        raise ValidationError(
            {"lesson": ValidationError(_("Choose a lesson of this course."), code="other_course")}
        )
    copy = fresh(quiz, course_id=course.pk, is_published=False, title=_copy_title(quiz.title))
    copy.course = course
    copy.lesson_id = lesson.pk if lesson else quiz.lesson_id if stays else None
    require_right(quiz, by)
    require_right(copy, by)
    with copied_files() as files:
        questions = list(Question.objects.asked().filter(quiz=quiz).select_related("coding"))
        rewrite = _rewrite(quiz.course, course, quiz.description + _texts(*questions), files, by)
        copy.description = rewrite(quiz.description)
        copy.save()
        copy_questions(questions, into={quiz.pk: copy}, lessons=_lessons(quiz, course.pk), rewrite=rewrite)
        arrange(copy)
        if stays:
            copy_availability({quiz.pk: copy})
        record_event("quiz.copy", actor=by, row=copy, course_id=course.pk, after={"source": quiz.pk})
        return copy


def copy_availability(
    quizzes: Mapping[int, Quiz],
    lessons: Mapping[int, int] | None = None,
    modules: Mapping[int, int] | None = None,
) -> None:
    """Copy when quizzes are open. `lessons` and `modules` lead to those of another course; without them they stay."""
    rows = QuizAvailability.objects.filter(quiz__in=list(quizzes))
    QuizAvailability.objects.bulk_create(
        fresh(
            row,
            quiz_id=quizzes[row.quiz_id].pk,
            after_lesson_id=row.after_lesson_id if lessons is None else lessons.get(row.after_lesson_id or 0),
            after_module_id=row.after_module_id if modules is None else modules.get(row.after_module_id or 0),
        )
        for row in rows
    )


def _lessons(quiz: Quiz, course_id: int) -> dict[int, int]:
    """Within one course questions keep the lessons that cover them."""
    if quiz.course_id != course_id:
        return {}
    found = Question.objects.filter(quiz=quiz).exclude(lesson=None).values_list("lesson", flat=True)
    return {pk: pk for pk in found if pk}


def _rewrite(source: Course, target: Course, said: str, files: Files, by: User) -> Rewrite:
    """Copies the pictures that the text shows into another course; within one they are shown as they are."""
    if source.pk == target.pk:
        return lambda value: value
    shown = {int(pk) for pk in MENTION.findall(said) if len(pk) < 19}
    return copy_images(CourseImage.objects.filter(course=source, pk__in=shown), target, files, by)


def _texts(*questions: Question) -> str:
    return "".join(f"{row.content}{row.options}{row.explanation}" for row in questions)


def _copy_title(title: str) -> str:
    return (_("Copy of %(title)s") % {"title": title})[:200]

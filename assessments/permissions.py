"""Who may do what to quizzes and attempts. No request, no HTTP."""

from typing import Any

from assessments.models import Question, QuestionResponse, Quiz, QuizAttempt
from courses.models import CourseEnrollment
from courses.permissions import can_edit_course, can_view_course_work, teaches_course


def can_edit_quiz(user: Any, quiz: Quiz) -> bool:
    """Settings and questions: who edits the course."""
    return can_edit_course(user, quiz.course)


def can_edit_question(user: Any, question: Question) -> bool:
    """A question is edited by those who edit its quiz."""
    return can_edit_quiz(user, question.quiz)


def can_export_questions(user: Any, quiz: Quiz) -> bool:
    """Questions with their answers as a file: who edits the course; assistants look, they do not carry off."""
    return can_edit_quiz(user, quiz)


def can_view_quiz_work(user: Any, quiz: Quiz) -> bool:
    """Questions with their keys, attempts, figures: instructors and assistants of the course, administrators."""
    return can_view_course_work(user, quiz.course)


def can_take_quiz(user: Any, quiz: Quiz) -> bool:
    """Starting an attempt that counts: who studies in the course, with an open enrollment, and does not teach there.

    What an API key leaves of somebody's rights makes no student of a teacher.
    """
    return bool(
        user.is_authenticated
        and not user.is_admin
        and quiz.course.instructor_id != user.pk
        and not user.helper_roles.filter(course=quiz.course_id).exists()
        and CourseEnrollment.objects.open().filter(student=user, course=quiz.course_id).exists()
    )


def can_preview_quiz(user: Any, quiz: Quiz) -> bool:
    """Taking a quiz as a student sees it, without counting: who teaches the course."""
    return teaches_course(user, quiz.course)


def can_answer_attempt(user: Any, attempt: QuizAttempt) -> bool:
    """Saving answers and handing in: the attempt's own student, as long as the course is open to them."""
    if not user.is_authenticated or attempt.user_id != user.pk:
        return False
    if attempt.is_preview:
        return can_preview_quiz(user, attempt.quiz)
    return CourseEnrollment.objects.open().filter(student=user, course=attempt.quiz.course_id).exists()


def can_grade_response(user: Any, response: QuestionResponse) -> bool:
    """Points and feedback: instructors and assistants of the course, administrators; nobody on own work."""
    return response.attempt.user_id != user.pk and can_view_course_work(user, response.attempt.quiz.course)


def can_regrade_quiz(user: Any, quiz: Quiz) -> bool:
    """Grading finished attempts again: who edits the course. Own attempts are left out of it."""
    return can_edit_quiz(user, quiz)


def can_manage_attempt(user: Any, attempt: QuizAttempt) -> bool:
    """Voiding, reopening, adding time: who edits the course; nobody on own work."""
    return attempt.user_id != user.pk and can_edit_quiz(user, attempt.quiz)

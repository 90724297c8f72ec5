"""Pages of quizzes that the access matrix and the rows of the admin do not reach, as a German browser gets them.

What is over (results, grading, regrades, figures) and what is built (each type of question), for who learns and for
who teaches.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import trans_real
from rest_framework.test import APIClient

from accounts.models import User
from assessments.analytics import refresh_quiz_analytics
from assessments.hand_grading import grade_by_hand
from assessments.models import QuestionType, Quiz, QuizAttempt
from assessments.regrading import preview_regrade
from courses.accommodations import give_accommodation
from courses.models import Course
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.assessments.regrades import hand_in, rekey
from tests.projectgenius.speakers import Listening, Marking, unmarked_words, values_in_database
from tests.projectgenius.test_pages_in_german import (
    GERMAN_BROWSER,
    Login,
    in_english,
    listening,  # noqa: F401
    page,
    without_marks,
)
from tests.projectgenius.test_words_in_german import sentences

Pages = Callable[[], Iterator[tuple[str, str]]]


@pytest.fixture
def taken(course: Course, student: User) -> QuizAttempt:
    """A graded attempt with a wrong answer, of a quiz that others have taken too; its key was changed since."""
    quiz = make_quiz(kinds="mte", course=course, title="Zwei", max_attempts=3)
    hand_in(quiz, UserFactory(full_name="Ada"), essay="Darum.")  # waits for points
    attempt = hand_in(quiz, student, multiple_choice=["a"], essay="Darum.")
    grade_by_hand(
        response=attempt.responses.get(question__question_type="essay"),
        points=Decimal(1),
        feedback="Gut.",
        by=course.instructor,
    )
    rekey(quiz)
    refresh_quiz_analytics(quiz=quiz)
    return attempt


def of_student(taken: QuizAttempt, student: User) -> Iterator[str]:
    yield reverse("assessments:quiz_detail", args=[taken.quiz_id])
    yield reverse("assessments:attempt_result", args=[taken.pk])
    yield reverse("assessments:attempt_result", args=[taken.pk]) + "?show=wrong"
    for timed in (None, 600):
        for paged in (True, False):
            quiz = make_quiz(
                kinds="mstec", course=taken.quiz.course, title="Drei",
                time_limit=timed, one_question_per_page=paged, is_timer_optional=True,
            )  # fmt: skip
            yield reverse("assessments:quiz_detail", args=[quiz.pk])
            attempt = make_attempt(quiz=quiz, student=student)
            for name in ("take", "review"):
                yield reverse(f"assessments:attempt_{name}", args=[attempt.pk])


def of_instructor(taken: QuizAttempt, instructor: User) -> Iterator[str]:
    quiz = taken.quiz
    empty = make_quiz(kinds="", course=quiz.course, title="Vier", is_published=False)
    programs = make_quiz(kinds="c", course=quiz.course, title="Programme")
    essay = taken.responses.get(question__question_type="essay")
    questions = quiz.questions.order_by("order_index")
    yield from quiz_pages(quiz, "build", "publish", "copy", "grading", "regrade", "analytics", "interchange")
    yield from quiz_pages(empty, "build", "publish", "grading", "regrade", "analytics", "interchange")
    yield from quiz_pages(programs, "build", "publish", "interchange")
    regrade = preview_regrade(quiz=quiz, acts={questions[0].pk: "key"}, reason="Schlüssel.", by=instructor)
    yield from quiz_pages(quiz, "regrade")
    yield reverse("admin:assessments_quiz_regrade_detail", args=[quiz.pk, regrade.pk])
    yield reverse("admin:assessments_quiz_grading_answers", args=[quiz.pk, essay.question_id])
    for row in quiz.attempts.order_by("pk"):
        waits = row.responses.get(question__question_type="essay")
        yield reverse("admin:assessments_quiz_grading_response", args=[quiz.pk, waits.pk])
    yield reverse("admin:assessments_quiz_to_grade")
    yield reverse("admin:assessments_quizattempt_change", args=[taken.pk])
    for name in ("add_time", "reopen", "void"):
        yield reverse(f"admin:assessments_quizattempt_{name}", args=[taken.pk])
    for kind in QuestionType.values:
        yield f"{reverse('admin:assessments_question_add')}?quiz={quiz.pk}&question_type={kind}"
    for question in (*questions, *programs.questions.all()):
        yield reverse("admin:assessments_question_change", args=[question.pk])
        yield reverse("admin:assessments_question_copy", args=[question.pk])
    place = taken.user.enrollments.get(course=quiz.course)
    give_accommodation(enrollment=place, by=instructor)
    yield reverse("admin:courses_course_accommodations", args=[quiz.course_id])
    yield reverse("admin:courses_course_accommodation", args=[quiz.course_id, place.pk])


def quiz_pages(quiz: Quiz, *names: str) -> Iterator[str]:
    yield from (reverse(f"admin:assessments_quiz_{name}", args=[quiz.pk]) for name in names)


@pytest.fixture
def pages(taken: QuizAttempt, student: User, instructor: User, login: Login) -> Pages:
    def found() -> Iterator[tuple[str, str]]:
        learner, teacher = login(student), login(instructor)
        for path in of_student(taken, student):
            yield path, shown(learner, path)
        for path in of_instructor(taken, instructor):
            yield path, shown(teacher, path)

    return found


def shown(client: Client, path: str) -> str:
    answer = client.get(path, headers=GERMAN_BROWSER)
    assert answer.status_code == 200, path
    return page(answer)


def test_every_text_of_quizzes_is_translatable(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(trans_real._translations, "de", Marking())
    assert without_marks(pages()) == {}


def test_quizzes_speak_german(pages: Pages, listening: Listening) -> None:  # noqa: F811
    assert in_english(pages()) == {}
    assert listening.unanswered == set()


def test_errors_of_the_quizzes_api_are_translatable(
    taken: QuizAttempt,
    student: User,
    instructor: User,
    api: Callable[..., APIClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(trans_real._translations, "de", Marking())
    quiz, root = taken.quiz_id, "/api/v1/"
    question = taken.responses.first()
    asked: list[tuple[User, str, dict[str, Any]]] = [
        (instructor, "quizzes/", {}),
        (instructor, "quizzes/", {"course": 0, "title": "", "passing_score": 101, "time_limit": -1}),
        (instructor, f"quizzes/{quiz}/start/", {}),
        (student, f"quizzes/{quiz}/preview/", {}),
        (student, f"quizzes/{quiz}/publish/", {}),
        (student, f"quiz-attempts/{taken.pk}/submit/", {}),
        (instructor, f"quiz-attempts/{taken.pk}/add-time/", {"minutes": 0}),
        (instructor, f"quiz-attempts/{taken.pk}/void/", {"reason": ""}),
        (student, "question-responses/", {"attempt": taken.pk, "question": 0, "response": 1, "version": 0}),
        (student, "question-responses/", {"attempt": taken.pk, "question": question.question_id, "response": 1}),
        (instructor, "questions/", {"quiz": quiz}),
        *(
            (instructor, "questions/", {"quiz": quiz, "question_type": kind, "content": "?", "options": [1]})
            for kind in QuestionType.values
        ),
        (instructor, "question-imports/", {"quiz": quiz}),
    ]  # fmt: skip
    data, found, refused = values_in_database(), {}, 0
    for who, path, body in asked:
        answer = api(who).post(root + path, body, format="json", headers=GERMAN_BROWSER)
        refused += 400 <= answer.status_code < 500 and answer.status_code not in (404, 405)
        for sentence in sentences(answer.json()) if answer.status_code >= 400 else ():
            if left := unmarked_words(sentence, data):
                found[path, sentence] = left
    assert found == {}
    assert refused >= 12

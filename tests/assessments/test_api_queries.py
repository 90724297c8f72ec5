"""What the quizzes' endpoints cost the database: the same however many rows there are.

Session and person are two of the statements; counting the request happens elsewhere.
"""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from assessments.analytics import refresh_quiz_analytics
from assessments.attempts import save_response, submit_attempt
from assessments.models import KeyAfter, Quiz, QuizAttempt, QuizAvailability
from courses.models import Course
from tests.assessments.factories import QuizFactory, make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory

Api = Callable[..., APIClient]
ROOT = "/api/v1/"


def more_quizzes(course: Course, student: User) -> None:
    key = course.modules.all()[0].lessons.all()[0]
    QuizAvailability.objects.create(quiz=QuizFactory(course=course, lesson=key), after_lesson=key)


def more_questions(course: Course, student: User) -> None:
    make_quiz(kinds="c", course=course)


def more_attempts(course: Course, student: User) -> None:
    quiz = make_quiz(kinds="m", course=course, key_after=KeyAfter.LAST_ATTEMPT, max_attempts=1)
    attempt = make_attempt(quiz=quiz, student=student)
    save_response(attempt=attempt, question_id=attempt.paper[0]["question"], response=["b"], version=1)
    submit_attempt(attempt=attempt)
    refresh_quiz_analytics(quiz=quiz)


# For each list what makes it longer, and what it costs the instructor and the student (None: nothing is there).
LISTS: dict[str, tuple[Callable[[Course, User], None], int, int | None]] = {
    "quizzes": (more_quizzes, 4, 5),  # a student is told what must be done before
    "quiz-availability": (more_quizzes, 4, None),
    "questions": (more_questions, 4, None),
    "coding-questions": (more_questions, 4, None),
    "quiz-attempts": (more_attempts, 4, 4),
    "question-responses": (
        more_attempts,
        4,
        6,
    ),  # which were last attempts, and what was given beyond the limit
    "quiz-analytics": (more_attempts, 4, None),
}


@pytest.mark.parametrize("table", LISTS)
def test_list_costs_the_same_however_long(
    api: Api, course: Course, enrolled_student: User, statements: Any, table: str
) -> None:
    lengthen, for_teacher, for_student = LISTS[table]
    readers = [(course.instructor, for_teacher), (enrolled_student, for_student)]
    for reader, expected in readers:
        if expected is None:
            continue
        client, counts, lengths = api(reader), [], []
        for size in (2, 10):
            for _number in range(size):
                lengthen(course, enrolled_student)
            with statements() as seen:
                lengths.append(len(client.get(f"{ROOT}{table}/?page_size=100").json()["results"]))
            counts.append(len(seen))
        assert lengths[1] - lengths[0] == 10
        assert counts == [expected, expected], seen


@pytest.fixture
def long_quiz(course: Course) -> Quiz:
    """Twenty questions, eight minutes, two attempts, with a closing time."""
    quiz = make_quiz(kinds="mstm" * 5, course=course, time_limit=8, max_attempts=2)
    QuizAvailability.objects.create(quiz=quiz)
    return quiz


def test_start_save_and_submit_cost_what_they_may(
    api: Api, long_quiz: Quiz, enrolled_student: User, statements: Any
) -> None:
    client = api(enrolled_student)
    with statements() as seen:
        begun = client.post(f"{ROOT}quizzes/{long_quiz.pk}/start/")
    assert begun.status_code == 201
    assert len(seen) <= 12, seen
    attempt = begun.json()
    with statements() as seen:
        assert client.post(f"{ROOT}quizzes/{long_quiz.pk}/start/").status_code == 200
    assert len(seen) <= 12, seen
    rows = []
    for version in (1, 2):
        for entry in attempt["paper"]:
            answer = True if entry["type"] == "true_false" else ["b"]
            body = {"attempt": attempt["id"], "question": entry["question"], "response": answer}
            with statements() as seen:
                saved = client.post(
                    f"{ROOT}question-responses/", {**body, "version": version, "position": 3}, format="json"
                )
            assert saved.status_code == (201 if version == 1 else 200)
            assert len(seen) <= 6, seen
            rows.append(saved.json()["id"])
    with statements() as seen:
        changed = client.patch(
            f"{ROOT}question-responses/{rows[0]}/", {"response": ["a"], "version": 3}, format="json"
        )
    assert changed.status_code == 200
    assert len(seen) <= 7, seen  # its own address is looked up first
    with statements() as seen:
        assert client.get(f"{ROOT}quiz-attempts/{attempt['id']}/").status_code == 200
    assert len(seen) <= 5, seen
    with statements() as seen:
        done = client.post(f"{ROOT}quiz-attempts/{attempt['id']}/submit/")
    assert done.json()["status"] == "completed"
    assert len(seen) <= 15, seen
    assert QuizAttempt.objects.get().responses.count() == 20
    with statements() as seen:
        result = client.get(f"{ROOT}quiz-attempts/{attempt['id']}/result/")
    assert len(result.json()["questions"]) == 20
    assert len(seen) <= 5, seen


def test_lists_of_a_class_cost_the_same_however_many_students(
    api: Api, long_quiz: Quiz, statements: Any
) -> None:
    client, counts = api(long_quiz.course.instructor), []
    for size in (2, 8):
        for _number in range(size):
            student = EnrollmentFactory(course=long_quiz.course).student
            submit_attempt(attempt=make_attempt(quiz=long_quiz, student=student))
        with statements() as seen:
            assert client.get(f"{ROOT}question-responses/?page_size=100").status_code == 200
        counts.append(len(seen))
    assert counts == [4, 4], seen

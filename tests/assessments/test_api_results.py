"""Results by the API: what a student sees when, and what those who teach do to attempts."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from assessments.analytics import refresh_quiz_analytics
from assessments.attempts import save_response, submit_attempt
from assessments.hand_grading import grade_by_hand
from assessments.models import CodingQuestion, KeyAfter, QuestionResponse, Quiz, QuizAttempt, QuizAvailability
from courses.models import Course
from tests.assessments.factories import QuestionFactory, QuizFactory, make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
# Each stands in one place that students may never read, or not before the key shows.
KEYS = ("KEYEXPLANATION", "KEYESSAY")
NEVER = ("HIDDENINPUT", "HIDDENOUTPUT", "SOLUTIONCODE", "PROOFOFSOLUTION")


def secret_quiz(course: Course, **settings: Any) -> Quiz:
    """A quiz of which every hidden text can be found again."""
    quiz = QuizFactory(course=course, max_attempts=2, time_limit=30, **settings)
    common = {"quiz": quiz, "explanation": "KEYEXPLANATION"}
    QuestionFactory(order_index=1, **common)
    QuestionFactory(order_index=2, question_type="true_false", options=None, correct_answer=True, **common)
    QuestionFactory(order_index=3, question_type="essay", options=None, correct_answer="KEYESSAY", **common)
    coding = QuestionFactory(
        order_index=4, question_type="coding", options=None, correct_answer=None, **common
    )
    coding_part = {
        "language": "python",
        "test_cases": [
            {"input": "1", "output": "2", "sample": True},
            {"input": "HIDDENINPUT", "output": "HIDDENOUTPUT"},
        ],
        "solution": "SOLUTIONCODE",
        "solution_proven": "PROOFOFSOLUTION",
    }
    CodingQuestion.objects.create(question=coding, **coding_part)
    return quiz


def all_answers(client: APIClient, quiz: Quiz) -> str:
    """Everything that the API says to a reader about the quiz, by every door that there is."""
    rows = {
        "quizzes": [quiz.pk],
        "quiz-availability": [],
        "questions": quiz.questions.values_list("pk", flat=True),
        "coding-questions": quiz.questions.filter(question_type="coding").values_list("pk", flat=True),
        "quiz-attempts": QuizAttempt.objects.values_list("pk", flat=True),
        "question-responses": QuestionResponse.objects.values_list("pk", flat=True),
        "quiz-analytics": [1],
    }
    addresses = [f"{ROOT}{table}/{pk}/" for table, pks in rows.items() for pk in pks]
    addresses += [f"{ROOT}{table}/?page_size=100" for table in rows]
    addresses += [f"{ROOT}quiz-attempts/{pk}/result/" for pk in rows["quiz-attempts"]]
    addresses += [f"{ROOT}quizzes/{quiz.pk}/checklist/", f"{ROOT}courses/{quiz.course_id}/contents/"]
    told = [client.get(address).content.decode() for address in addresses]
    told += [client.options(address).content.decode() for address in addresses]
    told += [client.post(f"{ROOT}quizzes/{quiz.pk}/start/").content.decode()]
    for pk in rows["questions"]:
        told += [client.post(f"{ROOT}questions/{pk}/{act}/").content.decode() for act in ("copy", "retire")]
    return "\n".join(told)


def take(quiz: Quiz, student: User) -> QuizAttempt:
    attempt = make_attempt(quiz=quiz, student=student)
    answers = [["a"], True, "Mine.", {"code": "print(1)"}]
    for entry, answer in zip(attempt.paper, answers, strict=True):
        save_response(attempt=attempt, question_id=entry["question"], response=answer, version=1)
    return attempt


SETTINGS = [
    {"show_correct_answers": shows, "key_after": key_after, "results_at": results_at}
    for shows, key_after, results_at in product((True, False), KeyAfter.values, (None, "later"))
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_student_is_told_the_key_when_the_quiz_says_so_and_never_before(
    api: Api, course: Course, enrolled_student: User, settings: dict[str, Any]
) -> None:
    later = timezone.now() + timedelta(days=1)
    quiz = secret_quiz(course, **{**settings, "results_at": settings["results_at"] and later})
    client = api(enrolled_student)
    before = all_answers(client, quiz)  # begins an attempt at its end
    attempt = take(quiz, enrolled_student)
    during = all_answers(client, quiz)
    for told in (before, during):
        assert [mark for mark in (*KEYS, *NEVER) if mark in told] == []
    submit_attempt(attempt=attempt)
    result = client.get(f"{ROOT}quiz-attempts/{attempt.pk}/result/").json()
    ended = all_answers(client, quiz)  # begins the second attempt
    shows = (
        settings["show_correct_answers"] and settings["key_after"] == "attempt" and not settings["results_at"]
    )
    assert result["shows_key"] == shows
    assert ("KEYEXPLANATION" in ended) == shows
    assert [mark for mark in (*NEVER, "KEYESSAY") if mark in ended] == [], "the essay is not graded"
    submit_attempt(attempt=QuizAttempt.objects.get(attempt_number=2))
    last = all_answers(client, quiz)
    shows = (
        settings["show_correct_answers"] and settings["key_after"] != "closing" and not settings["results_at"]
    )
    assert ("KEYEXPLANATION" in last) == shows
    for row in client.get(f"{ROOT}question-responses/").json()["results"]:
        if not shows:
            assert (row["is_correct"], row["points_earned"]) == (None, None)
    if settings["results_at"]:
        grade_all(quiz)
        attempts = client.get(f"{ROOT}quiz-attempts/").json()["results"]
        assert [row["score"] for row in attempts] == [None, None], "the score waits too"
    assert [mark for mark in NEVER if mark in last] == []
    QuizAvailability.objects.create(quiz=quiz, closes_at=timezone.now() - timedelta(minutes=1))
    grade_all(quiz)
    closed = all_answers(client, quiz)
    shows = settings["show_correct_answers"] and not settings["results_at"]
    assert ("KEYEXPLANATION" in closed, "KEYESSAY" in closed) == (shows, shows)
    assert [mark for mark in NEVER if mark in closed] == []


def grade_all(quiz: Quiz) -> None:
    for response in QuestionResponse.objects.filter(grading="judge"):
        response.judged = {"tests": [{"number": 2, "sample": False, "verdict": "wrong_answer"}]}
        response.grading = "person"
        response.save()
    for response in QuestionResponse.objects.filter(grading="person"):
        grade_by_hand(response=response, points=Decimal(1), by=quiz.course.instructor, reason="Looked at.")


def test_classmate_and_stranger_are_told_nothing(api: Api, course: Course, enrolled_student: User) -> None:
    quiz = secret_quiz(course)
    submit_attempt(attempt=take(quiz, enrolled_student))
    told = all_answers(api(course.instructor), quiz)
    assert [mark for mark in (*KEYS, *NEVER[:3]) if mark not in told] == [], "the marks can be found"
    QuestionResponse.objects.update(feedback="FEEDBACK")
    for reader in (EnrollmentFactory(course=course).student, None):
        told = all_answers(api(reader), quiz)
        assert [mark for mark in (*KEYS, *NEVER, "Mine.", "FEEDBACK") if mark in told] == []


@pytest.mark.parametrize(
    "query",
    [
        "quiz-attempts/?ordering=score",
        "quiz-attempts/?ordering=graded_at",
        "quiz-attempts/?ordering=paper",
        "question-responses/?ordering=points_earned",
        "question-responses/?ordering=is_correct",
        "quizzes/?ordering=results_at",
    ],
)
def test_nobody_orders_by_what_is_hidden(api: Api, enrolled_student: User, query: str) -> None:
    assert api(enrolled_student).get(f"{ROOT}{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "quiz-attempts/?score=100",
        "quiz-attempts/?score__gte=50",
        "question-responses/?is_correct=true",
        "question-responses/?points_earned=1",
        "question-responses/?search=x",
        "quizzes/?questions__correct_answer=true",
        "quiz-attempts/?paper__0__correct_answer=true",
    ],
)
def test_nobody_narrows_by_what_is_hidden(
    api: Api, course: Course, enrolled_student: User, query: str
) -> None:
    """What is no filter does nothing: the list is what it is without."""
    attempt = take(secret_quiz(course, results_at=timezone.now() + timedelta(days=1)), enrolled_student)
    submit_attempt(attempt=attempt)
    client = api(enrolled_student)
    whole = client.get(f"{ROOT}{query.partition('?')[0]}").json()["count"]
    assert whole
    assert client.get(f"{ROOT}{query}").json()["count"] == whole


def test_result_waits_for_the_end_and_is_a_read_that_is_logged(
    api: Api, course: Course, enrolled_student: User, admin_user: User
) -> None:
    attempt = take(secret_quiz(course), enrolled_student)
    address = f"{ROOT}quiz-attempts/{attempt.pk}/result/"
    early = api(enrolled_student).get(address)
    assert (early.status_code, early.json()["code"]) == (409, "running")
    assert api(course.instructor).get(address).json()["shows_key"] is True
    assert api(admin_user).get(address).status_code == 200
    assert AuditEvent.objects.get(action="personal_data.read").row_id == str(enrolled_student.pk)


def test_teacher_voids_reopens_and_adds_time_with_a_reason(
    api: Api, course: Course, enrolled_student: User
) -> None:
    attempt = take(secret_quiz(course), enrolled_student)
    client, address = api(course.instructor), f"{ROOT}quiz-attempts/{attempt.pk}/"
    more = client.post(f"{address}add-time/", {"minutes": 5, "reason": "A fire alarm."}, format="json")
    assert (more.status_code, more.json()["extra_minutes"]) == (200, 5)
    assert client.post(f"{address}add-time/", {"minutes": 5}, format="json").status_code == 400
    running = client.post(f"{address}reopen/", {"minutes": 5, "reason": "x"}, format="json")
    assert (running.status_code, running.json()["code"]) == (409, "running")
    submit_attempt(attempt=attempt)
    QuestionResponse.objects.filter(grading="judge").update(grading="person")
    again = client.post(f"{address}reopen/", {"minutes": 5, "reason": "The net was down."}, format="json")
    assert (again.status_code, again.json()["status"]) == (200, "in_progress")
    assert client.delete(address).status_code == 400
    assert client.delete(address, {"reason": "Not the student’s."}, format="json").status_code == 204
    shown = client.get(address).json()
    assert shown["void_reason"] == "Not the student’s."
    twice = client.post(f"{address}void/", {"reason": "Again."}, format="json")
    assert (twice.status_code, twice.json()["code"]) == (409, "voided")
    actions = (
        AuditEvent.objects.filter(action__startswith="grade.").order_by("pk").values_list("action", flat=True)
    )
    assert list(actions) == ["grade.add_time", "grade.reopen", "grade.void"]


def test_figures_are_worked_out_anew_by_who_teaches(api: Api, course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="m", course=course)
    row = refresh_quiz_analytics(quiz=quiz)
    submit_attempt(attempt=make_attempt(quiz=quiz, student=enrolled_student))
    client, address = api(course.instructor), f"{ROOT}quiz-analytics/{row.pk}/"
    assert client.get(address).json()["total_attempts"] == 0
    assert client.post(f"{address}recompute/").json()["total_attempts"] == 1
    assert client.get(f"{ROOT}quiz-analytics/?quiz={quiz.pk}").json()["count"] == 1
    assert client.patch(address, {"total_attempts": 9}, format="json").status_code == 405

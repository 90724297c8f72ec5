"""The page of an ended attempt: what its student sees in each state, and what never."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from assessments.answering import save_response
from assessments.attempts import submit_attempt
from assessments.models import GradingState, KeyAfter, QuestionResponse, Quiz, QuizAttempt, ScoreChange
from courses.models import CourseEnrollment
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import LessonFactory, ModuleFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
Statements = Callable[[], AbstractContextManager[list[str]]]
KEYS = (
    "Correct answer<",
    "Correct, not chosen",
    "Your answer, wrong",
    "Adding one makes one more.",
    "A model answer",
)
HIDDEN = ("20 22", "-5 5", "print(a + b)")


@pytest.fixture
def reader(student: User, login: Login) -> Client:
    return login(student)


def taken(student: User, *, kinds: str = "mst", answers: tuple[Any, ...] = (), **fields: Any) -> QuizAttempt:
    """An attempt that was handed in with these answers, in order."""
    attempt = make_attempt(quiz=make_quiz(kinds=kinds, **fields), student=student)
    for entry, answer in zip(attempt.paper, answers, strict=False):
        save_response(attempt=attempt, question_id=entry["question"], response=answer, version=1)
    return submit_attempt(attempt=attempt)


def page_of(client: Client, attempt: QuizAttempt, query: str = "") -> str:
    answer = client.get(f"/attempts/{attempt.pk}/result/{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_student_reads_score_pass_mark_and_keys(reader: Client, student: User) -> None:
    attempt = taken(student, answers=(["b"], ["a"], False))
    page = page_of(reader, attempt)
    for words in (
        "2 of 4 points",
        "50%, pass mark 70%",
        "Not passed",
        "This attempt counts: it is your best.",
        "Your answer, correct",
        "Partly right",
        "Correct, not chosen",
        "Adding one makes one more.",
        "Try again",
    ):
        assert words in page


def test_filter_leaves_the_wrong_ones(reader: Client, student: User) -> None:
    attempt = taken(student, answers=(["b"], ["a"], False))
    assert "Only wrong, 2" in page_of(reader, attempt)
    page = page_of(reader, attempt, "?show=wrong")
    assert 'id="q1"' not in page
    assert 'id="q3"' in page


def test_without_the_key_nothing_says_what_was_right(reader: Client, student: User) -> None:
    attempt = taken(student, kinds="mste", answers=(["a"], ["a"], False, "Mine"), show_correct_answers=False)
    for query in ("", "?show=wrong"):
        page = page_of(reader, attempt, query)
        assert "Correct answers are not shown." in page
        assert "Only wrong" not in page
        for word in (*KEYS, "is-wrong", "is-correct", "Partly right", ">Wrong<"):
            assert word not in page


def test_key_waits_for_the_last_attempt(reader: Client, student: User) -> None:
    quiz_fields = {"key_after": KeyAfter.LAST_ATTEMPT, "max_attempts": 2}
    first = taken(student, kinds="m", answers=(["a"],), **quiz_fields)
    assert "Correct answer<" not in page_of(reader, first)
    second = make_attempt(quiz=first.quiz, student=student)
    submit_attempt(attempt=second)
    assert "Correct, not chosen" in page_of(reader, first)
    assert "Continue the course" in page_of(reader, second)


def test_results_appear_later(reader: Client, student: User) -> None:
    later = timezone.now() + timedelta(days=3)
    attempt = taken(student, kinds="m", answers=(["b"],), results_at=later)
    ScoreChange.objects.create(attempt=attempt, reason="Told later", old_score=1, new_score=100)
    page = page_of(reader, attempt)
    assert "Results appear on" in page
    assert "Your answer" in page
    for word in ("Passed", "100%", "of 1 point", "Told later", *KEYS):
        assert word not in page
    start = reader.get(attempt.quiz.get_absolute_url()).content.decode()
    assert "Results appear on" in start
    assert "100%" not in start


def test_essay_waits_for_a_person_and_its_model_answer_too(reader: Client, student: User) -> None:
    attempt = taken(student, kinds="me", answers=(["b"], "My **own** words"))
    page = page_of(reader, attempt)
    assert "1 of 1 points so far" in page
    assert "1 answer is graded by a person." in page
    assert "<strong>own</strong>" in page
    assert "A model answer" not in page
    row = QuestionResponse.objects.get(question__question_type="essay")
    row.points_earned, row.grading, row.feedback = Decimal(4), GradingState.DONE, "Name the `NULL`."
    row.save()
    QuizAttempt.objects.update(score=Decimal("83.33"))
    page = page_of(reader, attempt)
    assert "A model answer" in page
    assert "Name the" in page
    assert "4 of 5 points" in page


def test_program_shows_verdicts_and_nothing_hidden(reader: Client, student: User) -> None:
    attempt = taken(student, kinds="c", answers=({"code": "print('```', 3)"},))
    page = page_of(reader, attempt)
    assert "The judge runs your program." in page
    assert "data-poll" in page
    assert reader.get(f"/attempts/{attempt.pk}/state/").json()["judging"] == 1
    tests = [
        {"number": 1, "sample": True, "verdict": "wrong_answer", "points": "1"},
        {"number": 2, "sample": False, "verdict": "time_limit", "points": "1"},
        {"number": 3, "sample": False, "verdict": "accepted", "points": "2"},
    ]
    QuestionResponse.objects.update(
        judged={"verdict": "wrong_answer", "tests": tests},
        grading=GradingState.DONE,
        points_earned=2,
        is_correct=False,
    )
    QuizAttempt.objects.update(score=50)
    page = page_of(reader, attempt)
    assert "1 of 3 tests passed" in page
    assert "Sample 1" in page
    assert "1 2" in page
    assert "Too slow" in page
    assert "data-poll" not in page
    for secret in HIDDEN:
        assert secret not in page


def test_changed_score_is_told_with_its_reason(reader: Client, student: User) -> None:
    attempt = taken(student, kinds="mm", answers=(["b"], ["a"]))
    QuizAttempt.objects.update(score=100)
    first = attempt.paper[0]["question"]
    ScoreChange.objects.create(attempt=attempt, old_score=50, new_score=100, reason="Option a is right too.")
    ScoreChange.objects.create(
        attempt=attempt, question_id=first, old_points=0, new_points=1, reason="Both are right."
    )
    page = page_of(reader, attempt)
    assert "Your score changed from 50% to 100%" in page
    assert "Option a is right too." in page
    assert "Points changed from 0 to 1" in page


def test_voided_and_abandoned_attempts_say_so(reader: Client, student: User) -> None:
    attempt = taken(student, kinds="m", answers=(["b"],))
    QuizAttempt.objects.update(voided_at=timezone.now(), void_reason="The power went out.")
    page = page_of(reader, attempt)
    assert "This attempt does not count" in page
    assert "The power went out." in page
    late = make_attempt(
        quiz=make_quiz(kinds="m", time_limit=1), student=student, now=timezone.now() - timedelta(hours=1)
    )
    assert "Nothing was handed in" in page_of(reader, late)


def test_attempt_in_its_last_seconds_is_being_handed_in(reader: Client, student: User) -> None:
    start = timezone.now() - timedelta(seconds=70)
    attempt = make_attempt(quiz=make_quiz(kinds="m", time_limit=1), student=student, now=start)
    page = page_of(reader, attempt)
    assert "Your saved answers are being handed in." in page
    for word in KEYS:
        assert word not in page


def test_question_names_the_lesson_that_covers_it_if_it_may_be_read(reader: Client, student: User) -> None:
    quiz = make_quiz(kinds="mm")
    module = ModuleFactory(course=quiz.course)
    lessons = LessonFactory(module=module), LessonFactory(module=module, is_published=False, title="A draft")
    for question, lesson in zip(quiz.questions.all(), lessons, strict=True):
        question.lesson = lesson
        question.save()
    attempt = submit_attempt(attempt=make_attempt(quiz=quiz, student=student))
    page = page_of(reader, attempt)
    assert f'Covered in <a href="/courses/{quiz.course.slug}/lessons/{lessons[0].pk}/">' in page
    assert "A draft" not in page


def test_student_who_left_keeps_the_own_result(reader: Client, student: User) -> None:
    attempt = taken(student, kinds="m", answers=(["b"],))
    CourseEnrollment.objects.update(withdrawn_at=timezone.now())
    page = page_of(reader, attempt)
    assert "100%" in page
    assert "Try again" not in page
    assert "Continue the course" not in page


def test_nobody_else_opens_the_page(student: User, login: Login, other_instructor: User) -> None:
    attempt = taken(student, kinds="m", answers=(["b"],))
    for person in (attempt.quiz.course.instructor, other_instructor):
        assert login(person).get(f"/attempts/{attempt.pk}/result/").status_code == 404


def test_hostile_text_stays_text(reader: Client, student: User) -> None:
    quiz: Quiz = make_quiz(kinds="mec")
    quiz.questions.filter(question_type="multiple_choice").update(
        options=[
            {"id": "a", "text": "<script>alert(1)</script>"},
            {"id": "b", "text": "<img src=x onerror=a>"},
        ]
    )
    attempt = make_attempt(quiz=quiz, student=student)
    bad = "</textarea><script>alert(2)</script>"
    _choice, essay, code = (entry["question"] for entry in attempt.paper)
    save_response(attempt=attempt, question_id=essay, response=bad, version=1)
    save_response(attempt=attempt, question_id=code, response={"code": bad}, version=1)
    questions = reader.get(f"/attempts/{attempt.pk}/questions/?question=1").content.decode()
    start = reader.get(f"/attempts/{attempt.pk}/?question=1").content.decode()
    submit_attempt(attempt=attempt)
    for page in (start, questions, page_of(reader, attempt)):
        assert "<script>alert" not in page
        assert "onerror=a>" not in page.replace("&gt;", "")


@pytest.mark.parametrize("kinds", ["mt", "mste" * 5])
def test_statements_of_the_result(reader: Client, student: User, statements: Statements, kinds: str) -> None:
    attempt = taken(student, kinds=kinds, key_after=KeyAfter.LAST_ATTEMPT, max_attempts=1)
    page_of(reader, attempt)
    with statements() as seen:
        page_of(reader, attempt)
    assert len(seen) == 10


def test_ticked_and_right_options_are_told_apart_without_colour(reader: Client, student: User) -> None:
    page = page_of(reader, taken(student, kinds="s", answers=(["a", "b"],)))
    rows = {row.split('aria-hidden="true">')[1][0]: row for row in page.split('<li class="option')[1:]}
    told = {
        letter: (" is-ticked" in row.split(">")[0], row.count("<svg"), row) for letter, row in rows.items()
    }
    found = {
        row.split('option__mark">')[1].split("</span>")[0].split("</svg>")[-1].strip(): ticked
        for ticked, _icons, row in told.values()
        if 'option__mark">' in row
    }
    assert found == {"Your answer, correct": True, "Your answer, wrong": True, "Correct, not chosen": False}

"""The pages of a quiz before and during an attempt, with and without their script."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from assessments.attempts import save_response
from assessments.models import QuestionResponse, QuizAttempt, QuizAvailability
from courses.models import Accommodation, CourseEnrollment
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
Statements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def reader(student: User, login: Login) -> Client:
    return login(student)


def text_of(answer: Any) -> str:
    """The page without line breaks, as far as a reader tells."""
    return " ".join(answer.content.decode().split())


def send(client: Client, attempt: QuizAttempt, **packet: Any) -> Any:
    return client.post(f"/attempts/{attempt.pk}/save/", json.dumps(packet), content_type="application/json")


# --- Before


def test_student_reads_every_rule_in_figures(reader: Client, student: User, instructor: User) -> None:
    quiz = make_quiz(kinds="mst", time_limit=45, max_attempts=2, passing_score=Decimal(60))
    enrollment = EnrollmentFactory(course=quiz.course, student=student)
    Accommodation.objects.create(
        enrollment=enrollment, time_factor=Decimal("1.5"), extra_attempts=1, given_by=instructor
    )
    QuizAvailability.objects.create(quiz=quiz, closes_at=timezone.now() + timedelta(days=2))
    page = text_of(reader.get(quiz.get_absolute_url()))
    for words in (
        "3, worth 4 points together",
        "60%, which is 2.4 points",
        "67 minutes: 45 + your 22 extra",
        "3: 0 used, 3 left",
        "Your best attempt counts.",
        "Closes",
        "You see the correct answers after each attempt.",
        "Start attempt",
    ):
        assert words in page


def test_closing_time_that_cuts_the_attempt_is_told_before(reader: Client, student: User) -> None:
    quiz = make_quiz(kinds="m", time_limit=60)
    EnrollmentFactory(course=quiz.course, student=student)
    QuizAvailability.objects.create(quiz=quiz, closes_at=timezone.now() + timedelta(minutes=20))
    assert "If you start now you have less" in text_of(reader.get(quiz.get_absolute_url()))


def test_student_resumes_the_attempt_that_runs(reader: Client, student: User) -> None:
    quiz = make_quiz(kinds="m", time_limit=30)
    attempt = make_attempt(quiz=quiz, student=student)
    page = text_of(reader.get(quiz.get_absolute_url()))
    assert "Resume, 30 minutes left" in page
    assert "Start attempt" not in page
    answer = reader.post(f"/quizzes/{quiz.pk}/start/")
    assert answer["Location"] == f"/attempts/{attempt.pk}/"


def test_locked_quiz_says_why_and_offers_no_start(reader: Client, student: User) -> None:
    quiz = make_quiz(kinds="m")
    EnrollmentFactory(course=quiz.course, student=student)
    QuizAvailability.objects.create(quiz=quiz, opens_at=timezone.now() + timedelta(days=2))
    page = text_of(reader.get(quiz.get_absolute_url()))
    assert "This quiz is locked" in page
    assert "Opens on" in page
    assert "Start attempt" not in page
    assert reader.post(f"/quizzes/{quiz.pk}/start/")["Location"] == quiz.get_absolute_url()
    assert not QuizAttempt.objects.exists()


def test_unpublished_and_foreign_quizzes_are_not_found(reader: Client, student: User) -> None:
    draft = make_quiz(kinds="m", is_published=False)
    EnrollmentFactory(course=draft.course, student=student)
    for quiz in (draft, make_quiz(kinds="m")):
        assert reader.get(quiz.get_absolute_url()).status_code == 404
        assert reader.post(f"/quizzes/{quiz.pk}/start/").status_code == 404


def test_student_who_used_all_attempts_is_told(reader: Client, student: User) -> None:
    quiz = make_quiz(kinds="m", max_attempts=1)
    reader.post(f"/attempts/{make_attempt(quiz=quiz, student=student).pk}/submit/")
    page = text_of(reader.get(quiz.get_absolute_url()))
    assert "You have used your attempt." in page
    assert "Attempt 1" in page


def test_practice_quiz_is_taken_without_its_timer(reader: Client, student: User) -> None:
    quiz = make_quiz(kinds="m", time_limit=5, is_timer_optional=True)
    EnrollmentFactory(course=quiz.course, student=student)
    assert "No timer" in text_of(reader.get(quiz.get_absolute_url()))
    reader.post(f"/quizzes/{quiz.pk}/start/", {"untimed": "on"})
    assert QuizAttempt.objects.get().deadline is None


def test_instructor_previews_and_student_does_not(reader: Client, student: User, login: Login) -> None:
    quiz = make_quiz(kinds="m")
    EnrollmentFactory(course=quiz.course, student=student)
    assert reader.post(f"/quizzes/{quiz.pk}/preview/").status_code == 403
    teacher = login(quiz.course.instructor)
    assert "Preview as student" in text_of(teacher.get(quiz.get_absolute_url()))
    answer = teacher.post(f"/quizzes/{quiz.pk}/preview/", follow=True)
    assert "Preview, counts nowhere" in text_of(answer)
    assert QuizAttempt.objects.get().is_preview


# --- During, without a script


def test_form_saves_every_kind_of_answer(reader: Client, student: User) -> None:
    quiz = make_quiz(kinds="mstec", one_question_per_page=False)
    attempt = make_attempt(quiz=quiz, student=student)
    one, several, truth, essay, code = (entry["question"] for entry in attempt.paper)
    form = {f"version-{pk}": 0 for pk in (one, several, truth, essay, code)} | {
        f"answer-{one}": "b",
        f"answer-{several}": ["a", "c"],
        f"answer-{truth}": "false",
        f"answer-{essay}": "Two\r\nlines",
        f"answer-{code}": "print(3)",
        f"flag-{truth}": "on",
        "go": "review",
    }
    answer = reader.post(f"/attempts/{attempt.pk}/", form)
    assert answer["Location"] == f"/attempts/{attempt.pk}/review/"
    rows = {row.question_id: row for row in QuestionResponse.objects.all()}
    assert [rows[pk].response for pk in (one, several, truth, essay, code)] == [
        ["b"],
        ["a", "c"],
        False,
        "Two\nlines",
        {"code": "print(3)"},
    ]
    assert [rows[pk].is_flagged for pk in (one, truth)] == [False, True]


def test_form_leads_where_its_button_says_and_keeps_the_place(reader: Client, student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="mmm"), student=student)
    first = attempt.paper[0]["question"]
    form = {f"version-{first}": 0, f"answer-{first}": "a"}
    answer = reader.post(f"/attempts/{attempt.pk}/?question=1", {**form, "go": "2"})
    assert answer["Location"] == f"/attempts/{attempt.pk}/?question=2"
    cleared = reader.post(
        f"/attempts/{attempt.pk}/?question=1", {**form, f"version-{first}": 1, "clear": first}
    )
    assert cleared["Location"] == f"/attempts/{attempt.pk}/?question=1"
    assert QuestionResponse.objects.get().response is None


def test_page_that_brings_nothing_new_saves_nothing(reader: Client, student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="mc", one_question_per_page=False), student=student)
    choice, code = attempt.paper
    starter = code["coding"]["starter_code"]
    form = {f"version-{choice['question']}": 0, f"version-{code['question']}": 0}
    reader.post(f"/attempts/{attempt.pk}/", {**form, f"answer-{code['question']}": starter})
    assert not QuestionResponse.objects.exists()


def test_older_page_does_not_overwrite_and_shows_both(reader: Client, student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="e"), student=student)
    pk = attempt.paper[0]["question"]
    save_response(attempt=attempt, question_id=pk, response="from the phone", version=1)
    page = text_of(reader.post(f"/attempts/{attempt.pk}/", {f"version-{pk}": 0, f"answer-{pk}": "from here"}))
    assert "A newer answer was saved" in page
    assert "from the phone" in page
    assert "from here" in page
    assert QuestionResponse.objects.get().response == "from the phone"


def test_player_holds_no_key_and_no_hidden_test(reader: Client, student: User) -> None:
    quiz = make_quiz(kinds="mstec", one_question_per_page=False)
    quiz.questions.update(explanation="A telling explanation.")
    attempt = make_attempt(quiz=quiz, student=student)
    address = f"/attempts/{attempt.pk}/"
    for path in (address, f"{address}questions/", f"{address}review/", f"{address}state/"):
        page = reader.get(path).content.decode()
        for secret in (
            "telling explanation",
            "correct_answer",
            "A model answer",
            "20 22",
            "-5 5",
            "print(a + b)",
        ):
            assert secret not in page, (path, secret)


def test_closed_attempt_leads_to_its_result(reader: Client, student: User) -> None:
    attempt = make_attempt(
        quiz=make_quiz(kinds="m", time_limit=1), student=student, now=timezone.now() - timedelta(hours=1)
    )
    result = f"/attempts/{attempt.pk}/result/"
    assert reader.get(f"/attempts/{attempt.pk}/")["Location"] == result
    assert reader.get(f"/attempts/{attempt.pk}/review/")["Location"] == result
    assert reader.get(f"/attempts/{attempt.pk}/questions/").status_code == 409
    attempt.refresh_from_db()
    assert not attempt.is_running


def test_student_who_left_the_course_answers_no_more(reader: Client, student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m"), student=student)
    CourseEnrollment.objects.update(withdrawn_at=timezone.now())
    for path in ("", "review/", "questions/"):
        assert reader.get(f"/attempts/{attempt.pk}/{path}").status_code == 403
    assert reader.post(f"/attempts/{attempt.pk}/submit/").status_code == 403
    packet = {"question": attempt.paper[0]["question"], "response": ["b"], "version": 1}
    assert send(reader, attempt, **packet).status_code == 404


def test_review_lists_what_is_left_and_what_is_flagged(reader: Client, student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="mmm"), student=student)
    first, second, _third = (entry["question"] for entry in attempt.paper)
    save_response(attempt=attempt, question_id=first, response=["b"], version=1)
    save_response(attempt=attempt, question_id=second, response=["b"], version=1, is_flagged=True)
    page = text_of(reader.get(f"/attempts/{attempt.pk}/review/"))
    assert "2 of 3 answered. 1 flagged." in page
    assert "Submit with 1 question unanswered?" in page
    assert reader.post(f"/attempts/{attempt.pk}/submit/")["Location"] == f"/attempts/{attempt.pk}/result/"
    attempt.refresh_from_db()
    assert attempt.score == Decimal("66.67")


# --- What the head of the player says; what is loaded from the start


def test_player_tells_that_there_is_no_time_limit_and_no_answer_yet(reader: Client, student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m", time_limit=None), student=student)
    page = text_of(reader.get(attempt.get_absolute_url()))
    assert "No time limit" in page
    assert "<span>No answers yet</span>" in page
    save_response(attempt=attempt, question_id=attempt.paper[0]["question"], response=["b"], version=1)
    assert "<span>All answers saved</span>" in text_of(reader.get(attempt.get_absolute_url()))
    timed = make_attempt(quiz=make_quiz(kinds="m", time_limit=5), student=student)
    assert "No time limit" not in text_of(reader.get(timed.get_absolute_url()))


def test_runner_is_loaded_with_the_first_question_when_a_later_one_is_a_program(
    reader: Client, student: User
) -> None:
    quiz = make_quiz(kinds="mc", shuffle_questions=False)
    attempt = make_attempt(quiz=quiz, student=student)
    page = reader.get(f"{attempt.get_absolute_url()}?question=1").content.decode()
    assert 'data-kind="coding"' not in page
    assert "assessments/js/runner" in page
    without = make_attempt(quiz=make_quiz(kinds="m"), student=student)
    assert "assessments/js/runner" not in reader.get(without.get_absolute_url()).content.decode()


def test_text_sent_after_signing_out_comes_back_for_copying(client: Client, student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="ec"), student=student)
    address = attempt.get_absolute_url()
    essay, program = (
        entry["question"] for entry in sorted(attempt.paper, key=lambda one: one["type"], reverse=True)
    )
    for path in (f"{address}?question=1", f"{address}questions/{program}/runs/"):
        answer = client.post(
            path, {f"answer-{essay}": "My <long> thought", f"answer-{program}": "print(1, 2)"}
        )
        assert answer.status_code == 403
        page = text_of(answer)
        for words in ("You are signed out", "My &lt;long&gt; thought", "print(1, 2)", f"?next={address}"):
            assert words in page
    assert not QuestionResponse.objects.exists()
    choice = client.post(address, {f"answer-{essay}": "b"})
    assert choice.status_code == 302

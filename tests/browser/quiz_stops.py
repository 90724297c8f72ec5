"""Quizzes in each of their states, as stops on a student's way."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from assessments.answering import save_response
from assessments.attempts import submit_attempt
from assessments.models import (
    GradingState,
    QuestionResponse,
    Quiz,
    QuizAttempt,
    QuizAvailability,
    ScoreChange,
)
from tests.assessments.factories import make_attempt, make_quiz
from tests.browser.content import RICH, Site
from tests.browser.stops import Stop

ANSWERS: dict[str, Any] = {
    "multiple_choice": ["a"],
    "true_false": True,
    "essay": "Because **NULL** is `unknown`.",
    "coding": {"code": "a, b = map(int, input().split())\nprint(a - b)\n"},
}
JUDGED = {
    "verdict": "wrong_answer",
    "tests": [
        {"number": 1, "sample": True, "verdict": "wrong_answer", "points": "1"},
        {"number": 2, "sample": False, "verdict": "accepted", "points": "1"},
        {"number": 3, "sample": False, "verdict": "time_limit", "points": "2"},
    ],
}


def of_quizzes(site: Site) -> list[Stop]:
    """Before, during, and after."""
    quiz = make_quiz(
        kinds="mstec",
        course=site.course,
        lesson=site.lessons[1],
        title="Joins",
        time_limit=45,
        max_attempts=2,
    )
    first = quiz.questions.first()
    assert first
    first.content, first.explanation, first.lesson = RICH, RICH, site.lessons[0]
    first.save()
    return [*_before(site, quiz), *_during(site, quiz), *_after(site)]


def _before(site: Site, quiz: Quiz) -> list[Stop]:
    locked = make_quiz(kinds="m", course=site.course, title="Later")
    QuizAvailability.objects.create(quiz=locked, opens_at=timezone.now() + timedelta(days=1))
    practice = make_quiz(
        kinds="m", course=site.course, title="Practice", time_limit=5, is_timer_optional=True
    )
    QuizAvailability.objects.create(quiz=practice, closes_at=timezone.now() + timedelta(days=1))
    empty = make_quiz(kinds="", course=site.course, title="Without questions")
    lesson = f"{site.course.get_absolute_url()}lessons/{site.lessons[1].pk}/"
    return [
        Stop(quiz.get_absolute_url(), note="before"),
        Stop(locked.get_absolute_url(), note="locked"),
        Stop(practice.get_absolute_url(), note="practice"),
        Stop(empty.get_absolute_url(), note="empty"),
        Stop(lesson, note="with a quiz"),
        Stop(site.course.get_absolute_url(), note="with quizzes"),
        Stop("/home/", note="due soon"),
    ]


def _during(site: Site, quiz: Quiz) -> list[Stop]:
    attempt = make_attempt(quiz=quiz, student=site.student)
    save_response(
        attempt=attempt, question_id=attempt.paper[1]["question"], response=["a"], version=1, is_flagged=True
    )
    all_on_one = make_quiz(
        kinds="mste", course=site.course, title="On one page", one_question_per_page=False, time_limit=4
    )
    whole = make_attempt(quiz=all_on_one, student=site.student)
    address = attempt.get_absolute_url()
    return [
        Stop(quiz.get_absolute_url(), note="running"),
        *(Stop(f"{address}?question={number}", note="player") for number in range(1, 6)),
        Stop(address, lose_network, note="offline"),
        Stop(f"{address}?question=2", answer_elsewhere, note="answered elsewhere"),
        Stop(address, list_keys, note="keys"),
        Stop(f"{address}review/", note="review"),
        Stop(f"{address}review/", ask_to_submit, note="submit?"),
        Stop(whole.get_absolute_url(), note="all on one page"),
        Stop("/home/", note="quiz in progress"),
    ]


def _after(site: Site) -> list[Stop]:
    graded = _taken(site, "mstec", "Graded")
    QuestionResponse.objects.filter(attempt=graded, grading=GradingState.PERSON).update(
        grading=GradingState.DONE, points_earned=4, is_correct=False, feedback="Name the **NULL**."
    )
    QuestionResponse.objects.filter(attempt=graded, grading=GradingState.JUDGE).update(
        grading=GradingState.DONE, points_earned=1, is_correct=False, judged=JUDGED
    )
    QuizAttempt.objects.filter(pk=graded.pk).update(score=Decimal("61.54"))
    ScoreChange.objects.create(
        attempt=graded, old_score=50, new_score=Decimal("61.54"), reason="Two were right."
    )
    waiting = _taken(site, "mec", "Waiting")
    later = _taken(site, "mt", "Later told", results_at=timezone.now() + timedelta(days=2))
    keyless = _taken(site, "mste", "Without keys", show_correct_answers=False)
    voided = _taken(site, "m", "Voided")
    QuizAttempt.objects.filter(pk=voided.pk).update(
        voided_at=timezone.now(), void_reason="The power went out."
    )
    abandoned = make_attempt(
        quiz=make_quiz(kinds="m", course=site.course, time_limit=1),
        student=site.student,
        now=timezone.now() - timedelta(hours=1),
    )
    results = {
        "graded": graded,
        "waiting": waiting,
        "told later": later,
        "without keys": keyless,
        "voided": voided,
        "abandoned": abandoned,
    }
    return [
        *(Stop(f"{attempt.get_absolute_url()}result/", note=note) for note, attempt in results.items()),
        Stop(f"{graded.get_absolute_url()}result/?show=wrong", note="only wrong"),
        Stop(graded.quiz.get_absolute_url(), note="with an attempt"),
    ]


def _taken(site: Site, kinds: str, title: str, **fields: Any) -> QuizAttempt:
    return take(make_quiz(kinds=kinds, course=site.course, title=title, **fields), site.student)


def take(quiz: Quiz, student: User) -> QuizAttempt:
    """Answer every question, and hand in."""
    attempt = make_attempt(quiz=quiz, student=student)
    for entry in attempt.paper:
        save_response(
            attempt=attempt, question_id=entry["question"], response=ANSWERS[entry["type"]], version=1
        )
    return submit_attempt(attempt=attempt)


def lose_network(page: Page) -> None:
    """Answer while the network is away; it comes back when the page has been looked at."""
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.locator(".option").first.click()
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "offline")
    page.context.set_offline(False)


def answer_elsewhere(page: Page) -> None:
    """Another device has saved a newer answer to the second question."""
    attempt = QuizAttempt.objects.running().get(quiz__title="Joins")
    save_response(attempt=attempt, question_id=attempt.paper[1]["question"], response=["c"], version=90)
    page.locator(".option").nth(1).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def list_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def ask_to_submit(page: Page) -> None:
    page.get_by_role("button", name="Submit attempt").click()
    expect(page.get_by_role("dialog")).to_be_visible()

"""A student takes quizzes in a real browser: through lost networks, crashes, second tabs and the end of the time."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Route, expect
from pytest_django.live_server_helper import LiveServer

from assessments.answering import save_response
from assessments.models import QuestionResponse, Quiz, QuizAttempt
from tests.assessments.factories import make_attempt
from tests.browser.conftest import Visit
from tests.browser.content import Site
from tests.browser.quiz_taking import (
    CODE,
    ESSAY,
    PHONE,
    SAVED,
    begin,
    choose,
    hand_in,
    quiz_of,
    responses,
    status,
    step,
    type_code,
    wait_for_others,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def quiz(site: Site) -> Quiz:
    """One question of each kind, one per page."""
    return quiz_of(site.course)


def test_student_loses_the_network_in_the_middle_and_no_answer(site: Site, visit: Visit, quiz: Quiz) -> None:
    page = visit(site.student, **PHONE)
    begin(page, quiz)
    wait_for_others(page)
    choose(page, "B")
    expect(status(page)).to_contain_text(SAVED)
    page.context.set_offline(True)
    step(page)
    expect(page.locator("h1:visible")).to_contain_text("Question 2 of 5")
    expect(page.locator("h1:visible")).to_be_focused()
    choose(page, "A", "C")
    expect(status(page)).to_have_attribute("data-state", "offline")
    expect(page.get_by_text("You’re offline. Keep working")).to_be_visible()
    step(page)
    choose(page, "A")
    step(page)
    page.get_by_label("Your answer").fill(ESSAY)
    expect(page.get_by_text("9 words")).to_be_visible()
    step(page)
    type_code(page)
    assert responses() == [["b"]]
    page.locator(".quiz-bar").get_by_role("button", name="Review").click()
    expect(page.locator("h1:visible")).to_contain_text("Question 5 of 5")
    page.context.set_offline(False)
    expect(status(page)).to_have_attribute("data-state", "saved")
    assert responses() == [["b"], ["a", "c"], True, ESSAY, {"code": CODE}]
    expect(page.get_by_text("You’re offline. Keep working")).to_be_hidden()
    hand_in(page)
    expect(page.get_by_text("The judge runs your program.")).to_be_visible()


def test_answers_survive_a_crash_and_a_server_that_refuses_for_a_while(
    site: Site, visit: Visit, quiz: Quiz
) -> None:
    page = visit(site.student)
    begin(page, quiz)
    wait_for_others(page)
    page.route("**/save/", lambda route: route.abort())
    choose(page, "B")
    expect(status(page)).to_have_attribute("data-state", "failed")
    context = page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(QuizAttempt.objects.get().get_absolute_url())
    expect(again.get_by_role("radio", name="one more")).to_be_checked()
    expect(status(again)).to_have_attribute("data-state", "saved")
    expect(again.get_by_text("1 of 5 answered")).to_be_visible()
    assert responses() == [["b"]]


def test_student_goes_on_where_it_stopped_on_another_device(site: Site, visit: Visit, quiz: Quiz) -> None:
    page = visit(site.student)
    begin(page, quiz)
    wait_for_others(page)
    choose(page, "A")
    step(page)
    page.locator(".btn--flag").click()
    choose(page, "C")
    expect(status(page)).to_have_attribute("data-state", "saved")
    phone = visit(site.student, **PHONE)
    phone.goto("/home/")
    phone.get_by_role("link", name="Resume Counting").click()
    expect(phone.locator("h1:visible")).to_contain_text("Question 2 of 5")
    expect(phone.get_by_role("checkbox", name="the same")).to_be_checked()
    expect(phone.get_by_role("checkbox", name="Flag question 2")).to_be_checked()
    phone.get_by_role("button", name="All questions. Now on 2 of 5").click()
    expect(phone.get_by_role("button", name="Question 1, answered")).to_be_visible()
    phone.get_by_role("button", name="Question 1, answered").click()
    expect(phone.get_by_role("radio", name="less")).to_be_checked()


@pytest.mark.parametrize("keep", ["Keep this one", "Keep the one from elsewhere"])
def test_newer_answer_from_another_device_is_a_choice(keep: str, site: Site, visit: Visit) -> None:
    quiz = quiz_of(site.course, "m", time_limit=None)
    page = visit(site.student)
    begin(page, quiz)
    attempt = QuizAttempt.objects.get()
    save_response(attempt=attempt, question_id=attempt.paper[0]["question"], response=["c"], version=3)
    choose(page, "A")
    dialog = page.get_by_role("dialog", name="Question 1 was answered elsewhere")
    expect(dialog.locator("[data-mine]")).to_contain_text("less")
    expect(dialog.locator("[data-theirs]")).to_contain_text("the same")
    dialog.get_by_role("button", name=keep).click()
    expect(status(page)).to_have_attribute("data-state", "saved")
    mine = keep == "Keep this one"
    expect(page.get_by_role("radio", name="less" if mine else "the same")).to_be_checked()
    page.wait_for_timeout(300)
    assert responses() == [["a"] if mine else ["c"]]


def test_second_tab_takes_over_and_gives_back(site: Site, visit: Visit, quiz: Quiz) -> None:
    first = visit(site.student)
    begin(first, quiz)
    second = first.context.new_page()
    second.goto(QuizAttempt.objects.get().get_absolute_url())
    dialog = first.get_by_role("dialog", name="This attempt is open in another tab")
    expect(dialog).to_be_visible()
    choose(second, "B")
    expect(status(second)).to_have_attribute("data-state", "saved")
    dialog.get_by_role("button", name="Use this tab").click()
    expect(first.get_by_role("radio", name="one more")).to_be_checked()
    expect(second.get_by_role("dialog", name="This attempt is open in another tab")).to_be_visible()


def test_time_runs_out_and_the_saved_answers_are_handed_in(site: Site, visit: Visit) -> None:
    quiz = quiz_of(site.course, "mm", time_limit=1)
    attempt = make_attempt(quiz=quiz, student=site.student, now=timezone.now() - timedelta(seconds=52))
    page = visit(site.student)
    page.goto(attempt.get_absolute_url())
    expect(page.locator("[data-timer]")).to_have_attribute("data-state", "critical")
    choose(page, "B")
    dialog = page.get_by_role("dialog", name="Time’s up")
    expect(dialog).to_be_visible(timeout=20_000)
    expect(dialog).to_contain_text("We submitted your saved answer at")
    attempt.refresh_from_db()
    assert (attempt.status, attempt.score) == ("completed", 50)
    dialog.get_by_role("link", name="See result").click()
    expect(page.get_by_text("1 of 2 points")).to_be_visible()


def test_more_time_given_meanwhile_is_found_out(site: Site, visit: Visit) -> None:
    quiz = quiz_of(site.course, "m", time_limit=1)
    attempt = make_attempt(quiz=quiz, student=site.student, now=timezone.now() - timedelta(seconds=50))
    page = visit(site.student)
    page.goto(attempt.get_absolute_url())
    expect(page.locator("[data-timer]")).to_have_attribute("data-state", "critical")
    QuizAttempt.objects.update(deadline=timezone.now() + timedelta(minutes=10))
    expect(page.locator("[data-timer]")).to_have_attribute("data-state", "ok", timeout=20_000)
    assert attempt.__class__.objects.get().is_running


def test_timer_can_be_hidden_and_stays_so(site: Site, visit: Visit, quiz: Quiz) -> None:
    page = visit(site.student)
    begin(page, quiz)
    clock = page.get_by_role("timer")
    expect(clock).to_have_text(re.compile(r"^(30:00|29:5\d)$"))
    page.get_by_role("button", name="Hide the timer").click()
    expect(clock).to_be_hidden()
    page.reload()
    expect(clock).to_be_hidden()


def test_student_signs_in_again_and_what_waited_is_sent(
    site: Site, browser: Browser, live_server: LiveServer, login: Callable[..., Any], quiz: Quiz
) -> None:
    """In a window of its own: here answers of 401 and 403 are no fault."""
    session = {
        "name": "sessionid",
        "value": login(site.student).cookies["sessionid"].value,
        "url": live_server.url,
    }
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies([session])  # type: ignore[list-item]
    page = context.new_page()
    begin(page, quiz)
    wait_for_others(page)
    context.clear_cookies()
    choose(page, "B")
    dialog = page.get_by_role("dialog", name="You are signed out")
    expect(dialog).to_be_visible()
    assert responses() == []
    context.add_cookies([session])  # type: ignore[list-item]
    dialog.get_by_role("button", name="I’m signed in").click()
    expect(dialog).to_be_hidden()
    expect(status(page)).to_have_attribute("data-state", "saved")
    assert responses() == [["b"]]
    page.locator("#quiz-side").get_by_role("button", name="Review and submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review your answers")
    page.wait_for_load_state()
    page.get_by_role("button", name="Submit attempt").click()
    page.get_by_role("dialog").get_by_role("button", name="Submit attempt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Result of attempt 1")
    context.close()


def test_student_takes_a_quiz_without_a_script(site: Site, visit: Visit, quiz: Quiz) -> None:
    page = visit(site.student, script=False)
    begin(page, quiz)
    choose(page, "B")
    step(page)
    expect(page.locator("h1")).to_contain_text("Question 2 of 5")
    choose(page, "A", "C")
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_role("radio", name="one more")).to_be_checked()
    page.get_by_role("button", name="Question 3, not answered").click()
    choose(page, "A")
    step(page)
    page.get_by_label("Your answer").fill(ESSAY)
    step(page)
    type_code(page)
    page.locator(".quiz-bar").get_by_role("button", name="Review").click()
    expect(page.get_by_text("Every question is answered.")).to_be_visible()
    assert responses() == [["b"], ["a", "c"], True, ESSAY, {"code": CODE}]
    page.get_by_role("button", name="Submit attempt").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Result of attempt 1")


def test_student_takes_a_quiz_with_the_keyboard_alone(site: Site, visit: Visit) -> None:
    quiz = quiz_of(site.course, "mst")
    page = visit(site.student)
    page.goto(quiz.get_absolute_url())
    page.get_by_role("button", name="Start attempt").focus()
    page.keyboard.press("Enter")
    heading = page.locator("main h1:visible")
    expect(heading).to_contain_text("Question 1 of 3")
    wait_for_others(page)
    page.keyboard.press("b")
    page.keyboard.press("f")
    page.keyboard.press("n")
    expect(heading).to_contain_text("Question 2 of 3")
    expect(heading).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("c")
    page.keyboard.press("n")
    page.keyboard.press("a")
    page.keyboard.press("p")
    expect(heading).to_contain_text("Question 2 of 3")
    page.go_back()
    expect(heading).to_contain_text("Question 3 of 3")
    expect(status(page)).to_have_attribute("data-state", "saved")
    assert responses() == [["b"], ["a", "c"], True]
    assert QuestionResponse.objects.get(is_flagged=True).question.order_index == 1
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".quiz-bar").get_by_role("button", name="Review").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Submit attempt").focus()
    page.wait_for_load_state()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Keep working")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("100%, pass mark 70%")).to_be_visible()


def test_all_questions_on_one_page(site: Site, visit: Visit) -> None:
    quiz = quiz_of(site.course, "mte", one_question_per_page=False)
    page = visit(site.student)
    page.goto(quiz.get_absolute_url())
    page.get_by_role("button", name="Start attempt").click()
    expect(page.get_by_role("heading", level=2, name="Question 3")).to_be_visible()
    page.get_by_role("radio", name="one more").check(force=True)
    page.get_by_role("radio", name="True").check(force=True)
    page.get_by_label("Your answer").fill(ESSAY)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(status(page)).to_have_attribute("data-state", "saved")
    assert responses() == [["b"], True, ESSAY]
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()
    page.get_by_role("link", name="Question 1, answered").click()
    expect(page).to_have_url(re.compile("#q1$"))


def test_typing_is_sent_when_it_pauses_and_never_overwrites_later_words(site: Site, visit: Visit) -> None:
    quiz = quiz_of(site.course, "e")
    page = visit(site.student)
    begin(page, quiz)
    packets: list[dict[str, Any]] = []
    page.on(
        "request", lambda one: one.url.endswith("/save/") and packets.append(json.loads(one.post_data or ""))
    )
    field = page.get_by_label("Your answer")
    field.press_sequentially("one two three", delay=20)
    expect(status(page)).to_have_attribute("data-state", "saved")
    assert len(packets) == 1
    field.press_sequentially(" four", delay=20)
    expect(status(page)).to_have_attribute("data-state", "saving")
    expect(status(page)).to_have_attribute("data-state", "saved")
    assert [packet["version"] for packet in packets] == sorted({packet["version"] for packet in packets})
    assert responses() == ["one two three four"]


def test_choice_made_before_the_script_came_is_saved(site: Site, visit: Visit, quiz: Quiz) -> None:
    page = visit(site.student)
    late: list[Route] = []
    # Plain, or with the hash of collected files; Playwright takes no method of a list.
    page.route("**/assessments/js/quiz.*js", lambda route: late.append(route))  # noqa: PLW0108
    page.goto(quiz.get_absolute_url())
    page.get_by_role("button", name="Start attempt").click(no_wait_after=True)
    choose(page, "B")
    assert responses() == []
    assert late
    for route in late:
        route.continue_()
    expect(status(page)).to_contain_text(SAVED)
    assert responses() == [["b"]]


def test_clear_answer_takes_it_back(site: Site, visit: Visit, quiz: Quiz) -> None:
    page = visit(site.student)
    begin(page, quiz)
    choose(page, "B")
    page.get_by_role("button", name="Clear answer").click()
    expect(page.get_by_role("radio", name="one more")).not_to_be_checked()
    expect(page.get_by_text("0 of 5 answered")).to_be_visible()
    page.wait_for_timeout(300)
    expect(status(page)).to_have_attribute("data-state", "saved")
    assert responses() == [None]


def test_nothing_on_this_device_tells_after_the_attempt(site: Site, visit: Visit, quiz: Quiz) -> None:
    page = visit(site.student)
    begin(page, quiz)
    choose(page, "B")
    expect(status(page)).to_have_attribute("data-state", "saved")
    stored = page.evaluate("Object.keys(localStorage).filter(key => /^attempt-\\d+$/.test(key))")
    assert stored == []


def test_phone_shows_start_on_the_first_screen_and_the_bar_on_one_line(
    site: Site, visit: Visit, quiz: Quiz
) -> None:
    page = visit(site.student, **PHONE)
    page.goto(quiz.get_absolute_url())
    expect(page.get_by_role("button", name="Start attempt")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Start attempt").click()
    wait_for_others(page)
    for number in range(2, 6):
        page.get_by_role("button", name="Next").click()
        expect(page.locator("h1:visible")).to_contain_text(f"Question {number} of 5")
    expect(page.get_by_role("button", name="Run samples")).to_be_visible()
    page.get_by_role("button", name="Run samples").click()
    expect(page).to_have_url(re.compile(r"/attempts/\d+/\?question=5$"))  # the runner's script, not the form
    heights = [
        box["height"] for item in page.locator(".quiz-bar > :visible").all() if (box := item.bounding_box())
    ]
    assert max(heights) < 50

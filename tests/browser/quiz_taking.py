"""What a student does in a quiz, in a browser: for the journeys, which say what must come of it."""

from typing import Any

from playwright.sync_api import Page, expect

from assessments.models import QuestionResponse, Quiz
from courses.models import Course
from tests.assessments.factories import make_quiz

PHONE = {"width": 390, "height": 844}
ESSAY = "Because **NULL** is unknown, and unknown is not true."
CODE = "a, b = map(int, input().split())\nprint(a + b)\n"
SAVED = "All answers saved"


def quiz_of(course: Course, kinds: str = "mstec", **fields: Any) -> Quiz:
    return make_quiz(**{"course": course, "kinds": kinds, "title": "Counting", "time_limit": 30, **fields})


def responses() -> list[Any]:
    """What the server has, in the order of the questions."""
    return list(QuestionResponse.objects.order_by("question__order_index").values_list("response", flat=True))


def status(page: Page) -> Any:
    return page.locator("[data-saved]")


def begin(page: Page, quiz: Quiz) -> None:
    page.goto(quiz.get_absolute_url())
    page.get_by_role("button", name="Start attempt").click()
    expect(page.locator("main h1:visible")).to_contain_text("Question 1 of")
    page.wait_for_load_state()  # the player's script has come


def choose(page: Page, *letters: str) -> None:
    """Click options by their letters."""
    for letter in letters:
        page.locator(".option").filter(has=page.locator(".option__key", has_text=letter)).click()


def step(page: Page) -> None:
    page.get_by_role("button", name="Next").click()


def type_code(page: Page) -> None:
    page.locator("textarea[name^='answer-']").fill(CODE)


def wait_for_others(page: Page) -> None:
    """The questions of the other pages have come."""
    page.wait_for_load_state("networkidle")


def hand_in(page: Page) -> None:
    page.locator(".quiz-bar").get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review your answers")
    page.wait_for_load_state()  # before its script has come, the button hands in without asking
    page.get_by_role("button", name="Submit attempt").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Keep working")).to_be_focused()
    dialog.get_by_role("button", name="Submit attempt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Result of attempt 1")

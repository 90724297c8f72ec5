"""A teacher grades by keyboard, and without script; then regrades."""

import pytest
from playwright.sync_api import Page, expect

from assessments.attempts import save_response, submit_attempt
from assessments.hand_grading import grade_by_hand
from assessments.models import QuestionResponse, Quiz, QuizAttempt
from courses.models import Course
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.browser.conftest import Visit
from tests.browser.content import Site
from tests.browser.test_pages import barriers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = ("Ada Okafor", "Bea Lindqvist", "Chidi Anand")
ESSAY = "A join without a partner keeps the row.\n\nIt fills the other side with <nothing>."


def handed_in(course: Course) -> Quiz:
    """A quiz with a choice and an essay, handed in by three students."""
    quiz = make_quiz(kinds="me", course=course, title="Joins, in your own words")
    choice, essay = quiz.questions.all()
    essay.content = (
        "Why does a **left join** keep rows?\n\n```sql\nSELECT 1 FROM a LEFT JOIN b USING (id)\n```"
    )
    essay.save()
    for name in NAMES:
        attempt = make_attempt(quiz=quiz, student=UserFactory(full_name=name))
        save_response(attempt=attempt, question_id=choice.pk, response=["a"], version=1)
        save_response(attempt=attempt, question_id=essay.pk, response=ESSAY, version=1)
        submit_attempt(attempt=attempt)
    return quiz


def waiting(page: Page, name: str, place: str) -> None:
    """The answer of `name` is open, and how much waits is said."""
    expect(page.locator("[data-grading-title]")).to_contain_text(name)
    expect(page.locator(".grading-place")).to_have_text(place)


def graded(quiz: Quiz) -> list[tuple[str, str]]:
    rows = QuestionResponse.objects.filter(attempt__quiz=quiz, is_by_hand=True).order_by("pk")
    return [(str(row.points_earned), row.feedback or "") for row in rows]


def test_a_teacher_grades_by_keyboard(site: Site, visit: Visit) -> None:
    quiz = handed_in(site.course)
    page = visit(site.instructor)
    page.goto("/admin/")
    page.get_by_role("link", name="3 answers to grade").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name=quiz.title).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Grade 3 answers").focus()
    page.keyboard.press("Enter")
    waiting(page, NAMES[0], "1 of 3")
    page.keyboard.press("j")
    waiting(page, NAMES[1], "2 of 3")
    page.keyboard.press("k")
    waiting(page, NAMES[0], "1 of 3")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next answer")
    page.keyboard.press("Escape")
    page.keyboard.press("9")
    expect(page.get_by_label("Points")).to_have_value("")
    page.keyboard.press("4")
    expect(page.get_by_label("Points")).to_have_value("4")
    page.keyboard.press("Tab")
    page.keyboard.type("Just so: jk 12?")
    page.keyboard.press("Control+Enter")
    waiting(page, NAMES[1], "1 of 2")
    assert graded(quiz) == [("4.00", "Just so: jk 12?")]
    page.keyboard.press("0")
    page.keyboard.press("Control+Enter")
    waiting(page, NAMES[2], "1 of 1")
    page.keyboard.press("5")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Nothing is left to grade here.")).to_be_visible()
    assert graded(quiz) == [("4.00", "Just so: jk 12?"), ("0.00", ""), ("5.00", "")]


def test_keys_can_be_switched_off(site: Site, visit: Visit) -> None:
    quiz = handed_in(site.course)
    page = visit(site.instructor)
    page.goto(f"/admin/assessments/quiz/{quiz.pk}/grading/next/")
    page.keyboard.press("?")
    page.get_by_label("Single keys work on this device").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("3")
    waiting(page, NAMES[0], "1 of 3")
    expect(page.get_by_label("Points")).to_have_value("")


def test_without_script_everything_is_done_by_links_and_buttons(site: Site, visit: Visit) -> None:
    quiz = handed_in(site.course)
    page = visit(site.instructor, script=False)
    page.goto(f"/admin/assessments/quiz/{quiz.pk}/grading/next/")
    page.get_by_role("link", name="Next").click()
    waiting(page, NAMES[1], "2 of 3")
    page.get_by_label("Points").fill("7")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("Give 0 to 5 points.")).to_be_visible()
    page.get_by_label("Points").fill("2.5")
    page.get_by_role("button", name="Save and next").click()
    waiting(page, NAMES[2], "2 of 2")
    assert graded(quiz) == [("2.50", "")]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_have_no_barriers(width: int, site: Site, visit: Visit) -> None:
    quiz = handed_in(site.course)
    page = visit(site.instructor, width=width)
    root = f"/admin/assessments/quiz/{quiz.pk}"
    first = QuestionResponse.objects.filter(grading="person").earliest("pk")
    grade_by_hand(response=first, points=first.question.points, by=site.instructor)
    found = []

    def look(address: str) -> None:
        page.goto(address)
        found.extend(f"{address}: {barrier}" for barrier in barriers(page))
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{address}: {wide} px too wide")

    for address in (
        "/admin/assessments/quiz/to-grade/",
        f"{root}/grading/",
        f"{root}/grading/next/",
        f"{root}/grading/{first.pk}/",
        f"{root}/grading/questions/{first.question_id}/",
    ):
        look(address)
    page.goto(f"{root}/grading/next/")
    page.keyboard.press("?")
    found += barriers(page)
    page.keyboard.press("Escape")
    page.get_by_label("Points").fill("9")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Give 0 to 5 points.")).to_be_visible()
    expect(page.get_by_label("Points")).to_be_focused()
    found += barriers(page)
    quiz.questions.filter(question_type="multiple_choice").update(correct_answer=["a"])
    look(f"{root}/regrades/")
    page.get_by_label("Reason").fill("The key was wrong.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("button", name="Apply", exact=True)).to_be_visible()
    look(page.url)
    page.get_by_role("button", name="Apply only gains").click()
    expect(page.get_by_text("Applied.")).to_be_visible()
    look(page.url)
    look(f"{root}/regrades/")
    assert found == []
    assert {str(attempt.score) for attempt in QuizAttempt.objects.filter(quiz=quiz)} == {"100.00", "None"}

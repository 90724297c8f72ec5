"""An instructor builds a quiz with all four types from nothing, by mouse and by keyboard, and publishes it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from assessments.models import CodeRun, CodingQuestion, Question, Quiz
from assessments.proving import is_proven
from tests.assessments.factories import make_quiz
from tests.assessments.running import judged_by, verdicts, work
from tests.browser.conftest import Visit
from tests.browser.content import Site
from tests.browser.test_course_builder import drag, said

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SOLUTION = "a, b = map(int, input().split())\nprint(a + b)\n"


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def begin(page: Page, kind: str, words: str) -> None:
    """Choose the type and write the question."""
    page.get_by_role("link", name=kind, exact=True).click()
    expect(page.locator("[name=content]")).to_be_visible()
    page.wait_for_load_state()  # the form's scripts have come
    page.locator("[name=content]").fill(words)


def row(page: Page, words: str) -> Locator:
    return page.locator("[data-question]").filter(has=page.get_by_role("link", name=words))


def shown(page: Page) -> list[str]:
    """The questions as the page lists them."""
    return [text.strip() for text in page.locator("[data-question] .build-name a").all_inner_texts()]


def stored(quiz: Quiz) -> list[str]:
    return list(Question.objects.asked().filter(quiz=quiz).values_list("content", flat=True))


def test_quiz_is_built_from_nothing_and_published(site: Site, visit: Visit, monkeypatch: Any) -> None:
    page = visit(site.instructor)
    page.goto(f"/admin/assessments/quiz/add/?course={site.course.pk}")
    page.get_by_label("Title").fill("Joins")
    page.locator("[name=description]").fill("What you know about joins.")
    save(page)
    expect(page.get_by_role("heading", name="No questions yet")).to_be_visible()
    quiz = Quiz.objects.get(title="Joins")

    add_multiple_choice(page)
    begin(page, "True or false", "A left join drops rows.")
    page.get_by_label("False").check()
    save(page)
    begin(page, "Essay", "Why are joins slow?")
    page.locator("[name=points]").fill("5")
    save(page)
    add_coding(page, monkeypatch)

    expect(page.locator(".build-note").first).to_contain_text("4 questions, 8 points")
    first = "Which joins keep every customer?"
    assert stored(quiz) == [first, "A left join drops rows.", "Why are joins slow?", "Add two numbers."]
    order_by_mouse_and_keyboard(page, quiz)
    copy_and_delete(page, quiz)
    publish(page, quiz)


def add_multiple_choice(page: Page) -> None:
    """Options are typed, ticked, added, moved and removed."""
    begin(page, "Multiple choice", "Which joins keep every customer?")
    save(page)
    expect(page.get_by_text("Give 2 to 20 options.")).to_be_visible()
    expect(page.locator("[name=content]")).to_have_value("Which joins keep every customer?")
    page.wait_for_load_state()
    for place, text in enumerate(("inner", "left", "full", "cross"), start=1):
        page.get_by_label(f"Text of option {place}", exact=True).fill(text)
    page.get_by_label("Correct: option 2", exact=True).check()
    page.get_by_label("Correct: option 3", exact=True).check()
    page.get_by_role("button", name="Add option").click()
    page.keyboard.type("self")
    page.get_by_role("button", name="Remove row 1").click()
    page.get_by_role("button", name="Move row 4 up").click()
    save(page)
    question = Question.objects.get(question_type="multiple_choice")
    texts = {option["id"]: option["text"] for option in question.options}
    assert list(texts.values()) == ["left", "full", "self", "cross"]
    assert [texts[pk] for pk in question.correct_answer] == ["left", "full"]


def add_coding(page: Page, monkeypatch: Any) -> None:
    """The solution is checked before it is saved: it fails, is mended, and passes."""
    begin(page, "Coding", "Add two numbers.")
    tests = page.locator(".test-row")
    for number, (given, wanted) in enumerate((("1 2", "3"), ("2 2", "4"), ("5 5", "10"))):
        tests.nth(number).get_by_label("Input").fill(given)
        tests.nth(number).get_by_label("Expected output").fill(wanted)
    tests.nth(0).get_by_label("Sample").check()
    page.locator("[name=solution]").fill("print(3)")
    save(page)
    said_by_judge(page, "Waiting for its turn.")
    with judged_by(monkeypatch, verdicts("accepted", "wrong_answer", "wrong_answer")):
        work()
    said_by_judge(page, "1 of 3 tests passed")
    expect(page.locator("[data-solution-tests]")).to_contain_text("Test 2: Wrong answer")
    expect(page.get_by_role("button", name="Save anyway")).to_be_focused()
    assert not CodingQuestion.objects.exists()
    page.locator("[name=solution]").fill(SOLUTION)
    page.get_by_role("button", name="Check solution").click()
    said_by_judge(page, "Waiting for its turn.")
    with judged_by(monkeypatch, verdicts("accepted", "accepted", "accepted")):
        work()
    said_by_judge(page, "3 of 3 tests passed")
    save(page)
    expect(row(page, "Add two numbers.")).to_be_visible()
    expect(page.get_by_text("Solution not proven")).not_to_be_attached()
    assert is_proven(CodingQuestion.objects.get())
    assert CodeRun.objects.count() == 2


def said_by_judge(page: Page, words: str) -> None:
    expect(page.locator("[data-solution-state]")).to_contain_text(words)


def order_by_mouse_and_keyboard(page: Page, quiz: Quiz) -> None:
    """By its handle, and by its buttons, which keep the focus."""
    drag(page, row(page, "Add two numbers."), row(page, "Which joins"))
    said(page, "Order of the questions saved.")
    assert shown(page) == stored(quiz)
    assert stored(quiz)[0] == "Add two numbers."
    down = page.get_by_role("button", name="Move Add two numbers. down")
    down.focus()
    for _step in range(2):
        page.keyboard.press("Enter")
        said(page, "moved down.")
        expect(down).to_be_focused()
        page.wait_for_function("document.querySelector('.builder').getAttribute('aria-busy') === null")
    assert shown(page) == stored(quiz)
    assert stored(quiz).index("Add two numbers.") == 2


def copy_and_delete(page: Page, quiz: Quiz) -> None:
    """In the menu of a question."""
    row(page, "Why are joins slow?").locator("summary.build-icon").click()
    page.get_by_role("button", name="Duplicate").locator("visible=true").click()
    said(page, "copied.")
    assert stored(quiz).count("Why are joins slow?") == 2
    last = row(page, "Why are joins slow?").last
    last.locator("summary.build-icon").click()
    last.get_by_text("Delete…").click()
    last.get_by_role("button", name="Delete question").click()
    said(page, "deleted.")
    assert stored(quiz).count("Why are joins slow?") == 1


def publish(page: Page, quiz: Quiz) -> None:
    page.get_by_role("link", name="Check and publish").click()
    expect(page.get_by_text("explains nothing").first).to_be_visible()
    page.get_by_role("button", name="Publish quiz").click()
    expect(page.get_by_role("heading", name="This quiz is published")).to_be_visible()
    quiz.refresh_from_db()
    assert quiz.is_published


def test_questions_are_written_by_keyboard_alone(site: Site, visit: Visit) -> None:
    quiz = make_quiz(course=site.course, kinds="", is_published=False)
    page = visit(site.instructor)
    page.goto(f"/admin/assessments/quiz/{quiz.pk}/build/")
    page.get_by_role("link", name="Multiple choice", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("[name=content]").focus()
    page.keyboard.type("How much is 1 + 1?")
    page.get_by_label("Text of option 1", exact=True).focus()
    page.keyboard.type("one")
    for _part in range(4):  # up, down, remove, and the tick of the next row
        page.keyboard.press("Tab")
    expect(page.get_by_label("Correct: option 2", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("two")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    up = page.get_by_role("button", name="Move row 1 up")
    expect(up).to_be_focused()
    expect(page.get_by_label("Text of option 1", exact=True)).to_have_value("two")
    page.locator("[name=points]").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/build/"))
    question = Question.objects.get()
    assert [option["text"] for option in question.options] == ["two", "one"]
    assert question.correct_answer == [question.options[0]["id"]]


def test_quiz_is_built_without_scripts_on_a_phone(site: Site, visit: Visit) -> None:
    quiz = make_quiz(course=site.course, kinds="te", is_published=False)
    page = visit(site.instructor, script=False, width=390)
    page.goto(f"/admin/assessments/quiz/{quiz.pk}/build/")
    page.get_by_role("link", name="Multiple choice", exact=True).click()
    page.locator("[name=content]").fill("How much is 1 + 1?")
    for place, text in enumerate(("one", "two", "three")):
        page.locator(f"[name=choices-{place}-text]").fill(text)
    page.locator("[name=choices-1-correct]").check()
    page.locator("[name=choices-2-place]").fill("1")
    page.locator("[name=choices-0-remove]").check()
    save(page)
    question = Question.objects.get(question_type="multiple_choice")
    assert [option["text"] for option in question.options] == ["three", "two"]
    page.locator(f"#question-{question.pk}-up").click()
    expect(page.get_by_text("moved up.")).to_be_visible()
    assert list(quiz.questions.values_list("pk", flat=True))[1] == question.pk
    page.goto(f"/admin/assessments/quiz/{quiz.pk}/publish/")
    page.get_by_role("button", name="Publish quiz").click()
    expect(page.get_by_role("heading", name="This quiz is published")).to_be_visible()

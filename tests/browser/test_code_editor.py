"""The code editor: its keys, its colours, its way out; and a program's way from the page to the verdict."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.assessments.factories import make_attempt, make_quiz
from tests.assessments.running import ADDS, SUBTRACTS, work
from tests.browser.conftest import Visit
from tests.browser.content import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def address(site: Site) -> str:
    """A running attempt that asks for a program, with an empty editor."""
    quiz = make_quiz(kinds="c", course=site.course)
    coding = quiz.questions.get().coding
    coding.starter_code = ""
    coding.save()
    return f"/attempts/{make_attempt(quiz=quiz, student=site.student).pk}/"


def judge_until(page: Page, what: Locator) -> None:
    """Be the worker, in turns with the page, until something is seen."""
    for _ in range(200):
        if what.is_visible():
            return
        work()
        page.wait_for_timeout(50)
    expect(what).to_be_visible()


def editor_of(page: Page, address: str) -> Locator:
    page.goto(address)
    area = page.locator("textarea[data-editor]")
    expect(page.locator(".editor textarea[data-editor]")).to_be_visible()
    area.focus()
    return area


def write(page: Page, text: str) -> None:
    """Type as people do; the editor adds indents and closing signs by itself."""
    for key in text:
        page.keyboard.press("Enter" if key == "\n" else key)


def test_keys_indent_pair_and_leave(address: str, site: Site, visit: Visit) -> None:
    page = visit(site.student)
    area = editor_of(page, address)
    write(page, "def f(x):\nreturn [x]\n")
    expect(area).to_have_value("def f(x):\n    return [x]\n    ")
    page.keyboard.press("Backspace")
    write(page, "a")
    expect(area).to_have_value("def f(x):\n    return [x]\na")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Tab")
    expect(area).to_have_value("    def f(x):\n        return [x]\n    a")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(area).to_have_value("def f(x):\nreturn [x]\na")
    page.keyboard.press("ControlOrMeta+z")
    expect(area).to_have_value("def f(x):\n    return [x]\na")
    # Escape, then Tab leaves, forwards and backwards; Tab alone stays.
    page.keyboard.press("Tab")
    expect(area).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(area).not_to_be_focused()
    area.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    expect(area).not_to_be_focused()


def test_pairs_wrap_a_selection_and_vanish_together(address: str, site: Site, visit: Visit) -> None:
    page = visit(site.student)
    area = editor_of(page, address)
    write(page, "(")
    expect(area).to_have_value("()")
    page.keyboard.press("Backspace")
    expect(area).to_have_value("")
    write(page, "it's")
    expect(area).to_have_value("it's")
    page.keyboard.press("ControlOrMeta+a")
    write(page, '"')
    expect(area).to_have_value('"it\'s"')
    page.keyboard.press("End")
    write(page, " {\n")
    expect(area).to_have_value('"it\'s" {\n    \n}')


def test_colours_and_numbers_lie_under_the_text(address: str, site: Site, visit: Visit) -> None:
    page = visit(site.student)
    area = editor_of(page, address)
    code = (
        "# <b>one</b>\nfor n in range(3):\n    print('a & b', n)\n"
        + "x = 1\n" * 60
        + "y = '"
        + "z" * 300
        + "'\n"
    )
    area.fill(code)
    layer = page.locator(".editor__layer")
    expect(layer.locator(".hl-c").first).to_have_text("# <b>one</b>")
    assert layer.locator(".hl-k").all_text_contents()[:2] == ["for", "in"]
    assert layer.locator(".hl-f").all_text_contents() == ["range", "print"]
    assert layer.inner_text().rstrip() == code.rstrip()
    expect(page.locator(".editor__numbers")).to_contain_text("65")
    area.evaluate("area => { area.scrollTop = 300; area.scrollLeft = 120; }")
    page.wait_for_function("() => document.querySelector('.editor__layer').scrollTop === 300")
    sizes = page.evaluate(
        """() => ['.editor__layer', '.editor__area'].map((name) => {
            const part = document.querySelector(name);
            const style = getComputedStyle(part);
            const font = [style.fontSize, style.lineHeight, style.fontFamily];
            return [part.scrollLeft, part.scrollTop, ...font];
        })"""
    )
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_editor_and_verdict_are_accessible(
    address: str, site: Site, visit: Visit, width: int, theme: str
) -> None:
    page = visit(site.student, width=width, theme=theme)
    area = editor_of(page, address)
    area.fill(SUBTRACTS)
    page.keyboard.press("ControlOrMeta+Enter")
    judge_until(page, page.locator("[data-run-results] li.is-fail"))
    expect(page.locator("[data-run-status]")).to_have_text("0 of 1 sample test passed")
    expect(area).to_be_focused()
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_program_goes_from_the_page_to_the_verdict(address: str, site: Site, visit: Visit) -> None:
    page = visit(site.student)
    area = editor_of(page, address)
    area.fill(ADDS["python"])
    page.get_by_role("button", name="Run samples").click()
    judge_until(page, page.locator("[data-run-results]", has_text="1 of 1 sample test passed"))
    page.locator(".runner__own summary").click()
    page.get_by_label("What your program reads").fill("40 2")
    page.get_by_role("button", name="Run on own input").click()
    judge_until(page, page.locator("[data-run-results]", has_text="42"))
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved")  # else leaving asks first
    page.reload()
    expect(page.locator("textarea[data-editor]")).to_have_value(ADDS["python"])


def test_program_runs_without_a_script(address: str, site: Site, visit: Visit) -> None:
    page = visit(site.student, script=False)
    page.goto(address)
    page.locator("textarea[data-editor]").fill(ADDS["python"])
    page.get_by_role("button", name="Run samples").click()
    work()
    page.get_by_role("link", name="Look again").click()
    expect(page.locator(".results__sum")).to_have_text("1 of 1 sample test passed")

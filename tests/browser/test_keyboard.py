"""The keyboard alone: every stop is seen, nothing lies over it, and the way through a course needs no mouse."""

import pytest
from playwright.sync_api import Page, expect

from courses.models import LessonCompletion
from tests.assessments.factories import make_attempt, make_quiz
from tests.browser.conftest import Visit
from tests.browser.content import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_STOPS = 150
# What the focus is on; whether a ring is drawn, on it or around what holds it; whether anything lies over it.
# Of what is tall, such as a text area or a wide table, the beginning has to be seen.
STOP = """() => {
    const stop = document.activeElement;
    if (!stop || stop === document.body || stop.dataset.seen) return null;
    stop.dataset.seen = 'yes';
    let ring = false;
    for (let part = stop; part && part !== document.body; part = part.parentElement) {
        const style = getComputedStyle(part);
        ring ||= style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    }
    const box = stop.getClientRects()[0];
    const middle = (box.top + box.bottom) / 2;
    const places = box.height > 100 ? [box.top + 4] : [box.top + 4, middle, box.bottom - 4];
    const covered = places.some(y => {
        const top = document.elementFromPoint(box.left + box.width / 2, y);
        return !top || !(stop.contains(top) || top.contains(stop) || top.closest('label')?.contains(stop));
    });
    return {name: stop.outerHTML.slice(0, 120), ring, covered};
}"""


def walk(page: Page) -> list[dict[str, object]]:
    """Go through the page with Tab until it begins anew."""
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError(f"More than {MOST_STOPS} stops, or a trap: {stops[-3:]}")


@pytest.mark.parametrize(("width", "height"), [(1280, 600), (390, 640)])
def test_each_stop_has_a_ring_and_no_bar_over_it(width: int, height: int, site: Site, visit: Visit) -> None:
    course, lesson = site.course.get_absolute_url(), site.lessons[0].pk
    quiz = make_quiz(kinds="mstec", course=site.course, time_limit=30)
    attempt = make_attempt(quiz=quiz, student=site.student).get_absolute_url()
    ways = {
        None: ["/", "/courses/", course, "/accounts/signup/"],
        site.student: ["/home/", course, f"{course}lessons/{lesson}/", "/settings/"]
        + [quiz.get_absolute_url(), f"{attempt}review/"]
        + [f"{attempt}?question={number}" for number in (1, 2, 4, 5)],
        site.graduate: ["/certificates/", f"{course}end/"],
    }
    findings = []
    for who, addresses in ways.items():
        page = visit(who, width=width, height=height)
        for address in addresses:
            page.goto(address)
            stops = walk(page)
            assert len(stops) > 5, address
            findings += [f"{address}: {stop}" for stop in stops if not stop["ring"] or stop["covered"]]
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("width", [1280, 390])
def test_skip_link_leads_past_the_bar(width: int, site: Site, visit: Visit) -> None:
    page = visit(site.student, width=width)
    for address in ("/home/", f"{site.course.get_absolute_url()}lessons/{site.lessons[0].pk}/"):
        page.goto(address)
        skip = page.get_by_role("link", name="Skip to main content")
        expect(skip).not_to_be_in_viewport()
        page.keyboard.press("Tab")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what says `words`."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"Tab never comes to {words!r}")


def test_student_enrolls_and_completes_a_lesson_without_a_mouse(site: Site, visit: Visit) -> None:
    page = visit(site.newcomer)
    page.goto(site.course.get_absolute_url())
    tab_to(page, "Enroll")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(site.lessons[0].title)
    tab_to(page, "Show the answer")
    page.keyboard.press("Space")
    expect(page.get_by_text("Still two, because")).to_be_visible()
    tab_to(page, "Complete and continue")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(site.lessons[1].title)
    assert LessonCompletion.objects.filter(student=site.newcomer, lesson=site.lessons[0]).exists()
    tab_to(page, "Your account")
    page.keyboard.press("Enter")
    tab_to(page, "Settings")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Settings")).to_be_hidden()
    assert "Your account" in page.evaluate("document.activeElement.textContent")


def test_single_keys_move_through_lessons(site: Site, visit: Visit) -> None:
    page = visit(site.student)
    heading = page.get_by_role("heading", level=1)
    page.goto(f"{site.course.get_absolute_url()}lessons/{site.lessons[0].pk}/")
    page.keyboard.press("]")
    expect(heading).to_have_text(site.lessons[1].title)
    page.keyboard.press("[")
    expect(heading).to_have_text(site.lessons[0].title)
    page.keyboard.press("]")
    expect(heading).to_have_text(site.lessons[1].title)
    page.keyboard.press("m")
    expect(heading).to_have_text(site.lessons[2].title)
    assert LessonCompletion.objects.filter(student=site.student, lesson=site.lessons[1]).exists()
    page.keyboard.press("Control+]")
    page.keyboard.press("Shift+M")
    expect(heading).to_have_text(site.lessons[2].title)
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(heading).to_have_text("Hello, Student")


def test_question_mark_lists_the_keys_and_can_switch_them_off(site: Site, visit: Visit) -> None:
    page = visit(site.student)
    page.goto(f"{site.course.get_absolute_url()}lessons/{site.lessons[0].pk}/")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("]")  # nothing happens behind an open dialog
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_have_text(site.lessons[0].title)
    page.keyboard.press("?")
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_have_text(site.lessons[0].title)


def test_single_keys_do_nothing_in_text_fields(site: Site, visit: Visit) -> None:
    page = visit(site.student)
    page.goto("/settings/")
    field = page.get_by_label("About you")
    field.focus()
    page.keyboard.type("[]m?/ghgc")
    expect(field).to_have_value("[]m?/ghgc")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.goto("/courses/")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox").first
    expect(search).to_be_focused()
    page.keyboard.type("?m[gh")
    expect(search).to_have_value("?m[gh")
    expect(page.get_by_role("heading", level=1)).to_have_text("Courses")
    expect(page.get_by_role("dialog")).to_be_hidden()

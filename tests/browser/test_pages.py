"""Every page, as everybody who can open it: no barrier, no sideways scrolling, in both themes."""

import re
from collections.abc import Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.browser import quiz_stops, stops
from tests.browser.conftest import Visit
from tests.browser.content import Site
from tests.browser.stops import Stop

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Axe().axe_script
# The theme changes nothing but colours, so the dark one is asked about those alone.
RULES = {"light": {"type": "tag", "values": TAGS}, "dark": {"type": "rule", "values": ["color-contrast"]}}
# Colours change with the next frame that is painted.
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
RUN_AXE = """async ([runOnly, apart]) => {
    const found = await axe.run({exclude: apart}, {runOnly, resultTypes: ['violations']});
    const reason = node => [...node.any, ...node.all, ...node.none][0]?.message;
    return found.violations.flatMap(
        rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)} ${reason(node)}`));
}"""
FACTS = """apart => ({
    lang: document.documentElement.lang,
    title: document.title,
    headings: [...document.querySelectorAll('h1')].filter(one => !one.closest(apart.join() || 'none')).length,
})"""

WAYS = {
    "nobody": (None, stops.open_to_all),
    "nobody signing in": (None, stops.ways_in),
    "newcomer": ("newcomer", stops.own_pages),
    "student": ("student", stops.in_the_course),
    "student with a key": ("student", stops.key_pages),
    "student with quizzes": ("student", quiz_stops.of_quizzes),
    "graduate": ("graduate", stops.at_the_end),
    "waiting for payment": ("waiting", stops.before_paying),
    "instructor": ("instructor", stops.while_teaching),
    "instructor in the back office": ("instructor", stops.in_the_back_office),
    "instructor building quizzes": ("instructor", stops.building_quizzes),
    "programmer": ("student", stops.of_the_interface),
}


@pytest.mark.parametrize("way", WAYS)
def test_pages_are_open_to_everybody(way: str, site: Site, visit: Visit, settings: Settings) -> None:
    who, list_stops = WAYS[way]
    page = visit(getattr(site, who) if who else None)
    findings = [finding for stop in list_stops(site) for finding in look_at(page, stop)]
    assert not findings, "\n".join(findings)


def width_at_rest(page: Page) -> int:
    """What the page needs at 320 px, once its scripts have followed the change of the window."""
    for _ in range(30):
        needed = int(page.evaluate("document.documentElement.scrollWidth"))
        if needed <= 320:
            break
        page.wait_for_timeout(100)
    return needed


def look_at(page: Page, stop: Stop) -> list[str]:
    """Open a page and say what is wrong with it."""
    page.set_viewport_size({"width": 1280, "height": 900})
    response = page.goto(stop.path)
    found = [] if response and response.status == stop.status else [f"answers {response and response.status}"]
    if stop.act:
        stop.act(page)
    facts = page.evaluate(FACTS, stop.apart)
    if facts["lang"] != "en" or not facts["title"].strip() or facts["headings"] != 1:
        found.append(str(facts))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        broken = barriers(page, stop.apart)
        found += [f"{width} px, {rule}" for rule in broken if not rule.startswith(stop.known)]
    page.set_viewport_size({"width": 320, "height": 640})
    if (needed := width_at_rest(page)) > 320:
        found.append(f"scrolls sideways at 320 px: needs {needed}")
    return [f"{stop}: {text}" for text in dict.fromkeys(found)]


def barriers(page: Page, apart: Sequence[str] = ()) -> list[str]:
    """What axe finds on the page as it stands now, in both themes."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = []
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        page.evaluate(PAINTED)
        found += [f"{rule} ({theme})" for rule in page.evaluate(RUN_AXE, [rules, apart])]
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_what_opens_is_open_to_everybody(width: int, site: Site, visit: Visit) -> None:
    page = visit(site.student, width=width)
    page.goto("/home/")
    page.locator("summary", has_text="Your account").click()
    expect(page.get_by_role("link", name="Certificates")).to_be_visible()
    assert barriers(page) == []
    page.goto(f"{site.course.get_absolute_url()}lessons/{site.lessons[0].pk}/")
    if width < 1000:
        page.get_by_role("button", name="Contents").click()
    expect(page.get_by_role("navigation", name="Course contents")).to_be_visible()
    page.get_by_text("Show the answer").dispatch_event("click")
    assert barriers(page) == []
    page.goto("/courses/?price=free")
    if width < 1000:
        page.locator("summary", has_text="Filters").click()
    expect(page.get_by_label("Level")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert barriers(page) == []


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_chosen_theme_stays(script: bool, site: Site, visit: Visit) -> None:
    page = visit(width=390, script=script)
    page.goto("/courses/?q=joins")
    page.get_by_role("button", name="Dark").click()
    expect(page).to_have_url(re.compile(r"/courses/\?q=joins$"))
    expect(page.locator("html[data-theme=dark]")).to_have_css("color-scheme", "dark")
    page.goto("/help/")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="System").click()
    expect(page.locator("html")).to_have_css("color-scheme", "light dark")

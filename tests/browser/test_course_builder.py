"""An instructor builds a course from nothing, by mouse and by keyboard, and publishes it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from courses.models import Course, Lesson
from tests.browser.conftest import Visit
from tests.browser.content import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def order(page: Page) -> list[list[str]]:
    """What the page shows: for each module, the titles of its lessons."""
    modules = page.locator("[data-module]")
    return [
        [text.strip() for text in modules.nth(place).locator("[data-lesson] .build-name a").all_inner_texts()]
        for place in range(modules.count())
    ]


def stored(course: Course) -> list[list[str]]:
    return [[lesson.title for lesson in module.lessons.all()] for module in course.modules.all()]


def said(page: Page, words: str) -> None:
    """The act is announced, and so it is saved."""
    expect(page.locator("[data-builder-status]")).to_contain_text(words)


def drag(page: Page, row: Locator, to: Locator, *, above: bool = True) -> None:
    """Drag a row by its handle over another row."""
    start = row.locator("[data-handle]").first.bounding_box()
    end = to.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] + 20, steps=3)
    page.mouse.move(end["x"] + 40, end["y"] + (4 if above else end["height"] - 4), steps=8)
    page.mouse.up()


def lesson(page: Page, title: str) -> Locator:
    return page.locator("[data-lesson]").filter(has=page.get_by_role("link", name=title, exact=True))


def module(page: Page, title: str) -> Locator:
    return page.locator("[data-module]").filter(has=page.get_by_role("heading", name=title))


def add_lesson(page: Page, title: str, kind: str = "Reading") -> None:
    """In the field that has the focus."""
    page.keyboard.type(title)
    page.keyboard.press("Tab")
    page.keyboard.type(kind)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said(page, f"Lesson “{title}” added.")


def test_course_is_built_from_nothing_and_published(site: Site, visit: Visit) -> None:
    page = visit(site.instructor)
    page.goto("/admin/courses/course/add/")
    page.get_by_label("Title").fill("Ten knots")
    page.get_by_label("Description").fill("Ten knots for boats and tents.")
    page.get_by_label("Category").fill("Sport")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Start with a module")).to_be_visible()
    course = Course.objects.get(slug="ten-knots")

    # Added by keyboard: the focus is where the next thing is typed.
    page.get_by_label("New module").focus()
    page.keyboard.type("Bends")
    page.keyboard.press("Enter")
    said(page, "Module “Bends” added.")
    for title in ("Sheet bend", "Reef knot", "Fisherman"):
        add_lesson(page, title)
    page.get_by_label("New module").fill("Hitches")
    page.get_by_role("button", name="Add module").click()
    said(page, "Module “Hitches” added.")
    add_lesson(page, "Clove hitch")
    assert stored(course) == [["Sheet bend", "Reef knot", "Fisherman"], ["Clove hitch"]]

    order_by_mouse(page, course)
    order_by_keyboard(page, course)
    rename(page)
    publish(page, course)

    student = visit(site.student)
    student.goto(course.get_absolute_url())
    expect(student.get_by_role("heading", level=1)).to_have_text("Ten knots")
    expect(student.get_by_text("Square knot")).to_be_attached()


def order_by_mouse(page: Page, course: Course) -> None:
    """Inside a module, into another one, and a whole module; Escape puts back what is being dragged."""
    drag(page, lesson(page, "Fisherman"), lesson(page, "Sheet bend"))
    said(page, "“Fisherman” is now in “Bends”.")
    assert order(page) == stored(course) == [["Fisherman", "Sheet bend", "Reef knot"], ["Clove hitch"]]
    drag(page, lesson(page, "Reef knot"), lesson(page, "Clove hitch"), above=False)
    said(page, "“Reef knot” is now in “Hitches”.")
    assert order(page) == stored(course) == [["Fisherman", "Sheet bend"], ["Clove hitch", "Reef knot"]]
    drag(page, module(page, "Hitches"), module(page, "Bends"))
    said(page, "Order of the modules saved.")
    assert order(page) == stored(course) == [["Clove hitch", "Reef knot"], ["Fisherman", "Sheet bend"]]

    box = lesson(page, "Fisherman").locator("[data-handle]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 5, box["y"] - 200, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert order(page) == stored(course) == [["Clove hitch", "Reef knot"], ["Fisherman", "Sheet bend"]]


def order_by_keyboard(page: Page, course: Course) -> None:
    """The button keeps the focus, step after step, also into the next module."""
    up = page.get_by_role("button", name="Move Sheet bend up")
    up.focus()
    for _step in range(3):
        page.keyboard.press("Enter")
        said(page, "moved up.")
        expect(up).to_be_focused()
        page.wait_for_function("document.querySelector('.builder').getAttribute('aria-busy') === null")
    assert stored(course) == [["Clove hitch", "Sheet bend", "Reef knot"], ["Fisherman"]]


def rename(page: Page) -> None:
    """In the menu of the row."""
    row = lesson(page, "Reef knot")
    row.locator("summary.build-icon").click()
    row.get_by_label("Title").fill("Square knot")
    row.get_by_role("button", name="Rename").click()
    said(page, "Renamed to “Square knot”.")


def publish(page: Page, course: Course) -> None:
    """Not while something is missing, then with all drafts."""
    page.get_by_role("link", name="Check and publish").click()
    expect(page.get_by_text("You can publish it here once nothing is missing.")).to_be_visible()
    expect(page.get_by_role("button", name="Publish course")).to_have_count(0)
    expect(page.get_by_text("“Square knot” has no content.").first).to_be_visible()
    Lesson.objects.filter(module__course=course).update(content="Take a rope.", duration_minutes=5)
    page.goto(page.url)
    page.get_by_role("button", name="Publish course with all drafts").click()
    expect(page.get_by_role("heading", name="This course is published")).to_be_visible()


def test_failure_of_the_network_loses_nothing(site: Site, visit: Visit) -> None:
    page = visit(site.instructor)
    page.goto(f"/admin/courses/course/{site.course.pk}/build/")
    page.route("**/add-module/", lambda route: route.abort())
    page.get_by_label("New module").fill("A long title")
    page.get_by_role("button", name="Add module").click()
    expect(page.locator("#new-module-error")).to_contain_text("That was not saved: the site did not answer.")
    expect(page.get_by_label("New module")).to_have_value("A long title")
    page.unroute("**/add-module/")
    page.get_by_role("button", name="Add module").click()
    said(page, "Module “A long title” added.")

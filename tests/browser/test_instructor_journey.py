"""An instructor's first edit: from signing in to the new lesson on a student's screen."""

import pytest
from playwright.sync_api import Locator, Page, expect

from courses.models import Lesson, Module
from tests.accounts.factories import PASSWORD
from tests.browser.conftest import Visit
from tests.browser.content import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MARKDOWN = """Views **remember** a question.

## Name it once

```sql
CREATE VIEW silent AS SELECT id FROM customers;
```

:::tip
A view costs nothing until it is asked.
:::
"""


def test_instructor_writes_a_lesson_and_a_student_reads_it(site: Site, visit: Visit) -> None:
    page = visit()
    page.goto("/")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_label("Username or e-mail").fill(site.instructor.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Go to Teaching").click()
    expect(page.get_by_role("heading", name="Your courses")).to_be_visible()

    page.get_by_role("link", name=site.course.title, exact=True).click()
    page.get_by_label("Outcome").fill("Keep what has no partner in sight.")
    save(page)
    expect(page.get_by_label("Outcome")).to_have_value("Keep what has no partner in sight.")

    page.get_by_role("link", name="Content", exact=True).first.click()
    page.get_by_label("New module").fill("Views")
    page.get_by_role("button", name="Add module").click()
    expect(page.locator("[data-builder-status]")).to_contain_text("Module “Views” added.")
    module = Module.objects.get(course=site.course, title="Views")
    assert (module.order_index, module.is_published) == (3, False)

    page.goto(f"/admin/courses/module/{module.pk}/change/")
    page.locator("#id_is_published").check()
    page.get_by_label("Description").fill("Questions that are kept.")
    row = add_row(page, tab="Lessons", thing="Lesson")
    row.locator("[name$=-title]").fill("A question with a name")
    row.locator("[name$=-duration_minutes]").fill("9")
    save(page)
    page.get_by_role("link", name="Write lesson").click()
    page.locator("#id_content").fill(MARKDOWN)
    save(page)
    lesson = Lesson.objects.get(module=module)
    assert not lesson.is_published

    student = visit(site.student)
    address = f"{site.course.get_absolute_url()}lessons/{lesson.pk}/"
    assert student.goto(address).status == 404  # type: ignore[union-attr]

    page.get_by_label("Published").check()
    save(page)
    student.goto(site.course.get_absolute_url())
    expect(student.locator(".course-head")).to_contain_text("Keep what has no partner in sight.")
    student.locator("summary", has_text="Views").click()
    student.get_by_role("link", name="A question with a name").click()
    expect(student.get_by_role("heading", level=1)).to_have_text("A question with a name")
    expect(student.get_by_role("heading", name="Name it once")).to_be_visible()
    expect(student.locator(".code .hl-k").first).to_have_text("CREATE")
    expect(student.locator(".notice--ok")).to_contain_text("A view costs nothing")

    page.goto(address)
    page.get_by_role("link", name="Edit this lesson").click()
    expect(page.locator("#id_content")).to_have_value(MARKDOWN.strip())


def save(page: Page) -> None:
    """Save and stay on the page."""
    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def add_row(page: Page, *, tab: str, thing: str) -> Locator:
    """Open the tab that lists what belongs to the row, and add a line to it."""
    page.get_by_role("navigation", name="Parts of this page").get_by_role("link", name=tab).click()
    page.get_by_role("link", name=f"Add another {thing}").click()
    return page.locator(".form-row:visible, tbody tr:visible").filter(has=page.locator("[name$=-title]")).last

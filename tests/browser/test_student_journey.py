"""A student's first journey on a phone: from signing up to a certificate that a stranger checks."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from accounts.models import User
from courses.models import Certificate, CourseEnrollment
from tests.accounts.factories import PASSWORD
from tests.browser.conftest import Visit
from tests.browser.content import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"width": 390, "height": 800}
NAME = "Zoë Ångström-O’Neill"


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_student_comes_from_sign_up_to_a_certificate(
    script: bool, site: Site, visit: Visit, mailoutbox: list[EmailMessage]
) -> None:
    page = visit(**PHONE, script=script)
    sign_up(page, mailoutbox)
    find_course(page, site, script=script)
    enroll_and_read(page)
    complete_and_undo(page, site)
    complete_all(page, site)
    certificate = Certificate.objects.get(enrollment__student__username="zoe")
    assert certificate.holder_name == NAME
    read_certificate(page, certificate)
    check_certificate(visit(**PHONE, script=script), certificate)


def sign_up(page: Page, mailoutbox: list[EmailMessage]) -> None:
    """Make an account and open the link in the mail."""
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill("zoe@example.org")
    page.get_by_label("Username").fill("zoe")
    page.get_by_label("Full name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your e-mail")
    assert not User.objects.get(username="zoe").email_verified

    [mail] = mailoutbox
    assert mail.to == ["zoe@example.org"]
    page.goto(re.search(r"http://\S+", str(mail.body))[0])  # type: ignore[index]
    expect(page.locator("main form")).to_contain_text("zoe@example.org")
    page.get_by_role("button", name="Confirm address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Zoë")
    assert User.objects.get(username="zoe").email_verified


def find_course(page: Page, site: Site, *, script: bool) -> None:
    """Search the catalogue and narrow it down."""
    count = page.locator("#results").get_by_role("status")

    def choose(label: str, choice: str) -> None:
        """A filter works at once; without scripts with its button."""
        if page.get_by_label(label).is_hidden():
            page.locator("summary", has_text="Filters").click()
        with page.expect_navigation():
            page.get_by_label(label).select_option(choice)
            if not script:
                page.get_by_role("button", name="Show courses").click()

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Courses").click()
    search = page.locator("main").get_by_role("searchbox")
    search.fill("database kafka")
    search.press("Enter")
    expect(count).to_have_text("0 courses")
    expect(page.get_by_role("heading", name="No courses match")).to_be_visible()
    page.get_by_role("link", name="remove this filter").click()
    search.fill("database")
    search.press("Enter")
    expect(count).to_have_text("3 courses")
    choose("Topic", "Databases")
    expect(count).to_have_text("2 courses")
    expect(page.get_by_role("link", name=re.compile("Databases.*remove this filter"))).to_be_visible()
    choose("Price", "Free")
    expect(count).to_have_text("1 course")
    page.get_by_role("link", name=site.course.title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(site.course.title)


def enroll_and_read(page: Page) -> None:
    """Take a place, and read a lesson with everything that a lesson can hold."""
    page.get_by_role("button", name="Enroll").click()
    expect(page.get_by_role("status").first).to_contain_text("You’re enrolled")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anti-joins: the rows that aren’t there")
    expect(page.locator(".code .hl-k").first).to_have_text("SELECT")
    expect(page.get_by_role("cell", name="Lindiwe Mokoena")).to_be_visible()
    expect(page.locator("math msqrt")).to_be_visible()
    expect(page.locator(".notice--warn")).to_contain_text("NOT IN is not the same")
    answer = page.get_by_text("Still two, because")
    expect(answer).to_be_hidden()
    page.get_by_text("Show the answer").click()
    expect(answer).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Shop database").click()
    assert Path(download.value.path()).read_bytes() == b"SELECT 1;\n"


def complete_and_undo(page: Page, site: Site) -> None:
    """Complete the first lesson, see the progress move, and take the completion back."""
    page.get_by_role("button", name="Complete and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lesson 1.2")
    assert progress() == 25
    page.get_by_role("button", name="Contents").click()
    drawer = page.get_by_role("navigation", name="Course contents")
    expect(drawer.locator("summary").first).to_contain_text("1 of 2 done")
    drawer.get_by_role("link", name="Anti-joins").click()
    expect(page.locator("header.lesson__title")).to_contain_text("Completed")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Complete and continue")).to_be_visible()
    assert progress() == 0
    page.goto(site.course.get_absolute_url())
    expect(page.locator(".enroll")).to_contain_text("0 of 4 lessons done")


def complete_all(page: Page, site: Site) -> None:
    """Go through all lessons; the last one leads to the end."""
    page.goto("/home/")
    page.get_by_role("link", name="Start lesson").click()
    for lesson in site.lessons:
        expect(page.get_by_role("heading", level=1)).to_have_text(lesson.title)
        page.get_by_role("button", name="Complete and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Course completed")
    assert progress() == 100


def progress() -> float:
    return float(CourseEnrollment.objects.get(student__username="zoe").progress)


def read_certificate(page: Page, certificate: Certificate) -> None:
    """Download the PDF: it names the person and the course, and leads to the public page."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    assert download.value.suggested_filename == f"certificate-{certificate.code}.pdf"
    [sheet] = PdfReader(BytesIO(Path(download.value.path()).read_bytes())).pages
    text = sheet.extract_text()
    for words in (NAME, certificate.course_title, certificate.code, f"/verify/{certificate.code}/"):
        assert words in text
    page.goto("/certificates/")
    expect(page.get_by_role("link", name=certificate.course_title).first).to_be_visible()


def check_certificate(page: Page, certificate: Certificate) -> None:
    """A stranger types the number in, as people type."""
    page.goto("/verify/")
    page.get_by_label("Certificate number").fill(certificate.code.lower().replace("-", " "))
    page.get_by_role("button", name="Check").click()
    expect(page).to_have_url(re.compile(f"/verify/{certificate.code}/$"))
    expect(page.locator(".verdict")).to_have_text("Valid")
    expect(page.get_by_role("region", name="The certificate")).to_contain_text(NAME)
    expect(page.get_by_role("link", name="Download PDF")).to_have_count(0)

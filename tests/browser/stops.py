"""Every page of the site as a stop on somebody's way: its address, and what is done there first."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from assessments.questions import retire_question
from projectgenius.background.models import OutboxMail
from tests.accounts.factories import PASSWORD
from tests.assessments.factories import make_quiz
from tests.browser.content import Site


@dataclass(frozen=True)
class Stop:
    """A page. `act` brings it into the state that is meant, such as a form with errors.

    `apart` selects what is drawn by another product and is not looked at; `known` names the rules that this
    product breaks for the whole page.
    """

    path: str
    act: Callable[[Page], object] | None = None
    status: int = 200
    note: str = ""
    apart: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path} {self.note}".strip()


def send(**values: str) -> Callable[[Page], None]:
    """Fill the page's own form and send it; fields that are not named stay empty."""

    def act(page: Page) -> None:
        form = page.locator("main form:has(.field)").first
        for name, value in values.items():
            form.locator(f"[name={name}]").fill(value)
        with page.expect_navigation():
            form.locator("button[type=submit]:visible").first.click()

    return act


def refused(**values: str) -> Callable[[Page], None]:
    """Send the page's form with something wrong in it."""

    def act(page: Page) -> None:
        send(**values)(page)
        expect(page).to_have_title(re.compile("^Error: "))
        expect(page.locator(".error-summary")).to_be_focused()

    return act


def open_to_all(site: Site) -> list[Stop]:
    """What nobody has to sign in for."""
    course, lesson = site.course, site.lessons[0]
    return [
        Stop("/"),
        Stop("/courses/"),
        Stop("/courses/?page=2"),
        Stop("/courses/?category=Databases&price=free", note="filtered"),
        Stop("/courses/?q=kafka&price=free", note="no match"),
        Stop(course.get_absolute_url()),
        Stop(site.paid.get_absolute_url(), note="with a price"),
        Stop(f"{course.get_absolute_url()}lessons/{lesson.pk}/", note="preview"),
        Stop("/verify/"),
        Stop("/verify/", refused(number="-"), note="with an error"),
        Stop(f"/verify/{site.valid.code}/", note="valid"),
        Stop(f"/verify/{site.revoked.code}/", note="revoked"),
        Stop("/verify/AAAA-BBBB-CCCC-DDDD/", status=404, note="unknown"),
        *(Stop(f"/{name}/") for name in ("help", "accessibility", "privacy", "terms")),
        Stop("/outbox/"),
        Stop(f"/outbox/{OutboxMail.objects.get().pk}/"),
        Stop("/components/"),
        Stop("/forbidden/", status=403),
        Stop("/no-such-page/", status=404),
        Stop("/unreadable/", status=400),
        Stop("/too-often/", status=429),
        Stop("/broken/", status=500),
        Stop("/maintenance/", status=503),
    ]


def ways_in(site: Site) -> list[Stop]:
    """Signing in and up, forgotten passwords, confirmed addresses."""
    address = EmailConfirmationHMAC(site.newcomer.emailaddress_set.get())
    unconfirmed = EmailConfirmationHMAC(site.waiting.emailaddress_set.get())
    unconfirmed.email_address.verified = False
    unconfirmed.email_address.save()
    return [
        Stop("/accounts/login/"),
        Stop("/accounts/login/?next=/home/", note="asked for"),
        Stop("/accounts/login/", refused(), note="empty"),
        Stop("/accounts/login/", refused(login="student", password="wrong"), note="wrong"),
        Stop("/accounts/login/code/"),
        Stop("/accounts/signup/"),
        Stop("/accounts/signup/", refused(email="none", username="a", password1="1"), note="wrong"),
        Stop("/accounts/password/reset/"),
        Stop("/accounts/password/reset/", refused(email="none"), note="wrong"),
        Stop("/accounts/password/reset/done/"),
        Stop(reset_link(site.student), note="to set it"),
        Stop(reset_link(site.student), refused(password1="1", password2="2"), note="wrong"),
        Stop(reset_link(site.student)[:-3] + "xx/", note="spent"),
        Stop("/accounts/password/reset/key/done/"),
        Stop("/accounts/confirm-email/"),
        Stop(f"/accounts/confirm-email/{unconfirmed.key}/"),
        Stop(f"/accounts/confirm-email/{address.key}/", note="confirmed already"),
        Stop("/accounts/confirm-email/spent/"),
        Stop("/accounts/inactive/"),
    ]


def reset_link(user: User) -> str:
    """The address in the mail about a forgotten password."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, _, token = key.partition("-")
    return reverse("account_reset_password_from_key", args=[uid, token])


def own_pages(site: Site) -> list[Stop]:
    """What belongs to whoever is signed in."""
    return [
        Stop("/home/"),
        Stop("/certificates/"),
        Stop("/courses/"),
        Stop("/settings/"),
        Stop("/settings/", refused(full_name=""), note="with an error"),
        Stop("/settings/email/"),
        Stop("/accounts/2fa/"),
        Stop("/settings/sessions/"),
        Stop("/accounts/password/change/"),
        Stop("/accounts/password/change/", refused(oldpassword="wrong", password1="1"), note="with an error"),
        Stop("/accounts/logout/"),
    ]


def in_the_course(site: Site) -> list[Stop]:
    """A course in which one has begun: one lesson done, one open."""
    address = site.course.get_absolute_url()
    return [
        Stop(address, note="begun"),
        Stop(f"{address}lessons/{site.lessons[0].pk}/", note="done"),
        Stop(f"{address}lessons/{site.lessons[1].pk}/", note="open"),
        Stop(f"{address}end/", note="not finished"),
    ]


def at_the_end(site: Site) -> list[Stop]:
    """A course that is finished."""
    address = site.course.get_absolute_url()
    return [
        Stop("/home/", note="all done"),
        Stop("/certificates/", note="two"),
        Stop(address, note="finished"),
        Stop(f"{address}end/", note="with the certificate"),
        Stop(f"/verify/{site.valid.code}/", note="one’s own"),
    ]


def before_paying(site: Site) -> list[Stop]:
    """A course whose payment is awaited."""
    address = site.paid.get_absolute_url()
    lesson = site.paid.modules.first().lessons.last()  # type: ignore[union-attr]
    return [
        Stop("/home/", note="waiting"),
        Stop(address, note="waiting"),
        Stop(f"{address}lessons/{lesson.pk}/", status=403, note="waiting"),  # type: ignore[union-attr]
    ]


def while_teaching(site: Site) -> list[Stop]:
    """The site as its instructor sees it."""
    address = site.course.get_absolute_url()
    return [
        Stop("/home/", note="teaching"),
        Stop(address, note="teaching"),
        Stop(site.draft.get_absolute_url(), note="draft"),
        Stop(f"{address}lessons/{site.lessons[0].pk}/", note="teaching"),
    ]


def confirm_and_make_key(page: Page) -> None:
    """Enter the password once more, then make a key."""
    send(password=PASSWORD)(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Make a key").click()


def key_pages(site: Site) -> list[Stop]:
    """The API key: the question for the password, the key shown once, and afterwards."""
    return [
        Stop("/settings/api-key/", note="asks for the password"),
        Stop("/settings/api-key/", refused(password="wrong"), note="wrong password"),
        Stop("/settings/api-key/", confirm_and_make_key, note="key shown"),
        Stop("/settings/api-key/", note="has a key"),
        Stop("/accounts/2fa/totp/activate/"),
        Stop("/accounts/2fa/totp/activate/", refused(code="1"), note="wrong code"),
        Stop("/accounts/2fa/webauthn/add/"),
        Stop("/settings/email/", refused(email="none"), note="with an error"),
    ]


def choose_and_write(page: Page) -> None:
    """Tick the students of the page and begin a message."""
    page.locator("[data-roster-page]").check()
    page.locator("button[value=message]").click()


def in_the_back_office(site: Site) -> list[Stop]:
    """The pages under “Teaching”."""
    address = f"/admin/courses/course/{site.course.pk}"
    return [
        Stop("/admin/"),
        Stop("/admin/courses/course/"),
        Stop("/admin/courses/course/?q=none", note="no match"),
        Stop("/admin/courses/course/add/"),
        Stop("/admin/courses/lessonvideo/add/"),
        Stop(f"{address}/change/"),
        Stop(f"{address}/history/"),
        Stop(f"{address}/students/"),
        Stop(f"{address}/students/?standing=left&q=none", note="no match"),
        Stop(f"{address}/students/", choose_and_write, note="message"),
        Stop(f"{address}/students/{site.course.enrollments.first().pk}/"),
        Stop(f"{address}/students/progress/"),
        Stop(f"{address}/students/imports/"),
        Stop(f"{address}/messages/"),
        Stop("/admin/courses/lesson/"),
        Stop(f"/admin/courses/lesson/{site.lessons[0].pk}/change/"),
        Stop(f"/admin/courses/lesson/{site.lessons[0].pk}/delete/"),
    ]


def building_quizzes(site: Site) -> list[Stop]:
    """The pages on which a quiz is made."""
    quiz = make_quiz(course=site.course, kinds="mtec", is_published=False, title="A quiz in the making")
    empty = make_quiz(course=site.course, kinds="", is_published=False, title="An empty quiz")
    question = quiz.questions.all()[1]
    retire_question(question=question, by=site.instructor)
    address = f"/admin/assessments/quiz/{quiz.pk}"
    add = f"/admin/assessments/question/add/?quiz={empty.pk}"
    return [
        Stop("/admin/assessments/quiz/"),
        Stop("/admin/assessments/quiz/add/"),
        Stop(f"{address}/build/"),
        Stop(f"{address}/build/", lambda page: page.locator("summary.build-icon").first.click(), note="menu"),
        Stop(f"{address}/change/"),
        Stop(f"{address}/publish/"),
        Stop(f"{address}/copy/"),
        Stop(f"/admin/assessments/quiz/{empty.pk}/build/", note="empty"),
        Stop(f"/admin/assessments/quiz/{empty.pk}/publish/", note="not ready"),
        Stop(add, note="types"),
        *(
            Stop(f"{add}&question_type={kind}")
            for kind in ("multiple_choice", "true_false", "essay", "coding")
        ),
        Stop(f"{add}&question_type=multiple_choice", save_nothing, note="with errors"),
        *(Stop(f"/admin/assessments/question/{row.pk}/change/") for row in quiz.questions.all()),
        Stop(f"/admin/assessments/question/{question.pk}/copy/"),
        Stop(f"/admin/assessments/codingquestion/{quiz.questions.get(question_type='coding').pk}/change/"),
    ]


def save_nothing(page: Page) -> None:
    """Send the form of the admin site as it is."""
    page.locator("[name=content]").fill("A question without options")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()


def of_the_interface(site: Site) -> list[Stop]:
    """The description of the API."""
    drawn = Stop(
        "/api/v1/docs/",
        lambda page: page.wait_for_selector("#swagger-ui .opblock-tag"),
        apart=("#swagger-ui",),
        known=("landmark-no-duplicate-main",),  # Swagger draws a second one
    )
    return [drawn]

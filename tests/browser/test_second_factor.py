"""An administrator who must have a second factor: sets up a passkey and an app, and signs in with each."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User
from tests.accounts.factories import PASSWORD, AdminFactory
from tests.accounts.second_factors import code_of
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _required(settings: Settings, transactional_db: None) -> None:
    settings.MFA_REQUIRED_FOR_ADMINS = settings.MFA_REQUIRED_FOR_INSTRUCTORS = True
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


@pytest.fixture
def admin() -> User:
    return AdminFactory(username="root")


def with_authenticator(page: Page) -> None:
    """Build a device into the browser that holds passkeys and recognises its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username or e-mail").fill("root")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm_password(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()


def test_admin_sets_up_a_passkey_and_an_app_and_signs_in_with_each(admin: User, visit: Visit) -> None:
    page = visit()
    with_authenticator(page)
    heading = page.get_by_role("heading", level=1)
    sign_in(page)
    expect(heading).to_have_text("Set up a second factor")
    page.goto("/admin/")
    expect(heading).to_have_text("Set up a second factor")
    add_passkey(page)
    secret = set_up_app(page)
    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/admin/$"))

    # With the passkey alone
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(heading).to_contain_text("Hello")
    sign_in_with_app(page, secret)

    # With the password and the passkey
    sign_out(page)
    sign_in(page)
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(heading).to_contain_text("Hello")

    # The passkey also answers when the site asks again who it is
    page.goto("/settings/api-key/")
    expect(heading).to_have_text("Confirm that it is you")
    page.get_by_role("link", name=re.compile("passkey")).click()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url(re.compile("/settings/api-key/$"))


def add_passkey(page: Page) -> None:
    """From the set-up page to the recovery codes and back."""
    page.get_by_role("link", name="Add a passkey").click()
    confirm_password(page)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "projectgenius-recovery-codes.txt"
    kept = download.value.path().read_text(encoding="utf-8")
    assert len(re.findall(r"^\d{8}$", kept, re.MULTILINE)) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("main")).to_contain_text("Laptop")


def set_up_app(page: Page) -> str:
    """Returns the app's secret, as it stands on the page."""
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator(".secret code").inner_text()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_label("Code from the app").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("main")).to_contain_text("After your password you enter a code")
    return secret


def sign_in_with_app(page: Page, secret: str) -> None:
    """Password, a wrong code, the right one."""
    sign_out(page)
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").first).to_contain_text("This code is wrong or too old")
    page.get_by_label("Code").fill(code_of(secret, later=1))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")


def test_device_without_a_passkey_is_told_so(admin: User, visit: Visit) -> None:
    page = visit(width=390)
    with_authenticator(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("[data-passkey-problem]")).to_contain_text(
        "Your device has no passkey", timeout=30_000
    )

"""A real Chromium before the real server."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from playwright.sync_api import Browser, ConsoleMessage, Page, Response
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.browser.content import Site, make_site
from tests.requirements import require

# Playwright keeps an event loop in the test's thread; the database is not used from within it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

SWITCHES = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
)
WAIT = 15_000  # milliseconds; a busy machine is slow

Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """How Playwright starts the browser: the machine's own Chromium, which talks to nobody but the site."""
    chromium = shutil.which("chromium")
    require(chromium is not None, "Chromium is missing: apt-get install chromium")
    return {"executable_path": chromium, "args": list(SWITCHES)}


@pytest.fixture(scope="session")
def live_server(django_db_setup: None) -> Iterator[LiveServer]:
    """The site; static files come from where they lie, without being collected."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = StaticFilesHandler
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _site_settings(settings: Settings, live_server: LiveServer) -> None:
    """The test server has no certificate, so cookies and links are those of a site without HTTPS."""
    settings.ROOT_URLCONF = "tests.browser.urls"
    settings.SITE_URL = live_server.url
    settings.ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer) -> Site:
    """Courses with all kinds of content, and people in every relation to them."""
    return make_site()


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, login: Callable[..., object]) -> Iterator[Visit]:
    """`visit(user)` opens a window in which `user` (or nobody) is signed in.

    Whatever goes wrong in any window fails the test at its end: errors in the console, refusals by the
    content policy, failed scripts, files that are missing, requests to other sites.
    """
    contexts, problems = [], []

    def open_window(
        user: User | None = None,
        *,
        width: int = 1280,
        height: int = 900,
        theme: str = "light",
        script: bool = True,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(WAIT)
        if user is not None:
            cookie = login(user).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        watch(page, live_server.url, problems)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert problems == []


def watch(page: Page, home: str, problems: list[str]) -> None:
    """Write down what a visitor never should meet."""

    def on_console(message: ConsoleMessage) -> None:
        # A page that says "not found" is also reported here; missing files are found below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(f"{page.url}: {message.text}")

    def on_response(response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            problems.append(f"{page.url}: {response.url} answers {response.status}")

    page.on("console", on_console)
    page.on("response", on_response)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("dialog", lambda dialog: (problems.append(f"{page.url}: {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((f"{home}/", "data:", "blob:"))
            else problems.append(f"{page.url} asks {request.url}")
        ),
    )

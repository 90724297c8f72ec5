"""No page says something that cannot be translated, and none says something in English to whom speaks German.

The pages are those of the access matrix, so a new address is held to it as well, and those of the admin.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import trans_real

from accounts.models import User
from tests.access_rows import PAGES
from tests.projectgenius.admin_rows import course_rows, private_rows, site_rows
from tests.projectgenius.catalogue import GERMAN, read
from tests.projectgenius.page_texts import texts
from tests.projectgenius.speakers import NAMES, Listening, Marking, unmarked, values_in_database
from tests.test_access_matrix import address, asking, world  # noqa: F401

Login = Callable[[User], Client]
# Who meets pages of their own: nobody in particular, who has to pay, who learns, who teaches, who runs the site.
ROLES = {"AN", "SU", "SP", "IO", "AD"}
GERMAN_BROWSER = {"Accept-Language": "de"}

# --- Marks instead of a translation: what is left without them never asked for one ---


def pages_of_the_site(world: Any, login: Login) -> Iterator[tuple[str, str]]:  # noqa: F811
    """Each page that somebody may see, as each of these sees it."""
    targets = [target for target in PAGES if not target[0].startswith("api-")]
    for role, client in asking(world, login):
        for target in targets if role in ROLES else ():
            if html := page(client.get(address(world, *target), headers=GERMAN_BROWSER)):
                yield f"{' '.join(target)} as {role}", html


def page(answer: HttpResponse) -> str:
    """The page, or nothing when the answer is none."""
    is_page = answer.status_code in (200, 403, 404) and answer.headers["Content-Type"].startswith("text/html")
    return answer.content.decode() if is_page else ""


def pages_of_the_admin(client: Client, rows: dict[Any, models.Model]) -> Iterator[tuple[str, str]]:
    """Start page, lists and forms."""
    yield "start", client.get(reverse("admin:index"), headers=GERMAN_BROWSER).content.decode()
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths = [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        if row := rows.get(model):
            paths += [reverse(f"{name}_{what}", args=[row.pk]) for what in ("change", "history", "delete")]
        for path in paths:
            if html := page(client.get(path, headers=GERMAN_BROWSER)):
                yield path, html


@pytest.fixture
def rows(instructor: User, admin_user: User, student: User) -> dict[Any, models.Model]:
    """One row of each model."""
    return {
        **course_rows(instructor, student, "Zwei"),
        **private_rows(admin_user, "Drei"),
        **site_rows(student, "Vier"),
    }


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(trans_real._translations, "de", Marking())


def without_marks(pages: Iterator[tuple[str, str]]) -> dict[str, set[str]]:
    """The texts that were not translated, each with the pages that show it."""
    found: dict[str, set[str]] = {}
    seen = list(pages)
    data = values_in_database()
    for name, html in seen:
        assert html.count("⟦") == html.count("⟧"), name
        for text in unmarked(html, data):
            found.setdefault(text, set()).add(name)
    return found


@pytest.mark.usefixtures("marks")
def test_every_text_of_the_site_is_translatable(world: Any, login: Login) -> None:  # noqa: F811
    assert without_marks(pages_of_the_site(world, login)) == {}


@pytest.mark.usefixtures("marks")
def test_every_text_of_the_admin_is_translatable(
    rows: dict[Any, models.Model], admin_user: User, instructor: User, login: Login
) -> None:
    assert without_marks(pages_of_the_admin(login(admin_user), rows)) == {}
    assert without_marks(pages_of_the_admin(login(instructor), rows)) == {}


# --- The catalogue itself: no page shows a message as it stands in the code ---

# Messages of other packages that are the same in both languages, or are asked for and never shown.
SAME = {"%(truncated_text)s…", "Deutsch", "No response body", "November", "Code"}


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Listening:
    """Our own messages are known, for they are translated, if only by the same word."""
    listener = Listening(trans_real.translation("de"), SAME | {message.text for message in read(GERMAN)})
    monkeypatch.setitem(trans_real._translations, "de", listener)
    return listener


@cache
def english() -> tuple[set[str], list[re.Pattern[str]]]:
    """What German pages must not say: our messages as they stand in the code, without and with values in them."""
    plain, patterns = set(), []
    for text in {
        piece for message in read(GERMAN) for piece in pieces(message.text, message.plural)
    } - german():
        parts = re.split(r"%\(\w+\)[a-z]|%[sd]", text.replace("%%", "%"))
        if not re.search(r"[^\W\d_]{2}", "".join(parts)):
            continue
        if len(parts) == 1:
            plain |= {text, capfirst(text)}
        elif len(re.findall(r"[^\W\d_]", "".join(parts))) > 5:  # fewer letters would fit too much
            patterns.append(re.compile(".+".join(map(re.escape, parts))))
    return plain - german(), patterns


@cache
def german() -> set[str]:
    """What is said in German may be said, also where English has the same word for something else."""
    said = {text for message in read(GERMAN) for text in message.translations}
    said |= set(pieces(*said))
    return said | set(map(capfirst, said))


def pieces(*said: str) -> Iterator[str]:
    """The parts of these messages between their tags."""
    for text in filter(None, said):
        for piece in re.split(r"<[^>]+>|\n{2,}", text):
            if words := re.sub(r"\s+", " ", piece).strip():
                yield words


def in_english(pages: Iterator[tuple[str, str]]) -> dict[str, set[str]]:
    """The texts that are a message as it stands in the code, each with the pages that show it."""
    places: dict[str, set[str]] = {}
    for name, html in pages:
        for text in set(texts(html)):
            places.setdefault(text, set()).add(name)
    plain, patterns = english()
    data = values_in_database()

    def is_english(text: str) -> bool:
        return text in plain or any(pattern.fullmatch(text) for pattern in patterns)

    return {
        text: names
        for text, names in places.items()
        if text not in NAMES and is_english(text) and is_english(data.sub("…", text))
    }


def test_site_speaks_german_to_a_german_browser(
    world: Any,  # noqa: F811
    login: Login,
    listening: Listening,
) -> None:
    assert in_english(pages_of_the_site(world, login)) == {}
    assert listening.unanswered == set()


def test_admin_speaks_german(
    rows: dict[Any, models.Model], admin_user: User, instructor: User, login: Login, listening: Listening
) -> None:
    assert in_english(pages_of_the_admin(login(admin_user), rows)) == {}
    assert in_english(pages_of_the_admin(login(instructor), rows)) == {}
    assert listening.unanswered == set()


def test_each_language_is_named_in_its_own_words() -> None:
    assert dict(settings.LANGUAGES) == {"en": "English", "de": "Deutsch"}

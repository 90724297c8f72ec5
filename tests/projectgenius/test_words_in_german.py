"""What is said beside the pages that one sees at first: refused forms, mails, errors of the API, certificates.

And the templates themselves: none holds words outside of what can be translated.
"""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real
from pypdf import PdfReader
from rest_framework.test import APIClient

from accounts.models import User
from courses.certificate_pdf import render_certificate
from courses.models import Course
from tests.accounts.factories import PASSWORD, UserFactory
from tests.courses.factories import CertificateFactory
from tests.projectgenius.page_texts import texts
from tests.projectgenius.speakers import NAMES, Marking, unmarked, unmarked_words, values_in_database

Login = Callable[[User], Client]
GERMAN_BROWSER = {"Accept-Language": "de"}
pytestmark = pytest.mark.django_db

# Parts of a template that are no words, or are translated.
NO_WORDS = re.compile(
    "|".join(
        [
            r"{% *comment.*?endcomment *%}",
            r"{% *block \w*class *%}.*?{% *endblock[^%]*%}",
            r"{% *blocktrans(?:late)?\b.*?endblocktrans(?:late)? *%}",
            r"{%.*?%}|{{.*?}}|{#.*?#}",
        ]
    ),
    re.DOTALL,
)
# Not for visitors: the gallery of the look, which DEBUG alone shows.
GALLERY = "components.html"
# Included within a tag: attributes, no text.
ATTRIBUTES = {"_grid_state.html"}
# What no person reads, or is a name.
SAID_BY_MACHINES = NAMES | {"email", "example", "Markdown"}


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(trans_real._translations, "de", Marking())


def templates() -> Iterator[Path]:
    for path in Path(settings.BASE_DIR).glob("*/templates/**/*"):
        if path.suffix in (".html", ".txt") and path.name != GALLERY:
            yield path


def test_no_template_holds_words_that_cannot_be_translated() -> None:
    found: dict[str, set[str]] = {}
    for path in templates():
        text = NO_WORDS.sub(" ", path.read_text(encoding="utf-8"))
        html = f"<i {text}></i>" if path.name in ATTRIBUTES else text
        said = list(texts(html)) if path.suffix == ".html" else [text]
        words = {word for line in said for word in re.findall(r"[^\W\d_]{3,}", line)}
        if left := words - SAID_BY_MACHINES:
            found[path.name] = left
    assert len(list(templates())) > 100
    assert found == {}


# --- Refused forms ---

FORMS: dict[str, dict[str, str]] = {
    "account_signup": {"email": "no address", "username": "a", "password1": "short", "full_name": ""},
    "account_login": {"login": "nobody", "password": "wrong"},
    "account_reset_password": {"email": "no address"},
    "courses:certificate_lookup": {"code": "%"},
}
OWN_FORMS: dict[str, dict[str, str]] = {
    "accounts:profile": {"full_name": "", "language": "xx", "time_zone": "Nowhere", "bio": "x" * 9000},
    "account_change_password": {"oldpassword": "wrong", "password1": "12345", "password2": "54321"},
    "account_reauthenticate": {"password": "wrong"},
}


@pytest.mark.usefixtures("marks")
def test_errors_of_forms_are_translatable(login: Login, student: User) -> None:
    found: dict[str, set[str]] = {}
    for forms, client in ((FORMS, Client()), (OWN_FORMS, login(student))):
        for name, values in forms.items():
            for sent in ({}, values):
                answer = client.post(reverse(name), sent, headers=GERMAN_BROWSER)
                assert answer.status_code == 200, name
                entered = re.escape("|".join(filter(None, values.values())))
                data = re.compile(f"{values_in_database().pattern}|{entered}", re.IGNORECASE)
                if left := unmarked(answer.content.decode(), data):
                    found[name] = left
    assert found == {}


@pytest.mark.usefixtures("marks")
def test_errors_of_the_admins_forms_are_translatable(login: Login, admin_user: User) -> None:
    client, found = login(admin_user), {}
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
        answer = client.post(path, {}, headers=GERMAN_BROWSER)
        if answer.status_code == 200 and (left := unmarked(answer.content.decode(), values_in_database())):
            found[path] = left
    assert found == {}


# --- Mails ---


@pytest.mark.usefixtures("marks")
def test_mails_are_translatable(client: Client, mailoutbox: list[Any], login: Login) -> None:
    known = UserFactory(username="known", language="de")
    form = {
        "email": "new@example.org",
        "username": "newcomer",
        "password1": "seven-grey-herons",
        "full_name": "New",
    }
    client.post(reverse("account_signup"), form, headers=GERMAN_BROWSER)
    Client().post(
        reverse("account_signup"), {**form, "email": known.email, "username": "o"}, headers=GERMAN_BROWSER
    )
    Client().post(reverse("account_reset_password"), {"email": known.email}, headers=GERMAN_BROWSER)
    Client().post(reverse("account_reset_password"), {"email": "no@example.org"}, headers=GERMAN_BROWSER)
    change = {"oldpassword": PASSWORD, "password1": "nine-red-herons", "password2": "nine-red-herons"}
    login(known).post(reverse("account_change_password"), change, headers={"User-Agent": "1.0"})
    assert len(mailoutbox) >= 4
    data = values_in_database()
    for mail in mailoutbox:
        assert unmarked_words(mail.subject, data) == set()
        body = re.sub(r"https?://[^\s⟧]+|[^\s⟦]+@[^\s⟧]+", " ", mail.body)
        assert unmarked_words(body, data) == set(), mail.body


def test_mails_to_a_german_are_german(mailoutbox: list[Any]) -> None:
    person = UserFactory(username="known", language="de", full_name="Rosa Lind")
    Client().post(reverse("account_reset_password"), {"email": person.email})
    (mail,) = mailoutbox
    assert mail.subject == "Neues Passwort festlegen"
    assert mail.body.startswith("Hallo Rosa Lind,")
    assert "Öffne diesen Link, um ein neues Passwort festzulegen:" in mail.body


# --- The API ---


def sentences(body: Any) -> Iterator[str]:
    """The texts of an error, without its code and the names of fields."""
    if isinstance(body, dict):
        for name, value in body.items():
            if name != "code":
                yield from sentences(value)
    elif isinstance(body, list):
        for value in body:
            yield from sentences(value)
    else:
        yield str(body)


@pytest.mark.usefixtures("marks")
def test_errors_of_the_api_are_translatable(
    api: Callable[..., APIClient], student: User, instructor: User, course: Course
) -> None:
    root = "/api/v1/"
    asked = [
        api().get(f"{root}me/", headers=GERMAN_BROWSER),
        api().get(f"{root}nowhere/", headers=GERMAN_BROWSER),
        api().get(f"{root}courses/?page=x", headers=GERMAN_BROWSER),
        api().get(f"{root}courses/?ordering=x", headers=GERMAN_BROWSER),
        api().get(f"{root}courses/999999/", headers=GERMAN_BROWSER),
        api(student).delete(f"{root}me/", headers=GERMAN_BROWSER),
        api(student).post(f"{root}courses/", {}, format="json", headers=GERMAN_BROWSER),
        api(student).post(
            f"{root}course-enrollments/", "{", content_type="application/json", headers=GERMAN_BROWSER
        ),
        api(student).post(
            f"{root}course-enrollments/", {"course": "x"}, format="json", headers=GERMAN_BROWSER
        ),
        api(student).post(f"{root}course-enrollments/", {"id": 5}, format="json", headers=GERMAN_BROWSER),
        api(instructor).post(f"{root}courses/", {"level": "Odd"}, format="json", headers=GERMAN_BROWSER),
        api(instructor).post(f"{root}courses/", "a", content_type="text/plain", headers=GERMAN_BROWSER),
        api(instructor).post(
            f"{root}course-enrollments/", {"course": course.pk}, format="json", headers=GERMAN_BROWSER
        ),
    ]
    found = {}
    data = values_in_database()
    for answer in asked:
        assert 400 <= answer.status_code < 500, answer.content
        for sentence in sentences(answer.json()):
            if left := unmarked_words(sentence, data):
                found[sentence] = left
    assert found == {}


# --- On paper ---


def test_certificate_is_german_for_who_reads_german(db: None) -> None:
    certificate = CertificateFactory(hours=12, instructor_name="Helen Marsh", code="ABCD-EFGH-JKLM-2345")
    with translation.override("de"):
        reader = PdfReader(BytesIO(render_certificate(certificate)))
    words = re.sub(r"\s+", " ", reader.pages[0].extract_text())
    day = f"{certificate.issued_at.day}. "
    for part in (
        "bescheinigt:", "hat folgenden Kurs abgeschlossen:", "12 Stunden Unterricht bei Helen Marsh",
        "Nummer ABCD-EFGH-JKLM-2345", f"Ausgestellt am {day}",
    ):  # fmt: skip
        assert part in words
    assert reader.root_object["/Lang"] == "de"

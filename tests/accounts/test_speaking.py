"""Each person reads the own language, and times by the own clock: on pages, in the API, in mails."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.template import Context, Template
from django.test import Client, override_settings
from django.utils import timezone, translation
from rest_framework.test import APIClient

from accounts.locality import time_zone_choices, time_zones
from accounts.models import User
from accounts.speaking import speaking_to
from courses.models import Course
from tests.accounts.factories import UserFactory
from tests.courses.factories import CertificateFactory, EnrollmentFactory

Login = Callable[[User], Client]
LATE = "2026-03-01T23:30:00Z"


@pytest.fixture
def traveller(db: None) -> User:
    return UserFactory(username="traveller", language="de", time_zone="Pacific/Auckland")


def test_pages_speak_the_persons_language(login: Login, traveller: User) -> None:
    answer = login(traveller).get("/settings/", headers={"Accept-Language": "en"})
    assert '<html lang="de"' in answer.content.decode()
    assert answer["Content-Language"] == "de"
    assert translation.get_language() == "en"
    assert timezone.get_current_timezone_name() == "UTC"


def test_strangers_and_people_without_a_choice_are_answered_as_the_browser_asks(
    login: Login, student: User
) -> None:
    for client in (Client(), login(student)):
        for asked, spoken in (("de-AT,de;q=0.9", "de"), ("fr", "en"), ("en", "en")):
            page = client.get("/help/", headers={"Accept-Language": asked})
            assert f'<html lang="{spoken}"' in page.content.decode()
            assert page["Content-Language"] == spoken


def test_dates_are_told_by_the_persons_clock_and_in_the_form_of_the_language(
    login: Login, course: Course, traveller: User
) -> None:
    enrollment = EnrollmentFactory(student=traveller, course=course)
    CertificateFactory(enrollment=enrollment, issued_at=LATE)
    assert "2. März 2026" in login(traveller).get("/certificates/").content.decode()
    User.objects.filter(pk=traveller.pk).update(language="en", time_zone="America/Los_Angeles")
    assert "1 March 2026" in login(traveller).get("/certificates/").content.decode()


def test_times_in_the_api_do_not_depend_on_the_reader(api: Callable[..., APIClient], traveller: User) -> None:
    for key in (False, True):
        assert api(traveller, key=key).get("/api/v1/me/").json()["created_at"].endswith("Z")


def test_a_choice_that_is_offered_no_more_breaks_nothing(login: Login, student: User) -> None:
    User.objects.filter(pk=student.pk).update(language="tlh", time_zone="Mars/Olympus")
    answer = login(student).get("/settings/")
    assert answer.status_code == 200
    assert '<html lang="en"' in answer.content.decode()


def test_mails_are_made_in_the_language_and_by_the_clock_of_their_reader(traveller: User) -> None:
    moment = datetime.fromisoformat(LATE)
    text = Template("{{ moment|date:'DATETIME_FORMAT' }}")
    with translation.override("en"), speaking_to(traveller):
        assert text.render(Context({"moment": moment})) == "2. März 2026 12:30"
        assert translation.get_language() == "de"
    with translation.override("de"), speaking_to(UserFactory()):
        assert text.render(Context({"moment": moment})) == "1 March 2026, 23:30"


def test_mail_of_a_reset_speaks_to_its_reader_whoever_asked(traveller: User, languages: list[str]) -> None:
    Client().post("/accounts/password/reset/", {"email": traveller.email}, headers={"Accept-Language": "en"})
    assert languages == ["de"]
    Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert languages == ["de", "en"]


@pytest.fixture
def languages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The language that was spoken when each mail was made."""
    spoken: list[str] = []
    made = mail.EmailMultiAlternatives.__init__

    def note(self: Any, *args: Any, **kwargs: Any) -> None:
        spoken.append(str(translation.get_language()))
        made(self, *args, **kwargs)

    monkeypatch.setattr(mail.EmailMultiAlternatives, "__init__", note)
    return spoken


def test_somebody_who_signs_up_is_written_to_in_the_language_of_the_page(
    db: None, languages: list[str]
) -> None:
    fields = {
        "email": "neu@example.org",
        "username": "neu",
        "full_name": "Neu Mann",
        "password1": "a-long-enough-password-17",
    }
    Client().post("/accounts/signup/", fields, headers={"Accept-Language": "de"})
    assert User.objects.get(username="neu").language == "de"
    assert languages == ["de"]


def test_time_zones_are_places_grouped_by_region() -> None:
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} <= time_zones()
    assert not {"EST", "Etc/GMT+5", "posixrules", "US/Pacific", "localtime"} & time_zones()
    groups = dict(time_zone_choices())
    assert ("America/Argentina/Buenos_Aires", "Argentina, Buenos Aires") in groups["America"]
    assert [name for name, _label in groups["Europe"]] == sorted(name for name, _label in groups["Europe"])


@override_settings(TIME_ZONE="Asia/Kolkata")
def test_settings_page_names_the_sites_time_zone(login: Login, student: User) -> None:
    assert "Asia/Kolkata" in login(student).get("/settings/").content.decode()

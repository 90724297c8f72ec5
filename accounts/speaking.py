"""In which language and at whose clock a person is spoken to, on pages and in mails."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.locality import time_zones
from projectgenius.api.errors import API_PATH
from projectgenius.requests import GetResponse


def language_of(user: Any) -> str:
    """The language that a person chose, as long as the site speaks it; empty without a choice."""
    chosen = getattr(user, "language", "")
    return chosen if chosen in dict(settings.LANGUAGES) else ""


def time_zone_of(user: Any) -> ZoneInfo:
    """The time zone that a person chose, or the site's."""
    chosen = getattr(user, "time_zone", "")
    return ZoneInfo(chosen if chosen in time_zones() else settings.TIME_ZONE)


@contextmanager
def speaking_to(user: Any) -> Iterator[None]:
    """Speak a person's language, and tell times by the person's clock, while something for that person is made.

    Mails are made inside of it. Without a choice of the person's own that is the site's language and time zone,
    whoever's request it is. `None` stands for somebody unknown.
    """
    with (
        translation.override(language_of(user) or settings.LANGUAGE_CODE),
        timezone.override(time_zone_of(user)),
    ):
        yield


class SpeakingMiddleware:
    """Pages speak the person's language and tell times by the person's clock.

    Without a choice, and for strangers, it is the language that the browser asks for and the site's time zone.
    The API's times are always in the site's own, so that programs get the same answer whoever asks.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        language = language_of(user) or translation.get_language() or settings.LANGUAGE_CODE
        zone = None if request.path.startswith(API_PATH) else time_zone_of(user)
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        return response

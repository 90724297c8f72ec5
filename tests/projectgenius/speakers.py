"""Catalogues that tell what is said without being translated, and what may be said all the same."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django_tasks_db.models import DBTaskResult

from accounts.locality import time_zone_choices
from tests.projectgenius.catalogue import CONTEXT
from tests.projectgenius.page_texts import texts


class Marking:
    """Stands for a catalogue and puts every message into brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message.rpartition(CONTEXT)[2]}⟧"

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)

    def to_language(self) -> str:
        return "de"

    def language(self) -> str:
        return "de"


# Names and units that are the same in every language.
NAMES = {"ProjectGenius", "English", "Deutsch", "API", "Alt", "CSV", "ID", "KB", "MB", "PDF", "POST", "UTC"}
NAMES |= {"Bash", "Java", "JavaScript", "Python"}


def names_of_places() -> set[str]:
    """The choices of a time zone, and their groups."""
    choices = time_zone_choices()
    places = [name for _region, names in choices if isinstance(names, tuple) for _key, name in names]
    return {*places, *(region for region, _names in choices)}


def entered(value: Any) -> Iterator[str]:
    """The texts in a value: a text itself, the name of a file, the words of a text in Markdown, those of a list."""
    if isinstance(value, str):
        yield value
        yield value.rpartition("/")[2]
        yield from re.findall(r"\w+", value) if "\n" in value else ()
    elif isinstance(value, list | tuple):
        for part in value:
            yield from entered(part)
    elif isinstance(value, dict):
        yield from entered([*value, *value.values()])


def values_in_database() -> re.Pattern[str]:
    """Every text of three signs or more that stands in a row, and other names that nobody translates."""
    found = names_of_places() | {str(row) for row in DBTaskResult.objects.all()}
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            found.update(text for value in row for text in entered(value))
    longest_first = sorted((text for text in found if len(text) > 2), key=len, reverse=True)
    return re.compile(r"\b(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)


def unmarked(html: str, data: re.Pattern[str]) -> set[str]:
    """What of a page's texts was neither translated nor entered by somebody."""
    return unmarked_words("\n".join(texts(html)), data)


def unmarked_words(said: str, data: re.Pattern[str]) -> set[str]:
    """What of these lines was neither translated nor entered by somebody."""
    before = ""
    while before != said:
        before, said = said, re.sub(r"⟦[^⟦⟧]*⟧", "\n", said)  # a message may hold tags
    lines = (re.findall(r"[^\W\d_]{2,}", data.sub(" ", line)) for line in said.splitlines())
    return {" ".join(word for word in words if word not in NAMES) for words in lines} - {""}


class Listening:
    """Answers like a catalogue, and remembers what it has no answer to."""

    def __init__(self, catalogue: Any, known: set[str]) -> None:
        self.catalogue, self.known, self.unanswered = catalogue, known, set[str]()

    def gettext(self, message: str) -> str:
        return self._heard(message, self.catalogue.gettext(message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self._heard(singular, self.catalogue.ngettext(singular, plural, number))

    def _heard(self, message: str, answer: str) -> str:
        own = message.rpartition(CONTEXT)[2]
        if answer in (message, own) and own not in self.known and re.search(r"[^\W\d_]{3,}", own):
            self.unanswered.add(own)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.catalogue, name)

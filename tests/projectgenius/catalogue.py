"""Catalogues of translations, read as text: what stands in them, not what Django makes of it."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

GERMAN = Path(settings.LOCALE_PATHS[0], "de", "LC_MESSAGES", "django.po")
CONTEXT = "\x04"  # parts context and message in a compiled catalogue


class Message(NamedTuple):
    """One entry: the English text, its plural and what they become."""

    context: str
    text: str
    plural: str
    translations: tuple[str, ...]
    flags: str

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.context, self.text, self.plural)


def read(path: Path) -> list[Message]:
    """The entries of a catalogue without its header. Entries that are out of use count as none."""
    blocks = re.split(r"\n{2,}", path.read_text(encoding="utf-8"))
    return [message for message in map(_message, blocks) if message.text]


def _message(block: str) -> Message:
    lines = block.splitlines()
    parts: dict[str, str] = {}
    name = ""
    for line in lines:
        if line.startswith("#") or not line:
            continue
        if not line.startswith('"'):
            name = line.partition(" ")[0]
            parts[name] = ""
        parts[name] += ast.literal_eval(line[line.index('"') :])
    return Message(
        context=parts.get("msgctxt", ""),
        text=parts.get("msgid", ""),
        plural=parts.get("msgid_plural", ""),
        translations=tuple(text for name, text in parts.items() if name.startswith("msgstr")),
        flags=" ".join(line for line in lines if line.startswith("#,")),
    )


def compiled(messages: list[Message]) -> dict[object, str]:
    """What `gettext` reads from a catalogue that was compiled from these entries."""
    made: dict[object, str] = {}
    for message in messages:
        key = message.context + CONTEXT + message.text if message.context else message.text
        if message.plural:
            made |= {(key, number): text for number, text in enumerate(message.translations)}
        else:
            made[key] = message.translations[0]
    return made

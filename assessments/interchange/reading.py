"""From the bytes of an uploaded file to its text, or a sentence about what is wrong with it as a whole."""

import re
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from assessments.interchange.drafts import FileFault, Format

LARGEST_FILE = 10 * 1024 * 1024  # bytes
ENDINGS = {
    ".xml": Format.MOODLE_XML,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.GIFT,
    ".gift": Format.GIFT,
}
# Codes that stand for no character; the parser of GIFT uses some of them for itself.
NO_CHARACTERS = re.compile("[\ufdd0-\ufdef]")


def check_size(size: int | None) -> None:
    """Raise FileFault `too_large` or `empty` for a file that need not be looked into."""
    if size is None or size > LARGEST_FILE:
        raise FileFault(_("The file must be smaller than 10 MB. Split it."), code="too_large")
    if size == 0:
        raise FileFault(_("The file is empty."), code="empty")


def format_of(name: str) -> Format:
    """The format that a file's name tells. Raises FileFault `unknown_format`."""
    found = ENDINGS.get(PurePosixPath(name).suffix.lower())
    if found is None:
        message = _("The file's name does not tell its format. Choose one.")
        raise FileFault(message, code="unknown_format")
    return found


def decoded(content: bytes) -> str:
    """The text of the file, with line feeds. Raises FileFault `too_large`, `empty`, `encoding` or `nul`.

    UTF-8, with or without a byte order mark, and UTF-16 with one, which is what spreadsheets write.
    """
    check_size(len(content))
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = _("Line %(line)s holds a character that is not UTF-8. Save the file as UTF-8.")
        raise FileFault(message % {"line": line}, code="encoding") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        message = _("Line %(line)s holds a NUL character: this is not a text file.")
        raise FileFault(message % {"line": line}, code="nul")
    if not text.strip():
        raise FileFault(_("The file is empty."), code="empty")
    return NO_CHARACTERS.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")

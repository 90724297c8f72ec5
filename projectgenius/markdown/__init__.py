"""The one way from Markdown, as people write it, to HTML that is safe to show."""

import re
import textwrap
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from projectgenius.markdown.cleaning import clean
from projectgenius.markdown.page import Page
from projectgenius.markdown.parser import PARSER, sentences

# Some 8000 words. Parsing takes time in step with the length, so what is longer is shown as it was written.
MAX_LENGTH = 50_000
# Longer texts are rendered each time: a few of them must not fill the memory of a process.
MAX_CACHED_LENGTH = 20_000

KEY = re.compile(r"[A-Za-z0-9-]*")
# Half a character of UTF-16, which no encoder takes.
SURROGATE = re.compile("[\ud800-\udfff]")


def render_markdown(text: str, key: str = "") -> SafeString:
    """Safe HTML of a Markdown text; nothing in the text can run a script or leave its place on the page.

    A page that shows several texts gives each its own `key` (letters, digits, hyphens: "answer-12"), so that
    their footnotes and headings do not get the same ids. Their tables and code are then no landmarks, which
    would have to differ in name.

    The last results are kept in the process. Nothing ever has to be thrown out of that store: the HTML is a
    function of the text, the key and the language alone, and another text is another entry.
    """
    if not KEY.fullmatch(key):
        raise ValueError("A key has letters, digits and hyphens only.")
    if len(text) > MAX_CACHED_LENGTH:
        return _render(text, key)
    return _remembered(text, key, get_language())


def plain_text(text: str, length: int = 200) -> str:
    """The paragraphs of a Markdown text as plain words, cut between words; for summaries and previews.

    Code, tables, call-outs and hidden answers are left out. The result is not HTML: templates escape it.
    """
    start = SURROGATE.sub("\ufffd", text[:MAX_LENGTH])
    return textwrap.shorten(sentences(start), length, placeholder="…")


@lru_cache(maxsize=128)
def _remembered(text: str, key: str, language: str | None) -> SafeString:
    """Keep what `_render` gives, for each language: "Copy" and "Table 1" are translated."""
    return _render(text, key)


def _render(text: str, key: str) -> SafeString:
    text = SURROGATE.sub("\ufffd", text)
    if len(text) > MAX_LENGTH:
        html = "".join(f"<p>{escape(part)}</p>\n" for part in re.split(r"\n\s*\n", text))
    else:
        html = PARSER.render(text, {"page": Page(key)})
    return SafeString(clean(html))

"""Colours for code: a few classes of our own instead of the many of Pygments."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby

from django.utils.html import escape
from django.utils.translation import gettext as _
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

from projectgenius.markdown.allowance import Allowance, TooMuchWorkError

# The languages of the courses. There are lexers for many more, of which nobody here knows what they do to odd
# input; of these the slowest take a minute over 20 000 empty lines, so they all work by the clock.
LANGUAGES = """
    bash c c++ console cpp cs csharp css diff docker dockerfile go golang graphql haskell hs html http ini
    java javascript js json julia kotlin lua make makefile matlab octave php postgresql powershell py pycon
    python python3 r rb ruby rs rust scala scheme sh shell sql swift toml ts typescript xml yaml yml
"""
# What is longer is shown plain, and so is what has more white space at a stretch, or longer lines, than code.
MAX_LENGTH = 4_000
ODD = re.compile(r"\s{100}|.{600}")
MAX_NAME = 30

# A kind that is not here looks like the wider kind it belongs to.
CLASSES: dict[_TokenType, str] = {
    Comment: "hl-c",
    Comment.Preproc: "hl-k",
    Keyword: "hl-k",
    Operator.Word: "hl-k",
    Name.Tag: "hl-k",
    String: "hl-s",
    Number: "hl-n",
    Name.Function: "hl-f",
    Name.Class: "hl-f",
    Name.Decorator: "hl-f",
    Name.Attribute: "hl-f",
    Generic.Prompt: "hl-c",
    Generic.Inserted: "hl-s",
    Generic.Deleted: "hl-n",
}


def highlight(code: str, language: str, allowance: Allowance) -> tuple[str, str]:
    """The name of the language, and the code as HTML; plain if there are no colours to be had in time."""
    alias = language.lower()
    if alias not in LANGUAGES.split():
        known_as_text = alias in ("", "text", "txt", "plain")
        return _("Text") if known_as_text else language[:MAX_NAME], escape(code)
    lexer = get_lexer_by_name(alias, stripnl=False, ensurenl=False)
    if len(code) > MAX_LENGTH or ODD.search(code):
        return lexer.name, escape(code)
    try:
        return lexer.name, _spans(allowance.pace(lexer.get_tokens(code)))
    except TooMuchWorkError:
        return lexer.name, escape(code)


def _spans(tokens: Iterable[tuple[_TokenType, str]]) -> str:
    """The tokens as HTML; neighbours of the same class share one span."""
    parts = []
    for name, group in groupby(tokens, key=lambda token: _class_of(token[0])):
        text = escape("".join(value for _type, value in group))
        parts.append(f'<span class="{name}">{text}</span>' if name else text)
    return "".join(parts)


@cache
def _class_of(kind: _TokenType) -> str:
    wider: _TokenType | None = kind
    while wider is not None and wider not in CLASSES:
        wider = wider.parent
    return CLASSES[wider] if wider is not None else ""

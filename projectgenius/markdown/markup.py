"""Tokens to HTML: the product's own components for code, tables, call-outs, answers, footnotes and more."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from projectgenius.markdown.cleaning import EXTERNAL_REL
from projectgenius.markdown.code import highlight
from projectgenius.markdown.page import Page
from projectgenius.templatetags.projectgenius import icon

# Kind: tone, icon, and the word that says the kind without colour.
NOTICES = {
    "note": ("info", "info", gettext_noop("Note")),
    "tip": ("ok", "lightbulb", gettext_noop("Tip")),
    "warning": ("warn", "triangle-alert", gettext_noop("Warning")),
    "danger": ("bad", "octagon-alert", gettext_noop("Danger")),
}
CONTAINERS = (*NOTICES, "details")

EXTERNAL = re.compile(r"(?:https?:)?//", re.IGNORECASE)
SIZE = re.compile(
    r"\A/course-images/\d+/[\w-]+-(?P<width>[1-9]\d{0,3})x(?P<height>[1-9]\d{0,3})\.\w+\Z", re.ASCII
)


def title_tokens(container: str, title: str) -> list[Token]:
    """The title of a call-out or a hidden answer, as a line of its own; without one it gets its kind's."""
    fallback = _("Show more") if container == "details" else _(NOTICES[container][2])
    meta = {"container": container, "is_own": bool(title)}
    return [
        Token("title_open", "", 1, meta=meta),
        Token("inline", "", 0, content=title or fallback, children=[]),
        Token("title_close", "", -1, meta=meta),
    ]


def _title_open(token: Token, page: Page) -> str:
    if token.meta["container"] == "details":
        return f"<summary>{icon('chevron-right', 'sm')}"
    kind = _(NOTICES[token.meta["container"]][2])
    spoken = f'<span class="sr-only">{escape(kind)}: </span>' if token.meta["is_own"] else ""
    return f'<p class="notice__title">{spoken}'


def _title_close(token: Token, page: Page) -> str:
    return "</summary><div>\n" if token.meta["container"] == "details" else "</p>\n"


def _notice_open(token: Token, page: Page) -> str:
    tone, picture, _word = NOTICES[token.info.split()[0]]
    return f'<div class="notice notice--{tone}">{icon(picture)}<div>'


def _code_block(token: Token, page: Page) -> str:
    """A block of code with its language and a button that copies it."""
    alias = unescapeAll(token.info).strip().partition(" ")[0]
    language, code = highlight(token.content.removesuffix("\n"), alias, page.code)
    name = _("%(language)s example %(number)s") % {"language": language, "number": page.number("code")}
    return (
        f'<div class="code"><div class="code__head"><span>{escape(language)}</span>'
        f'<button class="btn btn--quiet btn--sm" type="button" data-copy>{icon("copy", "sm")}'
        f"{escape(_('Copy'))}</button></div>"
        f"<pre {_scrolls(page, name)}><code>{code}</code></pre></div>\n"
    )


def _table_open(token: Token, page: Page) -> str:
    name = _("Table %(number)s") % {"number": page.number("table")}
    return f'<div class="table-wrap table-wrap--fit" {_scrolls(page, name)}><table class="table">\n'


def _scrolls(page: Page, name: str) -> str:
    """What a part needs that may scroll by itself: keys must reach it, and it must say what it is."""
    return f'tabindex="0" role="{page.role}" aria-label="{escape(name)}"'


def _link_open(token: Token, page: Page) -> str:
    """A link. One that leads elsewhere passes on neither the reader's page nor this site's good name.

    Students write texts too: `nofollow` makes it worthless to post links for the sake of search engines.
    """
    address, title = str(token.attrs["href"]), token.attrs.get("title")
    rel = f' rel="{EXTERNAL_REL}"' if EXTERNAL.match(address) else ""
    shown = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(address)}"{shown}{rel}>'


def _image(token: Token, page: Page) -> str:
    """A picture of this site or of a host that the site allows; any other becomes a link to it.

    Pictures of courses carry their size in their address: with it the page keeps room until they arrive.
    """
    address, words = str(token.attrs["src"]), _words(token)
    title = token.attrs.get("title")
    shown = f' title="{escape(title)}"' if title else ""
    if EXTERNAL.match(address) and not _is_allowed_host(address):
        label = words or _("Picture on another site")
        return f'<a href="{escape(address)}"{shown} rel="{EXTERNAL_REL}">{escape(label)}</a>'
    size = SIZE.search(address)
    room = f' width="{size["width"]}" height="{size["height"]}"' if size else ""
    return f'<img src="{escape(address)}" alt="{escape(words)}"{shown}{room}>'


def _words(token: Token) -> str:
    """What is to be seen, without markup."""
    return "".join(
        _words(child)
        if child.children
        else " "
        if child.type in ("softbreak", "hardbreak")
        else child.content
        for child in token.children or []
    )


def _is_allowed_host(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and parts.netloc.lower() in settings.IMAGE_HOSTS


def _task_open(token: Token, page: Page) -> str:
    checked = " checked" if token.meta["is_done"] else ""
    return f'<label><input type="checkbox" disabled{checked}> '


def _footnote_ref(token: Token, page: Page) -> str:
    number = token.meta["id"] + 1
    name = _("Footnote %(number)s") % {"number": number}
    href, place = f"#{page.prefix}fn.{number}", _place_of_mark(token, page)
    return f'<sup><a href="{href}" id="{place}" aria-label="{escape(name)}">{number}</a></sup>'


def _footnote_anchor(token: Token, page: Page) -> str:
    name = _("Back to the mark of footnote %(number)s") % {"number": token.meta["id"] + 1}
    return f' <a href="#{_place_of_mark(token, page)}" aria-label="{escape(name)}">↩\ufe0e</a>'


def _place_of_mark(token: Token, page: Page) -> str:
    """The id of a footnote's mark in the text, of which there can be several. No heading's id has a dot."""
    return f"{page.prefix}ref.{token.meta['id'] + 1}.{token.meta['subId'] + 1}"


RULES: dict[str, Callable[[Token, Page], str]] = {
    "code_block": _code_block,
    "fence": _code_block,
    "table_open": _table_open,
    "table_close": lambda token, page: "</table></div>\n",
    "link_open": _link_open,
    "image": _image,
    "math_inline": lambda token, page: page.formulas.inline(token.content),
    "math_inline_double": lambda token, page: page.formulas.inline(token.content, display=True),
    "math_block": lambda token, page: page.formulas.display(token.content, page.number("formula")),
    "task_open": _task_open,
    "task_close": lambda token, page: "</label>",
    "title_open": _title_open,
    "title_close": _title_close,
    **{f"container_{name}_open": _notice_open for name in NOTICES},
    **{f"container_{name}_close": lambda token, page: "</div></div>\n" for name in NOTICES},
    "container_details_open": lambda token, page: '<details class="disclosure">',
    "container_details_close": lambda token, page: "</div></details>\n",
    "footnote_ref": _footnote_ref,
    "footnote_anchor": _footnote_anchor,
    "footnote_block_open": lambda token, page: '<section class="footnotes small"><hr>\n<ol>\n',
    "footnote_block_close": lambda token, page: "</ol>\n</section>\n",
    "footnote_open": lambda token, page: f'<li id="{page.prefix}fn.{token.meta["id"] + 1}">',
    "footnote_close": lambda token, page: "</li>\n",
    # The parser makes no such tokens, since HTML is off. Should it ever, they are shown as they were written.
    "html_block": lambda token, page: escape(token.content),
    "html_inline": lambda token, page: escape(token.content),
}

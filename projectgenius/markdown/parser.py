"""Markdown to tokens: which syntax is understood, which links are taken, and what is too much."""

import importlib
import re
from collections import Counter
from collections.abc import Callable, Sequence

from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.linkify import linkify
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from projectgenius.markdown.markup import CONTAINERS, RULES, title_tokens
from projectgenius.markdown.page import Page

# Some searches within a paragraph take time in step with the square of its length. A longer one stays plain.
MAX_PARAGRAPH = 5_000
MAX_SLUG = 60
# A short table line is filled up with empty cells: without a limit, 2 kB of text can ask for 65 000 of them.
importlib.import_module("markdown_it.rules_block.table").MAX_AUTOCOMPLETED_CELLS = 200  # type: ignore[attr-defined]

SCHEMES = {"http", "https", "mailto"}
WEB = re.compile(r"https?\Z", re.IGNORECASE)
COLUMNS = {"text-align:right": "num", "text-align:center": "mid"}
TASK = re.compile(r"\[([ xX])\]\s+")


class CourseMarkdown(MarkdownIt):
    """CommonMark without HTML, and with what `_parser` adds."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser's name for it
        """Whether an address may stand in a link or an image: http, https, mailto, or within this site."""
        start = re.split("[/?#]", url, maxsplit=1)[0]
        scheme, colon, _rest = start.partition(":")
        return not colon or scheme.lower() in SCHEMES


def sentences(text: str) -> str:
    """The words of the paragraphs of a Markdown text, without those in call-outs and answers."""
    words, depth = [], 0
    tokens = PARSER.parse(text, {"page": Page()})
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type.startswith("container_"):
            depth += token.nesting
        elif token.type == "footnote_block_open":
            break
        elif token.type == "inline" and before and before.type == "paragraph_open" and not depth:
            words.append(_words(token))
    return " ".join(words)


def _words(inline: Token) -> str:
    """The text of a line without its markup."""
    return "".join(
        " "
        if child.type in ("softbreak", "hardbreak")
        else _words(child)
        if child.children
        else child.content
        for child in inline.children or []
    )


# --- Rules: each goes over the tokens of the whole text once ---------------------------------------


def _parse_lines(state: StateCore) -> None:
    """Parse what stands within paragraphs, headings and cells, if it is not too long."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > MAX_PARAGRAPH:
            token.children = [Token("text", "", 0, content=token.content)]
        elif token.type == "inline":
            token.children = state.md.inline.parse(token.content, state.md, state.env, [])


def _link_web_addresses(state: StateInline, silent: bool) -> bool:
    """Make links of plain web addresses. The look at what stands before `://` saves a long search."""
    return bool(state.src[state.pos] == ":" and WEB.search(state.pending[-5:]) and linkify(state, silent))


def _set_up_headings(state: StateCore) -> None:
    """Let the headings start at h2 and skip no level, give them ids, and point the text's own links there."""
    places = [place for place, token in enumerate(state.tokens) if token.type == "heading_open"]
    if not places:
        return
    prefix = state.env["page"].prefix
    up = min(int(state.tokens[place].tag[1]) for place in places) - 2
    above, ids, alike = 1, set[str](), Counter[str]()
    for place in places:
        opening, inline, closing = state.tokens[place : place + 3]
        above = min(int(opening.tag[1]) - up, above + 1, 6)
        opening.tag = closing.tag = f"h{above}"
        slug = unused = slugify(_words(inline), allow_unicode=True)[:MAX_SLUG] or "section"
        while unused in ids:
            alike[slug] += 1
            unused = f"{slug}-{alike[slug] + 1}"
        ids.add(unused)
        opening.attrSet("id", prefix + unused)
    for token in state.tokens:
        for child in token.children or []:
            address = str(child.attrs.get("href", ""))
            if child.type == "link_open" and address[:1] == "#" and address[1:] in ids:
                child.attrSet("href", f"#{prefix}{address[1:]}")


def _set_up_tables(state: StateCore) -> None:
    """Say what each heading cell heads, and mark columns of numbers.

    A table whose first heading is empty has its row headings in the first column.
    """
    has_row_headings = False
    for place, cell in enumerate(state.tokens):
        if cell.type not in ("th_open", "td_open"):
            continue
        inline, closing = state.tokens[place + 1 : place + 3]
        is_first, is_empty = state.tokens[place - 1].type == "tr_open", not inline.content
        aligned = COLUMNS.get(str(cell.attrs.get("style", "")))
        cell.attrs = {"class": aligned} if aligned else {}
        if cell.type == "th_open":
            has_row_headings = is_empty if is_first else has_row_headings
            cell.tag = closing.tag = "td" if is_empty else "th"
            if not is_empty:
                cell.attrSet("scope", "col")
        elif is_first and has_row_headings and not is_empty:
            cell.tag = closing.tag = "th"
            cell.attrSet("scope", "row")


def _set_up_tasks(state: StateCore) -> None:
    """Make a box of the `[ ]` or `[x]` at the start of a list's item, and the rest of the line its label."""
    lists: list[Token] = []
    for place, token in enumerate(state.tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "inline" and state.tokens[place - 2].type == "list_item_open" and token.children:
            first = token.children[0]
            if first.type == "text" and (mark := TASK.match(first.content)):
                first.content = first.content[mark.end() :]
                is_done = {"is_done": mark[1] != " "}
                token.children.insert(0, Token("task_open", "label", 1, meta=is_done))
                token.children.append(Token("task_close", "label", -1))
                state.tokens[place - 2].attrSet("class", "task")
                if lists[-1].tag == "ul":
                    lists[-1].attrSet("class", "tasks")


def _set_up_titles(state: StateCore) -> None:
    """Put the titles of call-outs and hidden answers into lines of their own, to be parsed like any other."""
    for place in reversed(range(len(state.tokens))):
        token = state.tokens[place]
        if token.type.startswith("container_") and token.nesting == 1:
            container, _space, title = token.info.strip().partition(" ")
            state.tokens[place + 1 : place + 1] = title_tokens(container, title.strip())


def _on_page(render: Callable[[Token, Page], str]) -> Callable[..., str]:
    """A render rule as the parser calls it: from what it gets, our own need the token and the page."""

    def rule(
        renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
    ) -> str:
        return render(tokens[place], env["page"])

    return rule


def _parser() -> CourseMarkdown:
    parser = CourseMarkdown("commonmark", {"html": False, "linkify": True, "xhtmlOut": False})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.at("linkify", _link_web_addresses)
    parser.inline.ruler.enable("linkify")
    dollarmath_plugin(
        parser,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    footnote_plugin(parser, inline=False)
    deflist_plugin(parser)
    for name in CONTAINERS:
        container_plugin(parser, name)
    parser.core.ruler.after("block", "titles", _set_up_titles)
    parser.core.ruler.at("inline", _parse_lines)
    for rule in (_set_up_headings, _set_up_tables, _set_up_tasks):
        parser.core.ruler.push(rule.__name__, rule)
    for name, render in RULES.items():
        parser.add_render_rule(name, _on_page(render))
    return parser


# One for all threads: what belongs to a text is kept in the text's own state.
PARSER = _parser()

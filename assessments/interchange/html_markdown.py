"""HTML, as other programs keep their texts, turned into our Markdown.

What is dangerous needs no care here: our Markdown knows no HTML, and what it gives is cleaned where it is shown. The
HTML is first made well-formed (nh3), so reading it takes time in step with its length, and no call nests.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote

import nh3
from django.utils.translation import gettext as _

from assessments.interchange.drafts import LONGEST_TEXT, Skip, clean_text

MOST_TAGS = 4_000  # in one text
MOST_LISTS = 200  # making nested ones well-formed takes time in step with the square of their depth
DEEPEST_LIST = 6
MOST_COLUMNS = 50
PICTURES = "@@PLUGINFILE@@/"  # how Moodle's texts name the files that come along

BLOCKS = {"p", "div", "section", "article", "blockquote", "figure", "figcaption", "dl", "dt", "dd", "center"}
HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
STRONG, EMPHASIS, CODE, STRUCK = (
    {"b", "strong"},
    {"i", "em", "cite", "var"},
    {"code", "tt", "kbd", "samp"},
    {"del", "s"},
)
TABLE = {"table", "thead", "tbody", "tfoot", "tr", "td", "th"}
TAGS = {
    *BLOCKS, *HEADINGS, *STRONG, *EMPHASIS, *CODE, *STRUCK, *TABLE,
    "a", "br", "hr", "img", "li", "ol", "pre", "sub", "sup", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
LEFT_OUT = re.compile(
    r"<\s*(iframe|video|audio|object|embed|script|svg|math|input|select|applet)\b", re.IGNORECASE
)
LISTS = re.compile(r"<[uo]l", re.IGNORECASE)
FORMULAS = (("\\(", "\\)", "$"), ("\\[", "\\]", "$$"), ("$$", "$$", "$$"))
LONGEST_FORMULA = 5_000

SIGNS = re.compile(r"[\\`\[\]<$|*]|~~|\^|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,32};)")
LINE_STARTS = re.compile(r"^([ \t]*)(#{1,6}(?=\s|$)|>|[-+:](?=\s|$)|-{3,}|={2,}|~{3,}|:{3,})", re.MULTILINE)
NUMBERED = re.compile(r"^([ \t]*\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
BREAK = "\ufdd8"  # a line break within a paragraph, until the paragraph is whole
LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")


@dataclass
class Converted:
    """Markdown, and what was left out of it."""

    text: str
    notes: list[str] = field(default_factory=list)


def html_to_markdown(html: str) -> Converted:
    """The text as Markdown. Raises Skip for what is too long, or holds more markup than a person wrote."""
    if len(html) > LONGEST_TEXT * 2 or html.count("<") > MOST_TAGS or len(LISTS.findall(html)) > MOST_LISTS:
        raise Skip(_("One of its texts is too long, or holds too much markup."))
    clean = nh3.clean(
        html.encode("utf-8", "replace").decode(),  # an escape may name half a character
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    )
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    left_out = sorted({found.lower() for found in LEFT_OUT.findall(html)})
    notes = [_("Left out of its text: %(names)s.") % {"names": ", ".join(left_out)}] if left_out else []
    return Converted(reader.markdown(), [*notes, *reader.notes])


def plain_to_markdown(text: str) -> str:
    """Text without any markup as Markdown that shows it; formulas between `\\(` and `\\)` or `$$` stay formulas."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", clean_text(text))
    shown = (guard_lines(escaped(paragraph)).replace("\n", "\\\n") for paragraph in paragraphs)
    return clean_text("\n\n".join(shown))


def escaped(text: str) -> str:
    """Words with the signs of Markdown escaped, formulas in our own writing."""
    return "".join(
        part if is_formula else SIGNS.sub(_with_backslash, part) for part, is_formula in _parts(text)
    )


def _with_backslash(found: re.Match[str]) -> str:
    sign = found[0]
    if sign == "*" and found.string[found.start() - 1 : found.end() + 1] == " * ":
        return sign
    return f"\\{sign}" if len(sign) == 1 else "".join(f"\\{one}" for one in sign)


def guard_lines(text: str) -> str:
    """Keep words at the start of a line from being taken for a heading, a list or a quotation."""
    return NUMBERED.sub(r"\1\\\2", LINE_STARTS.sub(r"\1\\\2", text))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Words and formulas in turn. Each sign is looked for once to the end of the text, so no text takes long."""
    place, missing = 0, set[str]()
    starts = re.compile("|".join(re.escape(opening) for opening, _end, _ours in FORMULAS))
    kinds = {opening: (closing, ours) for opening, closing, ours in FORMULAS}
    said = 0
    while found := starts.search(text, place):
        place = found.end()
        closing, ours = kinds[found[0]]
        end = -1 if closing in missing else text.find(closing, place)
        if end == -1:
            missing.add(closing)
            continue
        formula = " ".join(text[place:end].split())
        if not formula or len(formula) > LONGEST_FORMULA:
            continue
        yield text[said : found.start()], False
        yield f"{ours}{formula}{ours}", True
        said = place = end + len(closing)
    yield text[said:], False


@dataclass
class _Frame:
    """An element that is not closed yet: words that run on, and blocks that are whole."""

    tag: str
    attributes: dict[str, str | None]
    words: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def end_paragraph(self) -> None:
        """Make a block of the words so far."""
        lines = [line.strip() for line in "".join(self.words).strip(f" {BREAK}").split(BREAK)]
        if any(lines):
            self.blocks.append("\\\n".join(guard_lines(line) for line in lines))
        self.words = []

    def text(self, between: str = "\n\n") -> str:
        """All blocks of the element."""
        self.end_paragraph()
        return between.join(self.blocks)


class _Reader(HTMLParser):
    """Goes through well-formed HTML once, with a stack of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.notes: list[str] = []
        self._frames = [_Frame("", {})]
        self._preformatted = 0

    def markdown(self) -> str:
        """The whole text, once everything is fed."""
        while len(self._frames) > 1:
            self._close()
        return clean_text(self._frames[0].text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        frame = self._frames[-1]
        if tag == "br":
            frame.words.append("\n" if self._preformatted else BREAK)
        elif tag == "hr":
            frame.end_paragraph()
            frame.blocks.append("---")
        elif tag == "img":
            frame.words.append(self._picture(dict(attrs)))
        else:
            self._preformatted += tag == "pre"
            self._frames.append(_Frame(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self._frames[-1].tag == tag:
            self._close()

    def handle_data(self, data: str) -> None:
        frame = self._frames[-1]
        if self._preformatted or frame.tag in CODE:
            frame.words.append(data)
            return
        words = re.sub(r"\s+", " ", data)
        if words == " " and not frame.words:
            return
        frame.words.append(escaped(words))

    def _close(self) -> None:
        """Give what the last element holds to the one around it."""
        frame = self._frames.pop()
        around = self._frames[-1]
        tag = frame.tag
        self._preformatted -= tag == "pre"
        if self._preformatted:
            around.words.extend(frame.words)
        elif tag in TABLE:
            self._close_in_table(frame, around)
        elif (block := self._block(frame, around)) is not None:
            self._add_block(around, block)
        else:
            around.words.append(_worded(frame))

    def _close_in_table(self, frame: _Frame, around: _Frame) -> None:
        if frame.tag == "table":
            self._add_block(around, _table(frame.rows))
        elif frame.tag == "tr":
            around.rows.append(frame.blocks[:MOST_COLUMNS])
        elif frame.tag in ("td", "th"):
            around.blocks.append(_in_one_line(frame))
        else:
            around.rows.extend(frame.rows)

    def _block(self, frame: _Frame, around: _Frame) -> str | None:
        """The element as a block; None for one whose words run on."""
        tag = frame.tag
        if tag == "pre":
            return _fenced("".join(frame.words))
        if tag in ("ul", "ol"):
            listed = _listed(frame, sum(one.tag in ("ul", "ol") for one in self._frames))
            around.end_paragraph()
            if around.tag == "li" and len(around.blocks) == 1 and "\n" not in around.blocks[0]:
                listed = f"{around.blocks.pop()}\n{listed}"
            return listed
        if tag == "blockquote":
            return _quoted(frame.text(), sum(one.tag == tag for one in self._frames))
        if tag in HEADINGS:
            words = _in_one_line(frame)
            return f"{HEADINGS[tag]} {words}" if words else ""
        # Blocks within an element of words come without it.
        return frame.text() if tag in BLOCKS or tag == "li" or frame.blocks else None

    def _add_block(self, around: _Frame, block: str) -> None:
        around.end_paragraph()
        if block.strip():
            around.blocks.append(block)

    def _picture(self, attributes: dict[str, str | None]) -> str:
        source = (attributes.get("src") or "").strip()
        words = " ".join((attributes.get("alt") or "").split())
        if not source:
            self.notes.append(_("A picture in its text is left out: it has no address that can be shown."))
            return escaped(words)
        return f"![{escaped(words)}]({_address(source)})"


def _in_one_line(frame: _Frame) -> str:
    return " ".join(frame.text(" ").replace("\\\n", " ").split())


def _worded(frame: _Frame) -> str:
    """An element of words."""
    inner = "".join(frame.words)
    bare = inner.strip(f" {BREAK}")
    if not bare:
        return " " if inner else ""
    before, after = (" " if inner[:1] == " " else ""), (" " if inner[-1:] == " " else "")
    return f"{before}{_marked(frame, bare)}{after}"


def _marked(frame: _Frame, words: str) -> str:
    marks: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(STRONG, lambda text: f"**{text}**"),
        **dict.fromkeys(EMPHASIS, lambda text: f"*{text}*"),
        **dict.fromkeys(STRUCK, lambda text: f"~~{text}~~"),
        **dict.fromkeys(CODE, _coded),
        "sub": lambda text: _set_off(text, LOWERED, "_"),
        "sup": lambda text: _set_off(text, RAISED, "^"),
        "a": lambda text: _link(text, frame.attributes.get("href")),
    }
    return marks[frame.tag](words) if frame.tag in marks else words


def _coded(text: str) -> str:
    line = " ".join(text.split())
    fence = "`" * (longest_run(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def longest_run(text: str) -> int:
    """The most backticks that stand side by side."""
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _fenced(text: str) -> str:
    fence = "`" * max(3, longest_run(text) + 1)
    code = text.strip("\n")
    return f"{fence}\n{code}\n{fence}"


def _set_off(text: str, letters: dict[int, int], sign: str) -> str:
    """A number above or below the line; letters, as a formula."""
    if all(ord(one) in letters for one in text):
        return text.translate(letters)
    plain = re.sub(r"[^\w\s,.;+=()*/-]", "", text)
    return f"${sign}{{\\text{{{plain.replace('_', ' ')}}}}}$"


def _link(words: str, address: str | None) -> str:
    return f"[{words}]({_address(address)})" if address and address.strip() else words


def _address(address: str) -> str:
    """An address as it may stand in Markdown."""
    return re.sub(r"[\s<>()\\`]", lambda found: quote(found[0], safe=""), address.strip())


def _listed(frame: _Frame, depth: int) -> str:
    items = frame.blocks
    if depth >= DEEPEST_LIST:
        return "\n\n".join(items)
    lines = []
    for number, item in enumerate(items, start=1):
        mark = f"{number}. " if frame.tag == "ol" else "- "
        lines.append(mark + item.replace("\n", "\n" + " " * len(mark)))
    return re.sub(r"[ \t]+$", "", "\n".join(lines), flags=re.MULTILINE)


def _quoted(text: str, depth: int) -> str:
    if depth >= DEEPEST_LIST:
        return text
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _table(rows: list[list[str]]) -> str:
    if not rows:
        return ""
    width = max(map(len, rows))
    if not width:
        return ""
    filled = [[*row, *[""] * (width - len(row))] for row in rows]
    head, *rest = [f"| {' | '.join(row)} |" for row in filled]
    return "\n".join([head, f"|{' --- |' * width}", *rest])

"""XML out of files that anybody may have written: read once, without entities, within bounds, with line numbers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from assessments.interchange.drafts import FileFault

DEEPEST = 30
MOST_ELEMENTS = 20_000  # within one child of the root
PIECE = 64 * 1024
# The text is decoded already, whatever encoding the file declares.
DECLARATION = re.compile(r"\A\s*<\?xml[^<>]{0,300}\?>")


@dataclass
class Node:
    """An element. `parts` are the pieces of its own text, without that of its children."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list["Node"] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def child(self, tag: str) -> "Node | None":
        """The first child of that name."""
        return next((child for child in self.children if child.tag == tag), None)

    def all(self, tag: str) -> list["Node"]:
        """All children of that name."""
        return [child for child in self.children if child.tag == tag]

    def value(self, *path: str) -> str:
        """The text at the end of a path of children; empty where there is none."""
        found: Node | None = self
        for tag in path:
            found = found.child(tag) if found else None
        return found.text.strip() if found else ""


class _Target:
    """Builds one child of the root at a time and hands it on, so memory holds no more than that."""

    def __init__(self, take: Callable[[str, Node], None]) -> None:
        self.take = take
        self.line: Callable[[], int] = int
        self._open: list[Node] = []
        self._count = 0

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > MOST_ELEMENTS:
            message = _(
                "From line %(line)s on there are more elements within each other than questions have."
            )
            raise FileFault(message % {"line": self.line()}, code="too_deep")
        node = Node(tag, dict(attrs), self.line())
        if len(self._open) > 1:
            self._open[-1].children.append(node)
        self._open.append(node)

    def data(self, text: str) -> None:
        if len(self._open) > 1:
            self._open[-1].parts.append(text)

    def end(self, tag: str) -> None:
        node = self._open.pop()
        if len(self._open) == 1:
            self._count = 0
            self.take(self._open[0].tag, node)

    def close(self) -> None:
        """Nothing is left to hand on."""


def read_xml(text: str, take: Callable[[str, Node], None]) -> None:
    """Call `take(root's name, child)` for each child of the root, in order.

    Raises FileFault: `entities` for a file that declares any (a few lines of them can stand for terabytes, or for
    files of the server), `not_xml`, `too_deep`; and what `take` raises.
    """
    target = _Target(take)
    parser: Any = DefusedXMLParser(target=target, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    target.line = lambda: parser.parser.CurrentLineNumber
    text = DECLARATION.sub(lambda found: "\n" * found[0].count("\n"), text)
    try:
        for start in range(0, len(text), PIECE):
            parser.feed(text[start : start + PIECE])
        parser.close()
    except DefusedXmlException:
        message = _("The file declares a document type or entities. Take the declaration out.")
        raise FileFault(message, code="entities") from None
    except ParseError as error:
        message = _("This is not XML: line %(line)s cannot be read.")
        raise FileFault(message % {"line": error.position[0]}, code="not_xml") from None
    except (UnicodeEncodeError, ValueError) as error:
        if isinstance(error, FileFault):
            raise
        raise FileFault(_("This is not XML."), code="not_xml") from None

"""What a person reads on a page, or hears from a screen reader."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

# What is said by an attribute.
SPOKEN = (
    "alt", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "placeholder", "title", "label",
    "data-busy", "data-close", "data-copied", "data-copy-keys", "data-confirm", "data-label", "data-text",
    "data-asking", "data-done", "data-done-one", "data-empty", "data-failed", "data-flagged", "data-lost", "data-moved",
    "data-newer-title", "data-none", "data-offline", "data-removed", "data-running", "data-saving", "data-slow",
    "data-sum", "data-test", "data-title", "data-unflagged", "data-unsent", "data-waiting", "data-words",
    "data-words-answered", "data-words-empty", "data-words-flagged",
)  # fmt: skip
# Elements whose texts are no sentences of the site: code, icons by name, initials, and what somebody else wrote.
SILENT = {"script", "style", "code", "pre", "kbd", "svg", "math", "textarea", "template"}
SILENT_CLASSES = {"material-symbols-outlined", "prose", "avatar", "mail__body"}
WITHOUT_END = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent: list[str] = []  # the open elements, from the outermost silent one on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        is_silent = tag in SILENT or SILENT_CLASSES & set((said.get("class") or "").split())
        if (self.silent or is_silent) and tag not in WITHOUT_END:
            self.silent.append(tag)
        spoken = [said.get(name) for name in SPOKEN]
        if tag == "input" and said.get("type") in ("submit", "button", "reset"):
            spoken.append(said.get("value"))
        if tag == "meta" and said.get("name") == "description":
            spoken.append(said.get("content"))
        for text in spoken:
            self._add(text or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            while self.silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self._add(data)

    def _add(self, text: str) -> None:
        if words := re.sub(r"\s+", " ", text).strip():
            self.found.append(words)


def texts(html: str) -> Iterator[str]:
    """Every text of a page, each piece between two tags for itself, with single spaces."""
    parser = _Texts()
    parser.feed(html)
    parser.close()
    yield from parser.found

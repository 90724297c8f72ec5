"""YAML as course folders hold it: read without any of its traps, written so that the same values give the same text."""

import re
from typing import Any

import yaml

MOST_NODES = 50_000
DEEPEST = 20
LINE_WIDTH = 10_000  # the writer breaks no line by itself


class PlainYAMLError(Exception):
    """The text is not YAML as it is taken here; `line` counts from 1, 0 when no line is to blame."""

    def __init__(self, reason: str = "", line: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


def read_yaml(text: str) -> Any:
    """The values of a YAML text: mappings, lists, texts, numbers, times, true, false and null.

    Refused with PlainYAMLError: anchors and aliases (a few lines of them can stand for millions of values), tags
    (which name types to make), more than `MOST_NODES` values, more than `DEEPEST` levels, the same name twice.
    """
    try:
        _look_through(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (a CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        last = text.count("\n") + 1
        raise PlainYAMLError(line=min(mark.line + 1, last) if mark else 0) from None
    except (ValueError, RecursionError, OverflowError):  # such as a date that the calendar lacks
        raise PlainYAMLError from None


def _look_through(text: str) -> None:
    """Go over the parts of the text before anything is built of them."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise PlainYAMLError("anchors", line)
        if getattr(event, "tag", None) not in (None, "!"):
            raise PlainYAMLError("tags", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST or count > MOST_NODES:
            raise PlainYAMLError("size", line)


class _Loader(yaml.CSafeLoader):
    """The safe loader, which takes no name twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _value in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise PlainYAMLError(f"twice:{twice}", node.start_mark.line + 1)
        return super().construct_mapping(node, deep=deep)


def write_yaml(values: dict[str, Any]) -> str:
    """The values in their order; a text of several lines stands as it is, under `|`."""
    return yaml.dump(
        values,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=LINE_WIDTH,
    )


class _Dumper(yaml.SafeDumper):
    """Indents lists below their name, and refers to nothing by an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


# Line ends that only YAML knows, and marks that turn the writing direction: better seen as escapes.
ESCAPED = re.compile("[\x85\u2028\u2029\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if ESCAPED.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)

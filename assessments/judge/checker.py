"""Whether an output is the expected one. Bytes are compared, never texts: no spelling of Unicode equals another."""

import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Final

BLANKS: Final = b" \t\r\v\f"
RUN_OF_BLANKS = re.compile(rb"[ \t\r\n\v\f]+")
LONGEST_NUMBER = 64  # bytes; more digits than that mean nothing to a float
NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")

KINDS: Final = ("standard", "exact_lines", "floats", "unordered")


def check(kind: str, expected: bytes, got: bytes, tolerance: float | Decimal = 0.0) -> bool:
    """Whether `got` counts as `expected`.

    - `standard`: word by word; a run of blanks equals one blank, a run of line breaks one line break, what
      stands around the whole does not count.
    - `exact_lines`: line by line; only blanks at the end of a line and line breaks at the end do not count.
    - `floats`: word by word, numbers within `tolerance`, absolutely or relative to the expected one.
    - `unordered`: the lines of `standard` in any order, each as often as expected.

    Raises ValueError for another kind.
    """
    if kind == "floats":
        return _words_are_close(expected.split(), got.split(), float(tolerance))
    normal = NORMAL_FORMS.get(kind)
    if normal is None:
        raise ValueError(f"No checker is named {kind!r}.")
    return normal(expected) == normal(got)


def _one_blank(found: re.Match[bytes]) -> bytes:
    return b"\n" if b"\n" in found[0] or b"\r" in found[0] else b" "


def _standard(text: bytes) -> bytes:
    return RUN_OF_BLANKS.sub(_one_blank, text).strip(b" \n")


def _exact_lines(text: bytes) -> bytes:
    return b"\n".join(line.rstrip(BLANKS) for line in text.split(b"\n")).rstrip(b"\n")


def _unordered(text: bytes) -> Counter[bytes]:
    return Counter(_standard(text).split(b"\n"))


NORMAL_FORMS: dict[str, Callable[[bytes], bytes | Counter[bytes]]] = {
    "standard": _standard,
    "exact_lines": _exact_lines,
    "unordered": _unordered,
}


def _words_are_close(expected: list[bytes], got: list[bytes], tolerance: float) -> bool:
    return len(expected) == len(got) and all(
        one == other or _is_close(_number(one), _number(other), tolerance)
        for one, other in zip(expected, got, strict=True)
    )


def _number(word: bytes) -> float | None:
    """The finite number that a word spells in plain ASCII, or None.

    Python's own float() would also take "nan", for which every comparison is false, "4_2" and digits of other scripts.
    """
    if len(word) > LONGEST_NUMBER or not NUMBER.fullmatch(word):
        return None
    number = float(word)
    return number if isfinite(number) else None


def _is_close(expected: float | None, got: float | None, tolerance: float) -> bool:
    if expected is None or got is None:
        return False
    distance = abs(got - expected)
    return isfinite(distance) and distance <= max(tolerance, tolerance * abs(expected))

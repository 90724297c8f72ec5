"""Comparing outputs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.judge import CHECKERS, check

WORDS = st.lists(st.binary(min_size=1, max_size=6).filter(lambda word: not set(word) & set(b" \t\r\n\v\f")))
NUMBERS = st.floats(min_value=-1e12, max_value=1e12)


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (b"1 2\n3\n", b"1 2\n3\n", True),
        (b"1 2\n3", b"\n 1 \t 2  \r\n\r\n\n 3  \n\n", True),
        (b"1 2\n3\n", b"1\n2 3\n", False),
        (b"1 2", b"12", False),
        (b"a", b"A", False),
        (b"", b" \n\t", True),
        (b"", b"x", False),
        (b"1.0", b"1", False),
        ("\u00e9".encode(), "e\u0301".encode(), False),
        (b"a\x00b", b"a\x00b", True),
        (b"a b", b"a\xc2\xa0b", False),
    ],
)
def test_standard_looks_at_words_and_line_breaks(expected: bytes, got: bytes, same: bool) -> None:
    assert check("standard", expected, got) is same


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (b"1 2\n3\n", b"1 2  \r\n3", True),
        (b"1 2\n3\n", b"1 2\n3\n\n \n", True),
        (b"1 2", b"1  2", False),
        (b"1", b" 1", False),
        (b"1\n2", b"1\n\n2", False),
        (b"\n1", b"1", False),
        (b"", b"", True),
    ],
)
def test_exact_lines_looks_at_all_but_the_ends(expected: bytes, got: bytes, same: bool) -> None:
    assert check("exact_lines", expected, got) is same


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (b"1.0", b"1", True),
        (b"1.0 2", b"1.0000005\n2", True),
        (b"1000000", b"1000000.9", True),
        (b"1000000", b"1000001.1", False),
        (b"0", b"0.0000011", False),
        (b"x 1", b"x 1.0", True),
        (b"x 1", b"y 1.0", False),
        (b"1", b"1 1", False),
        (b"1", b"", False),
        (b"-.5", b"-0.5", True),
        (b"5.", b"+5e0", True),
    ],
)
def test_floats_within_the_tolerance_pass(expected: bytes, got: bytes, same: bool) -> None:
    assert check("floats", expected, got, Decimal("0.000001")) is same


LOOK_LIKE_NUMBERS = (
    "nan NaN -nan inf -inf Infinity 1e999 4_2 ４２ ٤٢ 0x2a 1e . + 1d0 42j --42 42,0 4\u00a02 42\x00 42"
    + "0" * 64
    + "e-64"
)


@pytest.mark.parametrize("got", [*LOOK_LIKE_NUMBERS.split(" "), "4 2", ""])
def test_floats_refuse_what_only_looks_like_a_number(got: str) -> None:
    assert check("floats", b"42", got.encode(), 10.0) is False
    assert check("floats", b"42 7", f"{got} 7".encode(), 10.0) is False


def test_floats_take_words_that_are_equal_byte_by_byte() -> None:
    assert check("floats", b"nan inf 1e999", b"nan inf 1e999")
    assert not check("floats", b"1e308", b"-1e308", 9.0)
    assert not check("floats", b"0", b"1e308", 9.0)


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (b"a\nb\nc\n", b"c\n\na\nb", True),
        (b"a b\nc", b"c\na  b", True),
        (b"a\na\nb", b"a\nb\nb", False),
        (b"a\nb", b"a\nb\nb", False),
        (b"a b", b"b a", False),
        (b"", b"\n\n", True),
    ],
)
def test_unordered_lets_lines_change_places(expected: bytes, got: bytes, same: bool) -> None:
    assert check("unordered", expected, got) is same


def test_unknown_checker_is_refused() -> None:
    with pytest.raises(ValueError, match="nearly"):
        check("nearly", b"", b"")


@given(st.binary())
def test_every_output_equals_itself(text: bytes) -> None:
    assert all(check(kind, text, text) for kind in CHECKERS)


@given(st.binary(), st.binary())
def test_no_checker_has_a_preferred_side(one: bytes, other: bytes) -> None:
    for kind in ("standard", "exact_lines", "unordered"):
        assert check(kind, one, other) == check(kind, other, one)


@given(st.binary(), st.binary())
def test_what_passes_exactly_passes_leniently(one: bytes, other: bytes) -> None:
    if check("exact_lines", one, other):
        assert check("standard", one, other)
    if check("standard", one, other):
        assert check("unordered", one, other)
        assert check("floats", one, other)


@given(WORDS, WORDS)
def test_different_words_never_pass(one: list[bytes], other: list[bytes]) -> None:
    assert check("standard", b" ".join(one), b"\t ".join(other)) is (one == other)


@given(WORDS, st.randoms())
def test_shuffled_lines_pass_when_order_does_not_matter(words: list[bytes], random: object) -> None:
    shuffled = list(words)
    random.shuffle(shuffled)
    assert check("unordered", b"\n".join(words), b"\n".join(shuffled))


@given(NUMBERS, NUMBERS, st.floats(min_value=0, max_value=1))
def test_floats_follow_the_formula(expected: float, got: float, tolerance: float) -> None:
    close = abs(got - expected) <= max(tolerance, tolerance * abs(expected))
    assert check("floats", repr(expected).encode(), repr(got).encode(), tolerance) is (
        close or expected == got
    )

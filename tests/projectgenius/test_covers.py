"""Drawn covers: the same picture for ever, another one for each course."""

import hashlib
from xml.etree import ElementTree

from projectgenius.covers import cover_svg


def test_cover_is_the_same_for_ever() -> None:
    """Browsers keep covers for a year; a change of this sum changes every course's picture."""
    digest = hashlib.sha256(cover_svg("data-modelling-with-sql", 225).encode()).hexdigest()
    assert digest == "6f45349a867a68c765a1977abc9670db1db3b991a0f39a6c4f54e19d93de0d41"


def test_key_and_hue_make_the_picture() -> None:
    assert cover_svg("a", 10) != cover_svg("b", 10)
    assert cover_svg("a", 10) != cover_svg("a", 11)
    assert cover_svg("a", 370) == cover_svg("a", 10)


def test_cover_is_a_small_drawing_whatever_the_key() -> None:
    for key in ("", "a", 'x"><script>', "ñandú" * 50):
        svg = cover_svg(key, 0)
        assert ElementTree.fromstring(svg).attrib["viewBox"] == "0 0 480 360"
        assert "script" not in svg
        assert len(svg) < 4000

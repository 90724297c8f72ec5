"""Fonts for documents: Noto Sans in one weight, with just the letters that a text needs."""

import unicodedata
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

NOTO_SANS = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
LAYOUT_TABLES = ["GPOS", "GSUB", "GDEF", "HVAR", "MVAR", "STAT"]


@cache
def _letters() -> frozenset[int]:
    """What the font has, by number."""
    return frozenset(TTFont(NOTO_SANS, lazy=True).getBestCmap())


def lacks_letters(text: str) -> bool:
    """Whether `text` has letters or signs, to be seen, that Noto Sans cannot show: those of Asia and Arabia, say."""
    seen = (letter for letter in text if unicodedata.category(letter)[0] not in "CZ")
    return any(ord(letter) not in _letters() for letter in seen)


def write_font(path: Path, *, text: str, weight: int) -> None:
    """Write Noto Sans with the letters of `text` in `weight` (100 to 900) to `path`.

    The letters are picked out of the variable font first: fixing the weight of the whole font takes seconds,
    of fifty letters some hundredths of one. Holds Latin, Greek and Cyrillic.
    """
    font = TTFont(NOTO_SANS, lazy=True)
    options = subset.Options()
    options.layout_features = []
    options.drop_tables += LAYOUT_TABLES
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    instancer.instantiateVariableFont(font, {"wght": weight, "wdth": 100}, inplace=True)
    font.save(path)

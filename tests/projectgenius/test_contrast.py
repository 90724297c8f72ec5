"""The colours: every pair that the stylesheets put together can be told apart, in both themes."""

import math
import re
from pathlib import Path

import pytest
from django.conf import settings

Colour = tuple[float, float, float]

TOKENS = Path(settings.BASE_DIR, "projectgenius/static/projectgenius/css/tokens.css").read_text(
    encoding="utf-8"
)
NUMBER = r"([\d.]+) ([\d.]+) ([\d.]+)"
PAIR = re.compile(rf"--([\w-]+): light-dark\(oklch\({NUMBER}\), oklch\({NUMBER}\)\);")
THEMES = ("light", "dark")

GROUNDS = ("bg", "surface", "sunken", "hover")
STATES = ("ok", "warn", "bad")

# A component that puts a new colour on a new ground adds its pair here. Text needs 4.5:1 (WCAG 1.4.3).
TEXT = [
    *((text, ground) for text in ("text", "text-2", "text-3", "accent") for ground in GROUNDS),
    *((text, "accent-soft") for text in ("text", "text-2", "accent-text")),
    ("accent-text", "surface"),
    *(
        (f"{state}-text", ground)
        for state in STATES
        for ground in (f"{state}-soft", "surface", "bg", "hover")
    ),
    *((text, f"{state}-soft") for state in STATES for text in ("text", "text-2")),
    *(("on-accent", ground) for ground in ("accent-fill", "accent-fill-hover", "bad-fill")),
    ("bg", "text"),
    *(
        (f"code-{kind}", ground)
        for kind in ("kw", "str", "num", "com", "fn")
        for ground in ("sunken", "surface")
    ),
]
# Borders, icons and bars that carry a meaning need 3:1 (WCAG 1.4.11).
PARTS = [
    *(
        (part, ground)
        for part in ("line-strong", "accent", "accent-fill", *STATES)
        for ground in ("bg", "surface", "sunken")
    ),
    *((state, f"{state}-soft") for state in (*STATES, "accent")),
    ("line-strong", "accent-soft"),
    ("accent", "line"),
    ("accent", "hover"),
    ("accent-fill", "hover"),
]


def colours(theme: str) -> dict[str, Colour]:
    """Every colour token as linear sRGB."""
    start = 2 if theme == "light" else 5
    return {
        found[1]: linear_srgb(*(float(number) for number in found.group(start, start + 1, start + 2)))
        for found in PAIR.finditer(TOKENS)
    }


def linear_srgb(lightness: float, chroma: float, hue: float) -> Colour:
    """OKLCH to linear sRGB, with the matrices of CSS Color 4, section 10."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (min(1.0, max(0.0, part)) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio, from 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (PARTS, 3.0)], ids=["text", "parts"])
def test_pairs_can_be_told_apart(theme: str, pairs: list[tuple[str, str]], least: float) -> None:
    known = colours(theme)
    weak = [
        f"--{fore} on --{ground}: {ratio:.2f}"
        for fore, ground in pairs
        if (ratio := contrast(known[fore], known[ground])) < least
    ]
    assert weak == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_can_be_shown(theme: str) -> None:
    """Outside sRGB each screen would bend a colour its own way, and the ratios with it."""
    bent = [
        name for name, colour in colours(theme).items() if not all(-0.002 <= part <= 1.002 for part in colour)
    ]
    assert bent == []


def test_black_on_white_is_21_to_1() -> None:
    assert contrast(linear_srgb(0, 0, 0), linear_srgb(1, 0, 0)) == pytest.approx(21, abs=0.01)


def test_old_browsers_get_the_light_theme() -> None:
    """The block for browsers without light-dark() repeats the light colours; it must not fall behind."""
    light = {found[1]: found.group(2, 3, 4) for found in PAIR.finditer(TOKENS)}
    old = TOKENS.partition("@supports not")[2]
    plain = {found[1]: found.group(2, 3, 4) for found in re.finditer(rf"--([\w-]+): oklch\({NUMBER}\);", old)}
    assert plain == light


@pytest.mark.parametrize("sheet", ["base", "layout", "components", "screens"])
def test_components_take_colours_from_tokens(sheet: str) -> None:
    """No sheet but the tokens names a colour; a video is on black and a QR code on white in both themes."""
    raw = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:oklch|rgb|hsl)a?\(", re.IGNORECASE)
    path = Path(settings.BASE_DIR, f"projectgenius/static/projectgenius/css/{sheet}.css")
    assert set(raw.findall(path.read_text(encoding="utf-8"))) <= {"#000", "#fff"}

"""The converter's style attributes as classes of `math.css`: the content security policy allows no styles."""

import colorsys
import re

STYLE = re.compile(r' style="([^"]*)"')
# References to equations: screen readers take a formula as one thing, in which nothing can be followed.
LINKS = re.compile(r'</?a(?: [^>]*)?>| id="[^"]*"')
LENGTH = re.compile(r"-?\d*\.?\d+")

# Sides and sizes come in many values, and nobody sees the small differences: each takes the nearest class.
PADDINGS = {"0": 0.0, "hair": 0.1, "thin": 0.2, "em": 1.0}
STEPS_BACK = {"thin": 0.2, "half": 0.5, "em": 1.0, "2em": 2.0}
SIZES = {"xs": 60.0, "s": 85.0, "m": 100.0, "l": 140.0, "xl": 225.0}
# Colours become tones that can be read in light and in dark, by the hue up to which each goes.
TONES = ((25, "red"), (70, "amber"), (170, "green"), (260, "blue"), (330, "violet"), (360, "red"))
LITTLE_COLOUR = 0.15
SIDES = {f"padding-{side}": f"math-p{side[0]}" for side in ("top", "right", "bottom", "left")}
EXACT = {
    "text-align: left": "math-start",
    "text-align: right": "math-end",
    "width: 100%": "math-w-100",
    "width: 50%": "math-w-50",
    "width: 7.5%": "math-w-7",
    "math-shift: compact": "math-compact",
    "font-variant-caps: small-caps": "math-caps",
    **{
        f"border-{side}: 0.05em {line} currentcolor": f"math-{line}-{side}"
        for side in ("top", "right", "left")
        for line in ("solid", "dashed")
    },
}

CLASSES = {
    *EXACT.values(),
    *(f"{side}-{name}" for side in SIDES.values() for name in PADDINGS),
    *(f"math-back-{name}" for name in STEPS_BACK),
    *(f"math-size-{name}" for name in SIZES),
    *(f"math-{tone}" for _hue, tone in TONES),
    "math-grey",
}


def without_styles(mathml: str) -> str:
    """The same MathML with classes instead of style attributes, and without links."""
    mathml = mathml.replace("math-core-sans-serif-font", "math-sans").replace(
        "math-core-serif-font", "math-serif"
    )
    return STYLE.sub(_class_attribute, LINKS.sub("", mathml))


def _class_attribute(style: re.Match[str]) -> str:
    declarations = (part.partition(":") for part in style[1].split(";"))
    classes = [_class_of(name.strip(), value.strip()) for name, _colon, value in declarations]
    names = " ".join(filter(None, classes))
    return f' class="{names}"' if names else ""


def _class_of(name: str, value: str) -> str:
    """The class for one declaration; none for what an attribute says as well."""
    if name == "color":
        return f"math-{_tone(value)}"
    number = LENGTH.match(value)
    if name in SIDES and number:
        return f"{SIDES[name]}-{_nearest(float(number[0]), PADDINGS)}"
    if name == "margin-left" and number:
        return f"math-back-{_nearest(-float(number[0]), STEPS_BACK)}"
    if name == "font-size" and number:
        return f"math-size-{_nearest(float(number[0]), SIZES)}"
    return EXACT.get(f"{name}: {value}", "")


def _nearest(value: float, steps: dict[str, float]) -> str:
    return min(steps, key=lambda name: abs(steps[name] - value))


def _tone(colour: str) -> str:
    """The tone for a colour such as #12AB34."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    if max(red, green, blue) - min(red, green, blue) < LITTLE_COLOUR:
        return "grey"
    hue = colorsys.rgb_to_hls(red, green, blue)[0] * 360
    return next(tone for limit, tone in TONES if hue <= limit)

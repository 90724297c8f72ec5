"""The last gate: of the finished HTML only what is listed here gets through.

The parser escapes every tag that people write, so all HTML that arrives here is our own. Should a fault in
the parser or in the formulas ever let something slip, it ends here.
"""

import nh3

from projectgenius.markdown.math_classes import CLASSES as MATH_CLASSES

EXTERNAL_REL = "noopener noreferrer nofollow"

TEXT_TAGS = """
    a b blockquote br button code dd details div dl dt em h2 h3 h4 h5 h6 hr i img input label li ol p pre s
    section span strong summary sup table tbody td th thead tr u ul
"""
ICON_TAGS = "svg path circle rect"
MATH_TAGS = """
    math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt
    msub msubsup msup mtable mtd mtext mtr munder munderover
"""
ICON_ATTRIBUTES = "viewBox width height fill stroke stroke-width stroke-linecap stroke-linejoin"
OPERATOR_ATTRIBUTES = "form lspace maxsize minsize movablelimits rspace stretchy symmetric"

ATTRIBUTES = {
    "a": {"href", "title", "id", "aria-label"},
    "button": {"data-copy"},
    "code": {"title"},
    "div": {"aria-label"},
    "img": {"src", "alt", "title", "width", "height"},
    "li": {"id"},
    "ol": {"start"},
    "pre": {"aria-label"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
    "svg": set(ICON_ATTRIBUTES.split()),
    "path": {"d"},
    "circle": {"cx", "cy", "r"},
    "rect": {"x", "y", "rx", "ry", "width", "height"},
    "math": {"display"},
    "menclose": {"notation"},
    "mfrac": {"linethickness", "displaystyle", "scriptlevel"},
    "mi": {"mathvariant"},
    "mo": set(OPERATOR_ATTRIBUTES.split()),
    "mover": {"accent"},
    "mpadded": {"width", "height", "voffset"},
    "mrow": {"displaystyle", "scriptlevel"},
    "mspace": {"width"},
    "mtable": {"displaystyle", "scriptlevel"},
    "munder": {"accentunder"},
}
VALUES = {
    "a": {"rel": {EXTERNAL_REL}},
    "div": {"role": {"region", "group"}, "tabindex": {"0"}},
    "input": {"checked": {""}, "disabled": {""}},
    "pre": {"role": {"region", "group"}, "tabindex": {"0"}},
    "svg": {"aria-hidden": {"true"}, "focusable": {"false"}},
    "th": {"scope": {"col", "row"}},
}
# Written whatever the tag said before. One for each tag: of several the order would differ from run to run.
ALWAYS = {"button": {"type": "button"}, "img": {"loading": "lazy"}, "input": {"type": "checkbox"}}
TEXT_CLASSES = {
    "button": {"btn", "btn--quiet", "btn--sm"},
    "code": {"math-error"},
    "details": {"disclosure"},
    "div": {"code", "code__head", "math-display", "table-wrap", "table-wrap--fit", "notice"}
    | {f"notice--{tone}" for tone in ("info", "ok", "warn", "bad")},
    "li": {"task"},
    "p": {"notice__title"},
    "section": {"footnotes", "small"},
    "span": {"sr-only", "hl-k", "hl-s", "hl-n", "hl-c", "hl-f", "math-caps", "math-sans", "math-serif"},
    "svg": {"icon", "icon--sm", "icon--dir"},
    "table": {"table"},
    "td": {"num", "mid"},
    "th": {"num", "mid"},
    "ul": {"tasks"},
}

_cleaner = nh3.Cleaner(
    tags={*TEXT_TAGS.split(), *ICON_TAGS.split(), *MATH_TAGS.split()},
    attributes=ATTRIBUTES,
    tag_attribute_values=VALUES,
    set_tag_attribute_values=ALWAYS,
    allowed_classes={**TEXT_CLASSES, **dict.fromkeys(MATH_TAGS.split(), MATH_CLASSES)},
    url_schemes={"http", "https", "mailto"},
    id_prefix="md-",
    link_rel=None,
)


def clean(html: str) -> str:
    """The HTML with nothing in it but the tags, attributes, classes and addresses that are listed here."""
    return _cleaner.clean(html)

"""Template tags of the look: icons, form fields, error summaries and addresses. They hold no business rules."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField
from django.http import QueryDict
from django.template.context import Context
from django.template.defaultfilters import floatformat
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

register = template.Library()

ICON_SIZES = {"": "icon", "sm": "icon icon--sm", "lg": "icon icon--lg"}

# A message of this level is shown in this tone, and each tone has its icon.
TONES = {"success": "ok", "warning": "warn", "error": "bad"}
TONE_ICONS = {"ok": "circle-check", "info": "info", "warn": "triangle-alert", "bad": "octagon-alert"}


# The shape of field that a widget takes; every other one is an "input".
KINDS: tuple[tuple[type[forms.Widget] | tuple[type[forms.Widget], ...], str], ...] = (
    (forms.CheckboxInput, "check"),
    ((forms.RadioSelect, forms.CheckboxSelectMultiple), "choices"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
)

CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}


@register.simple_tag
def icon(name: str, size: str = "", solid: bool = False) -> SafeString:
    """Inline the Lucide icon `name`. It is hidden from screen readers: always put a text beside it.

    `size` is "" (20 px), "sm" (16 px) or "lg" (24 px); `solid` fills it. An unknown name raises
    `lucide.IconDoesNotExist`.
    """
    return _icon_svg(str(name), str(size), bool(solid))


@cache
def _icon_svg(name: str, size: str, solid: bool) -> SafeString:
    classes = ICON_SIZES[size]
    if solid:
        classes += " icon--solid"
    if name.startswith(("chevron-left", "chevron-right", "arrow-left", "arrow-right")):
        classes += " icon--dir"  # points along the reading direction, so right-to-left pages mirror it
    svg = lucide(
        name, size=24, stroke_width="1.75", **{"class": classes, "aria-hidden": "true", "focusable": "false"}
    )
    return SafeString(re.sub(r">\s+<", "><", svg))


@register.simple_tag
def static_if_known(path: str) -> str:
    """Return the address of a static file; its plain one when the list of files does not know it.

    For the pages that must not fail whatever is missing.
    """
    try:
        return static(path)
    except ValueError:
        return f"{settings.STATIC_URL}{path}"


@register.simple_tag
def field(bound: BoundField, hint: str | None = None, optional: bool = True, **attrs: Any) -> SafeString:
    """Render one form field: label, hint, error, control, tied together for screen readers.

    `hint` replaces the form's help text (an empty one removes it). `optional=False` leaves out "(optional)",
    for forms in which nothing is required. Further arguments become attributes of the control, with `_` for
    `-`. A placeholder of the widget is dropped: it is no label, and an example belongs in the hint.
    """
    if bound.is_hidden:
        return bound.as_widget()
    kind = _kind(bound.field.widget)
    # Django's forms take help texts as HTML; a hint that a template hands over is escaped like anything else.
    hint = SafeString(bound.help_text) if hint is None else conditional_escape(hint)
    hint_id, error_id = f"{bound.auto_id}_helptext", f"{bound.auto_id}_error"
    described_by = " ".join([hint_id] * bool(hint) + [error_id] * bool(bound.errors))
    return SafeString(
        render_to_string(
            "includes/_field.html",
            {
                "bound": bound,
                "kind": kind,
                "hint": hint,
                "hint_id": hint_id,
                "error_id": error_id,
                "described_by": described_by,
                "problems": _problems(bound),
                "optional": optional and not bound.field.required and kind != "check",
                "control": "" if kind == "choices" else _control(bound, kind, described_by, attrs),
            },
        )
    )


def _problems(bound: BoundField) -> list[str]:
    """Return what is wrong with a field. "This field is required" becomes words that say which and how."""
    texts = []
    for error in bound.errors.as_data():
        if error.message == forms.Field.default_error_messages["required"]:
            request = {
                "check": _("Tick “%(label)s”"),
                "choices": _("Choose an answer for “%(label)s”"),
                "select": _("Choose an answer for “%(label)s”"),
                "file": _("Choose a file for “%(label)s”"),
            }.get(_kind(bound.field.widget), _("Fill in “%(label)s”"))
            texts.append(request % {"label": bound.label})
        else:
            texts += error.messages
    return texts


def _kind(widget: forms.Widget) -> str:
    """Return which shape of field a widget takes."""
    return next((kind for widgets, kind in KINDS if isinstance(widget, widgets)), "input")


def _control(bound: BoundField, kind: str, described_by: str, attrs: dict[str, Any]) -> SafeString:
    """Return the HTML of the control itself with its class and its ties to hint and error."""
    widget = bound.field.widget
    given = {name.replace("_", "-"): value for name, value in attrs.items()}
    if kind in ("input", "select", "textarea", "password"):
        css = "input" if kind == "password" else kind
        given["class"] = " ".join(filter(None, [css, widget.attrs.get("class"), given.get("class")]))
    if described_by:
        given["aria-describedby"] = described_by
    placeholder = widget.attrs.pop("placeholder", None)
    html = bound.as_widget(attrs=given)
    if placeholder is not None:
        widget.attrs["placeholder"] = placeholder
    return html


@register.simple_tag
def label_fields(form: forms.BaseForm, **labels: str) -> str:
    """Replace the labels of a form that is not ours, before its errors and fields are shown."""
    for name, label in labels.items():
        if name in form.fields:
            form.fields[name].label = form[name].label = label
    return ""


@register.simple_tag
def error_summary(form: forms.BaseForm) -> SafeString:
    """List everything that is wrong with a form, each with a link to its field. Empty when nothing is."""
    problems = [{"target": "", "text": text} for text in form.non_field_errors()] if form.is_bound else []
    for bound in form:
        problems += [{"target": _target(bound), "text": text} for text in _problems(bound)]
    if not problems:
        return SafeString("")
    return SafeString(render_to_string("includes/_error_summary.html", {"problems": problems}))


def _target(bound: BoundField) -> str:
    """Return the id that a link to the field leads to: of the first choice when there are several."""
    if bound.is_hidden:
        return ""
    return f"{bound.auto_id}_0" if _kind(bound.field.widget) == "choices" else bound.id_for_label


def _query(context: Context) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request else QueryDict(mutable=True)


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """Return the present page's query with some parameters replaced: `?q=sql&page=2`.

    A value of None or "" removes a parameter; a list or tuple gives it several values.
    """
    query = _query(context)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, [str(one) for one in value])
        else:
            query[name] = str(value)
    return conditional_escape(f"?{query.urlencode()}")


@register.simple_tag(takes_context=True)
def query_without(context: Context, name: str, value: Any) -> str:
    """Return the present page's query without one value of one parameter, from the first page on."""
    query = _query(context)
    query.setlist(name, [kept for kept in query.getlist(name) if kept != str(value)])
    query.pop("page", None)
    return conditional_escape(f"?{query.urlencode()}")


@register.simple_tag
def page_numbers(page: Page[Any]) -> Iterable[int | str]:
    """Return the page numbers to show around the present one, with an ellipsis for those left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def initials(name: object) -> str:
    """Return up to two initials of a person's name, for the round badge: "Amara Okafor" gives "AO"."""
    words = str(name or "").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.filter
def tone(level_tag: str) -> str:
    """Return the tone of a notice (ok, info, warn, bad) for the level of a message."""
    return TONES.get(level_tag, "info")


@register.filter
def tone_icon(name: str) -> str:
    """Return the icon of a tone."""
    return TONE_ICONS.get(name, "info")


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency, whole amounts without decimals: "€49", "CHF 12.50"; in German "49 €"."""
    digits = floatformat(amount, "-2g")
    if currency in CURRENCY_SIGNS:
        text = _("%(sign)s%(amount)s") % {"sign": CURRENCY_SIGNS[currency], "amount": digits}
    else:
        text = _("%(currency)s %(amount)s") % {"currency": currency, "amount": digits}
    return text.replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def minutes(value: int | None) -> str:
    """Return a number of minutes in words that fit a list: "45 min", "2 h", "1 h 20 min"."""
    if not value:
        return ""
    hours, rest = divmod(int(value), 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}


@register.filter
def figure(value: Decimal | int | str | None) -> str:
    """Return a number with at most two decimals and none too many: "12.5", "70"; in German "12,5"."""
    digits = floatformat(value, "-2g")
    return digits.rstrip("0") if digits[-3:-2] in (".", ",") and digits.endswith("0") else digits


@register.filter
def clock(seconds: int) -> str:
    """Return a place in a video: "6:42", "1:06:42"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def language_name(code: str) -> str:
    """Return the name of a language in that language, such as "Deutsch"; the code itself when it is unknown."""
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code

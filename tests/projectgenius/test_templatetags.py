"""The tags of the look: icons, fields, error summaries, addresses, and the words they add."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation
from lucide import IconDoesNotExist

from projectgenius.templatetags import projectgenius as tags


class Sample(forms.Form):
    """One field of each kind."""

    title = forms.CharField(help_text="Your group sees <b>this</b> too")
    address = forms.EmailField(required=False, widget=forms.EmailInput(attrs={"placeholder": "E-mail"}))
    about = forms.CharField(required=False, widget=forms.Textarea)
    level = forms.ChoiceField(choices=[("a", "Easy"), ("b", "Hard")])
    kind = forms.ChoiceField(choices=[("f", "File"), ("t", "Text")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.PasswordInput)
    work = forms.FileField()
    own = forms.BooleanField(label="Our own work")
    token = forms.CharField(widget=forms.HiddenInput)


def render(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


def render_at(address: str, source: str, **context: Any) -> str:
    return render(source, request=RequestFactory().get(address), **context)


def own_templates() -> Iterator[tuple[str, str]]:
    """All templates of the project: name from the top, text."""
    for path in sorted(Path(settings.BASE_DIR).glob("*/templates/**/*.*")):
        yield path.relative_to(settings.BASE_DIR).as_posix(), path.read_text(encoding="utf-8")


# --- icons


def test_icon_is_drawn_and_hidden_from_screen_readers() -> None:
    svg = render('{% icon "check" %}')
    assert svg.startswith("<svg ")
    for attribute in (
        'class="icon"',
        'viewBox="0 0 24 24"',
        'stroke-width="1.75"',
        'aria-hidden="true"',
        'focusable="false"',
    ):
        assert attribute in svg
    assert "\n" not in svg


def test_icon_has_sizes_and_can_be_solid() -> None:
    assert 'class="icon icon--sm"' in render('{% icon "check" size="sm" %}')
    assert 'class="icon icon--solid"' in render('{% icon "star" solid=True %}')


def test_icon_that_points_is_mirrored_where_text_runs_to_the_left() -> None:
    assert "icon--dir" in render('{% icon "chevron-right" %}')
    assert "icon--dir" not in render('{% icon "chevron-down" %}')


def test_unknown_icon_is_an_error() -> None:
    with pytest.raises(IconDoesNotExist):
        render('{% icon "no-such-icon" %}')


def test_every_icon_that_a_template_names_exists() -> None:
    missing = set()
    for name, text in own_templates():
        for icon in re.findall(r'(?:{% icon |icon_name=)"([\w-]+)"', text):
            try:
                tags.icon(icon)
            except IconDoesNotExist:
                missing.add(f"{name}: {icon}")
    assert missing == set()


# --- fields


def test_field_ties_label_hint_and_control() -> None:
    html = render("{% field form.title %}", form=Sample())
    assert '<label class="field__label" for="id_title">Title</label>' in html
    assert '<div class="field__hint" id="id_title_helptext">Your group sees <b>this</b> too</div>' in html
    assert 'aria-describedby="id_title_helptext"' in html
    assert 'class="input"' in html
    assert "aria-invalid" not in html
    assert "(optional)" not in html


def test_field_says_when_it_is_optional_and_drops_the_placeholder() -> None:
    html = render("{% field form.address %}", form=Sample())
    assert "(optional)" in html
    assert "placeholder" not in html
    assert "(optional)" not in render("{% field form.address optional=False %}", form=Sample())


def test_field_shows_its_error_between_hint_and_control() -> None:
    html = render("{% field form.title %}", form=Sample({}))
    assert html.index("id_title_helptext") < html.index('id="id_title_error"') < html.index("<input")
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert "Fill in “Title”" in html
    assert "field--error" in html


def test_field_escapes_a_hint_from_the_template_and_takes_attributes() -> None:
    html = render("{% field form.title hint=hint autocomplete='off' data_x='1' %}", form=Sample(), hint="<i>")
    assert "&lt;i&gt;" in html
    assert 'autocomplete="off"' in html
    assert 'data-x="1"' in html
    assert "field__hint" not in render("{% field form.title hint='' %}", form=Sample())


def test_choices_stand_in_a_fieldset_with_a_legend() -> None:
    html = render("{% field form.kind %}", form=Sample({}))
    assert '<legend class="field__label">Kind</legend>' in html
    assert html.count('<label class="choice"') == 2
    assert re.search(r'<fieldset [^>]*aria-describedby="id_kind_error"', html)


def test_checkbox_stands_before_its_label() -> None:
    html = render("{% field form.own %}", form=Sample())
    assert re.search(
        r'<label class="choice" for="id_own"><input type="checkbox"[^>]*><span>Our own work</span>', html
    )


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("about", 'class="textarea"'),
        ("level", 'class="select"'),
        ("secret", "data-reveal"),
        ("work", '<div class="drop"><input type="file"'),
    ],
)
def test_each_kind_of_field_has_its_control(name: str, part: str) -> None:
    assert part in render("{% field bound %}", bound=Sample()[name])


def test_hidden_field_is_its_control_alone() -> None:
    assert (
        render("{% field form.token %}", form=Sample()) == '<input type="hidden" name="token" id="id_token">'
    )


def test_labels_of_a_form_can_be_replaced() -> None:
    html = render(
        "{% label_fields form title=new nothing='x' %}{% field form.title %}", form=Sample({}), new="Name"
    )
    assert ">Name</label>" in html
    assert "Fill in “Name”" in html


# --- error summary


def test_error_summary_is_empty_when_nothing_is_wrong() -> None:
    assert render("{% error_summary form %}", form=Sample()) == ""


def test_error_summary_links_to_each_field() -> None:
    html = render("{% error_summary form %}", form=Sample({"level": "a"}))
    assert 'role="alert" tabindex="-1"' in html
    for target, words in (
        ("#id_title", "Fill in “Title”"),
        ("#id_kind_0", "Choose an answer for “Kind”"),
        ("#id_work", "Choose a file for “Work”"),
        ("#id_own", "Tick “Our own work”"),
    ):
        assert f'<a href="{target}">{words}</a>' in html
    assert "#id_token" not in html
    assert "Fill in “Token”" in html


def test_error_summary_lists_what_belongs_to_no_field_first() -> None:
    form = Sample({})
    form.add_error(None, "Name or password is <wrong>")
    html = render("{% error_summary form %}", form=form)
    assert html.index("&lt;wrong&gt;") < html.index("#id_title")


# --- addresses


def test_query_with_keeps_and_replaces() -> None:
    assert render_at("/c/?q=a%26b&page=1", "{% query_with page=2 %}") == "?q=a%26b&amp;page=2"
    assert render_at("/c/?q=sql&page=3", "{% query_with page=None q='' %}") == "?"
    assert render_at("/c/", "{% query_with level=levels %}", levels=["a", "b"]) == "?level=a&amp;level=b"
    assert render("{% query_with page=2 %}") == "?page=2"


def test_query_without_removes_one_value_and_goes_to_the_first_page() -> None:
    assert render_at("/c/?level=a&level=b&page=3", "{% query_without 'level' 'a' %}") == "?level=b"
    assert render_at("/c/?level=a", "{% query_without 'level' 'a' %}") == "?"


def test_address_is_not_a_way_in() -> None:
    html = render_at('/c/?"><script>=1', "{% query_with page=2 %}")
    assert "<" not in html
    assert '"' not in html


def test_page_numbers_leave_out_the_middle() -> None:
    page = Paginator(range(100), 10).get_page(5)
    assert [str(number) for number in tags.page_numbers(page)] == ["1", "…", "4", "5", "6", "…", "10"]


# --- filters


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Amara Okafor", "AO"), ("Ana María de la Cruz", "AC"), ("amara", "A"), ("", "?"), (None, "?")],
)
def test_initials(name: str | None, expected: str) -> None:
    assert tags.initials(name) == expected


@pytest.mark.parametrize(
    ("level", "expected"), [("success", "ok"), ("error", "bad"), ("debug", "info"), ("", "info")]
)
def test_messages_have_a_tone_and_an_icon(level: str, expected: str) -> None:
    assert tags.tone(level) == expected
    assert tags.icon(tags.tone_icon(expected))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, ""), (None, ""), (45, "45 min"), (60, "1 h"), (80, "1 h 20 min"), (620, "10 h 20 min")],
)
def test_minutes(value: int | None, expected: str) -> None:
    assert tags.minutes(value) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("49.00", "EUR", "€49"), ("49.50", "USD", "$49.50"), ("1200", "CHF", "CHF\N{NO-BREAK SPACE}1200")],
)
def test_money(amount: str, currency: str, expected: str) -> None:
    assert tags.money(Decimal(amount), currency).replace(",", "") == expected


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("49.00", "EUR", "49 €"), ("49.50", "USD", "49,50 $"), ("1200", "CHF", "1200 CHF")],
)
def test_money_stands_before_its_sign_in_german(amount: str, currency: str, expected: str) -> None:
    with translation.override("de"):
        assert (
            tags.money(Decimal(amount), currency).replace(".", "").replace("\N{NO-BREAK SPACE}", " ")
            == expected
        )


# --- templates


def test_every_template_can_be_read() -> None:
    broken = []
    for name, text in own_templates():
        try:
            Template(text)
        except TemplateSyntaxError as error:
            broken.append(f"{name}: {error}")
    assert broken == []


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_page_for_the_worst_needs_nothing(name: str) -> None:
    """No context, no request, no database: the fixture `db` is not asked for, so a query would fail."""
    html = Template(Path(settings.BASE_DIR, "projectgenius/templates", name).read_text()).render(Context())
    assert "Nothing you saved is lost" in html
    assert "<h1>" in html


def test_missing_list_of_static_files_is_no_second_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(path: str) -> str:
        raise ValueError(path)

    monkeypatch.setattr(tags, "static", unknown)
    assert tags.static_if_known("a.css") == f"{settings.STATIC_URL}a.css"


def test_page_for_the_worst_says_its_number() -> None:
    source = Path(settings.BASE_DIR, "projectgenius/templates/500.html").read_text()
    assert "7F3A91AB" in render(source, request_id="7F3A91AB")


def test_pictures_have_a_size() -> None:
    """So that nothing jumps while they load."""
    bare = [
        f"{name}: {tag}"
        for name, text in own_templates()
        for tag in re.findall(r"<img\b[^>]*>", re.sub(r"{%.*?%}|{{.*?}}", "", text))
        if not re.search(r'width="\d+"\s+height="\d+"', tag)
    ]
    assert bare == []

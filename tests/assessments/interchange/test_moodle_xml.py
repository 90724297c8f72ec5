"""Moodle XML: what its questions become, what is left out, and what no file may do to the server."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from assessments.interchange.drafts import Draft, FileFault
from assessments.interchange.moodle_xml import read_moodle_xml
from projectgenius.markdown import render_markdown
from tests.assessments.interchange.reading import kinds

FILES = Path(__file__).parent / "files"


def question(body: str, kind: str = "truefalse") -> str:
    return f'<quiz><question type="{kind}">{body}</question></quiz>'


def essay(html: str, style: str = "html") -> Draft:
    text = f'<questiontext format="{style}"><text><![CDATA[{html}]]></text></questiontext>'
    [draft] = read_moodle_xml(question(text, "essay")).drafts
    return draft


def test_each_question_of_the_file_becomes_what_its_comment_says() -> None:
    text = (FILES / "counting.xml").read_text()
    expected = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if found := re.match(r"<!--\? (\w+) -->", line):
            expected[number + 1] = found[1]
    assert len(expected) >= 60
    assert kinds(read_moodle_xml(text)) == expected


def test_names_of_types_that_are_not_known_are_told() -> None:
    parsed = read_moodle_xml(question("<name><text>Pairs</text></name>", "matching"))
    [finding] = parsed.findings
    assert (finding.name, finding.kind, finding.line) == ("Pairs", "skipped", 1)
    assert "“matching”" in finding.message


def test_coderunner_becomes_a_coding_question() -> None:
    [draft] = [
        draft
        for draft in read_moodle_xml((FILES / "counting.xml").read_text()).drafts
        if draft.content == "Print one in C"
    ]
    assert draft.coding is not None
    assert draft.coding["language"] == "c"
    assert draft.coding["starter_code"] == "# here\n"
    assert draft.coding["solution"] == "print(1)"
    assert draft.coding["test_cases"] == [{"input": "", "output": "1\n", "sample": True, "points": 2}]


def test_points_and_their_rounding() -> None:
    body = "<questiontext><text>x</text></questiontext><defaultgrade>{}</defaultgrade>"
    [whole] = read_moodle_xml(question(body.format("2.5000000"), "essay")).drafts
    assert (whole.points, whole.changes) == (Decimal("2.50"), [])
    [third] = read_moodle_xml(question(body.format("0.3333333"), "essay")).drafts
    assert third.points == Decimal("0.33")
    assert third.changes


def test_html_becomes_markdown() -> None:
    assert essay("<p>One</p><p>two<br>three</p>").content == "One\n\ntwo\\\nthree"
    assert essay("<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>").content == "- a\n  1. b\n- c"
    assert (
        essay(r"\(a_1\) and \[b\] and $$c$$, 5$ and 6$").content == "$a_1$ and $$b$$ and $$c$$, 5\\$ and 6\\$"
    )
    assert essay("a<b> b </b>c <i>d</i> <code>e*f</code>").content == "a **b** c *d* `e*f`"
    assert (
        essay("<table><tr><th>a</th></tr><tr><td>x|y</td></tr></table>").content
        == "| a |\n| --- |\n| x\\|y |"
    )
    assert essay("# no heading").content == "\\# no heading"
    assert essay("<pre>a\n  b</pre>").content == "```\na\n  b\n```"
    assert essay("H<sub>2</sub>O, x<sup>max</sup>").content == "H₂O, x$^{\\text{max}}$"


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<iframe src='https://evil.example'></iframe>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<math><mtext></math><style><img src=x onerror=alert(1)></style>",
        "<style>p { background: url(x) }</style>",
        "[x](javascript:alert(1))",
        '![x](x "onerror=alert(1)")',
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<p style='background:url(javascript:alert(1))'>x</p>",
        "<form action='https://evil.example'><input name=q></form>",
        "<base href='https://evil.example'>x",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>x",
    ],
)
@pytest.mark.parametrize("style", ["html", "markdown", "plain_text", "moodle_auto_format"])
def test_nothing_dangerous_survives(html: str, style: str) -> None:
    shown = render_markdown(essay(f"Question {html}", style).content).lower()
    assert not re.search(r"<(script|svg|iframe|style|form|input|base|meta|object)|<[^>]*\son\w+=", shown)
    assert not re.search(r"(href|src)=\"?(javascript|data):", shown)


BOMB = """<!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>"""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{BOMB}<quiz><question>&b;</question></quiz>", "entities"),
        ('<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>', "entities"),
        ('<!DOCTYPE q SYSTEM "http://127.0.0.1/x.dtd"><quiz/>', "entities"),
        ('<!DOCTYPE q [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]><quiz/>', "entities"),
        ("<!DOCTYPE quiz><quiz/>", "entities"),
        ("no XML at all", "not_xml"),
        ("<quiz><question></quiz>", "not_xml"),
        ("<quiz>&nbsp;</quiz>", "not_xml"),
        ("<quiz><question>\x01</question></quiz>", "not_xml"),
        ("<quiz><question>&#xD800;</question></quiz>", "not_xml"),
        ("<quiz><question>\ud800</question></quiz>", "not_xml"),
        ("<quiz a='1' a='2'/>", "not_xml"),
        ("<html><body/></html>", "not_moodle"),
        ("<quiz/>", "no_question"),
        ("<quiz>" + "<a>" * 100_000, "too_deep"),
        ("<quiz><question>" + "<a/>" * 100_000, "too_deep"),
        ("<quiz>" + "<question type='essay'/>" * 100_000 + "</quiz>", "too_many"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_one_sentence(text: str, code: str) -> None:
    with pytest.raises(FileFault) as caught:
        read_moodle_xml(text)
    assert caught.value.code == code
    assert len(caught.value.messages) == 1

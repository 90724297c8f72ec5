"""What Markdown looks like when it is rendered."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeString

from projectgenius import markdown
from projectgenius.markdown import plain_text, render_markdown
from projectgenius.markdown.math_classes import CLASSES


def squeezed(html: str) -> str:
    """HTML without icons and without lines."""
    return re.sub(r">\n+<", "><", re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)).strip()


def test_the_result_is_safe_to_put_into_a_template() -> None:
    assert isinstance(render_markdown("Hello"), SafeString)
    assert render_markdown("") == ""


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* `c<d`", "<p><strong>a</strong> <em>b</em> <code>c&lt;d</code></p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("a\\\nb", "<p>a<br>\nb</p>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("> a", "<blockquote><p>a</p></blockquote>"),
        ("***", "<hr>"),
        ("Term\n: Meaning", "<dl><dt>Term</dt><dd>Meaning</dd></dl>"),
        ("<b>a</b> & b", "<p>&lt;b&gt;a&lt;/b&gt; &amp; b</p>"),
        ("<div>\na\n</div>", "<p>&lt;div&gt;\na\n&lt;/div&gt;</p>"),
        ("It costs \\$5, or $5 and $6.", "<p>It costs $5, or $5 and $6.</p>"),
        ("main.py and example.com", "<p>main.py and example.com</p>"),
        ("[a](/courses/)", '<p><a href="/courses/">a</a></p>'),
        ("[a](mailto:a@example.com)", '<p><a href="mailto:a@example.com">a</a></p>'),
        (
            '![A *cat*](/cat.png "Mia")',
            '<p><img src="/cat.png" alt="A cat" title="Mia" loading="lazy"></p>',
        ),
    ],
)
def test_everyday_markup(text: str, html: str) -> None:
    assert squeezed(render_markdown(text)) == html


@pytest.mark.parametrize("text", ["[a](https://b.example/?c=d)", "[a](//b.example)", "see http://b.example"])
def test_links_that_lead_elsewhere_pass_nothing_on(text: str) -> None:
    assert 'rel="noopener noreferrer nofollow"' in render_markdown(text)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("## a\n### b\n## c", [2, 3, 2]),
        ("# a\n## b\n# c", [2, 3, 2]),
        ("#### a\n##### b", [2, 3]),
        ("## a\n##### b\n###### c", [2, 3, 4]),
        ("### a\n## b", [2, 2]),
        ("# a\n## b\n### c\n#### d\n##### e\n###### f", [2, 3, 4, 5, 6, 6]),
        ("a\n=\n\n> ## b", [2, 3]),
    ],
)
def test_headings_start_at_level_two_and_skip_none(text: str, levels: list[int]) -> None:
    html = render_markdown(text)
    assert [int(level) for level in re.findall(r"<h(\d)", html)] == levels
    assert [int(level) for level in re.findall(r"</h(\d)", html)] == levels


def test_heading_ids_have_a_prefix_and_differ() -> None:
    html = render_markdown("## Say `it`!\n## say it\n## ???\n## Größe\n\n[down](#say-it-2) [out](#main)")
    assert re.findall(r'id="([^"]+)"', html) == ["md-say-it", "md-say-it-2", "md-section", "md-größe"]
    assert '<a href="#md-say-it-2">down</a>' in html
    assert '<a href="#main">out</a>' in html


def test_code_has_its_language_a_copy_button_and_a_name_of_its_own() -> None:
    html = squeezed(
        render_markdown("```python\ndef f():\n    return 'a'  # b\n```\n\n```sql\nSELECT 1\n```\n\n    x")
    )
    assert (
        '<div class="code"><div class="code__head"><span>Python</span>'
        '<button class="btn btn--quiet btn--sm" data-copy="" type="button">Copy</button></div>'
        '<pre tabindex="0" role="region" aria-label="Python example 1"><code>'
        '<span class="hl-k">def</span> <span class="hl-f">f</span>():\n    <span class="hl-k">return</span>'
        ' <span class="hl-s">\'a\'</span>  <span class="hl-c"># b</span></code></pre></div>'
    ) in html
    assert re.findall(r'aria-label="([^"]+)"', html) == [
        "Python example 1",
        "SQL example 2",
        "Text example 3",
    ]


@pytest.mark.parametrize(
    ("info", "name"),
    [("js", "JavaScript"), ("", "Text"), ("text", "Text"), ("Python 3", "Python"), ("brainfry", "brainfry")],
)
def test_languages_are_named(info: str, name: str) -> None:
    html = render_markdown(f"```{info}\na < b\n```")
    assert f"<span>{name}</span>" in html
    assert re.sub("<[^>]+>", "", html.partition("<code>")[2]).strip() == "a &lt; b"


def test_long_or_odd_code_is_shown_without_colours() -> None:
    for code in ("return 1\n" * 500, "return " + " " * 100 + "1", "return '" + "a" * 600 + "'"):
        html = render_markdown(f"```python\n{code}\n```")
        assert "return" in html
        assert "hl-k" not in html


def test_tables_scroll_by_themselves_and_mark_numbers() -> None:
    html = squeezed(render_markdown("| id | name |\n|--:|:-:|\n| 3 | a |\n\n| b |\n|---|\n| 4 |"))
    assert (
        '<div class="table-wrap table-wrap--fit" tabindex="0" role="region" aria-label="Table 1">'
        '<table class="table"><thead><tr>'
        '<th class="num" scope="col">id</th><th class="mid" scope="col">name</th></tr></thead>'
        '<tbody><tr><td class="num">3</td><td class="mid">a</td></tr></tbody></table></div>'
    ) in html
    assert 'aria-label="Table 2"' in html


def test_a_table_with_an_empty_corner_has_row_headings() -> None:
    html = squeezed(render_markdown("| | n |\n|---|---|\n| a | 1 |\n| | 2 |"))
    assert '<tr><td></td><th scope="col">n</th></tr>' in html
    assert '<tr><th scope="row">a</th><td>1</td></tr><tr><td></td><td>2</td></tr>' in html


@pytest.mark.parametrize(
    ("kind", "tone", "word"),
    [
        ("note", "info", "Note"),
        ("tip", "ok", "Tip"),
        ("warning", "warn", "Warning"),
        ("danger", "bad", "Danger"),
    ],
)
def test_call_outs_say_their_kind_without_colour(kind: str, tone: str, word: str) -> None:
    html = render_markdown(f"::: {kind} `NOT IN` differs\n- a\n:::")
    assert html.startswith(f'<div class="notice notice--{tone}"><svg ')
    assert squeezed(html) == (
        f'<div class="notice notice--{tone}"><div><p class="notice__title">'
        f'<span class="sr-only">{word}: </span><code>NOT IN</code> differs</p><ul><li>a</li></ul></div></div>'
    )
    assert f'<p class="notice__title">{word}</p>' in render_markdown(f"::: {kind}\na\n:::")


def test_answers_open_on_a_click() -> None:
    html = squeezed(render_markdown("::: details Show *it*\na\n:::\n\n:::: details\n::: tip\nb\n:::\n::::"))
    assert html.startswith(
        '<details class="disclosure"><summary>Show <em>it</em></summary><div><p>a</p></div></details>'
    )
    assert "<summary>Show more</summary>" in html
    assert html.endswith("<p>b</p></div></div></div></details>")


def test_tasks_are_boxes_with_a_label_that_nobody_can_tick() -> None:
    html = squeezed(render_markdown("- [ ] one\n- [x] *two*\n- three\n  1. [X] four\n\n[ ] five"))
    assert (
        '<ul class="tasks"><li class="task"><label><input disabled="" type="checkbox"> one</label></li>'
        in html
    )
    assert (
        '<li class="task"><label><input disabled="" checked="" type="checkbox"> <em>two</em></label>' in html
    )
    assert '<ol><li class="task">' in html
    assert html.endswith("<p>[ ] five</p>")


def test_footnotes_lead_there_and_back() -> None:
    html = squeezed(render_markdown("a[^x] b[^x]\n\n[^x]: Note"))
    assert '<sup><a href="#md-fn.1" id="md-ref.1.1" aria-label="Footnote 1">1</a></sup>' in html
    assert '<a href="#md-fn.1" id="md-ref.1.2"' in html
    assert '<section class="footnotes small"><hr><ol><li id="md-fn.1"><p>Note <a href="#md-ref.1.1"' in html
    assert 'href="#md-ref.1.2" aria-label="Back to the mark of footnote 1"' in html


def test_texts_on_one_page_have_ids_of_their_own_and_make_no_landmarks() -> None:
    html = render_markdown("## a\n\nb[^1]\n\n| c |\n|---|\n\n    d\n\n[^1]: e", key="answer-12")
    assert set(re.findall(r'id="([^"]+)"', html)) == {
        "md-answer-12-a",
        "md-answer-12-fn.1",
        "md-answer-12-ref.1.1",
    }
    assert 'href="#md-answer-12-fn.1"' in html
    assert re.findall(r'role="([^"]+)"', html) == ["group", "group"]
    with pytest.raises(ValueError, match="key"):
        render_markdown("a", key='"><b>')


def test_formulas_become_mathml_without_styles() -> None:
    html = render_markdown(
        "a $x^2$ b\n\n$$\n\\begin{aligned}a&=b\\\\&=\\color{red}c\\!d\\end{aligned}\n$$\n\n$$y$$"
    )
    assert "<p>a <math><msup><mi>x</mi><mn>2</mn></msup></math> b</p>" in html
    assert (
        '<div class="math-display" tabindex="0" role="group" aria-label="Formula 1"><math display="block">'
        in html
    )
    assert '<mtd class="math-end math-pr-0">' in html
    assert '<mrow class="math-red"><mi>c</mi><mspace class="math-back-thin"></mspace>' in html
    assert '<div class="math-display"><math display="block"><mi>y</mi></math></div>' in html
    assert " style=" not in html


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{1}{2}+\sqrt[3]{x}",
        r"\sum_{\substack{i<n\\j>2}} x_{ij}",
        r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
        r"\begin{cases}1&x>0\\0&\text{otherwise}\end{cases}",
        r"\left(\begin{array}{l|c:r}a&b&c\\\hline d&e&f\end{array}\right)",
        r"\text{\tiny a \textsc{b} \textsf{c}}\boxed{\cancel{x}}\textcolor{#ABC}{y}".replace("#ABC", "teal"),
        r"\{(1,a),(1,b),(2,a),(2,b),(3,a),(3,b),(4,a),(4,b),(5,a),(5,b)\} \implies [0,1) \cup (2,3]",
        r"\begin{aligned}" + r"f(x)&=\bigl((x+1)(x-1)\bigr)+\left[0,1\right)\\" * 20 + r"\end{aligned}",
        r"\operatorname{lcm}(a,b)\bmod n \quad \mathbb{P}(A\mid B)=\dfrac{\mathbb{P}(B\mid A)}{2}",
    ],
)
def test_formulas_of_lessons_convert(latex: str) -> None:
    html = render_markdown(f"$${latex}$$")
    assert "<math" in html
    assert "math-error" not in html


def test_the_style_sheet_has_all_classes_of_formulas() -> None:
    css = (settings.BASE_DIR / "projectgenius/static/projectgenius/css/math.css").read_text(encoding="utf-8")
    assert CLASSES - {*re.findall(r"\.(math-[\w-]+)", css)} == set()


def test_numbers_of_equations_run_on() -> None:
    html = render_markdown(
        "$$\\begin{align}a&=b\\label{x}\\end{align}$$\n\n$$\\begin{align}c\\end{align}$$\n\nIn $\\eqref{x}$"
    )
    assert re.findall(r"<mtext>\((\d)\)</mtext>", html) == ["1", "2", "1"]


@pytest.mark.parametrize(
    "latex", [r"x \nothere", r"\frac{1}", r"\href{javascript:a}{b}", "x" * 2001, "{" * 60]
)
def test_a_formula_that_does_not_convert_shows_its_source(latex: str) -> None:
    html = render_markdown(f"$${latex}$$")
    assert re.search(r'<code class="math-error" title="This formula can’t be shown. [^"]+">', html)
    assert latex.replace("&", "&amp;") in html


def test_a_text_beyond_the_limit_is_shown_as_it_was_written() -> None:
    html = render_markdown("**a** <b>\n\n" * 6000)
    assert html.startswith("<p>**a** &lt;b&gt;</p>")
    assert "<strong>" not in html


def test_a_paragraph_beyond_the_limit_is_shown_as_it_was_written() -> None:
    html = render_markdown("**a** " * 1000 + "\n\n**b**")
    assert html.count("<strong>") == 1


def test_results_are_kept_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown.markup, "_", lambda text: f"{translation.get_language()} {text}")
    for language in ("en", "fr", "en"):
        with translation.override(language):
            assert f"{language} Copy</button>" in render_markdown("    for each language")


def test_threads_do_not_get_in_each_others_way() -> None:
    texts = [f"## a{i}\n\n[^{i}] $x_{i}$ | b{i}\n\n[^{i}]: c" + f"\n\n- d{i}" * 50 for i in range(8)]
    expected = [str(markdown._render(text, "")) for text in texts]
    results: dict[int, str] = {}

    def render(number: int) -> Callable[[], None]:
        return lambda: results.__setitem__(number, str(markdown._render(texts[number], "")))

    threads = [threading.Thread(target=render(number)) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [results[number] for number in range(len(texts))] == expected


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("## A\n\n**b** [c](/d)\ne `f`\n\n- g", "b c e f g"),
        ("![a cat](/c.png) & <b>", "a cat & <b>"),
        ("a[^1]\n\n```\ncode\n```\n\n| b |\n|---|\n| c |\n\n[^1]: note", "a"),
        ("a\n\n::: details Answer\nsecret\n:::\n\nb", "a b"),
        ("one two three four", "one two…"),
        ("", ""),
    ],
)
def test_plain_text_is_for_summaries(text: str, plain: str) -> None:
    assert plain_text(text, 12) == plain


SIZED = "/course-images/7/AbC_-x9-640x480.png"


def test_pictures_of_courses_keep_their_room() -> None:
    assert render_markdown(f"![A cat]({SIZED})") == (
        f'<p><img src="{SIZED}" alt="A cat" width="640" height="480" loading="lazy"></p>\n'
    )
    for other in (
        "/course-images/7/x-0x480.png",
        "/other/7/x-640x480.png",
        f"{SIZED}?x",
        "/course-images/x-1x1.png",
    ):
        assert "width" not in render_markdown(f"![A cat]({other})")


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/a.png",
        "//other.example/a.png",
        "http://pictures.example.org/a.png",
        "HTTPS://x.example/a",
    ],
)
def test_a_picture_of_a_host_that_is_not_allowed_becomes_a_link(settings: Any, address: str) -> None:
    settings.IMAGE_HOSTS = ["pictures.example.org"]
    html = render_markdown(f"![Some *cat*]({address})", key=f"k{len(address)}")
    assert "<img" not in html
    assert f'<a href="{address}" rel="noopener noreferrer nofollow">Some cat</a>' in html
    assert ">Picture on another site</a>" in render_markdown(f"![]({address})", key=f"k{len(address)}")


def test_a_picture_of_an_allowed_host_is_shown(settings: Any) -> None:
    settings.IMAGE_HOSTS = ["pictures.example.org"]
    html = render_markdown("![A cat](https://pictures.example.org/a.png)", key="allowed")
    assert '<img src="https://pictures.example.org/a.png" alt="A cat" loading="lazy">' in html

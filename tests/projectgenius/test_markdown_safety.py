"""Whatever people write, nothing in the HTML runs or reaches out. Of two fences each holds alone."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projectgenius import markdown
from projectgenius.markdown import plain_text, render_markdown
from projectgenius.markdown.cleaning import clean

TAGS = """
    a b blockquote br button circle code dd details div dl dt em h2 h3 h4 h5 h6 hr i img input label li math
    menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt msub
    msubsup msup mtable mtd mtext mtr munder munderover ol p path pre rect s section span strong summary sup
    svg table tbody td th thead tr u ul
"""
ATTRIBUTES = """
    accent accentunder alt aria-hidden aria-label checked class cx cy d data-copy decoding disabled display
    displaystyle fill focusable form height href id linethickness loading lspace mathvariant maxsize minsize
    movablelimits notation r rel role rspace rx ry scope scriptlevel src start stretchy stroke stroke-linecap
    stroke-linejoin stroke-width symmetric tabindex title type viewbox voffset width x y
"""
ADDRESS = re.compile(r"(?:https?:|mailto:|(?![a-z0-9+.-]*:))", re.IGNORECASE)
IGNORED_IN_ADDRESSES = re.compile("[\x00-\x20]")


class Watch(HTMLParser):
    """Reads HTML and notes what should not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS.split():
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES.split():
                self.found.append(f"<{tag} {name}>")
            if name in ("href", "src") and not ADDRESS.match(IGNORED_IN_ADDRESSES.sub("", value or "")):
                self.found.append(f"{name}={value}")
            if name == "id" and not (value or "").startswith("md-"):
                self.found.append(f"id={value}")
        if tag == "input" and dict(attrs).get("type") != "checkbox":
            self.found.append("a field")

    def handle_comment(self, data: str) -> None:
        self.found.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("a declaration")

    unknown_decl = handle_decl

    def handle_pi(self, data: str) -> None:
        self.found.append("an instruction")


def unsafe(html: str) -> list[str]:
    """All in the HTML that should not be there."""
    watch = Watch()
    watch.feed(html)
    watch.close()
    return watch.found


HOSTILE_HTML = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "<svg><use href='data:image/svg+xml,x#y'></use><animate onbegin=alert(1)></svg>",
    '<math><maction actiontype="statusline" xlink:href="javascript:alert(1)">x</maction></math>',
    '<math href="javascript:alert(1)">x</math>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)></object><embed src=//evil.example>",
    "<base href=//evil.example><link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action=//evil.example><input name=a><button formaction=javascript:alert(1)>x</button></form>",
    '<p style="position:fixed;inset:0">x</p>',
    "<style>*{display:none}</style>",
    '<a href="jav&#x0A;ascript:alert(1)">x</a>',
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href=data:text/html,x>x</a>",
    "<details open ontoggle=alert(1)>x</details>",
    "<div id=main class=topbar data-open=x>x</div>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!DOCTYPE html><?php echo 1 ?><![CDATA[<script>alert(1)</script>]]>",
    "<textarea></textarea><select><option>x</select><video src=x onerror=alert(1)><audio controls>",
    "<img src='https://a.example/b.png' srcset='x' usemap='#y'><isindex><marquee onstart=alert(1)>",
]

HOSTILE_MARKDOWN = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](java\nscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](&#1;javascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a.example/b)",
    "[x](javascript://https://a.example/%0Aalert(1))",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](data:image/png;base64,iVBORw0KGgo=)",
    '![x" onerror="alert(1)](y)',
    '![x](y"onerror=alert(1))',
    "![x](y 'z\" onerror=\"alert(1)')",
    '[x](y "z\\" onclick=\\"alert(1)")',
    '[x](y "<script>alert(1)</script>")',
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    '<https://a.example/"onclick=alert(1)>',
    '<a@b.example?"onclick=alert(1)>',
    'https://a.example/"onmouseover=alert(1)',
    "javascript://a.example/%0aalert(1) data://b ftp://c",
    "[x]\n\n[x]: javascript:alert(1)",
    '[x]\n\n[x]: <javascript:alert(1)> "y"',
    "[x][y]\n\n[y]: data:text/html,z 'onclick=alert(1)'",
    "[[x](https://a.example)](javascript:alert(1))",
    "[![x](javascript:1)](javascript:alert(2))",
    "[<img src=x onerror=alert(1)>](/y)",
    '```"><img/src=x/onerror=alert(1)>\nx\n```',
    "```html onclick=alert(1)\n<script>alert(1)</script>\n```",
    "~~~'\"onfocus=alert(1)\tautofocus\nx\n~~~",
    "```php\n</code></pre><script>alert(1)</script>\n```",
    "    </code></pre><script>alert(1)</script>",
    "`</code><script>alert(1)</script>`",
    '::: note "><script>alert(1)</script>\nx\n:::',
    "::: details <img src=x onerror=alert(1)> [x](javascript:alert(1))\nx\n:::",
    "::: warning $\\text{<script>}$ `</p>`\nx\n:::",
    ':::note onclick="alert(1)"\nx\n:::',
    'x[^"><script>alert(1)</script>]\n\n[^"><script>alert(1)</script>]: <script>alert(1)</script>',
    "x[^__proto__]\n\n[^__proto__]: [y](javascript:alert(1))",
    '## x" onclick="alert(1) <script>\n\n[y](#x-onclickalert1-script)',
    "## main\n## body\n## constructor\n## __proto__",
    "| <script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "- [ ] <script>alert(1)</script> [x](javascript:alert(1))",
    "- [x](javascript:alert(1)) y",
    "<x>\n: <script>alert(1)</script>",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\url{javascript:alert(1)}$ $\\class{a}{b}$ $\\style{color:red}{x}$ $\\htmlId{a}{b}$",
    "$</math><script>alert(1)</script>$",
    "$\\color{red}x \\hspace{-1em} \\begin{array}{|c:c}a&b\\end{array} \\eqref{x}$",
    "$\\text{</mtext></math><img src=x onerror=alert(1)>}$",
    "$\\text{&lt;script&gt;} \\operatorname{<script>} \\mathrm{<b>}$",
    '$\\color[HTML]{"><script>}x$ $\\color{red;background:url(//evil.example)}x$',
    '$$\\begin{align}x\\label{"><script>}\\tag{<script>}\\end{align} \\eqref{javascript:x}$$',
    '$\\unknown"><script>alert(1)</script>$',
    "$\\def\\a{<script>}\\a$ $\\includegraphics{//evil.example}$ $\\hspace{1em;color:red}$",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;",
    "\x00<script>alert(1)</script>\x00 [x](java\x00script:alert(1))",
    "\ud800<script>\udfff [x](\ud800) `\udc00` $\udc00$\n\n```python\n\ud800\n```",
    "\u202e<script> \u2028 \ufeff \ufffe [x](\u0130javascript:alert(1))",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    '<a href="[x](javascript:alert(1))">',
    "*<b onclick=*alert(1)*>*",
    "---\ntitle: <script>\n---",
]


@pytest.mark.parametrize("text", HOSTILE_MARKDOWN + HOSTILE_HTML)
def test_hostile_texts_stay_text(text: str) -> None:
    assert unsafe(render_markdown(text)) == []
    assert unsafe(render_markdown(f"> - {text}\n\n{text}", key="a")) == []
    assert "alert" not in plain_text(text) or "alert" in text


@pytest.mark.parametrize("text", HOSTILE_MARKDOWN + HOSTILE_HTML)
def test_the_parser_alone_lets_no_tag_through(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two fences, without the second."""
    monkeypatch.setattr(markdown, "clean", lambda html: html)
    assert unsafe(markdown._render(text, "")) == []


@pytest.mark.parametrize("html", HOSTILE_HTML)
def test_the_gate_alone_lets_nothing_through(html: str) -> None:
    """The second of two fences, without the first."""
    assert unsafe(clean(html)) == []
    assert unsafe(clean(f"<div>{html}<math><mtext>{html}</mtext></math><svg>{html}</svg></div>")) == []


@pytest.mark.parametrize("html", HOSTILE_HTML)
def test_the_watch_would_bark(html: str) -> None:
    """If nothing stood between the text and the page, the tests above would fail."""
    assert unsafe(html) != []


def test_classes_and_ids_of_the_page_cannot_be_had() -> None:
    assert clean('<div class="topbar code" id="main">x</div>') == '<div class="code">x</div>'
    assert clean('<h2 id="main">x</h2>') == '<h2 id="md-main">x</h2>'
    assert clean('<span class="sr-only btn">x</span>') == '<span class="sr-only">x</span>'
    assert clean('<a href="/" rel="opener" target="_top">x</a>') == '<a href="/">x</a>'


@pytest.mark.parametrize("text", ["a\x00b", "a&#0;b"])
def test_the_null_character_is_replaced(text: str) -> None:
    assert render_markdown(text) == "<p>a\ufffdb</p>\n"


FRAGMENTS = [
    *"<>&\"'`*_[]()!#|~$^{}\\:=-+/.@;? \n\t\x00\r\x0b\u2028éx1",
    *[
        "```",
        "~~~",
        "$$",
        ":::",
        "::: note ",
        "::: details ",
        "[^a]",
        "[^a]: ",
        "- [ ] ",
        "- [x] ",
        "> ",
        "1. ",
    ],
    *[
        "\n\n",
        "    ",
        "|---|\n",
        "|--:|:-:|",
        "](",
        "![",
        "[a]: ",
        "<script>",
        "</",
        "<!--",
        "-->",
        "&lt;",
        "&#x3c;",
    ],
    *[
        "javascript:",
        "data:",
        "https://",
        "http://a.b",
        "mailto:",
        "onclick=",
        "style=",
        "\n: ",
        "---\n",
        "python\n",
    ],
    *[
        "\\frac",
        "\\text{",
        "\\left(",
        "\\right)",
        "\\begin{aligned}",
        "\\end{aligned}",
        "\\\\",
        "\\color{red}",
        "&",
    ],
    *[
        "\\sqrt[",
        "\\bigl(",
        "\\{",
        "\\href{",
        "\\label{",
        "\\pmod ",
        "\\hspace{-1em}",
        "html\n",
        "sql\n",
        "\ud800",
    ],
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=60).map("".join))
def test_random_texts_never_fail_and_never_break_out(text: str) -> None:
    assert unsafe(markdown._render(text, "")) == []
    plain_text(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
def test_random_formulas_never_fail_and_never_break_out(latex: str) -> None:
    assert unsafe(markdown._render(f"a ${latex}$ b\n\n$$\n{latex}\n$$", "")) == []

"""No text costs more than a moment, whatever it asks of the parser, the lexers and the formulas."""

import time

import pytest

from projectgenius.markdown import MAX_LENGTH, _render

MOTIFS = [
    *[
        "[",
        "![",
        "[a](",
        "[a](b",
        "[]",
        "*",
        "**a *b ",
        "_a __b ",
        "`",
        "``a` ",
        "<",
        "<a ",
        "<!--",
        "&",
        "\\",
        "~~a ~",
    ],
    *[
        "$",
        "$a\\$",
        "$$\n",
        "$x$ ",
        "$($ ",
        "|",
        "a|b\n-|-\n",
        "|-|\n",
        "> ",
        ">",
        "- ",
        "-\n",
        "- [x] a\n",
        "1. a\n",
    ],
    *[
        "# a\n",
        "a\n=\n",
        "::: note\n",
        "::: details\n:::\n",
        "a\n: b\n",
        "[^a]",
        "[^a]: b\n",
        "[a]: b\n",
        "```\n",
        "~~~c\n",
    ],
    *[
        "    a\n",
        "\n",
        "a\n\n",
        "\t",
        "https://a.b/(",
        "h://",
        "http://a",
        "\x00",
        "é",
        "]",
        "](",
        "[^",
        "~",
        ": ",
    ],
]
BLOCKS = [
    *[f"```c\n{code}\n```\n" for code in ("_" + "\n \n" * 900, "// a\n" * 600, "a(" * 200, "/" * 500)],
    *[f"```bash\n{code}\n```\n" for code in ("<<" + "a" * 3000, ("<<" + "a" * 200 + "\n") * 15)],
    *[f"$${latex}$$\n\n" for latex in ("(" * 1900, "\\langle x" * 200, "(" * 30 + "\\frac{a})", "{(}" * 600)],
    *[
        f"$${latex}$$\n\n"
        for latex in ("\\bra \\middle|" * 90, "\\pmod \\big" * 90, "x" + "'" * 1900, "\\hat" * 400)
    ],
    *[
        f"$${latex}$$\n\n"
        for latex in (
            "{" * 1999,
            "\\{{" * 600,
            "\\left(" * 300,
            "\\def\\a{\\a\\a}\\a",
            "\\sqrt" * 399,
            "\\xi [" * 60,
        )
    ],
    "|".join("a" * 200) + "\n" + "|".join("-" * 200) + "\n" + "a\n" * 300 + "\n",
    "".join("  " * depth + "- a\n" for depth in range(60)),
    "x" * 4999 + "\n\n",
]


def seconds(text: str) -> float:
    """The processor time that a text takes; how busy the machine is does not matter."""
    start = time.thread_time()
    _render(text, "")
    return time.thread_time() - start


@pytest.mark.parametrize("motif", ["[", "> ", "a\n\n", "&", "```\n", "$x$ ", "\x00"])
def test_200_kilobytes_take_less_than_two_seconds(motif: str) -> None:
    assert seconds(motif * (200_000 // len(motif))) < 2


@pytest.mark.slow
@pytest.mark.parametrize("motif", MOTIFS + BLOCKS)
def test_the_longest_text_that_is_rendered_takes_less_than_two_seconds(motif: str) -> None:
    assert seconds((motif * (MAX_LENGTH // len(motif) + 1))[:MAX_LENGTH]) < 2


@pytest.mark.parametrize(
    "mark", [">", "[", "(", "*", "- ", "![", "[x](", "$\\{", "::: note\n", "1. ", "`", "<"]
)
def test_deep_nesting_neither_fails_nor_hangs(mark: str) -> None:
    assert seconds(mark * 10_000) < 2
    assert seconds(mark * 1_000 + "x") < 2

"""Formulas: LaTeX to MathML that needs no style attribute, and never more work than a text is worth.

The converter is quick and careful about what it writes, but it can be made to stop a process: deep nesting
fills the stack, and it looks for the partner of each opening bracket by trying, so that every bracket without
one doubles the time. Both are held off here, before it sees the formula.
"""

import re

from django.utils.html import escape
from django.utils.translation import gettext as _
from math_core import LatexError, LatexToMathML

from projectgenius.markdown.allowance import Allowance, TooMuchWorkError
from projectgenius.markdown.math_classes import without_styles

MAX_LENGTH = 2_000
MAX_NESTING = 50
# Seconds of processor time. An ordinary formula takes some 0.00001 of them.
MAX_TIME_OF_A_TRY = 0.005
MAX_TIME_OF_A_TEXT = 0.25
# As many opening brackets are tried without a look at the clock.
FREE_BRACKETS = 8
BRACKETS_PER_TRY = 2

# A display formula that is no longer than this fits on every screen, and need not scroll.
SHORT = 24

MACROS = {"substack": r"\begin{subarray}{c}#1\end{subarray}"}
# A definition can stand for a bracket, or for a thousand.
DEFINITION = re.compile(r"\\(?:[gex]?def|let|global|(?:new|renew|provide)command)(?![A-Za-z])")
DELIMITER = r"""(?:
    \\(?:l(?:Angle|ang|angle|Brace|brace|brack|ceil|floor|group|langle|lbracket|lcorner|lparenthesis
        |moustache|paren|Vert|vert)|ulcorner)(?![A-Za-z])
    | \\\{ | [(\[⌈⌊⌜⌞⎰❲⟅⟦⟨⟪⟬⟮⦃⦅⦇⦉⦋⦍⦏⦑⦓⦕⦗⧘⧚⧼]
)"""
# An opening bracket, or a command that makes one; but not a bracket that belongs to the command before it.
BRACKET = re.compile(
    rf"""
    (?P<kept>
        \\\\ | \\(?:left|right|middle|[bB]igg?[mr]?)(?![A-Za-z])\s*{DELIMITER}
        | \\(?:sqrt|color|textcolor|x(?:[lL]eft|[rR]ight|hook|long|maps|to|two)[A-Za-z]*)\s*\[
    )
    | \\[bB]igg?l(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|.)
    | \\(?:[bB]ra|[kK]et|[bB]raket|[sS]et|pmod|pod)(?![A-Za-z])
    | {DELIMITER}
    """,
    re.VERBOSE | re.DOTALL,
)
WHERE = re.compile(r"^\d+: ")


class Formulas:
    """The formulas of one text: their equation numbers run on, and they share one allowance of time."""

    def __init__(self) -> None:
        self._converter = LatexToMathML(macros=MACROS, fancy_error=False, max_expansions=200)
        self._allowance = Allowance(MAX_TIME_OF_A_TEXT)

    def inline(self, latex: str, display: bool = False) -> str:
        """A formula within a line."""
        try:
            return without_styles(self._mathml(latex.strip(), display))
        except LatexError as error:
            reason = WHERE.sub("", str(error))
        except TooMuchWorkError:
            reason = _("It is too long, too deeply nested, or defines commands.")
        title = _("This formula can’t be shown. %(reason)s") % {"reason": reason}
        return f'<code class="math-error" title="{escape(title)}">{escape(latex.strip())}</code>'

    def display(self, latex: str, number: int) -> str:
        """A formula on lines of its own. A long one scrolls by itself, so it has a name and takes focus."""
        math = self.inline(latex, display=True)
        if len(latex) <= SHORT:
            return f'<div class="math-display">{math}</div>\n'
        name = escape(_("Formula %(number)s") % {"number": number})
        return f'<div class="math-display" tabindex="0" role="group" aria-label="{name}">{math}</div>\n'

    def _mathml(self, latex: str, display: bool) -> str:
        if len(latex) > MAX_LENGTH or DEFINITION.search(latex) or _nesting(latex) > MAX_NESTING:
            raise TooMuchWorkError
        brackets = sum(not match["kept"] for match in BRACKET.finditer(latex))
        for count in range(FREE_BRACKETS, brackets, BRACKETS_PER_TRY):
            self._timed(_with_brackets(latex, count), display, is_try=True)
        return self._timed(latex, display)

    def _timed(self, latex: str, display: bool, is_try: bool = False) -> str:
        """Convert by the clock. A slow try says that the next would be slower; tries count no equations."""
        convert = (
            self._converter.convert_with_local_state if is_try else self._converter.convert_with_global_state
        )
        before = self._allowance.left
        with self._allowance.charge():
            mathml = convert(latex, displaystyle=display)
        if is_try and before - self._allowance.left > MAX_TIME_OF_A_TRY:
            raise TooMuchWorkError
        return mathml


def _nesting(latex: str) -> int:
    """How deep the braces go."""
    depth = deepest = 0
    for part in re.findall(r"\\.|[{}]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(part, 0)
        deepest = max(deepest, depth)
    return deepest


def _with_brackets(latex: str, count: int) -> str:
    """The formula with only the first opening brackets; an x stands for each of the others."""
    seen = 0

    def bracket_or_letter(match: re.Match[str]) -> str:
        nonlocal seen
        if match["kept"]:
            return match[0]
        seen += 1
        return match[0] if seen <= count else " x "

    return BRACKET.sub(bracket_or_letter, latex)

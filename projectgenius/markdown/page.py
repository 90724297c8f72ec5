"""What one text knows of itself while it is rendered."""

from collections import Counter

from projectgenius.markdown.allowance import Allowance
from projectgenius.markdown.formulas import Formulas

# Seconds of processor time. Colouring takes a lexer some 0.001 of them for a screen of code.
MAX_TIME_OF_CODE = 0.25


class Page:
    """The ids, names and numbers of one rendered text."""

    def __init__(self, key: str = "") -> None:
        # All ids start alike, so that no heading can take an id that the site's own pages or scripts use.
        self.prefix = f"md-{key}-" if key else "md-"
        # Landmarks need names that differ on the whole page, which a text among others cannot see to.
        self.role = "group" if key else "region"
        self.formulas = Formulas()
        self.code = Allowance(MAX_TIME_OF_CODE)
        self._counts: Counter[str] = Counter()

    def number(self, kind: str) -> int:
        """The next number of a kind: Table 1, Table 2."""
        self._counts[kind] += 1
        return self._counts[kind]

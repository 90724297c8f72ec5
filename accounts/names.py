"""What a name of a person may hold."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Marks that turn the direction of writing: with them one name looks like another.
DIRECTION_MARKS = frozenset(
    "\N{ARABIC LETTER MARK}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
    "\N{LEFT-TO-RIGHT EMBEDDING}\N{RIGHT-TO-LEFT EMBEDDING}\N{POP DIRECTIONAL FORMATTING}"
    "\N{LEFT-TO-RIGHT OVERRIDE}\N{RIGHT-TO-LEFT OVERRIDE}"
    "\N{LEFT-TO-RIGHT ISOLATE}\N{RIGHT-TO-LEFT ISOLATE}\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"
)


def validate_name(name: str) -> None:
    """Refuse signs that nobody sees: control characters, and marks that turn the direction of writing.

    Joiners stay allowed: names in Persian and Hindi are written with them.
    """
    if any(sign in DIRECTION_MARKS or unicodedata.category(sign) == "Cc" for sign in name):
        raise ValidationError(_("Leave out signs that cannot be seen."), code="hidden_characters")

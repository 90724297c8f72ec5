"""The one way in which a number with a fraction is read from a file, a form or JSON."""

import re
from decimal import Decimal
from typing import Any

PLAIN = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,20})?")


def plain_decimal(value: Any, most: int, least: int = 0) -> Decimal | None:
    """The number `least` to `most` that `value` is or writes, in plain figures with a point; None for anything else.

    Python itself would read `1_0`, figures of other scripts and `0e9999999`, which no person means and which
    cost time to calculate with.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        text = f"{Decimal(str(value)):f}" if isinstance(value, float) else str(value)
    except ValueError:  # a whole number with thousands of figures
        return None
    if not PLAIN.fullmatch(text):
        return None
    number = Decimal(text)
    return number if least <= number <= most else None

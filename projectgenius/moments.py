"""Which times people may enter."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 1900, 2999


def moment_problems(**moments: datetime | None) -> dict[str, ValidationError]:
    """What is wrong with times that somebody entered, by field.

    At the edges of the calendar a time can be stored and not be told in other time zones: whoever looks at the
    page, a student or an administrator, would get an error instead.
    """
    message = _("Choose a date from %(first)s to %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
    return {
        name: ValidationError(message, code="far_date")
        for name, moment in moments.items()
        if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR
    }

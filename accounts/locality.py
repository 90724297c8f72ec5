"""The languages and time zones that a person may choose."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Names of places. The rest of the world's list are old names, fixed offsets and names of countries.
REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip
UTC = "UTC"


@cache
def time_zones() -> frozenset[str]:
    """The names that a person may choose: `Region/Place`, and `UTC`."""
    places = (name for name in available_timezones() if name.partition("/")[0] in REGIONS and "/" in name)
    return frozenset([UTC, *places])


@cache
def time_zone_choices() -> tuple[tuple[str, Any], ...]:
    """The names for a list: `UTC`, then the places of each region in the order of the alphabet."""
    groups: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(time_zones() - {UTC}):
        region, _slash, place = name.partition("/")
        groups[region].append((name, place.replace("_", " ").replace("/", ", ")))
    return ((UTC, UTC), *((region, tuple(places)) for region, places in groups.items()))


def validate_time_zone(name: str) -> None:
    """Refuse what is no name of a time zone; empty means the site's own."""
    if name and name not in time_zones():
        raise ValidationError(_("Choose a time zone such as Europe/Berlin."), code="unknown_time_zone")


def validate_language(code: str) -> None:
    """Refuse a language that the site does not speak; empty means the site's own."""
    if code and code not in dict(settings.LANGUAGES):
        raise ValidationError(
            _("Choose one of these languages: %(codes)s."),
            code="unknown_language",
            params={"codes": ", ".join(dict(settings.LANGUAGES))},
        )

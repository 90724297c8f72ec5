"""Template filters of the roster."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def shade(percent: Decimal | int) -> str:
    """The class that colors a cell of the grid: nothing, some, half, most, all."""
    if percent <= 0:
        return "shade-0"
    return "shade-4" if percent >= 100 else f"shade-{1 + min(2, int(percent) // 34)}"

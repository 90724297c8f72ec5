"""Template tags of the quizzes' pages in the admin site."""

from decimal import Decimal
from typing import Any

from django import template
from django.template.defaultfilters import floatformat
from django.utils.text import Truncator

from assessments import building
from assessments.backoffice_tabs import tabs_of
from assessments.models import QuestionType, Quiz
from projectgenius.markdown import plain_text

register = template.Library()


@register.inclusion_tag("assessments/admin/_quiz_tabs.html", takes_context=True)
def quiz_tabs(context: Any, quiz: Quiz, current: str = "") -> dict[str, Any]:
    """The row of links to the quiz's pages; `current` is the name of the tab that is open, if it is one."""
    return {"tabs": tabs_of(quiz, context["request"].user, current), "quiz": quiz}


@register.filter
def in_short(text: str) -> str:
    """A question in a line of a table: its words without markup."""
    return plain_text(text, 90) or Truncator(text).chars(90)


@register.filter
def points_in_words(points: Decimal) -> str:
    """ "2.5 points"."""
    return building.points_in_words(points)


@register.filter
def kind_icon(kind: str) -> str:
    """The name of the icon of a type of question."""
    return building.ICONS[QuestionType(kind)]


@register.filter
def signed(number: Decimal) -> str:
    """A change with its sign, a real minus for a loss: “+12.5”, “−3”."""
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{floatformat(abs(number), '-2')}"

"""Template tags of the courses' pages in the admin site."""

from typing import Any

from django import template

from courses.backoffice_tabs import tabs_of
from courses.models import Course

register = template.Library()


@register.inclusion_tag("courses/admin/_course_tabs.html", takes_context=True)
def course_tabs(context: Any, course: Course, current: str = "") -> dict[str, Any]:
    """The row of links to the course's pages; `current` is the name of the tab that is open, if it is one."""
    return {"tabs": tabs_of(course, context["request"].user, current), "course": course}

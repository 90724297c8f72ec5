"""The row of links above a course's pages in the admin site. A page joins by a line in `TABS`, wherever it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import Course
from courses.permissions import can_edit_course, can_export_course, can_view_course_work

Address = Callable[[Course], str]


def page_of_course(name: str) -> Address:
    """The admin page `name` whose address holds the course's id (`courses_course_change`)."""
    return lambda course: reverse(f"admin:{name}", args=[course.pk])


def list_of_course(name: str, field: str = "course") -> Address:
    """The admin's list `name` (`courses_courseenrollment_changelist`), narrowed to the course by its filter."""
    return lambda course: f"{reverse(f'admin:{name}')}?{field}__id__exact={course.pk}"


@dataclass(frozen=True)
class CourseTab:
    """A page about one course. `name` is what the page calls itself in `{% course_tabs course "name" %}`."""

    name: str
    label: str | Promise
    address: Address
    may: Callable[[Any, Course], bool] = can_view_course_work


TABS: list[CourseTab] = [
    CourseTab("content", _("Content"), page_of_course("courses_course_build"), may=can_edit_course),
    CourseTab("settings", _("Settings"), page_of_course("courses_course_change")),
    CourseTab("publish", _("Publish"), page_of_course("courses_course_publish"), may=can_edit_course),
    CourseTab("students", _("Students"), page_of_course("courses_course_students")),
    CourseTab("export", _("Export"), page_of_course("courses_course_export"), may=can_export_course),
    CourseTab("access", _("Access"), page_of_course("courses_course_access")),
]


@dataclass(frozen=True)
class ShownTab:
    """A tab as somebody sees it on a page."""

    label: str | Promise
    url: str
    is_current: bool


def tabs_of(course: Course, user: Any, current: str = "") -> list[ShownTab]:
    """The tabs that `user` may open, in their order."""
    return [
        ShownTab(label=tab.label, url=tab.address(course), is_current=tab.name == current)
        for tab in TABS
        if tab.may(user, course)
    ]

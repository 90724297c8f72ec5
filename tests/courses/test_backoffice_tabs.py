"""The row of links above a course's pages in the admin site."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courses import backoffice_tabs
from courses.backoffice_tabs import TABS, tabs_of
from courses.models import Course

Login = Callable[[User], Client]


def test_tabs_stand_on_every_page_of_the_course(instructor: User, course: Course, login: Login) -> None:
    client = login(instructor)
    module = course.modules.all()[0]
    for row in (course, module, module.lessons.all()[0]):
        page = client.get(reverse(f"admin:courses_{row._meta.model_name}_change", args=[row.pk]))
        text = page.content.decode()
        for tab in TABS:
            assert f'href="{tab.address(course)}"' in text, tab.name
    assert "course-tabs" not in client.get(reverse("admin:courses_course_add")).content.decode()


def test_tab_that_somebody_may_not_open_is_left_out(
    instructor: User, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = replace(TABS[0], name="closed", may=lambda user, course: False)
    monkeypatch.setattr(backoffice_tabs, "TABS", [*TABS, closed])
    shown = tabs_of(course, instructor, "settings")
    assert len(shown) == len(TABS)
    assert [tab.is_current for tab in shown].count(True) == 1

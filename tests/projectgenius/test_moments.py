"""Times at the edges of the calendar, which no page could tell in another time zone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiKey, User
from courses.models import Course, CourseJoinCode, LessonAvailability, ModuleAvailability
from tests.accounts.second_factors import prove

Api = Callable[..., APIClient]
EDGES = ("0001-01-01T00:00:00Z", "1899-12-31T00:00:00Z", "3000-01-01T00:00:00Z", "9999-12-31T23:59:59Z")


@pytest.mark.parametrize("when", EDGES)
def test_teacher_sets_no_time_that_breaks_the_pages_of_others(api: Api, course: Course, when: str) -> None:
    module = course.modules.all()[0]
    lesson = module.lessons.all()[0]
    rows: list[tuple[str, dict[str, Any]]] = [
        ("lesson-availability", {"lesson": lesson.pk, "opens_at": when}),
        ("module-availability", {"module": module.pk, "closes_at": when}),
        ("course-join-codes", {"course": course.pk, "expires_at": when}),
    ]
    for table, sent in rows:
        answer = api(course.instructor).post(f"/api/v1/{table}/", sent, format="json")
        assert answer.status_code == 400, answer.json()
        assert answer.json()["fields"].keys() & sent.keys()
    assert not LessonAvailability.objects.exists()
    assert not ModuleAvailability.objects.exists()
    assert not CourseJoinCode.objects.exists()


@pytest.mark.parametrize("when", EDGES)
def test_students_key_has_no_end_that_breaks_the_list_of_administrators(
    login: Callable[[User], Client], student: User, admin_user: User, when: str
) -> None:
    User.objects.filter(pk=admin_user.pk).update(time_zone="Pacific/Kiritimati")
    client = login(student)
    prove(client)
    sent = {"name": "x", "scopes": ["read"], "expires_at": when}
    answer = client.post("/api/v1/api-keys/", sent, content_type="application/json")
    assert answer.status_code == 400, answer.content
    assert not ApiKey.objects.exists()
    assert login(User.objects.get(pk=admin_user.pk)).get("/admin/accounts/apikey/").status_code == 200

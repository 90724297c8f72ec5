"""The catalogue with thousands of courses: what PostgreSQL does for a search, for a page, and for a late page."""

import time

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from accounts.models import User
from courses.filtersets import SORTS, CourseFilter
from courses.models import Course
from tests.races import on_postgresql

OWNER = "owner" if "owner" in settings.DATABASES else "default"
pytestmark = [
    on_postgresql,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases=sorted({"default", OWNER})),
]
COURSES = 5000

MAKE_COURSES = """
    INSERT INTO courses (title, slug, outcome, description, instructor_id, level, category, duration_weeks,
                         total_minutes, price, is_published, created_at)
    SELECT md5(n::text) || ' course ' || n, 'course-' || n, 'Learn ' || md5((n * 7)::text), 'Text.', %s,
           'Beginner', 'Topic ' || n %% 20, 4, n %% 900, n %% 90, TRUE, now() - n * interval '1 minute'
    FROM generate_series(1, %s) AS n
"""


@pytest.fixture(autouse=True)
def _many_courses(instructor: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MAKE_COURSES, [instructor.pk, COURSES])
    # As PostgreSQL does by itself after a while; only the table's owner may ask for it.
    with connections[OWNER].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE courses")


@pytest.mark.parametrize("words", ["c4ca4238", "nothing like this"])
def test_search_uses_its_index(words: str) -> None:
    found = CourseFilter({"q": words}, Course.objects.published()).qs
    assert found.exists() == (words == "c4ca4238")
    assert "idx_courses_search" in found.explain()
    assert "Seq Scan" not in found.explain()


def test_each_order_reads_only_its_page() -> None:
    indexes = {
        "newest": "idx_courses_newest",
        "title": "idx_courses_title",
        "shortest": "idx_courses_minutes",
        "price": "idx_courses_price",
    }
    assert indexes.keys() == SORTS.keys()
    for sort, index in indexes.items():
        plan = Course.objects.published().order_by(*SORTS[sort])[:12].explain()
        assert index in plan
        assert "Sort" not in plan
    front_page = Course.objects.published().order_by("-total_minutes", "-id")[:6].explain()
    assert "idx_courses_minutes" in front_page


def test_late_page_is_answered_soon(client: Client) -> None:
    client.get("/courses/")
    begun = time.perf_counter()
    answer = client.get(f"/courses/?page={COURSES // 12 + 1}")
    assert time.perf_counter() - begun < 5, (
        "generous: the machine may be busy; a scan per row would take minutes"
    )
    assert len(answer.context["page_obj"]) == COURSES % 12

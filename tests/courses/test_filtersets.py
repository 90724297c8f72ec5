"""What the catalogue can be narrowed and sorted by."""

from decimal import Decimal
from typing import Any

import pytest

from courses.filtersets import CourseFilter
from courses.models import Course
from tests.courses.factories import CourseFactory


@pytest.fixture
def catalogue(db: None) -> None:
    for title, category, level, minutes, price, language, outcome in [
        ("Algebra in pictures", "Mathematics", "Beginner", 180, 0, "en", "Draw a matrix."),
        ("Birds at dawn", "Nature", "Beginner", 181, 20, "en", "Name 100 birds."),
        ("Cálculo", "Mathematics", "Advanced", 600, 0, "es", "Derivar e integrar."),
        ("Deep algebra", "Mathematics", "Advanced", 601, 45, "de", "100% rings."),
    ]:
        CourseFactory(
            title=title,
            category=category,
            level=level,
            total_minutes=minutes,
            price=Decimal(price),
            language=language,
            outcome=outcome,
        )


def found(**chosen: str) -> str:
    """The first letters of the courses that the filter finds."""
    courses = CourseFilter(chosen, Course.objects.published())
    assert courses.is_valid(), courses.errors
    return "".join(course.title[0] for course in courses.qs)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("chosen", "letters"),
    [
        ({}, "ABCD"),
        ({"q": "algebra"}, "AD"),
        ({"q": "ALGEBRA deep"}, "D"),
        ({"q": "  mathematics   rings "}, "D"),
        ({"q": "birds"}, "B"),
        ({"q": "100%"}, "D"),
        ({"q": "_"}, ""),
        ({"q": "\\"}, ""),
        ({"q": "'; DROP TABLE courses"}, ""),
        ({"q": "cálculo"}, "C"),
        ({"category": "Mathematics"}, "ACD"),
        ({"level": "Advanced"}, "CD"),
        ({"length": "short"}, "A"),
        ({"length": "medium"}, "BC"),
        ({"length": "long"}, "D"),
        ({"price": "free"}, "AC"),
        ({"price": "paid"}, "BD"),
        ({"language": "es"}, "C"),
        ({"category": "Mathematics", "price": "free", "level": "Advanced"}, "C"),
        ({"sort": "title"}, "ABCD"),
        ({"sort": "newest"}, "DCBA"),
        ({"sort": "shortest"}, "ABCD"),
        ({"sort": "price"}, "ACBD"),
        ({"unknown": "1"}, "ABCD"),
    ],
)
def test_catalogue_is_narrowed_and_sorted(chosen: dict[str, str], letters: str) -> None:
    assert found(**chosen) == letters


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    "chosen",
    [
        {"q": "a" * 101},
        {"q": "a\0b"},
        {"category": "Cooking"},
        {"level": "beginner"},
        {"length": "endless"},
        {"price": "1"},
        {"language": "xx"},
        {"sort": "password"},
    ],
)
def test_values_that_are_not_offered_are_refused(chosen: dict[str, str]) -> None:
    assert not CourseFilter(chosen, Course.objects.published()).is_valid()


def test_only_what_the_visible_courses_have_is_offered(db: None) -> None:
    CourseFactory(category="Music", language="fr")
    CourseFactory(category="Art", language="xx")
    CourseFactory(category="Secret", language="es", is_published=False)
    fields: Any = CourseFilter({}, Course.objects.published()).form.fields

    def offered(name: str) -> list[tuple[str, str]]:
        return [(value, str(text)) for value, text in fields[name].choices if value]

    assert offered("category") == [("Art", "Art"), ("Music", "Music")]
    assert offered("language") == [("fr", "French"), ("xx", "xx")]


@pytest.mark.usefixtures("catalogue")
def test_chosen_filters_are_told_in_words() -> None:
    chosen = {"q": "algebra", "level": "Advanced", "length": "long", "price": "paid", "sort": "title"}
    courses = CourseFilter(chosen, Course.objects.published())
    assert [(chip["name"], chip["text"]) for chip in courses.chosen()] == [
        ("q", "“algebra”"),
        ("level", "Advanced"),
        ("length", "more than 10 hours"),
        ("price", "With a price"),
    ]
    assert CourseFilter({}, Course.objects.published()).chosen() == []
    assert CourseFilter({"level": "none"}, Course.objects.published()).chosen() == []


@pytest.mark.usefixtures("catalogue")
def test_at_most_six_words_are_looked_for() -> None:
    courses = CourseFilter({"q": "a a a a a a zzz"}, Course.objects.published())
    assert courses.qs.count() == 4

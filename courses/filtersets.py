"""What the catalogue can be narrowed and sorted by, on the page and in the API."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from courses.models import Course

LENGTHS = {"short": (0, 180), "medium": (181, 600), "long": (601, 10**6)}  # minutes of all lessons
LENGTH_CHOICES = [
    ("short", _("up to 3 hours")),
    ("medium", _("3 to 10 hours")),
    ("long", _("more than 10 hours")),
]
PRICE_CHOICES = [("free", _("Free")), ("paid", _("With a price"))]
SORTS = {
    "newest": ("-created_at", "-id"),
    "title": ("title", "id"),
    "shortest": ("total_minutes", "id"),
    "price": ("price", "id"),
}
SORT_CHOICES = [
    ("newest", _("Newest first")),
    ("title", _("Title")),
    ("shortest", _("Shortest first")),
    ("price", _("Lowest price first")),
]
LANGUAGE_NAMES = {"en": _("English"), "es": _("Spanish"), "de": _("German"), "fr": _("French")}


class CourseFilter(django_filters.FilterSet):
    """Search, topic, level, length, price, language and order of courses."""

    q = django_filters.CharFilter(method="search", label=_("Search"), max_length=100)
    category = django_filters.ChoiceFilter(label=_("Topic"), empty_label=_("All topics"))
    level = django_filters.ChoiceFilter(
        label=_("Level"), choices=Course.Level.choices, empty_label=_("All levels")
    )
    length = django_filters.ChoiceFilter(
        method="by_length", label=_("Length"), choices=LENGTH_CHOICES, empty_label=_("Any length")
    )
    price = django_filters.ChoiceFilter(
        method="by_price", label=_("Price"), choices=PRICE_CHOICES, empty_label=_("Any price")
    )
    language = django_filters.ChoiceFilter(label=_("Language"), empty_label=_("All languages"))
    sort = django_filters.ChoiceFilter(
        method="in_order", label=_("Sort by"), choices=SORT_CHOICES, empty_label=None, initial="newest"
    )

    class Meta:
        model = Course
        fields = ("q", "category", "level", "length", "price", "language", "sort")

    def __init__(
        self,
        data: Any = None,
        queryset: QuerySet[Course] | None = None,
        *,
        request: HttpRequest | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(data, queryset, request=request, prefix=prefix)
        pairs = list(self.queryset.order_by().values_list("category", "language").distinct())
        categories = sorted({category for category, _language in pairs})
        languages = sorted({language for _category, language in pairs})
        self.filters["category"].extra["choices"] = [(name, name) for name in categories]
        self.filters["language"].extra["choices"] = [
            (code, LANGUAGE_NAMES.get(code, code)) for code in languages
        ]

    def search(self, courses: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        """Every word stands in the title, the outcome or the topic."""
        for word in value.replace("\0", "").split()[:6]:
            courses = courses.filter(
                Q(title__icontains=word) | Q(outcome__icontains=word) | Q(category__icontains=word)
            )
        return courses

    def by_length(self, courses: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return courses.filter(total_minutes__range=LENGTHS[value])

    def by_price(self, courses: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return courses.filter(price=0) if value == "free" else courses.filter(price__gt=0)

    def in_order(self, courses: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return courses.order_by(*SORTS[value])

    def chosen(self) -> list[dict[str, str]]:
        """The filters in force, as `{"name", "value", "text"}`, for the chips that take them away again."""
        chips = []
        for name in ("q", "category", "level", "length", "price", "language"):
            value = self.form.cleaned_data.get(name) if self.form.is_valid() else None
            if value:
                labels = dict(getattr(self.form.fields[name], "choices", []))
                chips.append({"name": name, "value": value, "text": str(labels.get(value, f"“{value}”"))})
        return chips

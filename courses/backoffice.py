"""Pages of the admin site for what belongs to a course: instructors see and change that of their own courses alone."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from accounts.backoffice import (
    BackOfficeAdmin,
    BackOfficeStackedInline,
    BackOfficeTabularInline,
    ReadOnly,
    Rows,
)
from accounts.permissions import is_back_office
from accounts.records import delete_record, save_record, work_on_record
from courses.authoring import Content, delete_content, next_order_index, save_content, work_on
from courses.availability import remove_availability, save_availability
from courses.models import Availability, Course
from courses.permissions import can_edit_course, can_view_course_work, teaches_somewhere
from courses.querysets import CourseRows

PUBLISHED_COLORS = {True: "success", False: "warning"}


def course_of_row(row: models.Model) -> Course | None:
    """The course that a row belongs to, found along its queryset's `course_path`; None while it has none yet."""
    target: Any = row
    try:
        for name in _path_to_course(type(row)):
            target = getattr(target, name)
    except ObjectDoesNotExist:
        return None
    return target if isinstance(target, Course) else None


def _path_to_course(model: type[models.Model]) -> list[str]:
    rows = model._default_manager.all()
    return [name for name in rows.course_path.split("__") if name] if isinstance(rows, CourseRows) else []


def place_last(row: Any) -> None:
    """Give a row that has no place yet the one after its siblings."""
    if getattr(row, "order_index", 0) is None:
        parent = _path_to_course(type(row))[0]
        siblings = type(row)._default_manager.filter(**{parent: getattr(row, parent)})
        row.order_index = next_order_index(siblings)


class OrderedRows:
    """Pages and inlines of rows with a place among others: left empty, it is the last one."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if db_field.name == "order_index":
            field.required = False
            field.help_text = _("Empty: at the end.")
            field.widget.attrs["min"] = 1
        return field


class CourseScopedAdmin(OrderedRows, BackOfficeAdmin):
    """Rows of courses: all for administrators, those of one's own courses for an instructor."""

    def narrow(self, rows: Rows, user: Any) -> Rows:
        return rows.in_read_courses_of(user)  # type: ignore[attr-defined, no-any-return]

    def may_edit(self, user: Any, row: Any) -> bool:
        """Without a row, or before it has a course: whether the person teaches at all."""
        course = course_of_row(row) if row is not None else None
        return can_edit_course(user, course) if course else teaches_somewhere(user)

    def can_view(self, user: Any, row: Any = None) -> bool:
        course = course_of_row(row) if row is not None else None
        return can_view_course_work(user, course) if course else is_back_office(user)

    def can_add(self, user: Any) -> bool:
        return teaches_somewhere(user)

    def can_change(self, user: Any, row: Any = None) -> bool:
        return self.may_edit(user, row)

    def can_delete(self, user: Any, row: Any = None) -> bool:
        return self.may_edit(user, row)

    def require_right(self, row: Any, by: Any) -> None:
        """Refuse a row of a course that `by` may look at but not change."""
        if not self.may_edit(by, row):
            raise PermissionDenied(_("You may look at this course, but not change it."))

    def save_row(self, row: Any, by: Any) -> None:
        self.require_right(row, by)
        place_last(row)
        if isinstance(row, Content):
            save_content(row=row, by=by)
        elif isinstance(row, Availability):
            save_availability(row=row, by=by)
        else:
            save_record(row=row, by=by, course_id=_course_id(row))

    def delete_row(self, row: Any, by: Any) -> None:
        self.require_right(row, by)
        if isinstance(row, Content):
            delete_content(row=row, by=by)
        elif isinstance(row, Availability):
            remove_availability(row=row, by=by)
        else:
            delete_record(row=row, by=by, course_id=_course_id(row))

    def work_on(self, row: Any) -> str:
        return work_on(row) if isinstance(row, Content) else work_on_record(row)


def _course_id(row: models.Model) -> int | None:
    course = course_of_row(row)
    return course.pk if course else None


class ReadOnlyCourseScopedAdmin(ReadOnly, CourseScopedAdmin):
    """What students did in a course: to look at."""


class CourseScopedInline(OrderedRows, BackOfficeTabularInline):
    """Rows of a course on their parent's page, as a table."""


class StackedCourseScopedInline(OrderedRows, BackOfficeStackedInline):
    """Rows of a course on their parent's page, one form each."""


class Publishing:
    """The two actions of lists whose rows can be published."""

    actions = ("publish", "unpublish")

    @action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: Rows) -> None:
        self.set_published(request, queryset, True)

    @action(description=_("Unpublish"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: Rows) -> None:
        self.set_published(request, queryset, False)

    def set_published(self: Any, request: HttpRequest, queryset: Rows, published: bool) -> None:
        """Change the rows that are not so yet, and say how many they were."""
        rows = list(queryset.filter(is_published=not published))
        for row in rows:
            row.is_published = published
            self.save_row(row, request.user)
        if published:
            sentence = ngettext("%(count)s published.", "%(count)s published.", len(rows))
        else:
            sentence = ngettext("%(count)s unpublished.", "%(count)s unpublished.", len(rows))
        self.message_user(request, sentence % {"count": len(rows)}, messages.SUCCESS)


def counted(rows: Rows, parent: str) -> Coalesce:
    """How many of `rows` hang on each row of the list, by their foreign key `parent`."""
    counts = (
        rows.order_by().filter(**{parent: OuterRef("pk")}).values(parent).annotate(n=Count("pk")).values("n")
    )
    return Coalesce(Subquery(counts), 0)


def link_to(row: Any, words: str) -> str:
    """A link to the row's own page in the admin."""
    names = row._meta
    return format_html(
        '<a class="text-link" href="{}">{}</a>',
        reverse(f"admin:{names.app_label}_{names.model_name}_change", args=[row.pk]),
        words,
    )


class PublishedColumn:
    """The state of a row, in words."""

    @display(description=_("State"), ordering="is_published", label=PUBLISHED_COLORS)
    def state(self, row: Any) -> tuple[bool, Any]:
        return row.is_published, _("published") if row.is_published else _("draft")

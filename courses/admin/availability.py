"""When lessons and modules are open, in the admin site: on their pages, and in lists of their own."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.backoffice import NarrowedFilter, Rows
from courses.backoffice import CourseScopedAdmin, StackedCourseScopedInline
from courses.models import LessonAvailability, ModuleAvailability

RULE = ("opens_at", "closes_at", "after_lesson", "after_module")


class AvailabilityInline(StackedCourseScopedInline):
    """The one rule of the row; left empty, nothing limits it."""

    verbose_name = verbose_name_plural = _("availability")
    fields = RULE
    extra = 1
    max_num = 1
    can_delete = True
    hide_title = True
    tab = True


class LessonAvailabilityInline(AvailabilityInline):
    model = LessonAvailability
    fk_name = "lesson"


class ModuleAvailabilityInline(AvailabilityInline):
    model = ModuleAvailability
    fk_name = "module"


class AvailabilityAdmin(CourseScopedAdmin):
    """All rules of one's own courses, to look through."""

    def get_list_display(self, request: Any) -> tuple[str, ...]:
        return (self.model.item_name, "opens_at", "closes_at", "after_lesson", "after_module")

    def get_fields(self, request: Any, obj: Any = None) -> tuple[Any, ...]:
        return (self.model.item_name, *RULE)

    def get_search_fields(self, request: Any) -> tuple[str, ...]:
        return (f"{self.model.item_name}__title",)

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related(self.model.item_name, "after_lesson", "after_module")


@admin.register(LessonAvailability)
class LessonAvailabilityAdmin(AvailabilityAdmin):
    list_filter = (("lesson__module__course", NarrowedFilter),)


@admin.register(ModuleAvailability)
class ModuleAvailabilityAdmin(AvailabilityAdmin):
    list_filter = (("module__course", NarrowedFilter),)

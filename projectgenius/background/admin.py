"""The queue in the admin site: what ran, what waits, what failed. For administrators, to look at.

What a task was told and what it returned is not shown: a mail's text may hold a code that opens an account.
"""

from typing import Any

# Imported so that it registers its own page first; ours takes its place.
import django_tasks_db.admin  # noqa: F401
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult
from unfold.admin import ModelAdmin

from projectgenius.background.models import WorkerHeartbeat

admin.site.unregister(DBTaskResult)


class QueueAdmin(ModelAdmin):
    """Only administrators, and nobody changes anything."""

    actions = None
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(self.fields or ())

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(DBTaskResult)
class TaskAdmin(QueueAdmin):
    list_display = ("task_path", "status", "enqueued_at", "started_at", "finished_at", "tries")
    list_filter = ("status",)
    search_fields = ("task_path",)
    ordering = ("-enqueued_at",)
    fields = (
        "task_path",
        "status",
        "queue_name",
        "priority",
        "enqueued_at",
        "started_at",
        "finished_at",
        "tries",
        "exception_class_path",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        hidden = ("args_kwargs", "return_value", "traceback")
        return super().get_queryset(request).select_related("lease").defer(*hidden)

    @admin.display(description=_("Tries"))
    def tries(self, task: Any) -> int | str:
        return task.lease.attempts if hasattr(task, "lease") else "–"


@admin.register(WorkerHeartbeat)
class WorkerAdmin(QueueAdmin):
    list_display = ("worker_id", "host_name", "started_at", "seen_at")
    fields = ("worker_id", "host_name", "started_at", "seen_at")

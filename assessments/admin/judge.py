"""Whether programs can be run, in the admin site: for administrators, to look at."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from assessments.models import JudgeState
from projectgenius.background.admin import QueueAdmin


@admin.register(JudgeState)
class JudgeStateAdmin(QueueAdmin):
    list_display = ("host_name", "offered", "reason", "checked_at")
    fields = ("host_name", "offered", "reason", "checked_at")

    @admin.display(description=_("Languages"))
    def offered(self, state: Any) -> str:
        return ", ".join(state.languages) or "–"

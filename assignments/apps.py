"""Configuration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssignmentsConfig(AppConfig):
    name = "assignments"
    verbose_name = _("Assignments")

    def ready(self) -> None:
        """Let assignments stand in the folders of courses, and go along when a course is copied."""
        from assignments import receivers  # noqa: F401, PLC0415
        from assignments.course_archive import ASSIGNMENTS  # noqa: PLC0415
        from courses.archive_parts import register_part  # noqa: PLC0415

        register_part("assignments", ASSIGNMENTS)

"""Configuration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = _("Assessments")

    def ready(self) -> None:
        """Let quizzes stand in the folders of courses, and go along when a course is copied."""
        from assessments import checks, receivers  # noqa: F401, PLC0415
        from assessments.course_archive import QUIZZES  # noqa: PLC0415
        from assessments.pictures import pictures_in_quizzes, places_in_quizzes  # noqa: PLC0415
        from courses.archive_parts import register_part  # noqa: PLC0415
        from courses.images import register_places  # noqa: PLC0415
        from courses.media_querysets import register_texts  # noqa: PLC0415

        register_part("quizzes", QUIZZES)
        register_texts(pictures_in_quizzes)
        register_places(places_in_quizzes)

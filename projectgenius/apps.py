"""The project as an app of its own: shared templates, static files and commands."""

from django.apps import AppConfig


class ProjectGeniusConfig(AppConfig):
    name = "projectgenius"
    label = "projectgenius"
    verbose_name = "ProjectGenius"

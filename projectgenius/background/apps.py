"""Configuration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django_tasks_db.apps import TasksAppConfig


class BackgroundConfig(AppConfig):
    default = True  # not the queue's, which this module holds too
    name = "projectgenius.background"
    label = "background"
    verbose_name = _("Background work")


class QueueConfig(TasksAppConfig):
    """The queue's own app, under a name that can be translated."""

    default = False
    verbose_name = _("Background work")  # type: ignore[assignment]

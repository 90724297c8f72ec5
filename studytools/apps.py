"""Configuration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudytoolsConfig(AppConfig):
    name = "studytools"
    verbose_name = _("Study tools")

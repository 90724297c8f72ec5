"""Settings of the worker processes that tests start: a demo site's own, and the sample tasks."""

import os

os.environ.setdefault("DEMO", "True")
os.environ.setdefault("SECRET_KEY", "a-secret-for-tests-alone-that-protects-nothing-at-all")

from projectgenius.settings import *  # noqa: F403
from projectgenius.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.background.sample"]
ROOT_URLCONF = __name__  # a worker serves no pages
urlpatterns: list[object] = []

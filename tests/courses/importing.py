"""Archives to import, and what came of them."""

from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from courses.course_imports import start_course_import, work_through
from courses.models import Course, CourseImport
from tests.courses.archives import zipped
from tests.courses.folder import COURSE_YAML

Login = Callable[[User], Client]
Api = Callable[..., APIClient]
Tasks = Callable[[], int]
LESSON = "01-first-steps/01-why-count.md"
FILES: dict[str, Any] = {
    "course.yaml": COURSE_YAML,
    "01-first-steps/module.yaml": "title: First steps\n",
    LESSON: "---\ntitle: Why count?\n---\n\nBecause.\n",
}


def upload(files: dict[str, Any] | None = None, *, folder: str = "counting-by-hand") -> ContentFile[bytes]:
    return ContentFile(zipped({**FILES, **(files or {})}, folder=folder), name="course.zip")


def tried(by: User, files: dict[str, Any] | None = None, **how: Any) -> CourseImport:
    """The run of a dry run that has ended."""
    run = start_course_import(file=upload(files, **how), by=by)
    work_through(run_id=run.pk)
    run.refresh_from_db()
    return run


def stored_files() -> set[str]:
    """Every file in the storage."""

    def below(folder: str) -> set[str]:
        try:
            folders, files = default_storage.listdir(folder)
        except FileNotFoundError:
            return set()
        inner = {path for name in folders for path in below(f"{folder}/{name}".lstrip("/"))}
        return {f"{folder}/{name}" for name in files} | inner

    return below("")


def faults(run: CourseImport) -> list[tuple[str, str, str]]:
    assert run.status == "failed"
    assert not Course.objects.exists()
    assert not run.file, "what cannot be used is not kept"
    return [
        (line["place"].partition("/")[2] or line["place"], line["field"], line["message"])
        for line in run.report
    ]

"""Courses out of ZIP files, in the background: a dry run that reports by file, then the import itself.

An import makes a new course, never changes one. Its starter owns it. Nothing is written unless all of it can be.
"""

import tempfile
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.audit import record_event
from accounts.models import User
from courses.folders import CourseFolder, CourseFolderError, read_course
from courses.loading import Imported, import_course
from courses.models import Course, CourseImport
from courses.permissions import can_create_course
from courses.zip_reading import LARGEST_ARCHIVE, ZipError, unpack
from projectgenius.background.schedule import periodic
from projectgenius.errors import Conflict
from projectgenius.imports import RunStatus

KEEP_FILES = timedelta(days=7)
MOST_NOTES = 100
HEAD = "course.yaml"
NO_NAME = "(archive)"  # stands for the folder that an archive lacks; no course has such an address
# Files that may lie in an archive without a word in the report.
SILENT = {".DS_Store", "Thumbs.db", "README.md"}


@transaction.atomic
def start_course_import(*, file: Any, by: User) -> CourseImport:
    """Take an archive in and have it tried. Raises PermissionDenied unless `by` may make courses, ValidationError
    `too_large` or `empty` for a file that is not even kept.
    """
    _require_right(by)
    try:
        check_archive_size(file)
    except ValidationError as error:
        raise ValidationError({"file": error}) from error
    return _started(CourseImport.objects.create(started_by=by, file=file, is_dry_run=True))


def check_archive_size(file: Any) -> None:
    """Raise ValidationError `empty` or `too_large`."""
    if not file.size:
        raise ValidationError(_("The file is empty."), code="empty")
    if file.size > LARGEST_ARCHIVE:
        raise ValidationError(_("The archive must be smaller than 1 GB."), code="too_large")


@transaction.atomic
def import_for_real(*, dry_run: CourseImport, by: User) -> CourseImport:
    """Make the course of a dry run that found nothing wrong. Raises Conflict `not_ready`, `file_gone` or
    `imported_already`.
    """
    _require_right(by)
    locked = CourseImport.objects.select_for_update(of=("self",)).get(pk=dry_run.pk)
    if not (locked.is_dry_run and locked.status == RunStatus.DONE):
        raise Conflict(
            _("Only an archive that was checked without a fault can be imported."), code="not_ready"
        )
    if not locked.file:
        raise Conflict(_("The archive is no longer kept. Upload it again."), code="file_gone")
    name = locked.file.name
    others = CourseImport.objects.filter(file=name, is_dry_run=False)
    if others.exclude(status=RunStatus.FAILED).exists():
        raise Conflict(_("This archive is imported already."), code="imported_already")
    run = CourseImport(started_by=by, is_dry_run=False)
    run.file.name = name
    run.save()
    return _started(run)


def _require_right(by: Any) -> None:
    if not (by.is_active and can_create_course(by)):
        raise PermissionDenied(_("Only instructors make courses."))


def _started(run: CourseImport) -> CourseImport:
    run_course_import.enqueue(run.pk)
    return run


@task()
def run_course_import(run_id: int) -> None:
    """Try the archive of a run, or import it."""
    work_through(run_id=run_id)


def work_through(*, run_id: int) -> None:
    """Try the archive of a run, or import it. A run that has ended is left alone, so it may be called twice."""
    run = CourseImport.objects.filter(pk=run_id).first()
    if run is None or run.is_finished:
        return
    CourseImport.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING)
    try:
        _require_right(User.objects.with_roles().get(pk=run.started_by_id))
        _work(run)
    except (ValidationError, PermissionDenied) as error:
        _fail(run, error)


def _work(run: CourseImport) -> None:
    with tempfile.TemporaryDirectory(prefix="course-import-") as place:
        with _archive(run) as stream:
            unpack(stream, Path(place))
        folder = read_course(course_folder(Path(place)))
        _make(run, folder)


def _archive(run: CourseImport) -> Any:
    try:
        return run.file.open("rb")
    except (FileNotFoundError, ValueError):
        raise ValidationError(
            _("The archive is no longer kept. Upload it again."), code="file_gone"
        ) from None


@transaction.atomic
def _make(run: CourseImport, folder: CourseFolder) -> None:
    """Make the course, or try to, and write down what came of it: both or neither."""
    locked = CourseImport.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.is_finished:
        return
    made = import_course(
        folder=folder, instructor=User.objects.get(pk=run.started_by_id), is_dry_run=run.is_dry_run
    )
    course, counts = made.course, made.counts
    notes = [_note(note.place, note.message) for note in made.notes]
    locked.report = [*_about_course(course, folder), *notes, *_left_out(folder)]
    locked.counts, locked.status, locked.finished_at = counts, RunStatus.DONE, timezone.now()
    locked.total = locked.done = sum(counts.values())
    if not run.is_dry_run:
        locked.course = course
        record_event(
            "course.import",
            actor=locked.started_by,
            row=course,
            course_id=course.pk,
            after={"slug": course.slug, "import": locked.pk},
        )
        transaction.on_commit(partial(forget_file, run_id=run.pk))
    locked.save()


def course_folder(place: Path) -> Path:
    """The folder in which `course.yaml` stands: the only one at the top, or the top itself."""
    inner = [entry for entry in place.iterdir() if (entry / HEAD).is_file()]
    if len(inner) == 1:
        return inner[0]
    if not inner and (place / HEAD).is_file():
        named = place / NO_NAME
        named.mkdir(exist_ok=True)
        for entry in [entry for entry in place.iterdir() if entry != named]:
            entry.rename(named / entry.name)
        return named
    raise ValidationError(_("There must be one folder with a course.yaml in the archive."), code="no_course")


def _note(place: str, message: str) -> dict[str, str]:
    return {"place": place, "field": "", "message": message, "kind": "note"}


def _about_course(course: Course, folder: CourseFolder) -> list[dict[str, str]]:
    """What somebody should know before saying yes."""
    notes, named = [], folder.slug
    if course.slug != named != NO_NAME:
        message = _("The address %(named)s is taken or cannot be used. The course gets %(slug)s.")
        notes.append(_note(HEAD, message % {"named": named, "slug": course.slug}))
    if folder.values.get("is_published") and not course.is_published:
        notes.append(_note(HEAD, _("The course comes in as a draft: it lacks something to be shown.")))
    if course.is_published:
        notes.append(_note(HEAD, _("The course is published: everybody sees it as soon as it is imported.")))
    return notes


def _left_out(folder: CourseFolder) -> list[dict[str, str]]:
    left = [path for path in folder.left_out() if path.name not in SILENT]
    message = _("It belongs to nothing in the course and is left out.")
    return [_note(folder.place(path), message) for path in left[:MOST_NOTES]]


def _fail(run: CourseImport, error: ValidationError | PermissionDenied) -> None:
    match error:
        case CourseFolderError():
            found = [(problem.place, problem.field, problem.message) for problem in error.problems]
        case ZipError():
            found = [(name, "", text) for name, text in error.problems]
        case ValidationError():
            found = [("", "", text) for text in error.messages]
        case _:
            found = [("", "", str(error))]
    report = [
        {"place": place, "field": field, "message": message, "kind": "fault"}
        for place, field, message in found
    ]
    unfinished = CourseImport.objects.filter(pk=run.pk, finished_at=None)
    unfinished.update(status=RunStatus.FAILED, finished_at=timezone.now(), report=report)
    forget_file(run_id=run.pk)


def forget_file(*, run_id: int) -> None:
    """Delete a run's archive, and the mention of it in the runs that share it."""
    run = CourseImport.objects.filter(pk=run_id).first()
    if run is not None and run.file:
        name = run.file.name
        run.file.storage.delete(name or "")
        CourseImport.objects.filter(file=name).update(file="")


@periodic(every=timedelta(days=1), offset=timedelta(hours=4, minutes=20))
@task
def forget_old_archives(now: datetime | None = None) -> int:
    """Delete the archives of runs that nobody went on with for a week; returns how many."""
    before = (now or timezone.now()) - KEEP_FILES
    old = CourseImport.objects.filter(created_at__lt=before).exclude(file="").values_list("pk", flat=True)
    for pk in (ids := list(old)):
        forget_file(run_id=pk)
    return len(ids)


def import_file(*, path: Path, by: User, is_dry_run: bool = False) -> Imported:
    """Import an archive that lies on this machine, at once: what the command does. Raises ValidationError."""
    _require_right(by)
    with tempfile.TemporaryDirectory(prefix="course-import-") as place:
        with path.open("rb") as stream:
            unpack(File(stream), Path(place))  # type: ignore[arg-type]
        folder = read_course(course_folder(Path(place)))
        with transaction.atomic():
            made = import_course(folder=folder, instructor=by, is_dry_run=is_dry_run)
            if not is_dry_run:
                course = made.course
                after = {"slug": course.slug}
                record_event("course.import", actor=by, row=course, course_id=course.pk, after=after)
    return made

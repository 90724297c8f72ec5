"""Questions out of a file, in the background: a dry run that reports by line, then the import, all or nothing."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.audit import record_event
from accounts.models import User
from assessments.interchange.drafts import FileFault, Finding, Format
from assessments.interchange.reading import LARGEST_FILE, check_size, decoded, format_of
from assessments.interchange.taking import READERS, Examined, examine, new_ones, write_drafts
from assessments.models import QuestionImport, Quiz
from assessments.questions import lock_quiz, require_right
from projectgenius.errors import Conflict
from projectgenius.imports import RunStatus

KEEP_FILES = timedelta(days=7)


@transaction.atomic
def start_question_import(
    *,
    quiz: Quiz,
    file: Any,
    by: User,
    format: str = "",  # noqa: A002 - the word that files have
    is_dry_run: bool = True,
    takes_repeated: bool = False,
) -> QuestionImport:
    """Take a file in and have it worked through. Without a `format` the file's name tells it.

    `takes_repeated`: also questions that the quiz has already. Raises PermissionDenied, and ValidationError for the
    field `file` (`too_large`, `empty`) or `format` (`unknown_format`).
    """
    require_right(quiz, by)
    try:
        check_size(file.size)
    except FileFault as fault:
        raise ValidationError({"file": fault}) from fault
    try:
        known = Format(format) if format else format_of(file.name or "")
    except (FileFault, ValueError) as fault:
        error = (
            fault if isinstance(fault, FileFault) else FileFault(_("Choose a format."), code="unknown_format")
        )
        raise ValidationError({"format": error}) from fault
    run = QuestionImport.objects.create(
        quiz=quiz,
        started_by=by,
        file=file,
        format=known,
        is_dry_run=is_dry_run,
        takes_repeated=takes_repeated,
    )
    return _started(run)


@transaction.atomic
def import_for_real(
    *, dry_run: QuestionImport, by: User, takes_repeated: bool | None = None
) -> QuestionImport:
    """Import the file of a dry run that has ended. Raises Conflict `not_ready`, `file_gone` or `imported_already`."""
    require_right(dry_run.quiz, by)
    locked = QuestionImport.objects.select_for_update(of=("self",)).get(pk=dry_run.pk)
    if not (locked.is_dry_run and locked.status == RunStatus.DONE):
        raise Conflict(_("Only a check that has ended can be imported."), code="not_ready")
    if not locked.file:
        raise Conflict(_("The file of this check is no longer kept. Upload it again."), code="file_gone")
    name = locked.file.name
    others = QuestionImport.objects.filter(file=name, is_dry_run=False)
    if others.exclude(status=RunStatus.FAILED).exists():
        raise Conflict(_("This file is being imported already."), code="imported_already")
    repeated = locked.takes_repeated if takes_repeated is None else takes_repeated
    run = QuestionImport(
        quiz=dry_run.quiz, started_by=by, format=locked.format, is_dry_run=False, takes_repeated=repeated
    )
    run.file.name = name
    run.save()
    return _started(run)


def _started(run: QuestionImport) -> QuestionImport:
    run_question_import.enqueue(run.pk)
    return run


@task()
def run_question_import(run_id: int) -> None:
    """Work through the file of a run."""
    work_through(run_id=run_id)


def work_through(*, run_id: int) -> None:
    """Try the file of a run, or import it. A run that has ended is left alone, so it may be called twice."""
    run = QuestionImport.objects.select_related("quiz__course").filter(pk=run_id).first()
    if run is None or run.is_finished:
        return
    try:
        require_right(run.quiz, _starter(run))
        parsed = READERS[Format(run.format)](decoded(_content(run)))
        waiting = QuestionImport.objects.filter(pk=run.pk, finished_at=None)
        waiting.update(status=RunStatus.RUNNING, total=parsed.count)
        _finish(run, examine(parsed, run.quiz, lambda done: _note(waiting, done)))
    except (ValidationError, PermissionDenied) as error:
        _fail(run, error)


def _note(waiting: Any, done: int) -> None:
    """Say how far the work is, for the bar."""
    waiting.update(done=done)


def _starter(run: QuestionImport) -> User:
    starter = User.objects.with_roles().get(pk=run.started_by_id)
    if not starter.is_active:
        raise PermissionDenied(_("Who started this import may not sign in any more."))
    return starter


def _content(run: QuestionImport) -> bytes:
    try:
        with run.file.open("rb") as stream:
            return bytes(stream.read(LARGEST_FILE + 1))
    except (FileNotFoundError, ValueError):
        raise FileFault(_("The file is no longer kept. Upload it again."), code="file_gone") from None


@transaction.atomic
def _finish(run: QuestionImport, examined: Examined) -> None:
    """Write the questions and the report, both or neither. The right is asked again under the quiz's lock."""
    quiz = lock_quiz(run.quiz_id)
    locked = QuestionImport.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.is_finished:
        return
    by = _starter(locked)
    require_right(quiz, by)
    findings = _take(
        quiz, examined, by=by, format=locked.format, repeated=locked.takes_repeated, dry=locked.is_dry_run
    )
    locked.report = [finding.as_report() for finding in findings]
    locked.counts = counted(findings)
    locked.done = locked.total = examined.count
    locked.status, locked.finished_at = RunStatus.DONE, timezone.now()
    locked.save()
    if not locked.is_dry_run:
        transaction.on_commit(partial(forget_file, run_id=run.pk))


def _take(
    quiz: Quiz,
    examined: Examined,
    *,
    by: Any,
    format: str,  # noqa: A002
    repeated: bool,
    dry: bool,
) -> list[Finding]:
    """Write what the locked quiz lacks, unless it is a dry run; returns what becomes of each question."""
    drafts, findings = new_ones(examined, quiz, takes_repeated=repeated)
    if not dry:
        write_drafts(drafts, quiz)
        after = {"format": format, **counted(findings)}
        record_event("question.import", actor=by, row=quiz, course_id=quiz.course_id, after=after)
    return findings


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many questions were taken, changed, skipped, and so on."""
    return dict(Counter(finding.kind.value for finding in findings))


def _fail(run: QuestionImport, error: ValidationError | PermissionDenied) -> None:
    message = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    unfinished = QuestionImport.objects.filter(pk=run.pk, finished_at=None)
    unfinished.update(
        status=RunStatus.FAILED,
        finished_at=timezone.now(),
        report=[{"place": "", "field": "", "message": message, "kind": "fault"}],
    )
    forget_file(run_id=run.pk)


def forget_file(*, run_id: int) -> None:
    """Delete a run's file, and the mention of it in the runs that share it."""
    run = QuestionImport.objects.filter(pk=run_id).first()
    if run is not None and run.file:
        name = str(run.file.name)
        run.file.storage.delete(name)
        QuestionImport.objects.filter(file=name).update(file="")


def forget_old_files(*, now: datetime | None = None) -> int:
    """Delete the files of runs that nobody went on with for a week; returns how many."""
    before = (now or timezone.now()) - KEEP_FILES
    old = QuestionImport.objects.filter(created_at__lt=before).exclude(file="").values_list("pk", flat=True)
    for pk in (ids := list(old)):
        forget_file(run_id=pk)
    return len(ids)


def import_file(
    *,
    path: Path,
    quiz: Quiz,
    by: User,
    format: str = "",  # noqa: A002
    is_dry_run: bool = False,
    takes_repeated: bool = False,
) -> list[Finding]:
    """Import a file that lies on this machine, at once: what the command does. Raises ValidationError."""
    require_right(quiz, by)
    check_size(path.stat().st_size)
    known = Format(format) if format else format_of(path.name)
    examined = examine(READERS[known](decoded(path.read_bytes())), quiz)
    with transaction.atomic():
        locked = lock_quiz(quiz.pk)
        require_right(locked, by)
        return _take(locked, examined, by=by, format=known, repeated=takes_repeated, dry=is_dry_run)

"""Students of a course out of a CSV file, in the background: a dry run that reports, then the import itself.

An administrator's import enrolls the people whose confirmed address is in the file and invites the others. Anybody
else's invites every address, known or not, and is told nothing that would tell the two apart.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.audit import record_event
from accounts.models import User
from courses.enrollment import enroll_student
from courses.invitations import invite
from courses.models import Course, CourseEnrollment, CourseInvitation, InvitationRole, RosterImport
from courses.permissions import can_write_to_students
from courses.roster_file import LARGEST_FILE, Line, check_size, decoded, read_lines
from projectgenius.errors import Conflict
from projectgenius.imports import RunStatus

LINES_AT_ONCE = 100
LONGEST_REPORT = 500
KEEP_FILES = timedelta(days=7)


@transaction.atomic
def start_roster_import(
    *, course: Course, file: UploadedFile, by: User, is_dry_run: bool = True
) -> RosterImport:
    """Take a file in and have it worked through. Raises PermissionDenied unless `by` teaches the course,
    ValidationError `too_large` or `empty` for a file that is not even kept.
    """
    _require_right(by, course)
    check_size(file.size)
    run = RosterImport.objects.create(course=course, started_by=by, file=file, is_dry_run=is_dry_run)
    return _started(run)


@transaction.atomic
def import_for_real(*, dry_run: RosterImport, by: User) -> RosterImport:
    """Import the file of a dry run that has ended. Raises Conflict `not_ready`, `file_gone` or `imported_already`."""
    _require_right(by, dry_run.course)
    locked = RosterImport.objects.select_for_update(of=("self",)).get(pk=dry_run.pk)
    if not (locked.is_dry_run and locked.status == RunStatus.DONE):
        raise Conflict(_("Only a check that has ended can be imported."), code="not_ready")
    if not locked.file:
        raise Conflict(_("The file of this check is no longer kept. Upload it again."), code="file_gone")
    name = locked.file.name
    if RosterImport.objects.filter(course=locked.course_id, is_dry_run=False, file=name).exists():
        raise Conflict(_("This file is being imported already."), code="imported_already")
    run = RosterImport(course=dry_run.course, started_by=by, is_dry_run=False)
    run.file.name = name
    run.save()
    return _started(run)


def _require_right(by: Any, course: Course) -> None:
    if not can_write_to_students(by, course):
        raise PermissionDenied(_("Only those who teach this course add students."))


def _started(run: RosterImport) -> RosterImport:
    record_event(
        "roster.import",
        actor=run.started_by,
        row=run,
        course_id=run.course_id,
        after={"is_dry_run": run.is_dry_run},
    )
    run_roster_import.enqueue(run.pk)
    return run


@task()
def run_roster_import(run_id: int) -> None:
    """Work through a run, or go on where it was left."""
    work_through(run_id=run_id)


def work_through(*, run_id: int) -> None:
    """Work through the file from `done` on, `LINES_AT_ONCE` lines a transaction that also moves `done`.

    A worker that dies loses the lines of one transaction, which the next one does again; two workers at once wait
    for each other at the run's row and do no line twice. A line that holds a fault is reported and passed over.
    """
    run = RosterImport.objects.select_related("course__instructor").filter(pk=run_id).first()
    if run is None or run.is_finished:
        return
    try:
        lines = _prepare(run)
    except (ValidationError, PermissionDenied) as error:
        _fail(run, error.messages[0] if isinstance(error, ValidationError) else str(error))
        return
    try:
        while _do_next(run_id, lines):
            pass
    except PermissionDenied as error:
        _fail(run, str(error))


def _prepare(run: RosterImport) -> list[Line]:
    """The lines to do; the first time the run is also given their number and the file's faults."""
    starter = User.objects.with_roles().get(pk=run.started_by_id)
    if not starter.is_active:
        raise PermissionDenied(_("Who started this import may not sign in any more."))
    _require_right(starter, run.course)
    lines, faults = read_lines(_text_of(run))
    with transaction.atomic():
        locked = RosterImport.objects.select_for_update().get(pk=run.pk)
        if locked.status == RunStatus.WAITING:
            locked.status = RunStatus.RUNNING
            locked.total = len(lines)
            locked.counts = {"faults": len(faults)} if faults else {}
            locked.report = [fault.as_report() for fault in faults[:LONGEST_REPORT]]
            locked.save(update_fields=["status", "total", "counts", "report"])
    return lines


def _text_of(run: RosterImport) -> str:
    try:
        with run.file.open("rb") as stream:
            return decoded(stream.read(LARGEST_FILE + 1))
    except (FileNotFoundError, ValueError):
        raise ValidationError(_("The file is no longer kept. Upload it again."), code="file_gone") from None


@transaction.atomic
def _do_next(run_id: int, lines: list[Line]) -> bool:
    """Do the next lines; False when the run has ended."""
    run = (
        RosterImport.objects.select_for_update(of=("self",))
        .select_related("course__instructor")
        .get(pk=run_id)
    )
    if run.is_finished:
        return False
    part = lines[run.done : run.done + LINES_AT_ONCE]
    if part:
        _do(run, part)
        run.done += len(part)
    if run.done >= len(lines):
        run.status = RunStatus.DONE
        run.finished_at = timezone.now()
        if not run.is_dry_run:
            transaction.on_commit(partial(forget_file, run_id=run.pk))
    run.save(update_fields=["done", "counts", "report", "status", "finished_at"])
    return not run.is_finished


def _do(run: RosterImport, part: list[Line]) -> None:
    """Do some lines and add them to the run's counts and report. The right is asked again, as for every part."""
    by = User.objects.with_roles().get(pk=run.started_by_id)
    _require_right(by, run.course)
    emails = [line.email for line in part]
    places = CourseEnrollment.objects.active().filter(course=run.course_id)
    waiting = CourseInvitation.objects.pending().filter(course=run.course_id, role=InvitationRole.STUDENT)
    there = {*_lower(places, "student__email", emails), *_lower(waiting, "email", emails)}
    people = _confirmed_people(emails) if by.is_admin else {}
    for line in part:
        try:
            outcome = "unchanged" if line.email in there else _do_line(run, line, by, people.get(line.email))
        except (Conflict, ValidationError) as refusal:
            outcome = "refused"
            _report(run, line, refusal)
        run.counts[outcome] = run.counts.get(outcome, 0) + 1


def _do_line(run: RosterImport, line: Line, by: User, person: User | None) -> str:
    """Enroll the person, or invite the address; says which. A dry run only says it."""
    outcome = "enrolled" if person else "invited"
    if run.is_dry_run:
        return outcome
    with transaction.atomic():
        if person:
            enroll_student(course=run.course, student=person, by=by)
        else:
            invite(course=run.course, email=line.email, role=InvitationRole.STUDENT, by=by)
    return outcome


def _lower(rows: Any, field: str, emails: list[str]) -> list[str]:
    """Which of `emails` (in small letters) the rows hold."""
    lowered = rows.order_by().annotate(_lowered=Lower(field)).filter(_lowered__in=emails)
    return list(lowered.values_list("_lowered", flat=True))


def _confirmed_people(emails: list[str]) -> dict[str, User]:
    """Those who may sign in and whose main address, confirmed, is in the list."""
    people = User.objects.active().with_roles().annotate(_lowered=Lower("email"))
    confirmed = people.filter(_lowered__in=emails, email_verified=True)
    found = {person.email.lower(): person for person in confirmed}
    ids = [person.pk for person in found.values()]
    # Enrolling locks each person; all of them now and in one order, two imports do not wait for each other.
    list(User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    return found


def _report(run: RosterImport, line: Line, refusal: Conflict | ValidationError) -> None:
    if len(run.report) < LONGEST_REPORT:
        message = refusal.messages[0] if isinstance(refusal, ValidationError) else str(refusal.message)
        place = _("line %(number)s") % {"number": line.number}
        run.report.append({"place": place, "field": "email", "message": message})


def _fail(run: RosterImport, message: str) -> None:
    RosterImport.objects.filter(pk=run.pk).exclude(status=RunStatus.DONE).update(
        status=RunStatus.FAILED,
        finished_at=timezone.now(),
        report=[*run.report[:LONGEST_REPORT], {"place": "", "field": "file", "message": message}],
    )


def forget_file(*, run_id: int) -> None:
    """Delete a run's file, and its mention in the runs that share it: addresses are kept no longer than needed."""
    run = RosterImport.objects.filter(pk=run_id).first()
    if run is not None and run.file:
        name = str(run.file.name)
        run.file.storage.delete(name)
        RosterImport.objects.filter(file=name).update(file="")


def forget_old_files(*, now: datetime | None = None) -> int:
    """Delete the files of checks that nobody imported within a week, and of runs that failed; returns how many."""
    before = (now or timezone.now()) - KEEP_FILES
    old = RosterImport.objects.filter(created_at__lt=before, finished_at__isnull=False).exclude(file="")
    ids = list(old.values_list("pk", flat=True))
    for pk in ids:
        forget_file(run_id=pk)
    return len(ids)

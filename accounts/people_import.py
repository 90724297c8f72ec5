"""People out of a CSV file, in the background: a dry run that reports, then the import itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.audit import record_event
from accounts.models import User, UserImport
from accounts.people_file import LARGEST_FILE, Line, check_size, decoded, read_people
from accounts.permissions import can_manage_users
from accounts.registration import register_person
from accounts.speaking import speaking_to
from projectgenius.errors import Conflict
from projectgenius.imports import RunStatus

LINES_AT_ONCE = 100
LONGEST_REPORT = 500  # entries
KEEP_FILES = timedelta(days=7)


@transaction.atomic
def start_user_import(*, file: File[Any], by: User, is_dry_run: bool = True) -> UserImport:
    """Take a file in and have it worked through in the background.

    Raises PermissionDenied unless `by` is an administrator, ValidationError `too_large` or `empty`.
    """
    run = take_in(file=file, by=by, is_dry_run=is_dry_run)
    run_user_import.enqueue(run.pk)
    return run


@transaction.atomic
def take_in(*, file: File[Any], by: User, is_dry_run: bool) -> UserImport:
    """Keep the file with the run that will work through it."""
    _require_right(by)
    check_size(file.size)
    run = UserImport.objects.create(started_by=by, file=file, is_dry_run=is_dry_run)
    return _noted(run)


@transaction.atomic
def import_for_real(*, dry_run: UserImport, by: User) -> UserImport:
    """Import the file of a dry run that has ended. Raises Conflict `not_ready`, `file_gone` or `imported_already`."""
    _require_right(by)
    locked = UserImport.objects.select_for_update().get(pk=dry_run.pk)
    if not (locked.is_dry_run and locked.status == RunStatus.DONE):
        raise Conflict(_("Only a check that has ended can be imported."), code="not_ready")
    if not locked.file:
        raise Conflict(_("The file of this check is no longer kept. Upload it again."), code="file_gone")
    if UserImport.objects.filter(is_dry_run=False, file=locked.file.name).exists():
        raise Conflict(_("This file is being imported already."), code="imported_already")
    run = UserImport(started_by=by, is_dry_run=False)
    run.file.name = locked.file.name
    run.save()
    run_user_import.enqueue(_noted(run).pk)
    return run


def _require_right(by: Any) -> None:
    if not can_manage_users(by):
        raise PermissionDenied(_("Only administrators import people."))


def _noted(run: UserImport) -> UserImport:
    record_event("user_import.start", actor=run.started_by, row=run, after={"is_dry_run": run.is_dry_run})
    return run


@task()
def run_user_import(run_id: int) -> None:
    """Work through a run, or go on where it was left."""
    work_through(run_id=run_id)


def work_through(*, run_id: int) -> UserImport:
    """Work through the file from `done` on, `LINES_AT_ONCE` lines a transaction that also moves `done`.

    So a run that is begun a second time goes on where it was left and does no line twice. A line with a fault is
    reported and passed over; of a line either everything is done or nothing.
    """
    run = UserImport.objects.select_related("started_by").get(pk=run_id)
    if run.is_finished:
        return run
    try:
        lines = _prepare(run)
        while _do_next(run_id, lines):
            pass
    except (ValidationError, PermissionDenied) as error:
        _fail(run_id, error.messages[0] if isinstance(error, ValidationError) else str(error))
    return UserImport.objects.get(pk=run_id)


def _prepare(run: UserImport) -> list[Line]:
    """The lines to do; the first time the run is also given their number and the file's faults."""
    _require_right(run.started_by)
    try:
        with run.file.open("rb") as stream:
            text = decoded(stream.read(LARGEST_FILE + 1))
    except (FileNotFoundError, ValueError):
        raise ValidationError(_("The file is no longer kept. Upload it again."), code="file_gone") from None
    lines, faults = read_people(text)
    with transaction.atomic():
        locked = UserImport.objects.select_for_update().get(pk=run.pk)
        if locked.status == RunStatus.WAITING:
            locked.status, locked.total = RunStatus.RUNNING, len(lines)
            locked.counts = {"faults": len({fault.number for fault in faults})} if faults else {}
            locked.report = [fault.as_report() for fault in faults[:LONGEST_REPORT]]
            locked.save(update_fields=["status", "total", "counts", "report"])
    return lines


@transaction.atomic
def _do_next(run_id: int, lines: list[Line]) -> bool:
    """Do the next lines; False when the run has ended. The right is asked again, as for every part."""
    run = UserImport.objects.select_for_update(of=("self",)).select_related("started_by").get(pk=run_id)
    if run.is_finished:
        return False
    _require_right(run.started_by)
    part = lines[run.done : run.done + LINES_AT_ONCE]
    known = _known_people(part)
    for line in part:
        outcome, entry = _do_line(run, line, known)
        run.counts[outcome] = run.counts.get(outcome, 0) + 1
        if entry and len(run.report) < LONGEST_REPORT:
            run.report.append({"place": _("line %(number)s") % {"number": line.number}, **entry})
    run.done += len(part)
    if run.done >= len(lines):
        run.status, run.finished_at = RunStatus.DONE, timezone.now()
        if not run.is_dry_run:
            record_event("user_import.finish", actor=run.started_by, row=run, after=run.counts)
            transaction.on_commit(partial(forget_file, run_id=run.pk), robust=True)
    run.save(update_fields=["done", "counts", "report", "status", "finished_at"])
    return not run.is_finished


def _known_people(lines: Iterable[Line]) -> set[tuple[str, str]]:
    """Which usernames and addresses of the lines belong to somebody already."""
    asked = list(lines)
    people = User.objects.filter(
        Q(username__in=[line.username for line in asked]) | Q(email__in=[line.email for line in asked])
    )
    known: set[tuple[str, str]] = set()
    for username, email in people.values_list("username", "email"):
        known |= {("username", username.lower()), ("email", email.lower())}
    return known


def _do_line(run: UserImport, line: Line, known: set[tuple[str, str]]) -> tuple[str, dict[str, str] | None]:
    """Add the person, unless there is one with this address or username; says which, and an entry for the report."""
    if ("email", line.email) in known:
        return "unchanged", None
    if ("username", line.username) in known:
        message = _("Somebody with another address has this username. Nothing was changed.")
        return "unchanged", {"field": "username", "message": message}
    if run.is_dry_run:
        return "added", None
    try:
        with transaction.atomic():
            _invite(_add(line, run.started_by))
    except (ValidationError, IntegrityError) as error:  # somebody else took the name meanwhile
        messages = (
            error.messages if isinstance(error, ValidationError) else [_("The name or address is taken.")]
        )
        return "refused", {"field": "", "message": " ".join(messages)}
    return "added", None


def _add(line: Line, by: User) -> User:
    """The account, with no password that could be entered; never an administrator's."""
    return register_person(
        username=line.username,
        email=line.email,
        full_name=line.full_name,
        language=line.language,
        time_zone=line.time_zone,
        password_hash=make_password(None),
        is_instructor=line.role == "instructor",
        by=by,
    )


def _invite(person: User) -> None:
    """Write to the person where to choose a password."""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    uid, _dash, token = key.partition("-")
    context = {
        "person": person,
        "site_url": settings.SITE_URL,
        "set_password": settings.SITE_URL + reverse("account_reset_password_from_key", args=[uid, token]),
        "ask_again": settings.SITE_URL + reverse("account_reset_password"),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
    }
    with speaking_to(person):
        body = render_to_string("accounts/email/account_made.txt", context)
        EmailMessage(_("Your ProjectGenius account"), body, to=[person.email]).send()


@transaction.atomic
def _fail(run_id: int, message: str) -> None:
    """End a run that cannot go on; what was done before stays."""
    run = UserImport.objects.select_for_update().get(pk=run_id)
    run.status, run.finished_at = RunStatus.FAILED, timezone.now()
    run.report = [{"place": "", "field": "", "message": message}, *run.report]
    run.save(update_fields=["status", "finished_at", "report"])


def forget_file(*, run_id: int) -> None:
    """Delete a run's file, and its mention in the runs that share it: addresses are kept no longer than needed."""
    run = UserImport.objects.filter(pk=run_id).first()
    if run is not None and run.file:
        name = str(run.file.name)
        run.file.storage.delete(name)
        UserImport.objects.filter(file=name).update(file="")


def forget_old_files(*, now: datetime | None = None) -> int:
    """Delete the files of checks that nobody imported within a week, and of runs that failed; returns how many."""
    before = (now or timezone.now()) - KEEP_FILES
    old = list(UserImport.objects.filter(created_at__lt=before).exclude(file="").values_list("pk", flat=True))
    for pk in old:
        forget_file(run_id=pk)
    return len(old)

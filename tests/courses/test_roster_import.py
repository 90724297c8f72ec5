"""Importing students: who is enrolled, who invited, what is learned of it, and that nothing is done twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from courses import roster_import
from courses.models import Course, CourseEnrollment, CourseHelper, CourseInvitation, HelperRole, RosterImport
from courses.roster_import import (
    forget_old_files,
    import_for_real,
    run_roster_import,
    start_roster_import,
    work_through,
)
from projectgenius.errors import Conflict
from projectgenius.imports import RunStatus
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, make_course
from tests.races import at_once, on_postgresql

Login = Callable[[User], Client]
Run = Callable[[], int]


def csv_of(*emails: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("class.csv", "\n".join(["email", *emails]).encode())


def imported(course: Course, by: User, *emails: str, run_tasks: Run) -> RosterImport:
    """Upload, check and import."""
    check = start_roster_import(course=course, file=csv_of(*emails), by=by)
    run_tasks()
    check.refresh_from_db()
    assert check.status == RunStatus.DONE, check.report
    run = import_for_real(dry_run=check, by=by)
    run_tasks()
    run.refresh_from_db()
    return run


@pytest.fixture
def known(db: None) -> User:
    return UserFactory(username="known")


def test_dry_run_reports_and_changes_nothing(
    *, course: Course, admin_user: User, known: User, enrolled_student: User, run_tasks: Run
) -> None:
    file = csv_of(known.email, "new@example.org", "nonsense", enrolled_student.email)
    check = start_roster_import(course=course, file=file, by=admin_user)
    assert (check.status, check.percent) == (RunStatus.WAITING, 0)
    run_tasks()
    check.refresh_from_db()
    assert (check.status, check.total, check.done, check.percent) == (RunStatus.DONE, 3, 3, 100)
    assert check.counts == {"enrolled": 1, "invited": 1, "unchanged": 1, "faults": 1}
    assert [(fault["place"], fault["field"]) for fault in check.report] == [("line 4", "email")]
    assert CourseEnrollment.objects.count() == 1
    assert not CourseInvitation.objects.exists()


def test_admin_enrolls_the_known_and_invites_the_others(
    *, course: Course, admin_user: User, known: User, enrolled_student: User, run_tasks: Run
) -> None:
    unconfirmed = UserFactory(username="unconfirmed", email_verified=False)
    deactivated = UserFactory(username="deactivated", is_active=False)
    addresses = (
        known.email.upper(),
        enrolled_student.email,
        unconfirmed.email,
        deactivated.email,
        "new@example.org",
    )
    run = imported(course, admin_user, *addresses, run_tasks=run_tasks)
    assert run.counts == {"enrolled": 1, "unchanged": 1, "invited": 3}
    assert CourseEnrollment.objects.active().filter(course=course, student=known).exists()
    invited = set(CourseInvitation.objects.values_list("email", flat=True))
    assert invited == {unconfirmed.email, deactivated.email, "new@example.org"}
    event = AuditEvent.objects.get(action="enrollment.create", row_id=str(known.enrollments.get().pk))
    assert event.actor_id == admin_user.pk


def test_instructor_enrolls_nobody_and_learns_nothing(
    *, course: Course, instructor: User, known: User, run_tasks: Run
) -> None:
    runs = [
        imported(course, instructor, address, run_tasks=run_tasks)
        for address in (known.email, "new@example.org")
    ]
    assert [(run.status, run.counts, run.report) for run in runs] == [
        (RunStatus.DONE, {"invited": 1}, [])
    ] * 2
    assert not CourseEnrollment.objects.exists()
    assert CourseInvitation.objects.count() == 2


def test_importing_the_same_people_again_changes_nothing(
    *, course: Course, admin_user: User, known: User, run_tasks: Run
) -> None:
    imported(course, admin_user, known.email, "new@example.org", run_tasks=run_tasks)
    again = imported(course, admin_user, known.email, "new@example.org", run_tasks=run_tasks)
    assert again.status == RunStatus.DONE
    assert again.counts == {"unchanged": 2}
    assert CourseEnrollment.objects.count() == 1
    assert (
        CourseInvitation.objects.filter(email="new@example.org", accepted_at=None, revoked_at=None).count()
        == 1
    )


def test_one_that_the_rules_refuse_stops_no_other(
    *, course: Course, admin_user: User, instructor: User, known: User, run_tasks: Run
) -> None:
    run = imported(course, admin_user, instructor.email, known.email, run_tasks=run_tasks)
    assert (run.status, run.counts) == (RunStatus.DONE, {"refused": 1, "enrolled": 1})
    assert run.report[0]["place"] == "line 2"


def test_worker_that_dies_is_followed_by_one_that_goes_on(
    *, course: Course, admin_user: User, monkeypatch: pytest.MonkeyPatch, run_tasks: Run
) -> None:
    people = [UserFactory(username=f"p{number}") for number in range(10)]
    monkeypatch.setattr(roster_import, "LINES_AT_ONCE", 3)
    check = start_roster_import(course=course, file=csv_of(*(p.email for p in people)), by=admin_user)
    run_tasks()
    run = import_for_real(dry_run=check, by=admin_user)
    real, seen = roster_import.enroll_student, []

    def dying(**kwargs: Any) -> Any:
        seen.append(kwargs["student"].pk)
        if len(seen) == 5:
            raise SystemExit
        return real(**kwargs)

    monkeypatch.setattr(roster_import, "enroll_student", dying)
    with pytest.raises(SystemExit):
        work_through(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.done, run.counts) == (RunStatus.RUNNING, 3, {"enrolled": 3})
    assert CourseEnrollment.objects.count() == 3
    work_through(run_id=run.pk)
    run_roster_import.func(run.pk)
    run.refresh_from_db()
    assert (run.status, run.done, run.counts) == (RunStatus.DONE, 10, {"enrolled": 10})
    assert CourseEnrollment.objects.count() == 10


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_each_line_once(
    course: Course, admin_user: User, monkeypatch: pytest.MonkeyPatch, run_tasks: Run
) -> None:
    people = [UserFactory(username=f"p{number}") for number in range(20)]
    monkeypatch.setattr(roster_import, "LINES_AT_ONCE", 2)
    check = start_roster_import(course=course, file=csv_of(*(p.email for p in people)), by=admin_user)
    run_tasks()
    run = import_for_real(dry_run=check, by=admin_user)
    assert at_once(*[lambda: work_through(run_id=run.pk)] * 3) == [None] * 3
    run.refresh_from_db()
    assert (run.status, run.done, run.counts) == (RunStatus.DONE, 20, {"enrolled": 20})
    assert AuditEvent.objects.filter(action="enrollment.create").count() == 20


def test_right_that_is_lost_ends_the_import(
    *, course: Course, other_instructor: User, known: User, run_tasks: Run
) -> None:
    helper = CourseHelper.objects.create(course=course, user=other_instructor, role=HelperRole.CO_INSTRUCTOR)
    by = User.objects.get(pk=other_instructor.pk)
    check = start_roster_import(course=course, file=csv_of(known.email), by=by)
    run_tasks()
    run = import_for_real(dry_run=check, by=by)
    helper.delete()
    run_tasks()
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert run.report[-1]["field"] == "file"
    assert not CourseInvitation.objects.exists()


def test_file_that_cannot_be_read_fails_with_the_reason(
    *, course: Course, instructor: User, run_tasks: Run
) -> None:
    file = SimpleUploadedFile("class.csv", b"email\nJos\xe9@example.org\n")
    check = start_roster_import(course=course, file=file, by=instructor)
    run_tasks()
    check.refresh_from_db()
    assert (check.status, check.percent) == (RunStatus.FAILED, 100)
    assert "UTF-8" in check.report[0]["message"]
    with pytest.raises(Conflict):
        import_for_real(dry_run=check, by=instructor)


@pytest.mark.parametrize(("content", "code"), [(b"", "empty"), (b"x" * (2 * 1024 * 1024 + 1), "too_large")])
def test_file_of_no_use_is_not_kept(course: Course, instructor: User, content: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        start_roster_import(course=course, file=SimpleUploadedFile("class.csv", content), by=instructor)
    assert caught.value.code == code
    assert not RosterImport.objects.exists()


def test_a_check_is_imported_once(*, course: Course, instructor: User, known: User, run_tasks: Run) -> None:
    check = start_roster_import(course=course, file=csv_of(known.email), by=instructor)
    with pytest.raises(Conflict):
        import_for_real(dry_run=check, by=instructor)
    run_tasks()
    run = import_for_real(dry_run=check, by=instructor)
    with pytest.raises(Conflict) as caught:
        import_for_real(dry_run=check, by=instructor)
    assert caught.value.code == "imported_already"
    with pytest.raises(Conflict):
        import_for_real(dry_run=run, by=instructor)


def test_files_are_deleted_when_they_are_no_longer_needed(
    *, course: Course, instructor: User, run_tasks: Run, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = imported(course, instructor, "new@example.org", run_tasks=run_tasks)
    assert set(RosterImport.objects.values_list("file", flat=True)) == {""}
    assert run.status == RunStatus.DONE
    check = start_roster_import(course=course, file=csv_of("a@example.org"), by=instructor)
    run_tasks()
    check.refresh_from_db()
    assert forget_old_files() == 0
    assert forget_old_files(now=timezone.now() + timedelta(days=8)) == 1
    assert not check.file.storage.exists(check.file.name)


def test_assistant_and_strangers_import_nothing(
    course: Course, other_instructor: User, student: User
) -> None:
    assistant = UserFactory()
    CourseHelper.objects.create(course=course, user=assistant, role=HelperRole.ASSISTANT)
    for user in (User.objects.get(pk=assistant.pk), other_instructor, student):
        with pytest.raises(PermissionDenied):
            start_roster_import(course=course, file=csv_of("a@example.org"), by=user)


# The pages


def page(course: Course, name: str = "roster_imports", *more: int) -> str:
    return reverse(f"admin:courses_course_{name}", args=[course.pk, *more])


def test_instructor_checks_and_imports_a_file(
    *, course: Course, instructor: User, login: Login, run_tasks: Run
) -> None:
    client = login(instructor)
    answer = client.post(page(course), {"file": csv_of("new@example.org", "nonsense")})
    check = RosterImport.objects.get()
    assert answer["Location"] == page(course, "roster_import", check.pk)
    state = client.get(page(course, "roster_import_state", check.pk)).json()
    assert state == {"percent": 0, "done": 0, "total": 0, "finished": False}
    assert "import-progress.js" in client.get(answer["Location"]).content.decode()
    run_tasks()
    shown = client.get(answer["Location"]).content.decode()
    assert "1 would be invited" in shown
    assert "line 3" in shown
    assert "Import 1 student" in shown
    answer = client.post(answer["Location"])
    run_tasks()
    assert "1 invited" in client.get(answer["Location"]).content.decode()
    assert client.post(page(course, "roster_import", check.pk)).status_code == 302  # refused with a message
    assert RosterImport.objects.count() == 2


@pytest.mark.parametrize("content", [b"", b"x" * (2 * 1024 * 1024 + 1)])
def test_page_says_what_is_wrong_with_a_file(
    course: Course, instructor: User, login: Login, content: bytes
) -> None:
    answer = login(instructor).post(page(course), {"file": SimpleUploadedFile("c.csv", content)})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_each_role_opens_the_imports_that_it_may(
    *, course: Course, instructor: User, other_instructor: User, admin_user: User, student: User, login: Login
) -> None:
    other = make_course(slug="other", instructor=instructor)
    run = RosterImport.objects.create(course=course, started_by=instructor, file="imports/x.csv")
    elsewhere = RosterImport.objects.create(course=other, started_by=instructor, file="imports/y.csv")
    assistant = UserFactory()
    CourseHelper.objects.create(course=course, user=assistant, role=HelperRole.ASSISTANT)
    expected = {instructor: 200, admin_user: 200, assistant: 403, student: 403, other_instructor: 404}
    for path in (
        page(course),
        page(course, "roster_import", run.pk),
        page(course, "roster_import_state", run.pk),
    ):
        for user, status in expected.items():
            assert login(user).get(path, follow=True).status_code == status, (path, user.username)
    for name in ("roster_import", "roster_import_state"):
        assert login(instructor).get(page(course, name, elsewhere.pk)).status_code == 404


def test_left_students_are_not_enrolled_behind_their_back(
    *, course: Course, instructor: User, run_tasks: Run
) -> None:
    gone = EnrollmentFactory(course=course, withdrawn_at=timezone.now())
    run = imported(course, instructor, gone.student.email, run_tasks=run_tasks)
    assert run.counts == {"invited": 1}
    gone.refresh_from_db()
    assert gone.withdrawn_at is not None

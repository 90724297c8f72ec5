"""People out of a CSV file: what is read, what is refused, what is done, and what happens when it is done twice."""

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import people_import
from accounts.models import AuditEvent, User, UserImport
from accounts.people_file import LARGEST_FILE, decoded, read_people
from accounts.people_import import (
    KEEP_FILES,
    forget_old_files,
    import_for_real,
    start_user_import,
    take_in,
    work_through,
)
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory

Login = Callable[[User], Client]
HEAD = "username,email,full_name,language,time_zone,role\n"
TWO = HEAD + "rosa,rosa@example.org,Rosa Lind,de,Europe/Berlin,student\ntom,tom@example.org,,,,instructor\n"
PAGES = "/admin/accounts/userimport/"


def faults(text: str) -> list[tuple[int, str]]:
    return [(fault.number, fault.field) for fault in read_people(text)[1]]


def imported(by: User, text: str = TWO, *, is_dry_run: bool = False) -> UserImport:
    """A run over `text`, worked through."""
    run = take_in(file=ContentFile(text.encode(), name="people.csv"), by=by, is_dry_run=is_dry_run)
    return work_through(run_id=run.pk)


# --- Reading ---


@pytest.mark.parametrize(
    "content",
    [
        TWO.encode(),
        b"\xef\xbb\xbf" + TWO.encode(),
        TWO.replace(",", ";").encode(),
        TWO.replace(",", "\t").encode("utf-16"),
        TWO.replace("\n", "\r\n").encode(),
        ("\n\n" + TWO.replace("username", " Username ").replace("email", "E-Mail", 1) + "\n,,,\n").encode(),
        TWO.replace("Rosa Lind", '"Rosa Lind"').replace("rosa@", "ROSA@").encode(),
    ],
)
def test_files_as_spreadsheets_write_them_are_read(content: bytes) -> None:
    lines, wrong = read_people(decoded(content))
    assert wrong == []
    assert [(line.username, line.email, line.role) for line in lines] == [
        ("rosa", "rosa@example.org", "student"),
        ("tom", "tom@example.org", "instructor"),
    ]
    assert (lines[0].full_name, lines[0].language, lines[0].time_zone) == ("Rosa Lind", "de", "Europe/Berlin")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("rosa,no address,,,,", "email"),
        (",rosa@example.org,,,,", "username"),
        ("rosa,,,,,", "email"),
        ("ro sa,rosa@example.org,,,,", "username"),
        (f"{'r' * 81},rosa@example.org,,,,", "username"),
        (f"rosa,rosa@example.org,{'R' * 121},,,", "full_name"),
        ("rosa,rosa@example.org,=HYPERLINK(1),,,", "full_name"),
        ("rosa,rosa@example.org,@SUM(1),,,", "full_name"),
        ("rosa,rosa@example.org,Ro\0sa,,,", "full_name"),
        ("rosa,rosa@example.org,\u202easoR,,,", "full_name"),
        ("rosa,rosa@example.org,,xx,,", "language"),
        ("rosa,rosa@example.org,,,Mars/Olympus,", "time_zone"),
        ("rosa,rosa@example.org,,,,admin", "role"),
        ("rosa,rosa@example.org,,,,administrator", "role"),
    ],
)
def test_fault_is_told_by_line_and_field_and_spares_the_other_lines(line: str, field: str) -> None:
    text = f"{HEAD}{line}\nada,ada@example.org,,,,\n"
    assert faults(text) == [(2, field)]
    assert [one.username for one in read_people(text)[0]] == ["ada"]


def test_line_after_a_cell_of_several_lines_keeps_its_number() -> None:
    text = HEAD + 'rosa,rosa@example.org,"Rosa\nLind",,,\nada,nothing,,,,\n'
    assert faults(text)[-1] == (4, "email")


def test_second_line_of_a_person_is_a_fault() -> None:
    text = HEAD + "rosa,rosa@example.org,,,,\nROSA,other@example.org,,,,\nother,Rosa@Example.org,,,,\n"
    assert faults(text) == [(3, "username"), (4, "email")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"x" * (LARGEST_FILE + 1), "too_large"),
        (HEAD.encode() + b"ros\xe9,rosa@example.org,,,,\n", "encoding"),
        (b"name,email\nrosa,rosa@example.org\n", "columns"),
        (b"username,email,password\nrosa,rosa@example.org,secret\n", "columns"),
        (b"username,email,is_admin\nrosa,rosa@example.org,1\n", "columns"),
        (b"username,email,email\nrosa,a@example.org,b@example.org\n", "columns"),
        (HEAD.encode() + b'rosa,"rosa@example.org,,,,\n', "quotes"),
        (HEAD.encode() + b"rosa," + b"x" * 200_000 + b",,,,\n", "quotes"),
    ],
)
def test_file_that_cannot_be_read_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_people(decoded(content))
    assert refused.value.code == code


# --- Importing ---


def test_people_are_added_with_their_role_and_invited(admin_user: User) -> None:
    run = imported(admin_user)
    assert (run.status, run.counts, run.report, run.total, run.done) == ("done", {"added": 2}, [], 2, 2)
    rosa, tom = User.objects.get(username="rosa"), User.objects.get(username="tom")
    assert (rosa.full_name, rosa.language, rosa.time_zone) == ("Rosa Lind", "de", "Europe/Berlin")
    assert [rosa.is_instructor, tom.is_instructor] == [False, True]
    assert not rosa.has_usable_password()
    assert not User.objects.filter(is_admin=True).exclude(pk=admin_user.pk).exists()
    assert EmailAddress.objects.filter(user=rosa, verified=True, primary=True).exists()
    assert [message.to for message in mail.outbox] == [["rosa@example.org"], ["tom@example.org"]]
    made = AuditEvent.objects.filter(action="account.create", row_id=str(rosa.pk)).get()
    assert made.actor_id == admin_user.pk


def test_invited_person_chooses_a_password_by_the_link_and_signs_in(admin_user: User) -> None:
    imported(admin_user)
    (link,) = re.findall(r"https://testserver(/accounts/password/reset/key/\S+)", mail.outbox[1].body)
    client = Client()
    page = client.get(link, follow=True)
    form = page.request["PATH_INFO"]
    client.post(form, {"password1": "a-long-enough-password-99", "password2": "a-long-enough-password-99"})
    answer = Client().post("/accounts/login/", {"login": "tom", "password": "a-long-enough-password-99"})
    assert answer.status_code == 302
    assert "confirm" not in answer.headers["Location"]


def test_dry_run_says_the_same_and_changes_nothing(admin_user: User) -> None:
    before = list(User.objects.values())
    run = imported(admin_user, TWO + "x,no address,,,,\n", is_dry_run=True)
    assert (run.counts, len(run.report)) == ({"added": 2, "faults": 1}, 1)
    assert run.report[0]["place"] == "line 4"
    assert list(User.objects.values()) == before
    assert mail.outbox == []
    assert not AuditEvent.objects.filter(action="account.create").exists()


def test_people_who_are_here_stay_as_they_are(admin_user: User) -> None:
    UserFactory(username="rosa", email="other@example.org", full_name="Another Rosa")
    UserFactory(username="thomas", email="tom@example.org", full_name="Thomas")
    before = list(User.objects.order_by("pk").values())
    run = imported(admin_user, TWO.replace("tom@", "TOM@"))
    assert run.counts == {"unchanged": 2}
    assert [(entry["place"], entry["field"]) for entry in run.report] == [("line 2", "username")]
    assert list(User.objects.order_by("pk").values()) == before
    assert not User.objects.get(username="thomas").is_instructor
    assert mail.outbox == []


def test_run_that_is_begun_again_does_no_line_twice(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_import, "LINES_AT_ONCE", 2)
    text = HEAD + "".join(f"p{n},p{n}@example.org,,,,\n" for n in range(5))
    run = take_in(file=ContentFile(text.encode(), name="p.csv"), by=admin_user, is_dry_run=False)
    do, calls = people_import._do_next, []

    def dies_in_the_middle(*args: Any) -> bool:
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("the worker died")
        return do(*args)

    monkeypatch.setattr(people_import, "_do_next", dies_in_the_middle)
    with pytest.raises(RuntimeError):
        work_through(run_id=run.pk)
    assert User.objects.filter(username__startswith="p").count() == 2
    for _twice in range(2):
        done = work_through(run_id=run.pk)
        assert (done.status, done.counts) == ("done", {"added": 5})
    assert len(mail.outbox) == 5


def test_line_is_done_as_a_whole_or_not_at_all(admin_user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(person: User) -> None:
        if person.username == "rosa":
            raise ValidationError("The mail cannot be made.")

    monkeypatch.setattr(people_import, "_invite", fails)
    run = imported(admin_user)
    assert run.counts == {"refused": 1, "added": 1}
    assert run.report == [{"place": "line 2", "field": "", "message": "The mail cannot be made."}]
    assert not User.objects.filter(username="rosa").exists()
    assert not EmailAddress.objects.filter(email="rosa@example.org").exists()


def test_only_administrators_import_and_the_task_asks_again(
    student: User, instructor: User, admin_user: User
) -> None:
    for stranger in (student, instructor):
        with pytest.raises(PermissionDenied):
            start_user_import(file=ContentFile(TWO.encode(), name="p.csv"), by=stranger)
    run = take_in(file=ContentFile(TWO.encode(), name="p.csv"), by=admin_user, is_dry_run=False)
    User.objects.filter(pk=admin_user.pk).update(is_admin=False)
    ended = work_through(run_id=run.pk)
    assert (ended.status, ended.report[0]["message"]) == ("failed", "Only administrators import people.")
    assert not User.objects.filter(username="rosa").exists()


def test_check_is_imported_once_and_its_file_is_forgotten(
    admin_user: User, django_capture_on_commit_callbacks: Any
) -> None:
    check = imported(admin_user, is_dry_run=True)
    real = import_for_real(dry_run=check, by=admin_user)
    with pytest.raises(Conflict) as refused:
        import_for_real(dry_run=check, by=admin_user)
    assert refused.value.code == "imported_already"
    with pytest.raises(Conflict):
        import_for_real(dry_run=real, by=admin_user)
    with django_capture_on_commit_callbacks(execute=True):
        assert work_through(run_id=real.pk).counts == {"added": 2}
    check.refresh_from_db()
    assert not check.file
    with pytest.raises(Conflict) as refused:
        import_for_real(dry_run=check, by=admin_user)
    assert refused.value.code == "file_gone"


def test_files_of_checks_are_kept_for_a_week(admin_user: User) -> None:
    check = imported(admin_user, is_dry_run=True)
    assert forget_old_files() == 0
    assert forget_old_files(now=timezone.now() + KEEP_FILES * 1.01) == 1
    check.refresh_from_db()
    assert not check.file


@pytest.mark.slow
def test_ten_thousand_lines_are_checked_in_one_go(admin_user: User, statements: Any) -> None:
    text = HEAD + "".join(
        f"person{n},person{n}@example.org,Person {n},de,Europe/Berlin,\n" for n in range(10_000)
    )
    with statements() as seen:
        run = imported(admin_user, text, is_dry_run=True)
    assert run.counts == {"added": 10_000}
    assert len(seen) < 700  # a few for each hundred lines


# --- The command ---


def run_command(tmp_path: Path, text: str, *options: str) -> str:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    out = StringIO()
    call_command("import_users", str(tmp_path / "people.csv"), *options, stdout=out, stderr=out)
    return out.getvalue()


def test_command_checks_and_imports(admin_user: User, tmp_path: Path) -> None:
    assert "added: 2" in run_command(tmp_path, TWO, "--dry-run")
    assert not User.objects.filter(username="rosa").exists()
    said = run_command(tmp_path, TWO + "x,nothing,,,,\n", "--by", "admin")
    assert "line 4: email:" in said
    assert "added: 2" in said
    assert "unchanged: 2" in run_command(tmp_path, TWO)


def test_command_says_what_is_wrong(student: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such administrator"):
        run_command(tmp_path, TWO, "--by", "student")
    UserFactory(username="admin", is_admin=True)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_users", str(tmp_path / "missing.csv"))
    with pytest.raises(CommandError, match="not imported"):
        run_command(tmp_path, "nothing\n")


# --- The pages ---


def upload(client: Client, text: str = TWO) -> UserImport:
    answer = client.post(f"{PAGES}add/", {"file": SimpleUploadedFile("people.csv", text.encode())})
    assert answer.status_code == 302, answer.content
    return UserImport.objects.order_by("-pk")[0]


def test_administrator_checks_looks_and_imports(login: Login, admin_user: User) -> None:
    client = login(admin_user)
    assert "Check this file" in client.get(f"{PAGES}add/").content.decode()
    check = upload(client, TWO + "x,nothing <b>,,,,\n")
    waiting = client.get(f"{PAGES}{check.pk}/change/").content.decode()
    if not check.is_finished:
        assert "import-progress.js" in waiting
        assert client.get(f"{PAGES}{check.pk}/state/").json()["finished"] is False
    work_through(run_id=check.pk)
    page = client.get(f"{PAGES}{check.pk}/change/").content.decode()
    for shown in ("Would be added: 2", "Lines with a fault: 1", "line 4", "Import 2 people for real"):
        assert shown in page
    assert client.get(f"{PAGES}{check.pk}/state/").json()["percent"] == 100
    client.post(f"{PAGES}{check.pk}/change/")
    real = UserImport.objects.get(is_dry_run=False)
    work_through(run_id=real.pk)
    page = client.get(f"{PAGES}{real.pk}/change/").content.decode()
    assert "Added: 2" in page
    assert "for real" not in page


def test_wrong_upload_is_told(login: Login, admin_user: User) -> None:
    client = login(admin_user)
    for data in ({}, {"file": SimpleUploadedFile("people.csv", b"")}):
        answer = client.post(f"{PAGES}add/", data)
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()
    assert not UserImport.objects.exists()


def test_instructors_find_no_import(login: Login, instructor: User, admin_user: User) -> None:
    run = imported(admin_user, is_dry_run=True)
    client = login(instructor)
    for address in (PAGES, f"{PAGES}add/", f"{PAGES}{run.pk}/change/", f"{PAGES}{run.pk}/state/"):
        assert client.get(address).status_code in {403, 404}, address
    assert client.post(f"{PAGES}{run.pk}/change/").status_code in {403, 404}
    assert client.post(f"{PAGES}add/", {"file": SimpleUploadedFile("p.csv", TWO.encode())}).status_code == 403
    assert UserImport.objects.count() == 1


def test_report_of_a_column_with_a_nul_can_be_stored(admin_user: User) -> None:
    run = imported(admin_user, "username,email,sho\0e\nrosa,rosa@example.org,38\n", is_dry_run=True)
    assert run.status == "failed"
    assert "shoe" in run.report[0]["message"]

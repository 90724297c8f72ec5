"""The ways to an import and an export: the admin, the API, the commands; who finds them open."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from courses.models import Course, CourseHelper, CourseImport
from tests.accounts.factories import UserFactory
from tests.courses.archives import exported, zipped
from tests.courses.importing import FILES, tried, upload

Login = Callable[[User], Client]
Api = Callable[..., APIClient]
Tasks = Callable[[], int]


def test_instructor_imports_a_course_in_the_admin(instructor: User, login: Login, run_tasks: Tasks) -> None:
    client = login(instructor)
    answer = client.post(
        "/admin/courses/courseimport/add/", {"file": io.BytesIO(zipped(FILES)), "_save": "1"}
    )
    run = CourseImport.objects.get()
    assert answer.headers["Location"] == f"/admin/courses/courseimport/{run.pk}/change/"
    waiting = client.get(answer.headers["Location"]).content.decode()
    assert "is being checked" in waiting
    state = f"/admin/courses/courseimport/{run.pk}/state/"
    assert f'data-import-state="{state}"' in waiting
    assert "Look again" in waiting
    assert client.get(state).json()["finished"] is False
    run_tasks()
    assert client.get(state).json()["finished"] is True
    page = client.get(answer.headers["Location"]).content.decode()
    assert "The archive can be imported" in page
    answer = client.post(answer.headers["Location"])
    run_tasks()
    page = client.get(answer.headers["Location"]).content.decode()
    assert "The course is there" in page
    assert "Counting by hand" in page


def test_report_escapes_what_an_archive_is_called(instructor: User, login: Login) -> None:
    run = tried(instructor, {"quizzes/<script>.yaml": "- 1"})
    page = login(instructor).get(f"/admin/courses/courseimport/{run.pk}/change/").content.decode()
    assert "quizzes/&lt;script&gt;.yaml" in page
    assert "quizzes/<script>" not in page


def test_nobody_else_sees_the_report(
    instructor: User, other_instructor: User, student: User, admin_user: User, login: Login
) -> None:
    run = tried(instructor)
    path = f"/admin/courses/courseimport/{run.pk}/change/"
    statuses = [login(user).get(path).status_code for user in (other_instructor, student, admin_user)]
    assert statuses == [404, 302, 200]
    assert login(other_instructor).post(path).status_code == 404
    assert login(other_instructor).get(path.replace("change", "state")).status_code == 404
    assert CourseImport.objects.count() == 1


def test_empty_upload_is_named_in_the_form(instructor: User, login: Login) -> None:
    page = login(instructor).post("/admin/courses/courseimport/add/", {"file": io.BytesIO(b"")})
    assert page.status_code == 200
    assert not CourseImport.objects.exists()


@pytest.fixture
def helpers(course: Course) -> dict[str, User]:
    """A co-instructor and an assistant of `course`."""
    people = {"co_instructor": UserFactory(username="co"), "assistant": UserFactory(username="assistant")}
    for role, person in people.items():
        CourseHelper.objects.create(course=course, user=person, role=role)
    return people


def test_export_is_for_those_who_edit_the_course(  # noqa: PLR0917  (one for each role)
    course: Course,
    login: Login,
    helpers: dict[str, User],
    instructor: User,
    other_instructor: User,
    enrolled_student: User,
    admin_user: User,
) -> None:
    path = f"/admin/courses/course/{course.pk}/export/"
    expected = {
        instructor: 200, helpers["co_instructor"]: 200, admin_user: 200, helpers["assistant"]: 403,
        other_instructor: 404, enrolled_student: 302,
    }  # fmt: skip
    assert {user: login(user).get(path).status_code for user in expected} == expected
    assert not AuditEvent.objects.filter(action="course.export").exists(), (
        "looking at the page exports nothing"
    )
    assert {user: login(user).post(path).status_code for user in expected} == expected
    assert AuditEvent.objects.filter(action="course.export").count() == 3
    tab = f'href="{path}"'
    head = f"/admin/courses/course/{course.pk}/change/"
    assert tab in login(instructor).get(head).content.decode()
    assert tab not in login(helpers["assistant"]).get(head).content.decode()


def test_export_is_a_download_that_no_cache_keeps(course: Course, login: Login, instructor: User) -> None:
    answer = login(instructor).post(f"/admin/courses/course/{course.pk}/export/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="counting.zip"'
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == exported(course)  # type: ignore[attr-defined]


# The API


def test_instructor_takes_a_course_out_and_in_by_the_api(
    instructor: User, course: Course, api: Api, run_tasks: Tasks
) -> None:
    client = api(instructor)
    answer = client.get(f"/api/v1/courses/{course.pk}/export/")
    assert answer.headers["Content-Type"] == "application/zip"
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    sent = client.post("/api/v1/course-imports/", {"file": ContentFile(data, name="c.zip")})
    assert (sent.status_code, sent.json()["status"], sent.json()["is_dry_run"]) == (201, "waiting", True)
    path = f"/api/v1/course-imports/{sent.json()['id']}/"
    assert client.post(f"{path}run/").status_code == 409
    run_tasks()
    assert client.get(path).json()["status"] == "done"
    real = client.post(f"{path}run/")
    assert (real.status_code, real.json()["is_dry_run"]) == (201, False)
    run_tasks()
    done = client.get(f"/api/v1/course-imports/{real.json()['id']}/").json()
    assert Course.objects.get(pk=done["course"]).title == course.title


def test_fields_of_the_server_are_refused(instructor: User, api: Api) -> None:
    body = {"file": upload(), "is_dry_run": "false", "status": "done", "course": "1"}
    answer = api(instructor).post("/api/v1/course-imports/", body)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"is_dry_run", "status", "course"}
    assert not CourseImport.objects.exists()


def test_api_imports_only_for_those_who_make_courses(
    student: User, other_instructor: User, instructor: User, admin_user: User, api: Api
) -> None:
    run = tried(instructor)
    path = f"/api/v1/course-imports/{run.pk}/run/"
    assert api(student).post("/api/v1/course-imports/", {"file": upload()}).status_code == 403
    assert api().post("/api/v1/course-imports/", {"file": upload()}).status_code == 401
    assert api(admin_user, key=True).post("/api/v1/course-imports/", {"file": upload()}).status_code == 403
    assert [api(user).post(path).status_code for user in (student, other_instructor)] == [403, 404]
    assert CourseImport.objects.count() == 1
    assert api(instructor).get("/api/v1/course-imports/").json()["count"] == 1
    assert api(other_instructor).get("/api/v1/course-imports/").json()["count"] == 0


def test_assistant_takes_no_course_along(course: Course, helpers: dict[str, User], api: Api) -> None:
    path = f"/api/v1/courses/{course.pk}/export/"
    assert api(helpers["assistant"]).get(path).status_code == 403
    assert api(helpers["co_instructor"]).get(path).status_code == 200


# The commands


def test_commands_write_and_read_an_archive(
    course: Course, instructor: User, tmp_path: Path, capsys: Any
) -> None:
    file = tmp_path / "counting.zip"
    call_command("export_course", "counting", str(file))
    assert file.read_bytes() == exported(course)
    call_command("import_course", str(file), "--instructor", "instructor", "--dry-run")
    assert Course.objects.count() == 1
    call_command("import_course", str(file), "--instructor", "instructor")
    assert Course.objects.count() == 2
    said = capsys.readouterr().out
    assert "Would import counting-" in said
    assert "(courses: 1, modules: 2, lessons: 5)" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export_course", "nothing", "x.zip"), "no course"),
        (("import_course", "missing.zip", "--instructor", "instructor"), "No such file"),
        (("import_course", "missing.zip", "--instructor", "nobody"), "no user"),
        (("import_course", "missing.zip", "--instructor", "student"), "Only instructors"),
    ],
)
def test_commands_say_what_is_wrong(
    arguments: tuple[str, ...], message: str, instructor: User, student: User
) -> None:
    with pytest.raises(CommandError, match=message):
        call_command(*arguments)


def test_export_command_overwrites_nothing(course: Course, tmp_path: Path) -> None:
    file = tmp_path / "there.zip"
    file.write_text("mine")
    with pytest.raises(CommandError, match="exists"):
        call_command("export_course", "counting", str(file))
    assert file.read_text() == "mine"

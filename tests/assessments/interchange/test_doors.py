"""The ways to imports and exports of questions: the admin, the API, the commands; who finds them open."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.api_keys import issue_named_key
from accounts.models import User
from assessments.models import QuestionImport, Quiz
from courses.models import Course, HelperRole
from tests.assessments.factories import make_quiz
from tests.courses.factories import HelperFactory

Login = Callable[[User], Client]
Api = Callable[..., APIClient]
Tasks = Callable[[], int]
GIFT = "Even?{=two ~three}\n\nPi <b>?{#3.14}\n"


@pytest.fixture
def quiz(course: Course) -> Quiz:
    return make_quiz(course=course, kinds="mc")


def file(text: str = GIFT, name: str = "q.gift") -> io.BytesIO:
    stream = io.BytesIO(text.encode())
    stream.name = name
    return stream


def test_instructor_checks_and_imports_in_the_admin(
    quiz: Quiz, instructor: User, login: Login, run_tasks: Tasks
) -> None:
    client = login(instructor)
    base = f"/admin/assessments/quiz/{quiz.pk}/interchange/"
    page = client.get(base).content.decode()
    assert "Take questions from a file" in page
    assert "1 coding question is left out" in page
    answer = client.post(base, {"file": file()})
    run = QuestionImport.objects.get()
    assert answer.headers["Location"] == f"{base}{run.pk}/"
    assert f'data-import-state="{base}{run.pk}/state/"' in client.get(f"{base}{run.pk}/").content.decode()
    assert client.get(f"{base}{run.pk}/state/").json()["finished"] is False
    run_tasks()
    assert client.get(f"{base}{run.pk}/state/").json()["percent"] == 100
    page = client.get(f"{base}{run.pk}/").content.decode()
    assert "Import 1 question<" in page
    assert "Numerical" in page
    assert "Pi &lt;b&gt;" in page
    answer = client.post(f"{base}{run.pk}/")
    run_tasks()
    page = client.get(answer.headers["Location"]).content.decode()
    assert "taken: 1" in page
    assert quiz.questions.count() == 3
    assert (
        "imported already" in client.post(f"{base}{run.pk}/", follow=True).content.decode()
        or "no longer kept"
    )


def test_admin_says_what_is_wrong_with_a_file(quiz: Quiz, instructor: User, login: Login) -> None:
    base = f"/admin/assessments/quiz/{quiz.pk}/interchange/"
    page = login(instructor).post(base, {"file": file(name="q.doc")}).content.decode()
    assert "does not tell its format" in page
    assert "file is empty" in login(instructor).post(base, {"file": file("")}).content.decode()
    assert not QuestionImport.objects.exists()


@pytest.mark.parametrize(
    ("chosen", "kind"), [("gift", "text/plain"), ("moodle_xml", "application/xml"), ("csv", "text/csv")]
)
def test_instructor_exports_in_the_admin(
    quiz: Quiz, instructor: User, login: Login, chosen: str, kind: str
) -> None:
    answer = login(instructor).post(
        f"/admin/assessments/quiz/{quiz.pk}/interchange/export/", {"format": chosen}
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "one more" in answer.content.decode()


def test_export_is_no_link(quiz: Quiz, instructor: User, login: Login) -> None:
    answer = login(instructor).get(f"/admin/assessments/quiz/{quiz.pk}/interchange/export/?format=csv")
    assert answer.status_code == 302


def test_assistant_reads_the_reports_and_imports_nothing(quiz: Quiz, login: Login, api: Api) -> None:
    assistant = HelperFactory(course=quiz.course, role=HelperRole.ASSISTANT).user
    report = [{"place": "line 3", "field": "Odd?", "message": "Its braces do not match.", "kind": "skipped"}]
    run = quiz.question_imports.create(
        started_by=quiz.course.instructor, file="imports/x.gift", format="gift", is_dry_run=True,
        status="done", report=report, counts={"taken": 1},
    )  # fmt: skip
    base = f"/admin/assessments/quiz/{quiz.pk}/interchange/"
    client = login(assistant)
    page = client.get(base).content.decode()
    assert f"{base}{run.pk}/" in page
    assert 'type="file"' not in page
    shown = client.get(f"{base}{run.pk}/").content.decode()
    assert "Its braces do not match." in shown
    assert "Import 1 question" not in shown
    assert client.get(f"{base}{run.pk}/state/").status_code == 200
    for address in (base, f"{base}{run.pk}/", f"{base}export/"):
        assert client.post(address, {"format": "csv"}).status_code == 403
    rows = api(assistant)
    assert rows.get(f"/api/v1/question-imports/{run.pk}/").json()["report"] == report
    assert rows.post(f"/api/v1/question-imports/{run.pk}/run/").status_code == 403
    assert quiz.question_imports.count() == 1


def test_others_find_the_pages_closed(
    quiz: Quiz, other_instructor: User, enrolled_student: User, login: Login
) -> None:
    run = quiz.question_imports.create(
        started_by=quiz.course.instructor, file="imports/x.gift", format="gift"
    )
    base = f"/admin/assessments/quiz/{quiz.pk}/interchange/"
    client = login(other_instructor)
    for path in (base, f"{base}{run.pk}/", f"{base}{run.pk}/state/"):
        assert client.get(path).status_code == 404
    assert client.post(f"{base}export/", {"format": "csv"}).status_code == 404
    assert login(enrolled_student).get(base).status_code in (302, 403)
    other = make_quiz(course=quiz.course, kinds="")
    path = f"/admin/assessments/quiz/{other.pk}/interchange/{run.pk}/"
    assert login(quiz.course.instructor).get(path).status_code == 404


def test_api_checks_imports_and_exports(quiz: Quiz, instructor: User, api: Api, run_tasks: Tasks) -> None:
    client = api(instructor)
    answer = client.post("/api/v1/question-imports/", {"quiz": quiz.pk, "file": file()})
    assert answer.status_code == 201, answer.content
    pk = answer.json()["id"]
    assert (answer.json()["is_dry_run"], answer.json()["format"]) == (True, "gift")
    run_tasks()
    run = client.get(f"/api/v1/question-imports/{pk}/").json()
    assert run["counts"] == {"taken": 1, "skipped": 1}
    assert run["report"][1]["kind"] == "skipped"
    answer = client.post(f"/api/v1/question-imports/{pk}/run/")
    assert answer.status_code == 201
    run_tasks()
    assert quiz.questions.count() == 3
    again = client.post(f"/api/v1/question-imports/{pk}/run/")
    assert again.status_code == 409
    answer = client.get(f"/api/v1/question-exports/{quiz.pk}/?as=csv")
    assert answer.status_code == 200
    assert "Even?" in answer.content.decode()
    assert client.get(f"/api/v1/question-exports/{quiz.pk}/?as=doc").status_code == 400


def test_api_refuses_files_and_people(
    quiz: Quiz, instructor: User, other_instructor: User, enrolled_student: User, api: Api
) -> None:
    path = "/api/v1/question-imports/"
    assert api(instructor).post(path, {"quiz": quiz.pk, "file": file("")}).status_code == 400
    assert api(instructor).post(path, {"quiz": quiz.pk, "file": file(name="x")}).status_code == 400
    assert api(instructor).post(path, {"quiz": quiz.pk, "file": file(), "format": "doc"}).status_code == 400
    assert api(other_instructor).post(path, {"quiz": quiz.pk, "file": file()}).status_code == 404
    assert api(enrolled_student).post(path, {"quiz": quiz.pk, "file": file()}).status_code == 403
    assert api().post(path, {"quiz": quiz.pk, "file": file()}).status_code == 401
    assistant = HelperFactory(course=quiz.course, role=HelperRole.ASSISTANT).user
    assert api(assistant).post(path, {"quiz": quiz.pk, "file": file()}).status_code == 403
    export = f"/api/v1/question-exports/{quiz.pk}/?as=csv"
    assert api(assistant).get(export).status_code == 403
    assert api(enrolled_student).get(export).status_code == 403
    assert api(other_instructor).get(export).status_code == 404
    assert not QuestionImport.objects.exists()


def test_key_needs_its_scope(quiz: Quiz, instructor: User) -> None:
    def with_key(*scopes: str) -> APIClient:
        client = APIClient()
        key = issue_named_key(user=instructor, name=scopes[0], scopes=list(scopes))[1]
        client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
        return client

    export = f"/api/v1/question-exports/{quiz.pk}/?as=csv"
    assert with_key("read").get(export).status_code == 403
    reading = with_key("course:read")
    assert reading.get(export).status_code == 200
    form = {"quiz": quiz.pk, "file": file()}
    assert reading.post("/api/v1/question-imports/", form).status_code == 403
    form = {"quiz": quiz.pk, "file": file()}
    assert with_key("course:write").post("/api/v1/question-imports/", form).status_code == 201


def test_commands_import_and_export(quiz: Quiz, instructor: User, tmp_path: Path) -> None:
    source, target = tmp_path / "q.gift", tmp_path / "out.xml"
    source.write_text(GIFT)
    out = io.StringIO()
    call_command("import_questions", source, quiz=quiz.pk, by="instructor", dry_run=True, stdout=out)
    assert "line 3: skipped: Pi <b>?{#3.14}" in out.getvalue()
    assert "Would import into" in out.getvalue()
    assert quiz.questions.count() == 2
    call_command("import_questions", source, quiz=quiz.pk, by="instructor", stdout=out)
    assert quiz.questions.count() == 3
    call_command("export_questions", quiz.pk, target, stdout=out)
    assert "coderunner" in target.read_text()
    with pytest.raises(CommandError):
        call_command("export_questions", quiz.pk, target, stdout=out)
    error = io.StringIO()
    call_command("export_questions", quiz.pk, tmp_path / "out.gift", stdout=out, stderr=error)
    assert "Left out" in error.getvalue()


def test_commands_say_what_is_wrong(
    quiz: Quiz, instructor: User, other_instructor: User, tmp_path: Path
) -> None:
    source = tmp_path / "q.gift"
    source.write_text(GIFT)
    for path, how in (
        (source, {"quiz": 0, "by": "instructor"}),
        (source, {"quiz": quiz.pk, "by": "nobody"}),
        (source, {"quiz": quiz.pk, "by": "other_instructor"}),
        (source, {"quiz": quiz.pk, "by": "instructor", "format": "moodle_xml"}),
        (tmp_path / "none.gift", {"quiz": quiz.pk, "by": "instructor"}),
    ):
        with pytest.raises(CommandError):
            call_command("import_questions", path, **how)
    with pytest.raises(CommandError):
        call_command("export_questions", quiz.pk, tmp_path / "out.doc")

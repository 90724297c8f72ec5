"""The roster, imports and messages over the API: who gets what, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course, CourseEnrollment, CourseHelper, CourseMessage, HelperRole, RosterImport
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, make_course

Api = Callable[..., APIClient]
Run = Callable[[], int]
IMPORTS, MESSAGES = "/api/v1/roster-imports/", "/api/v1/course-messages/"


def roster(course: Course) -> str:
    return f"/api/v1/courses/{course.pk}/roster/"


@pytest.fixture
def assistant(course: Course) -> User:
    user = UserFactory(username="assistant")
    CourseHelper.objects.create(course=course, user=user, role=HelperRole.ASSISTANT)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def co_instructor(course: Course) -> User:
    user = UserFactory(username="co_instructor")
    CourseHelper.objects.create(course=course, user=user, role=HelperRole.CO_INSTRUCTOR)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> dict[str, User | None]:
    names = (
        "student",
        "enrolled_student",
        "instructor",
        "co_instructor",
        "assistant",
        "other_instructor",
        "admin_user",
    )
    return {"nobody": None, **{name: request.getfixturevalue(name) for name in names}}


def file_of(*emails: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("c.csv", "\n".join(["email", *emails]).encode())


READS = {"nobody": 401, "student": 403, "enrolled_student": 403, "other_instructor": 403}
WRITES = {"nobody": 401, "student": 403, "enrolled_student": 403, "other_instructor": 403, "assistant": 403}


@pytest.mark.parametrize("key", [False, True])
def test_each_role_reads_the_roster_that_it_may(
    *, api: Api, course: Course, instructor: User, cast: dict[str, User | None], key: bool
) -> None:
    draft = make_course(slug="draft", instructor=instructor, is_published=False)
    for name, user in cast.items():
        client = api(user, key=key and user is not None)
        answer = client.get(roster(course))
        assert answer.status_code == READS.get(name, 200), name
        assert ("enrolled_student@example.org" in answer.content.decode()) == (name not in READS)
        hidden = {"nobody": 401, "instructor": 200, "admin_user": 200}.get(name, 404)
        assert client.get(roster(draft)).status_code == hidden, name


def test_roster_is_narrowed_searched_and_sorted(api: Api, course: Course, instructor: User) -> None:
    for name, progress in (("ada", 10), ("bob", 90), ("cleo", 50)):
        EnrollmentFactory(course=course, student=UserFactory(username=name), progress=progress)
    EnrollmentFactory(course=make_course(slug="other", instructor=instructor))
    client = api(instructor)

    def names(query: str) -> list[str]:
        return [
            row["email"].partition("@")[0] for row in client.get(roster(course) + query).json()["results"]
        ]

    assert names("") == ["ada", "bob", "cleo"]
    assert names("?ordering=-progress") == ["bob", "cleo", "ada"]
    assert names("?search=cle") == ["cleo"]
    assert names("?standing=not_started") == []
    assert names("?standing=active&ordering=email&page_size=2&page=2") == ["cleo"]
    for wrong in ("?standing=nonsense", "?ordering=student__password", "?page_size=x"):
        assert client.get(roster(course) + wrong).status_code == 400
    row = client.get(roster(course) + "?search=ada").json()["results"][0]
    assert (row["progress"], row["lessons_done"], row["lessons"], row["state"]) == ("10.00", 0, 4, "active")


def test_queries_of_the_roster_do_not_grow(
    api: Api, course: Course, instructor: User, statements: Any
) -> None:
    client = api(instructor)
    EnrollmentFactory(course=course)
    with statements() as few:
        client.get(roster(course))
    for _number in range(15):
        EnrollmentFactory(course=course)
    with statements() as many:
        client.get(roster(course))
    assert len(many) == len(few) <= 8, "\n".join(many)


def test_each_role_imports_as_it_may(*, api: Api, course: Course, cast: dict[str, User | None]) -> None:
    for name, user in cast.items():
        body = {"course": course.pk, "file": file_of("a@example.org")}
        answer = api(user).post(IMPORTS, body, format="multipart")
        assert answer.status_code == WRITES.get(name, 201), (name, answer.content)
        listed = api(user).get(IMPORTS)
        assert listed.status_code == (401 if user is None else 200)
    assert RosterImport.objects.count() == 3
    run = RosterImport.objects.latest("id")
    for name, user in cast.items():
        status = {"nobody": 401, "instructor": 200, "co_instructor": 200, "admin_user": 200}.get(name, 404)
        assert api(user).get(f"{IMPORTS}{run.pk}/").status_code == status, name


def test_import_is_a_dry_run_unless_told_otherwise(
    api: Api, course: Course, instructor: User, run_tasks: Run
) -> None:
    client = api(instructor)
    answer = client.post(
        IMPORTS, {"course": course.pk, "file": file_of("a@example.org", "x")}, format="multipart"
    )
    made = answer.json()
    assert (made["is_dry_run"], made["status"], made["started_by"]) == (True, "waiting", instructor.pk)
    assert "file" not in made
    run_tasks()
    found = client.get(f"{IMPORTS}{made['id']}/").json()
    assert (found["status"], found["percent"], found["counts"]) == ("done", 100, {"invited": 1, "faults": 1})
    assert found["report"][0]["place"] == "line 3"
    body = {"course": course.pk, "file": file_of("a@example.org"), "is_dry_run": "false"}
    assert client.post(IMPORTS, body, format="multipart").json()["is_dry_run"] is False


@pytest.mark.parametrize("extra", [{"status": "done"}, {"done": 5}, {"started_by": 999999}, {"report": "[]"}])
def test_import_takes_no_field_of_the_server(
    api: Api, course: Course, instructor: User, extra: dict[str, Any]
) -> None:
    body = {"course": course.pk, "file": file_of("a@example.org"), **extra}
    answer = api(instructor).post(IMPORTS, body, format="multipart")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(extra)


def test_import_of_no_use_is_refused(api: Api, course: Course, instructor: User) -> None:
    for body in (
        {"course": course.pk},
        {"course": course.pk, "file": SimpleUploadedFile("c.csv", b"")},
        {"course": course.pk, "file": "text"},
    ):
        assert api(instructor).post(IMPORTS, body, format="multipart").status_code == 400
    hidden = make_course(slug="hidden", is_published=False)
    body = {"course": hidden.pk, "file": file_of("a@example.org")}
    assert api(instructor).post(IMPORTS, body, format="multipart").status_code == 404
    assert not RosterImport.objects.exists()


def words(course: Course, **more: Any) -> dict[str, Any]:
    return {"course": course.pk, "subject": "Hello", "body": "Text", "standing": "active", **more}


def test_each_role_writes_to_students_as_it_may(
    *, api: Api, course: Course, cast: dict[str, User | None]
) -> None:
    for name, user in cast.items():
        answer = api(user).post(MESSAGES, words(course, subject=f"From {name}"), format="json")
        assert answer.status_code == WRITES.get(name, 201), (name, answer.content)
    assert CourseMessage.objects.count() == 3
    message = CourseMessage.objects.latest("id")
    for name, user in cast.items():
        status = {"nobody": 401, "student": 404, "enrolled_student": 404, "other_instructor": 404}.get(
            name, 200
        )
        assert api(user).get(f"{MESSAGES}{message.pk}/").status_code == status, name
        if user is not None:
            assert len(api(user).get(MESSAGES).json()["results"]) == (3 if status == 200 else 0), name


def test_message_goes_to_the_named_places(
    *, api: Api, course: Course, instructor: User, enrolled_student: User, run_tasks: Run
) -> None:
    place = CourseEnrollment.objects.get(student=enrolled_student)
    EnrollmentFactory(course=course)
    client = api(instructor)
    body = words(course, enrollments=[place.pk])
    del body["standing"]
    made = client.post(MESSAGES, body, format="json").json()
    assert (made["recipients"], made["mailed"], made["sender"]) == (1, 0, instructor.pk)
    run_tasks()
    assert client.get(f"{MESSAGES}{made['id']}/").json()["mailed"] == 1
    assert client.post(MESSAGES, body, format="json").status_code == 409


def test_message_to_wrong_places_names_them(api: Api, course: Course, instructor: User) -> None:
    mine, foreign = EnrollmentFactory(course=course), EnrollmentFactory()
    body = words(course, enrollments=[mine.pk, foreign.pk, 999_999])
    del body["standing"]
    answer = api(instructor).post(MESSAGES, body, format="json")
    assert answer.status_code == 400
    assert f"{foreign.pk}, 999999" in answer.json()["fields"]["enrollments"][0]
    for wrong in ({"standing": "x"}, {"enrollments": [mine.pk]}, {"subject": "a\nb"}, {"sender": 999_999}):
        assert api(instructor).post(MESSAGES, words(course, **wrong), format="json").status_code == 400, wrong
    assert not CourseMessage.objects.exists()


@pytest.mark.parametrize("url", [IMPORTS, MESSAGES])
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_what_was_sent_is_not_changed(api: Api, instructor: User, url: str, method: str) -> None:
    assert getattr(api(instructor), method)(f"{url}1/").status_code == 405

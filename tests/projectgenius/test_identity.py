"""One transaction a request, in which PostgreSQL knows who asks; refusals stay in the log, failures leave nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client

from accounts.api.views import Myself
from accounts.audit import after_commit, as_system, set_identity
from accounts.models import AuditEvent, User
from courses.models import CourseEnrollment, Lesson, LessonCompletion
from projectgenius.pages import landing
from tests.courses.factories import EnrollmentFactory, make_course
from tests.races import on_postgresql

pytestmark = pytest.mark.django_db(transaction=True)
Login = Callable[[User], Client]
IDENTITY = "SELECT current_setting('app.user_id', true), current_setting('app.role', true), pg_current_xact_id()::text"
two_roles = pytest.mark.skipif(
    "owner" not in settings.DATABASES,
    reason="needs two roles: set DATABASE_URL (the web role) and DATABASE_OWNER_URL to a PostgreSQL",
)


def identity() -> list[Any]:
    """User id, role and number of the transaction, as the database knows them now."""
    with connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        return list(cursor.fetchone())


@pytest.fixture
def _probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The front page answers what the database knows, asked twice."""
    monkeypatch.setattr(landing, "render", lambda *_: JsonResponse([identity(), identity()], safe=False))


@pytest.fixture
def place(student: User) -> CourseEnrollment:
    return EnrollmentFactory(student=student, course=make_course(slug="counting"))


def complete(client: Client) -> HttpResponse:
    lesson = Lesson.objects.published().in_order()[0]
    return client.post(f"/courses/counting/lessons/{lesson.pk}/complete/")


def last_refusal() -> tuple[Any, ...] | None:
    return (
        AuditEvent.objects.filter(action="access.refuse")
        .values_list("actor_id", "table", "after__status")
        .order_by("-id")
        .first()
    )


# --- PostgreSQL: identity and one transaction ---


@on_postgresql
@pytest.mark.usefixtures("_probe")
def test_database_knows_who_asks_for_the_length_of_the_request(
    client: Client, login: Login, student: User, admin_user: User
) -> None:
    for browser, expected in [
        (client, ["", "user"]),
        (login(student), [str(student.pk), "user"]),
        (login(admin_user), [str(admin_user.pk), "admin"]),
        (client, ["", "user"]),
    ]:
        first, second = browser.get("/").json()
        assert first[:2] == expected
        assert first == second, "one transaction"
        assert identity()[:2] == ["", "system"], "nothing is left on the connection: the test has it again"
        assert not connection.in_atomic_block


@on_postgresql
def test_program_with_a_key_is_known_too(
    student: User, api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def note(view: Myself) -> Any:
        seen.append(identity()[:2])
        return view.request.user

    monkeypatch.setattr(Myself, "get_object", note)
    assert api(student, key=True).get("/api/v1/me/").status_code == 200
    assert seen == [[str(student.pk), "user"]]
    assert identity()[:2] == ["", "system"]


@on_postgresql
def test_view_that_fails_leaves_nothing(
    login: Login, place: CourseEnrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("the page cannot be made")

    monkeypatch.setattr("courses.views.LessonView.of", fail)
    client = login(place.student)
    client.raise_request_exception = False
    assert complete(client).status_code == 500
    assert not LessonCompletion.objects.exists()
    place.refresh_from_db()
    assert place.progress == 0
    assert identity()[:2] == ["", "system"]
    monkeypatch.undo()
    assert complete(login(place.student)).status_code == 302, "the connection goes on working"


@on_postgresql
@pytest.mark.parametrize("status", [500, 503])
def test_answer_that_says_failure_leaves_nothing(
    login: Login, place: CourseEnrollment, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr("courses.views.redirect", lambda *_: HttpResponse(status=status))
    complete(login(place.student))
    assert not LessonCompletion.objects.exists()


@on_postgresql
def test_refusal_is_logged_although_the_request_is_rolled_back(
    login: Login, place: CourseEnrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.exceptions import PermissionDenied

    def refuse(*args: Any) -> None:
        raise PermissionDenied("Not you.")

    monkeypatch.setattr("courses.views.LessonView.of", refuse)
    assert complete(login(place.student)).status_code == 403
    assert not LessonCompletion.objects.exists()
    assert last_refusal() == (place.student_id, "lessons", 403)


@on_postgresql
def test_database_error_in_a_view_is_a_broken_page_and_no_more(
    client: Client, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong_statement(*args: Any) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
        return HttpResponse()

    monkeypatch.setattr(landing, "render", wrong_statement)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert b"nowhere" not in answer.content
    monkeypatch.undo()
    assert client.get("/").status_code == 200


@on_postgresql
def test_background_work_is_the_systems_and_leaves_nothing_behind(student: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.role', '', false)")
    with as_system():
        assert identity()[:2] == ["", "system"]
        with transaction.atomic():
            set_identity(student)
            assert identity()[:2] == [str(student.pk), "user"]
        assert identity()[:2] == ["", "system"]
    assert identity()[:2] == ["", ""]
    with pytest.raises(ZeroDivisionError), as_system():
        raise ZeroDivisionError
    assert identity()[:2] == ["", ""]


@on_postgresql
def test_what_comes_after_the_commit_is_still_the_persons(
    login: Login, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def wait(*args: Any) -> HttpResponse:
        after_commit(lambda: seen.append(identity()[:2]))
        transaction.on_commit(lambda: seen.append(identity()[:2]))
        return HttpResponse()

    monkeypatch.setattr(landing, "render", wait)
    login(student).get("/")
    assert seen == [[str(student.pk), "user"], ["", ""]]
    with transaction.atomic():
        after_commit(lambda: seen.append(identity()[:2]))
    assert seen[2:] == [["", "system"]], "the request is forgotten"


# --- Both databases ---


def test_refused_rows_are_logged(login: Login, place: CourseEnrollment, other_instructor: User) -> None:
    lesson = Lesson.objects.published().in_order()[1]
    client = login(other_instructor)
    assert client.get(f"/courses/counting/lessons/{lesson.pk}/").status_code == 403
    assert last_refusal() == (other_instructor.pk, "lessons", 403)
    assert client.get("/courses/nothing/").status_code == 404
    assert last_refusal() == (other_instructor.pk, "courses", 404)


def test_visitors_and_unknown_addresses_are_not_logged(client: Client, login: Login, student: User) -> None:
    client.get("/courses/nothing/")
    login(student).get("/nowhere/")
    assert last_refusal() is None


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite alone: a page that only reads must not lock the database"
)
def test_reading_a_page_opens_no_transaction(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def note(request: HttpRequest, *args: Any) -> HttpResponse:
        seen.append(connection.in_atomic_block)
        return HttpResponse()

    monkeypatch.setattr(landing, "render", note)
    client.get("/")
    assert seen == [False]


# --- Two roles ---


@two_roles
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE users ADD COLUMN more text",
        "ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only",
        "DROP TABLE audit_log",
        "DROP TRIGGER audit_log_append_only ON audit_log",
        "CREATE TABLE mine (id int)",
        "CREATE INDEX ON users (bio)",
        "UPDATE audit_log SET reason = ''",
        "DELETE FROM audit_log",
        "DELETE FROM django_migrations",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
        "SET session_replication_role = replica",
        "COPY users TO PROGRAM 'cat'",
    ],
)
def test_web_role_may_not(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@two_roles
@pytest.mark.django_db(
    transaction=True, databases=["default", "owner"] if "owner" in settings.DATABASES else None
)
def test_web_role_is_neither_owner_nor_superuser() -> None:
    web, owner = (connections[alias].settings_dict["USER"] for alias in ("default", "owner"))
    assert web != owner
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (web, False, False)
        cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchall() == [(owner,)]
        cursor.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", [owner])
        assert cursor.fetchone() == (False,)

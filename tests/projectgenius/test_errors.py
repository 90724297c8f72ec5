"""What is shown when something went wrong: words, a way on, and nothing of the inside."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts.models import User
from projectgenius.errors import Conflict
from projectgenius.pages import landing
from projectgenius.wsgi import application

Login = Callable[[User], Client]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], Client]:
    """`failing(error)` gives a browser for a site whose front page raises the error."""

    def fail_with(error: Exception) -> Client:
        def view(*args: Any, **kwargs: Any) -> None:
            raise error

        monkeypatch.setattr(landing, "render", view)
        return Client(raise_request_exception=False)

    return fail_with


Failing = Callable[[Exception], Client]


def test_unknown_address_offers_ways_on(client: Client, login: Login, student: User) -> None:
    answer = client.get("/nowhere/?a=<script>")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Page not found" in page
    assert "/accounts/login/?next=/nowhere/%3Fa%3D%253Cscript%253E" in page
    assert "<script>" not in page
    assert 'href="/home/"' in login(student).get("/nowhere/").content.decode()


def test_refusal_gives_its_reason(db: None, failing: Failing) -> None:
    answer = failing(PermissionDenied("Only <b>instructors</b> do this.")).get("/")
    assert answer.status_code == 403
    assert "Only &lt;b&gt;instructors&lt;/b&gt; do this." in answer.content.decode()


def test_request_that_cannot_be_read_is_refused(db: None, failing: Failing) -> None:
    answer = failing(SuspiciousOperation("inner words")).get("/")
    assert answer.status_code == 400
    assert "We couldn’t read that request" in answer.content.decode()
    assert "inner words" not in answer.content.decode()


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a b", "testserver:x"])
def test_foreign_host_name_is_refused_with_a_page(client: Client, db: None, host: str) -> None:
    answer = client.get("/", HTTP_HOST=host)
    assert answer.status_code == 400
    assert "We couldn’t read that request" in answer.content.decode()
    assert host not in answer.content.decode()


def test_broken_page_tells_its_number_and_nothing_else(
    db: None, failing: Failing, caplog: pytest.LogCaptureFixture
) -> None:
    answer = failing(RuntimeError("a secret of the inside")).get("/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something broke on our side" in page
    assert answer.headers["X-Request-ID"] in page
    assert "secret of the inside" not in page
    assert "RuntimeError" not in page
    assert "a secret of the inside" in caplog.text, "the log tells more"


def test_broken_page_comes_out_without_a_database(failing: Failing, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test has no database: a statement would fail it."""
    from projectgenius.pages.errors import server_error

    request = HttpRequest()
    answer = server_error(request)
    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content


def test_conflict_carries_code_and_sentence() -> None:
    conflict = Conflict("The group is full.", code="group_full")
    assert (str(conflict), conflict.message, conflict.code) == (
        "The group is full.",
        "The group is full.",
        "group_full",
    )


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_strange_methods_are_answered(client: Client, db: None, method: str) -> None:
    for path in ("/", "/courses/", "/home/", "/theme/", "/settings/"):
        assert getattr(client, method)(path).status_code in (200, 302, 405)


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/", "/api/v1/course-enrollments/"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("charset", ["hex", "idna", "rot13", "zlib", "undefined", "utf-16", "no-such", "ü"])
def test_body_in_another_charset_is_refused(
    client: Client, db: None, charset: str, kind: str, path: str
) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\nzz\r\n--x--\r\n'
    answer = client.generic("POST", path, body, content_type=f"{kind}; charset={charset}")
    assert answer.status_code == 400
    if path.startswith("/api/"):
        assert set(answer.json()) >= {"code", "message"}


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_body_in_utf8_is_read(client: Client, db: None, charset: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert (
        client.generic("POST", "/accounts/login/", b"login=zz&password=y", content_type=kind).status_code
        == 200
    )


@pytest.mark.parametrize("charset", ["hex", "idna", "rot13", "zlib", "undefined", "no-such"])
def test_query_beside_a_body_in_another_charset_breaks_nothing(db: None, charset: str) -> None:
    """Through the server's own door: the test client's requests are not the site's."""
    environ = RequestFactory().get("/accounts/login/?next=/").environ
    environ |= {"REQUEST_METHOD": "POST", "CONTENT_TYPE": f"application/json; charset={charset}"}
    answers: list[str] = []
    list(application(environ, lambda status, _headers, _error=None: answers.append(status)))
    assert answers == ["400 Bad Request"]

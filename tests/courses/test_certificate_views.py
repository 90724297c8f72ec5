"""Certificates on the site: one's own, the public proof, the PDF, and the limit on trying numbers."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.models import User
from courses.models import Certificate, CourseEnrollment
from tests.courses.factories import CertificateFactory

Login = Callable[[User], Client]
CODE = "ABCD-EFGH-JKLM-2345"
PAGE, PDF = f"/verify/{CODE}/", f"/certificates/{CODE}.pdf"


@pytest.fixture
def certificate(enrollment: CourseEnrollment) -> Certificate:
    return CertificateFactory(enrollment=enrollment, code=CODE)


@pytest.fixture
def revoked(certificate: Certificate) -> Certificate:
    certificate.revoked_at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    certificate.revoked_reason = "Issued by <b>mistake</b>."
    certificate.save()
    return certificate


def test_anybody_sees_that_a_certificate_is_valid(client: Client, certificate: Certificate) -> None:
    answer = client.get(PAGE)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Valid" in page
    for words in ("Enrolled Student", "Counting for beginners", "3 hours, taught by Instructor", CODE):
        assert words in page
    assert PDF not in page
    assert "no-store" in answer.headers["Cache-Control"]
    assert "enrolled_student" not in page, "neither the account's name nor its address"
    assert "@example.org" not in page


def test_revoked_certificate_says_so_with_the_reason(client: Client, revoked: Certificate) -> None:
    answer = client.get(PAGE)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Revoked on 1 March 2026" in page
    assert "Issued by &lt;b&gt;mistake&lt;/b&gt;." in page
    assert "Valid" not in page


@pytest.mark.parametrize("code", ["ABCD-EFGH-JKLM-2346", "x", "<script>", "%00", "ABCD%00", "é" * 30])
def test_unknown_number_is_not_found(
    login: Login, student: User, client: Client, db: None, code: str
) -> None:
    for browser in (client, login(student)):
        answer = browser.get(f"/verify/{code}/")
        assert answer.status_code == 404
        assert "No certificate has this number" in answer.content.decode()
        assert browser.get(f"/certificates/{code}.pdf").status_code in (302, 404)


@pytest.mark.parametrize("typed", [CODE, "abcd efgh jklm 2345", " ABCDEFGHJKLM2345 "])
def test_number_is_looked_up_as_it_is_typed(client: Client, certificate: Certificate, typed: str) -> None:
    assert client.get("/verify/", {"number": typed}).headers["Location"] == PAGE
    assert client.get(f"/verify/{typed.strip()}/").status_code == 200


@pytest.mark.parametrize("typed", ["", "---", "x" * 41])
def test_number_that_cannot_be_one_is_refused_in_the_form(client: Client, db: None, typed: str) -> None:
    answer = client.get("/verify/", {"number": typed})
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_form_is_empty_at_first(client: Client, db: None) -> None:
    assert not client.get("/verify/").context["form"].errors


def test_holder_instructor_and_administrator_get_the_pdf(
    login: Login, certificate: Certificate, admin_user: User, instructor: User
) -> None:
    for user in (certificate.enrollment.student, instructor, admin_user):
        client = login(user)
        assert PDF in client.get(PAGE).content.decode()
        answer = client.get(PDF)
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="certificate-{CODE}.pdf"'
        assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
        assert CODE in PdfReader(BytesIO(answer.content)).pages[0].extract_text()


def test_nobody_else_gets_the_pdf(
    login: Login, client: Client, certificate: Certificate, student: User, other_instructor: User
) -> None:
    assert client.get(PDF).headers["Location"].startswith("/accounts/login/?next=")
    for user in (student, other_instructor):
        browser = login(user)
        assert browser.get(PDF).status_code == 404
        assert PDF not in browser.get(PAGE).content.decode()


def test_revoked_certificate_gives_no_pdf(login: Login, revoked: Certificate) -> None:
    client = login(revoked.enrollment.student)
    assert PDF not in client.get(PAGE).content.decode()
    assert PDF not in client.get("/certificates/").content.decode()
    assert client.get(PDF).headers["Location"] == PAGE


def test_list_holds_the_own_certificates_alone(
    login: Login, certificate: Certificate, student: User, instructor: User
) -> None:
    other = CertificateFactory()
    page = login(certificate.enrollment.student).get("/certificates/").content.decode()
    assert CODE in page
    assert other.code not in page
    for user in (student, instructor):
        assert "No certificates yet" in login(user).get("/certificates/").content.decode()


def test_certificate_stays_after_leaving_and_unpublishing(login: Login, certificate: Certificate) -> None:
    enrollment = certificate.enrollment
    enrollment.withdrawn_at = enrollment.enrolled_at
    enrollment.save()
    enrollment.course.is_published = False
    enrollment.course.save()
    client = login(enrollment.student)
    assert CODE in client.get("/certificates/").content.decode()
    assert client.get(PDF).status_code == 200
    assert Client().get(PAGE).status_code == 200

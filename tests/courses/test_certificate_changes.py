"""Revoking, reinstating and reissuing certificates: who may, what it changes, what the log says."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pypdf import PdfReader
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from courses.authoring import save_content
from courses.certificate_pdf import render_certificate
from courses.certificates import (
    issue_certificate,
    issue_missing,
    reinstate_certificate,
    reissue_certificate,
    revoke_certificate,
)
from courses.models import Certificate, Course, CourseEnrollment, CourseHelper
from projectgenius.errors import Conflict
from projectgenius.tries import TRIES
from tests.accounts.factories import UserFactory
from tests.courses.archives import picture
from tests.courses.factories import CertificateFactory, EnrollmentFactory
from tests.races import at_once, on_postgresql

Login = Callable[[User], Client]
Api = Callable[..., APIClient]

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIST = "/admin/courses/certificate/"


@pytest.fixture
def certificate(enrollment: CourseEnrollment) -> Certificate:
    """Of `enrolled_student` in `course`."""
    return CertificateFactory(enrollment=enrollment, code="ABCD-EFGH-JKLM-2345")


@pytest.fixture
def people(  # noqa: PLR0917  (one for each role)
    course: Course,
    instructor: User,
    other_instructor: User,
    student: User,
    enrolled_student: User,
    admin_user: User,
) -> dict[str, User]:
    """Everybody who might try."""
    helpers = {"co_instructor": UserFactory(username="co"), "assistant": UserFactory(username="assistant")}
    for role, person in helpers.items():
        CourseHelper.objects.create(course=course, user=person, role=role)
    return {
        **helpers,
        "IO": instructor,
        "IX": other_instructor,
        "SN": student,
        "SP": enrolled_student,
        "AD": admin_user,
    }  # fmt: skip


MAY = {"IO", "co_instructor", "AD"}


def test_certificate_is_revoked_with_a_reason_and_holds_again(
    certificate: Certificate, instructor: User
) -> None:
    revoke_certificate(certificate=certificate, by=instructor, reason=" Copied work ", now=NOON)
    certificate.refresh_from_db()
    assert (certificate.revoked_at, certificate.revoked_reason) == (NOON, "Copied work")
    reinstate_certificate(certificate=certificate, by=instructor, reason="It was a mistake")
    certificate.refresh_from_db()
    assert (certificate.revoked_at, certificate.revoked_reason) == (None, "")
    first, second = AuditEvent.objects.filter(action__startswith="certificate.").order_by("id")
    assert (first.action, first.actor_id, first.reason, first.row_id, first.course_id) == (
        "certificate.revoke",
        instructor.pk,
        "Copied work",
        str(certificate.pk),
        certificate.enrollment.course_id,
    )
    assert (second.action, second.reason, second.before) == (
        "certificate.reinstate",
        "It was a mistake",
        {"revoked": True, "reason": "Copied work"},
    )


@pytest.mark.parametrize("act", [revoke_certificate, reinstate_certificate])
@pytest.mark.parametrize("reason", ["", "  \n", "x" * 1001])
def test_reason_is_needed(
    act: Callable[..., Any], reason: str, certificate: Certificate, instructor: User
) -> None:
    with pytest.raises(ValidationError) as refused:
        act(certificate=certificate, by=instructor, reason=reason)
    assert "reason" in refused.value.message_dict
    assert not AuditEvent.objects.exists()


def test_what_the_state_forbids_is_refused(certificate: Certificate, instructor: User) -> None:
    def code(act: Callable[..., Any], **values: str) -> str:
        with pytest.raises(Conflict) as refused:
            act(certificate=certificate, by=instructor, **values)
        return refused.value.code

    assert code(reinstate_certificate, reason="x") == "not_revoked"
    revoke_certificate(certificate=certificate, by=instructor, reason="x")
    assert code(revoke_certificate, reason="y") == "already_revoked"
    assert code(reissue_certificate) == "revoked"
    certificate.refresh_from_db()
    assert certificate.revoked_reason == "x"


@pytest.mark.parametrize("act", [revoke_certificate, reinstate_certificate, reissue_certificate])
def test_only_who_teaches_changes_a_certificate(
    act: Callable[..., Any], certificate: Certificate, people: dict[str, User]
) -> None:
    """Also when asked directly: no door can forget it."""
    values = {} if act is reissue_certificate else {"reason": "Because"}
    if act is reinstate_certificate:
        Certificate.objects.update(revoked_at=NOON)
    stored = Certificate.objects.values().get()
    for role in set(people) - MAY:
        with pytest.raises(PermissionDenied):
            act(certificate=certificate, by=people[role], **values)
    assert Certificate.objects.values().get() == stored
    act(certificate=certificate, by=people["co_instructor"], **values)
    assert Certificate.objects.values().get() != stored


def test_reissued_certificate_takes_present_names_and_keeps_its_number(
    certificate: Certificate, instructor: User
) -> None:
    student, course = certificate.enrollment.student, certificate.enrollment.course
    before = Certificate.objects.values().get()
    student.full_name, instructor.full_name = "New Name", "New Teacher"
    student.save()
    instructor.save()
    Course.objects.update(title="New title", certificate_text="With honours", total_minutes=6000)
    reissue_certificate(certificate=certificate, by=instructor, now=NOON)
    after = Certificate.objects.values().get()
    assert {name for name in after if after[name] != before[name]} == {
        "holder_name", "instructor_name", "course_title", "statement", "reissued_at",
    }  # fmt: skip
    assert (after["holder_name"], after["course_title"], after["reissued_at"]) == (
        "New Name",
        "New title",
        NOON,
    )
    event = AuditEvent.objects.get(action="certificate.reissue")
    assert event.before == {"course_title": course.title, "statement": ""}
    assert event.after == {
        "changed": ["course_title", "holder_name", "instructor_name", "statement"],
        "course_title": "New title",
        "statement": "With honours",
    }
    assert "New Name" not in f"{event.before}{event.after}", "the log names people by id alone"


def test_issue_copies_text_and_signature(enrollment: CourseEnrollment, course: Course) -> None:
    course.certificate_text = "Checked by the board"
    course.certificate_signature.save("s.png", ContentFile(picture()), save=True)
    enrollment.completed_at = NOON
    enrollment.save()
    certificate = issue_certificate(enrollment=CourseEnrollment.objects.get(pk=enrollment.pk))
    assert certificate
    assert certificate.statement == "Checked by the board"
    assert certificate.signature == course.certificate_signature.name
    old = certificate.signature
    course.certificate_signature.save("t.png", ContentFile(picture(color="red")), save=True)
    certificate.refresh_from_db()
    assert certificate.signature == old
    assert default_storage.exists(old), "a certificate goes on showing the signature of its day"


def test_flag_of_the_enrollment_says_issued_and_stays(
    certificate: Certificate, enrollment: CourseEnrollment, instructor: User
) -> None:
    CourseEnrollment.objects.update(certificate_issued=True, completed_at=NOON)
    revoke_certificate(certificate=certificate, by=instructor, reason="x")
    enrollment.refresh_from_db()
    assert enrollment.certificate_issued
    assert issue_certificate(enrollment=enrollment) == certificate, "completing again gives no second one"
    assert issue_missing(course_id=enrollment.course_id) == 0


def test_switching_certificates_on_later_issues_what_was_missed(
    enrollment: CourseEnrollment, course: Course, instructor: User, run_tasks: Callable[[], int]
) -> None:
    Course.objects.update(certificates_enabled=False)
    CourseEnrollment.objects.update(completed_at=NOON)
    for fields in ({"withdrawn_at": NOON}, {"payment_status": "refunded"}, {"completed_at": None}):
        EnrollmentFactory(course=course, **{"completed_at": NOON, **fields})
    course.refresh_from_db()
    course.certificates_enabled = True
    save_content(row=course, by=instructor)
    run_tasks()
    assert Certificate.objects.get().enrollment == enrollment
    save_content(row=course, by=instructor)
    run_tasks()
    assert Certificate.objects.count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_revoke_at_once_leave_one_reason(certificate: Certificate, instructor: User) -> None:
    results = at_once(
        *(
            lambda word=word: revoke_certificate(certificate=certificate, by=instructor, reason=word)
            for word in ("one", "two", "three")
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["Certificate", "Conflict", "Conflict"]
    assert AuditEvent.objects.filter(action="certificate.revoke").count() == 1


# On paper


def text_of(certificate: Certificate) -> str:
    return PdfReader(BytesIO(render_certificate(certificate))).pages[0].extract_text()


def test_paper_shows_the_instructors_text_and_signature(certificate: Certificate) -> None:
    bare = len(PdfReader(BytesIO(render_certificate(certificate))).pages[0].images)
    certificate.statement = "Geprüft nach der Ordnung vom 1. März — Проверено. " * 6
    certificate.signature = default_storage.save(
        "signatures/x.png", ContentFile(picture("PNG", "RGBA", (0, 0, 0, 120), (300, 100)))
    )
    page = PdfReader(BytesIO(render_certificate(certificate))).pages[0]
    assert "Geprüft nach der Ordnung" in page.extract_text().replace("\n", " ")
    assert page.extract_text().count(certificate.instructor_name) == 2
    assert len(page.images) > bare


def test_signature_whose_file_is_gone_does_not_stop_the_paper(certificate: Certificate) -> None:
    certificate.signature = "signatures/gone.png"
    assert certificate.code in text_of(certificate)


# On pages


def test_public_page_shows_every_state(certificate: Certificate, instructor: User, client: Client) -> None:
    page = f"/verify/{certificate.code}/"
    assert "Valid" in client.get(page).content.decode()
    Course.objects.update(certificate_text="<b>Bold</b> words")
    reissue_certificate(certificate=certificate, by=instructor)
    text = client.get(page).content.decode()
    assert "Reissued" in text
    assert "&lt;b&gt;Bold&lt;/b&gt; words" in text
    revoke_certificate(certificate=certificate, by=instructor, reason="<i>Plagiarism</i>")
    text = client.get(page).content.decode()
    assert "Revoked on" in text
    assert "&lt;i&gt;Plagiarism&lt;/i&gt;" in text
    assert "Valid<" not in text
    reinstate_certificate(certificate=certificate, by=instructor, reason="Mistake")
    text = client.get(page).content.decode()
    assert "Valid" in text
    assert "Plagiarism" not in text
    assert "Mistake" not in text


def test_student_reads_the_reason_in_the_own_list(
    certificate: Certificate, instructor: User, enrolled_student: User, login: Login
) -> None:
    client = login(enrolled_student)
    assert "Valid" in client.get("/certificates/").content.decode()
    revoke_certificate(certificate=certificate, by=instructor, reason="Copied work")
    page = client.get("/certificates/").content.decode()
    assert "Revoked" in page
    assert "Copied work" in page
    assert f"{certificate.code}.pdf" not in page


def act(client: Client, what: str, *rows: Certificate, **data: str) -> Any:
    return client.post(
        LIST, {"action": what, "_selected_action": [row.pk for row in rows], "index": "0", **data}
    )


def test_instructor_revokes_in_the_admin_after_saying_why(
    certificate: Certificate, instructor: User, login: Login
) -> None:
    client = login(instructor)
    asked = act(client, "revoke", certificate)
    assert certificate.holder_name in asked.content.decode()
    again = act(client, "revoke", certificate, confirmed="1", reason=" ")
    assert again.status_code == 200
    certificate.refresh_from_db()
    assert certificate.revoked_at is None
    assert act(client, "revoke", certificate, confirmed="1", reason="Copied").status_code == 302
    certificate.refresh_from_db()
    assert certificate.revoked_reason == "Copied"
    assert certificate.code in client.get(LIST, {"state": "revoked"}).content.decode()
    assert certificate.code not in client.get(LIST, {"state": "valid"}).content.decode()
    refused = client.post(
        LIST, {"action": "reissue", "_selected_action": [certificate.pk], "index": "0"}, follow=True
    )
    assert "Reinstate it first" in refused.content.decode()
    act(client, "reinstate", certificate, confirmed="1", reason="Mistake")
    act(client, "reissue", certificate)
    certificate.refresh_from_db()
    assert certificate.revoked_at is None
    assert certificate.reissued_at


def test_all_the_chosen_ones_are_revoked_or_none(
    certificate: Certificate, course: Course, instructor: User, login: Login
) -> None:
    revoked = CertificateFactory(enrollment=EnrollmentFactory(course=course), revoked_at=NOON)
    act(login(instructor), "revoke", certificate, revoked, confirmed="1", reason="x")
    certificate.refresh_from_db()
    assert certificate.revoked_at is None


def test_nobody_else_revokes_in_the_admin(
    certificate: Certificate, people: dict[str, User], login: Login
) -> None:
    for role in set(people) - MAY:
        act(login(people[role]), "revoke", certificate, confirmed="1", reason="x")
        certificate.refresh_from_db()
        assert certificate.revoked_at is None, role
    assert '<option value="revoke"' not in login(people["assistant"]).get(LIST).content.decode()


def test_list_finds_by_number_and_holder(
    certificate: Certificate, course: Course, instructor: User, login: Login
) -> None:
    other = CertificateFactory(enrollment=EnrollmentFactory(course=course), holder_name="Zoe Quill")
    client = login(instructor)
    found = client.get(LIST, {"q": "Zoe"}).content.decode()
    assert other.code in found
    assert certificate.code not in found
    assert certificate.code in client.get(LIST, {"q": "JKLM-2345"}).content.decode()


# In the API


def test_api_revokes_reinstates_and_reissues(certificate: Certificate, instructor: User, api: Api) -> None:
    client, path = api(instructor), f"/api/v1/certificates/{certificate.pk}/"
    assert client.post(f"{path}revoke/", {}, format="json").json()["fields"].keys() == {"reason"}
    revoked = client.post(f"{path}revoke/", {"reason": "Copied"}, format="json")
    assert (revoked.status_code, revoked.json()["revoked_reason"]) == (200, "Copied")
    assert client.post(f"{path}revoke/", {"reason": "x"}, format="json").json()["code"] == "already_revoked"
    assert client.post(f"{path}reissue/").status_code == 409
    public = api().get(f"/api/v1/certificates/verify/{certificate.code}/").json()
    assert (public["is_revoked"], public["revoked_reason"]) == (True, "Copied")
    assert client.post(f"{path}reinstate/", {"reason": "x"}, format="json").json()["revoked_at"] is None
    assert client.post(f"{path}reissue/").json()["reissued_at"]


@pytest.mark.parametrize("what", ["revoke", "reinstate", "reissue"])
def test_api_refuses_everybody_else(
    what: str, certificate: Certificate, people: dict[str, User], api: Api
) -> None:
    path, body = f"/api/v1/certificates/{certificate.pk}/{what}/", {"reason": "x"}
    stored = Certificate.objects.values().get()
    expected = {"assistant": 403, "SP": 403, "IX": 404, "SN": 404}
    given = {role: api(people[role]).post(path, body, format="json").status_code for role in expected}
    assert given == expected
    assert api().post(path, body, format="json").status_code == 401
    assert api(people["AD"], key=True).post(path, body, format="json").status_code == 403
    assert Certificate.objects.values().get() == stored


def test_pages_and_api_count_the_same_tries(client: Client, api: Api, db: None) -> None:
    other = api()
    for number in range(TRIES):
        asked = client if number % 2 else other
        path = (
            "/verify/ABCD-EFGH-JKLM-2345/"
            if number % 2
            else "/api/v1/certificates/verify/ABCD-EFGH-JKLM-2345/"
        )
        assert asked.get(path).status_code == 404
    assert client.get("/verify/ABCD-EFGH-JKLM-2345/").status_code == 429
    refused = other.get("/api/v1/certificates/verify/ABCD-EFGH-JKLM-2345/")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"

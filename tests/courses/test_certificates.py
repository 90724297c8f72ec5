"""Proofs of completion: issued once, checked by anybody."""

import re
from datetime import UTC, datetime

import pytest

from accounts.models import AuditEvent
from courses.certificates import issue_certificate, new_code, normalize_code, verify
from courses.models import Certificate, Course, CourseEnrollment
from tests.courses.factories import CertificateFactory

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def completed(enrollment: CourseEnrollment) -> CourseEnrollment:
    enrollment.completed_at = NOON
    enrollment.save()
    return enrollment


def test_numbers_are_long_and_easily_read() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){3}", code), code


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ABCD-EFGH-JKLM-2345", "ABCD-EFGH-JKLM-2345"),
        ("abcd efgh jklm 2345", "ABCD-EFGH-JKLM-2345"),
        ("  abcdefghjklm2345\n", "ABCD-EFGH-JKLM-2345"),
        ("ABCD–EFGH–JKLM–2345", "ABCD-EFGH-JKLM-2345"),
        ("ABCD\0EFGH", "ABCDEFGH"),
        ("short", "SHORT"),
        ("", ""),
        ("'; DROP TABLE", "DROPTABLE"),
    ],
)
def test_numbers_are_found_however_they_are_typed(typed: str, found: str) -> None:
    assert normalize_code(typed) == found


def test_certificate_says_what_was_true_on_its_day(completed: CourseEnrollment, course: Course) -> None:
    Course.objects.update(total_minutes=150)
    completed.course.refresh_from_db()
    certificate = issue_certificate(enrollment=completed, now=NOON)
    assert certificate
    assert certificate.holder_name == "Enrolled Student"
    assert certificate.course_title == "Counting for beginners"
    assert certificate.instructor_name == "Instructor"
    assert certificate.hours == 2
    assert certificate.issued_at == NOON
    completed.student.full_name = "Somebody Else"
    completed.student.save()
    course.title = "Another course"
    course.save()
    certificate.refresh_from_db()
    assert (certificate.holder_name, certificate.course_title) == (
        "Enrolled Student",
        "Counting for beginners",
    )


def test_certificate_is_issued_once(completed: CourseEnrollment) -> None:
    first = issue_certificate(enrollment=completed)
    assert issue_certificate(enrollment=completed) == first
    completed.refresh_from_db()
    assert completed.certificate_issued
    event = AuditEvent.objects.get()
    assert (event.action, event.row_id, event.course_id, event.actor_id) == (
        "certificate.issue",
        str(Certificate.objects.get().pk),
        completed.course_id,
        None,
    )
    assert event.after == {"student": completed.student_id}


def test_no_certificate_before_the_end(enrollment: CourseEnrollment) -> None:
    assert issue_certificate(enrollment=enrollment) is None
    assert not Certificate.objects.exists()


def test_no_certificate_where_the_instructor_gives_none(completed: CourseEnrollment) -> None:
    completed.course.certificates_enabled = False
    assert issue_certificate(enrollment=completed) is None
    assert not AuditEvent.objects.exists()


def test_anybody_finds_a_certificate_by_its_number(db: None) -> None:
    certificate = CertificateFactory(code="ABCD-EFGH-JKLM-2345")
    assert verify("abcdefghjklm2345") == certificate
    assert verify("ABCD-EFGH-JKLM-2346") is None
    assert verify("") is None
    revoked = CertificateFactory(revoked_at=NOON)
    assert verify(revoked.code) == revoked, "a revoked one is found, and says so"

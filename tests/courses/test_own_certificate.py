"""Nobody decides about the own certificate, also who came to teach the course."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Certificate, Course, CourseEnrollment, CourseHelper
from courses.permissions import can_manage_certificate
from tests.courses.factories import CertificateFactory, EnrollmentFactory

Api = Callable[..., APIClient]
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("change", ["revoke", "reinstate", "reissue"])
def test_nobody_decides_about_the_own_certificate(
    enrollment: CourseEnrollment, course: Course, enrolled_student: User, api: Api, change: str
) -> None:
    certificate = CertificateFactory(enrollment=enrollment)
    revoked_at = NOON if change == "reinstate" else None
    Certificate.objects.filter(pk=certificate.pk).update(revoked_at=revoked_at)
    CourseEnrollment.objects.update(withdrawn_at=NOON)
    CourseHelper.objects.create(course=course, user=enrolled_student, role="co_instructor")
    answer = api(enrolled_student).post(
        f"/api/v1/certificates/{certificate.pk}/{change}/", {"reason": "I say so"}, format="json"
    )
    assert answer.status_code == 403
    certificate.refresh_from_db()
    assert (certificate.revoked_at, certificate.reissued_at) == (revoked_at, None)
    other = CertificateFactory(enrollment=EnrollmentFactory(course=course))
    assert can_manage_certificate(User.objects.get(pk=enrolled_student.pk), other)

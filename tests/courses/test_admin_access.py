"""Letting people in, and money, in the admin site."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from courses.models import Course, CourseEnrollment, CourseHelper, CourseInvitation, CourseJoinCode, Payment
from tests.accounts.factories import UserFactory
from tests.courses.factories import CourseFactory, EnrollmentFactory, HelperFactory, PaymentFactory

Login = Callable[[User], Client]


@pytest.fixture
def url(course: Course) -> str:
    return f"/admin/courses/course/{course.pk}/access/"


def test_instructor_invites_many_and_reads_what_was_refused(
    login: Login, instructor: User, url: str, student: User
) -> None:
    client = login(instructor)
    body = {"act": "invite", "addresses": f"{student.email}\nnew@example.org\nwrong", "role": "student"}
    page = client.post(url, body).content.decode()
    assert "2 invitations sent." in page
    assert "wrong" in page
    assert len(mail.outbox) == 2
    page = client.post(url, {**body, "addresses": "new@example.org"}).content.decode()
    assert "invited already" in page
    row = CourseInvitation.objects.get(email="new@example.org")
    client.post(url, {"act": "resend", "row": row.pk})
    client.post(url, {"act": "withdraw", "row": row.pk})
    row.refresh_from_db()
    assert row.revoked_at
    assert len(mail.outbox) == 3
    assert client.post(url, {"act": "invite", "addresses": "", "role": "student"}).status_code == 200


def test_instructor_makes_and_ends_a_code(login: Login, instructor: User, url: str) -> None:
    client = login(instructor)
    assert client.post(url, {"act": "make-code", "max_uses": "0"}).status_code == 200
    assert client.post(url, {"act": "make-code", "expires_at": "2001-01-01T00:00"}).status_code == 200
    assert not CourseJoinCode.objects.exists()
    client.post(url, {"act": "make-code", "max_uses": "30", "expires_at": "2999-01-01T12:00"})
    code = CourseJoinCode.objects.get()
    assert code.code in client.get(url).content.decode()
    client.post(url, {"act": "end-code", "row": code.pk})
    code.refresh_from_db()
    assert not code.is_active


def test_owner_changes_and_removes_helpers_and_co_instructors_do_not(
    login: Login, instructor: User, url: str, course: Course
) -> None:
    helper = HelperFactory(course=course)
    co_instructor = HelperFactory(course=course, role="co_instructor").user
    foreign = HelperFactory()
    for body in (
        {"act": "change-helper", "row": helper.pk, "role": "co_instructor"},
        {"act": "remove-helper", "row": helper.pk},
    ):
        assert login(co_instructor).post(url, body).status_code == 403
        assert login(instructor).post(url, {**body, "row": foreign.pk}).status_code == 404
    answer = login(co_instructor).post(
        url, {"act": "invite", "addresses": "a@example.org", "role": "assistant"}
    )
    assert answer.status_code == 200, "not among the choices"
    assert not CourseInvitation.objects.exists()
    client = login(instructor)
    client.post(url, {"act": "change-helper", "row": helper.pk, "role": "co_instructor"})
    assert CourseHelper.objects.get(pk=helper.pk).role == "co_instructor"
    client.post(url, {"act": "remove-helper", "row": helper.pk})
    assert not CourseHelper.objects.filter(pk=helper.pk).exists()
    assert client.post(url, {"act": "nonsense"}).status_code == 404


def test_who_sees_the_page(
    login: Login, url: str, course: Course, admin_user: User, other_instructor: User
) -> None:
    assistant = HelperFactory(course=course).user
    for user, status in ((admin_user, 200), (assistant, 200), (other_instructor, 404)):
        assert login(user).get(url).status_code == status, user
    assert login(UserFactory()).get(url).status_code in (302, 403)
    body = {"act": "invite", "addresses": "a@example.org", "role": "student"}
    assert login(assistant).post(url, body).status_code == 403 or not CourseInvitation.objects.exists()
    assert login(assistant).post(url, {"act": "make-code"}).status_code == 403
    assert login(other_instructor).post(url, body).status_code == 404
    assert not CourseInvitation.objects.exists()
    assert not mail.outbox


# Money


def test_admin_notes_a_payment_and_a_refund(login: Login, admin_user: User) -> None:
    place = EnrollmentFactory(course=CourseFactory(price=49), payment_status="pending")
    client = login(admin_user)
    url = f"/admin/courses/courseenrollment/{place.pk}/money/"
    assert f"{url}" in client.get(f"/admin/courses/courseenrollment/{place.pk}/change/").content.decode()
    assert "49" in client.get(url).content.decode()
    assert client.post(url, {"amount": "0", "reference": "1"}).status_code == 200
    assert client.post(url, {"amount": "49"}).status_code == 200
    for _time in range(2):
        assert client.post(url, {"amount": "49", "reference": "bank-1", "note": "By bank"}).status_code == 302
    payment = Payment.objects.get()
    assert (payment.recorded_by, payment.method) == (admin_user, "manual")
    place.refresh_from_db()
    assert place.is_open
    url = f"/admin/courses/payment/{payment.pk}/money/"
    assert "Paid back before" in client.get(url).content.decode()
    part = {"amount": "9", "so_far": "0.00", "note": "Half of it"}
    assert client.post(url, part).status_code == 302
    assert "meanwhile" in client.post(url, part).content.decode()
    assert client.post(url, {"amount": "41", "so_far": "9.00", "note": "x"}).status_code == 200
    assert client.post(url, {"amount": "40", "so_far": "9.00", "note": "x"}).status_code == 302
    payment.refresh_from_db()
    place.refresh_from_db()
    assert (payment.refunded_amount, place.payment_status) == (Decimal(49), "refunded")


def test_instructors_see_and_note_no_money(login: Login, course: Course, instructor: User) -> None:
    payment = PaymentFactory(enrollment__course=course, reference="bank-secret", amount=Decimal("47.11"))
    place: Any = payment.enrollment
    for user in (instructor, HelperFactory(course=course).user):
        client = login(user)
        page = client.get(f"/admin/courses/courseenrollment/{place.pk}/change/")
        assert page.status_code == 200
        for hidden in ("bank-secret", "47.11", "/money/"):
            assert hidden not in page.content.decode()
        body = {"amount": "49", "reference": "mine"}
        assert client.post(f"/admin/courses/courseenrollment/{place.pk}/money/", body).status_code == 403
        assert client.get(f"/admin/courses/payment/{payment.pk}/change/").status_code in (403, 404)
        assert client.post(f"/admin/courses/payment/{payment.pk}/money/", body).status_code in (403, 404)
        assert client.get("/admin/courses/payment/").status_code == 403
    assert Payment.objects.count() == 1
    assert login(UserFactory()).get(f"/admin/courses/payment/{payment.pk}/money/").status_code in (302, 403)
    assert CourseEnrollment.objects.get().payments.get().refunded_amount == 0


@pytest.mark.parametrize("row", ["", "0", "-1", "²", "9" * 19, "9" * 20, "9" * 5000])
@pytest.mark.parametrize("act", ["resend", "withdraw", "end-code", "change-helper", "remove-helper"])
def test_number_that_names_no_row_of_the_course_is_not_found(
    login: Login, instructor: User, url: str, act: str, row: str
) -> None:
    assert login(instructor).post(url, {"act": act, "row": row, "role": "assistant"}).status_code == 404

"""What is received and paid back for a place, as an administrator notes it, and one's own receipts."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import AuditEvent, User
from courses.enrollment import enroll_student
from courses.models import Course, CourseEnrollment, Payment
from courses.payments import fail_payment, record_payment, refund_payment
from projectgenius.errors import Conflict
from tests.courses.factories import EnrollmentFactory, PaymentFactory, make_course

SECRET = "whsec_for_tests_alone"
NEWS = "/payments/stripe/"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Login = Callable[[User], Client]


@pytest.fixture
def place(student: User, instructor: User) -> CourseEnrollment:
    """A place in a course of 49 EUR that is not paid for."""
    course = make_course(slug="priced", title="Priced", price=49, instructor=instructor)
    return enroll_student(course=course, student=student)


@pytest.fixture
def keys(settings: Any) -> None:
    """A site that takes payments."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_x", SECRET


def status_of(place: CourseEnrollment) -> str:
    place.refresh_from_db()
    return place.payment_status


# By an administrator


@pytest.mark.parametrize("before", ["pending", "refunded", "failed"])
def test_payment_opens_the_course_and_is_logged(
    place: CourseEnrollment, admin_user: User, before: str
) -> None:
    CourseEnrollment.objects.update(payment_status=before)
    last = AuditEvent.objects.order_by("-id")[0]
    payment = record_payment(
        enrollment=place, amount=Decimal(49), reference=" 17 ", by=admin_user, note="Bank"
    )
    assert (payment.reference, payment.currency, payment.recorded_by) == ("17", "EUR", admin_user)
    assert status_of(place) == "paid"
    events = {event.action: event for event in AuditEvent.objects.filter(id__gt=last.id)}
    assert events.keys() == {"payment.record", "enrollment.pay"}
    assert events["enrollment.pay"].before == {"payment_status": before}
    assert {event.actor_id for event in events.values()} == {admin_user.pk}
    # Of the amount an instructor, who reads `enrollment.` events, learns nothing.
    assert "49" not in json.dumps([events["enrollment.pay"].before, events["enrollment.pay"].after])


def test_the_same_payment_again_changes_nothing(place: CourseEnrollment, admin_user: User) -> None:
    first = record_payment(enrollment=place, amount=Decimal(49), reference="17", by=admin_user)
    refund_payment(payment=first, by=admin_user)
    again = record_payment(enrollment=place, amount=Decimal(49), reference="17", by=admin_user)
    assert (again, Payment.objects.count(), status_of(place)) == (first, 1, "refunded")
    other = EnrollmentFactory(payment_status="pending")
    with pytest.raises(Conflict) as refused:
        record_payment(enrollment=other, amount=Decimal(49), reference="17", by=admin_user)
    assert refused.value.code == "reference_used"
    assert status_of(other) == "pending"


@pytest.mark.parametrize(("amount", "reference"), [("0", "1"), ("-1", "1"), ("49", "  ")])
def test_payment_that_cannot_be_is_refused(place: CourseEnrollment, amount: str, reference: str) -> None:
    with pytest.raises(ValidationError):
        record_payment(enrollment=place, amount=Decimal(amount), reference=reference, by=None)
    assert not Payment.objects.exists()


def test_paying_for_a_free_place_is_noted_and_leaves_it_free(course: Course) -> None:
    place = EnrollmentFactory(course=course)
    refund_payment(
        payment=record_payment(enrollment=place, amount=Decimal(5), reference="gift", by=None), by=None
    )
    assert status_of(place) == "free"


def test_access_ends_when_nothing_of_the_payment_is_left(place: CourseEnrollment, admin_user: User) -> None:
    payment = record_payment(enrollment=place, amount=Decimal(49), reference="17", by=admin_user)
    payment = refund_payment(payment=payment, amount=Decimal("9.50"), so_far=Decimal(0), by=admin_user)
    assert (payment.refunded_amount, status_of(place)) == (Decimal("9.50"), "paid")
    with pytest.raises(Conflict) as sent_twice:
        refund_payment(payment=payment, amount=Decimal("9.50"), so_far=Decimal(0), by=admin_user)
    assert sent_twice.value.code == "changed_meanwhile"
    for wrong in ("39.51", "0", "-1"):
        with pytest.raises(ValidationError):
            refund_payment(payment=payment, amount=Decimal(wrong), by=admin_user)
    refund_payment(payment=payment, by=admin_user)
    assert status_of(place) == "refunded"
    with pytest.raises(Conflict):
        refund_payment(payment=payment, by=admin_user)
    assert AuditEvent.objects.filter(action="payment.refund").count() == 2


def test_who_paid_twice_keeps_access_after_one_refund(place: CourseEnrollment) -> None:
    payments = [
        record_payment(enrollment=place, amount=Decimal(49), reference=number, by=None) for number in "12"
    ]
    refund_payment(payment=payments[0], by=None)
    assert status_of(place) == "paid"
    refund_payment(payment=payments[1], by=None)
    assert status_of(place) == "refunded"


def test_failure_is_noted_of_a_pending_place_alone(place: CourseEnrollment) -> None:
    assert fail_payment(enrollment=place).payment_status == "failed"
    record_payment(enrollment=place, amount=Decimal(49), reference="1", by=None)
    assert fail_payment(enrollment=place).payment_status == "paid"


# The student's own pages


def test_student_sees_own_receipts_alone(place: CourseEnrollment, login: Login, instructor: User) -> None:
    own = record_payment(enrollment=place, amount=Decimal(49), reference="bank-17", by=None)
    foreign = PaymentFactory(reference="foreign-18")
    client = login(place.student)
    page = client.get("/payments/").content.decode()
    assert "Priced" in page
    assert client.get(f"/payments/{own.pk}/").content.decode().count("bank-17") == 1
    assert client.get(f"/payments/{foreign.pk}/").status_code == 404
    assert login(instructor).get(f"/payments/{own.pk}/").status_code == 404

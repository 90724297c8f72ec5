"""Money for a place in a course: what was received, what was paid back, and what that opens and closes."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from courses.models import CourseEnrollment, Payment, PaymentMethod, PaymentStatus
from courses.progress import recalculate_progress
from projectgenius.errors import Conflict

NOTHING = Decimal(0)


@transaction.atomic
def record_payment(
    *,
    enrollment: CourseEnrollment,
    amount: Decimal,
    reference: str,
    by: Any,
    method: str = PaymentMethod.MANUAL,
    currency: str = "",
    note: str = "",
    now: datetime | None = None,
) -> Payment:
    """Note an amount that was received; the lessons open at the next request. The one way to be paid.

    Idempotent on (method, reference): the same again returns the payment that is there and changes nothing, also
    not what was paid back since. Who left the course keeps the payment and has access when coming back. `by` is the
    administrator, None for the payment provider. Raises ValidationError for an amount or a reference that cannot be,
    Conflict `reference_used` when the reference is that of another place's payment.
    """
    reference = reference.strip()
    _require_sound(amount, reference)
    locked = _locked(enrollment)
    if known := Payment.objects.filter(method=method, reference=reference).first():
        return _same_place(known, locked)
    payment = Payment(
        enrollment=locked,
        method=method,
        reference=reference,
        amount=amount,
        currency=currency or settings.CURRENCY,
        recorded_by=by,
        paid_at=now or timezone.now(),
        note=note,
    )
    try:
        with transaction.atomic():
            payment.save()
    except IntegrityError:  # the same reference for another place, at the same moment
        return _same_place(Payment.objects.get(method=method, reference=reference), locked)
    values = {"amount": str(amount), "currency": payment.currency, "method": method}
    record_event(
        "payment.record", actor=by, row=payment, after=values, course_id=locked.course_id, reason=note
    )
    if not locked.is_settled:
        change_status(locked, PaymentStatus.PAID, by=by, reason=note)
    return payment


def _require_sound(amount: Decimal, reference: str) -> None:
    if amount <= 0:
        raise ValidationError({"amount": ValidationError(_("Enter an amount above 0."), code="amount")})
    if not reference:
        raise ValidationError(
            {"reference": ValidationError(_("Enter the number of the payment."), code="reference")}
        )


def _same_place(payment: Payment, enrollment: CourseEnrollment) -> Payment:
    if payment.enrollment_id != enrollment.pk:
        raise Conflict(_("This reference is that of another student’s payment."), code="reference_used")
    return payment


@transaction.atomic
def refund_payment(
    *,
    payment: Payment,
    by: Any,
    amount: Decimal | None = None,
    so_far: Decimal | None = None,
    note: str = "",
    now: datetime | None = None,
) -> Payment:
    """Note that an amount was paid back, all that is left unless told; the money itself moves elsewhere.

    When nothing of what was paid is left, access ends at the next request; after a part it stays. `so_far` is what
    the administrator saw as paid back: Conflict `changed_meanwhile` if it is more by now, so that a form sent twice
    counts once. Raises Conflict `already_refunded`, ValidationError for an amount that cannot be.
    """
    _locked(payment.enrollment)
    current = Payment.objects.select_for_update().get(pk=payment.pk)
    left = current.amount - current.refunded_amount
    if so_far is not None and so_far != current.refunded_amount:
        raise Conflict(_("Something was paid back meanwhile. Check the payment."), code="changed_meanwhile")
    if left <= 0:
        raise Conflict(_("All of it was paid back already."), code="already_refunded")
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise ValidationError(
            {
                "amount": ValidationError(
                    _("Enter an amount above 0 and at most %(left)s."), code="amount", params={"left": left}
                )
            }
        )
    return note_refund(payment=current, total=current.refunded_amount + amount, by=by, note=note, now=now)


@transaction.atomic
def note_refund(
    *, payment: Payment, total: Decimal, by: Any, note: str = "", now: datetime | None = None
) -> Payment:
    """Note that `total` of a payment has been paid back by now. Older news (a lower sum) changes nothing."""
    enrollment = _locked(payment.enrollment)
    current = Payment.objects.select_for_update().get(pk=payment.pk)
    total = min(total, current.amount)
    if total <= current.refunded_amount:
        return current
    before = current.refunded_amount
    current.refunded_amount, current.refunded_at = total, now or timezone.now()
    current.save(update_fields=["refunded_amount", "refunded_at"])
    record_event(
        "payment.refund",
        actor=by,
        row=current,
        course_id=enrollment.course_id,
        before={"refunded_amount": str(before)},
        after={"refunded_amount": str(total)},
        reason=note,
    )
    if enrollment.payment_status == PaymentStatus.PAID and _kept(enrollment) <= 0:
        change_status(enrollment, PaymentStatus.REFUNDED, by=by, reason=note)
    return current


def _kept(enrollment: CourseEnrollment) -> Decimal:
    """What was received for the place and not paid back."""
    kept = enrollment.payments.aggregate(sum=Sum(F("amount") - F("refunded_amount")))["sum"]
    return kept if kept is not None else NOTHING


@transaction.atomic
def fail_payment(*, enrollment: CourseEnrollment, by: Any = None) -> CourseEnrollment:
    """Note that a payment under way did not go through; a place that is settled stays so."""
    locked = _locked(enrollment)
    if locked.payment_status == PaymentStatus.PENDING:
        change_status(locked, PaymentStatus.FAILED, by=by)
    return locked


def change_status(enrollment: CourseEnrollment, status: PaymentStatus, *, by: Any, reason: str = "") -> None:
    """Write a payment status and log it; the caller holds the enrollment's lock."""
    before, enrollment.payment_status = enrollment.payment_status, status
    enrollment.save(update_fields=["payment_status"])
    if enrollment.is_settled:
        recalculate_progress(enrollment=enrollment)
    record_event(
        "enrollment.pay" if status == PaymentStatus.PAID else "enrollment.payment",
        actor=by,
        row=enrollment,
        course_id=enrollment.course_id,
        reason=reason,
        before={"payment_status": str(before)},
        after={"payment_status": str(status)},
    )


def _locked(enrollment: CourseEnrollment) -> CourseEnrollment:
    """The place's row, locked: payments of one place come one after the other."""
    return (
        CourseEnrollment.objects.select_for_update(of=("self",))
        .select_related("course__instructor", "student")
        .get(pk=enrollment.pk)
    )

"""What Stripe tells us of payments. The same news five times, late or out of order, is one payment and one access.

Each event is written down (`PaymentEvent`, unique) in the transaction of the change that it causes: both are there,
or neither is, and then Stripe sends it again. What is paid stands against what was asked for (`metadata`, which only
this server writes), so that news of other shops on the same account, or of another sum, opens nothing.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.audit import record_event
from courses.models import CourseEnrollment, Payment, PaymentEvent, PaymentMethod
from courses.payments import fail_payment, note_refund, record_payment
from courses.stripe_checkout import from_smallest, library
from projectgenius.errors import Conflict

logger = logging.getLogger(__name__)

TOLERANCE = 300  # seconds that a signature holds
Outcome = tuple[str, Payment | None]


class BadSignature(Exception):
    """Not from Stripe, too old, or no event at all."""


def read_event(body: bytes, signature: str) -> dict[str, Any]:
    """The event in a request's raw body. Raises BadSignature."""
    stripe = library()
    try:
        stripe.WebhookSignature.verify_header(body, signature, settings.STRIPE_WEBHOOK_SECRET, TOLERANCE)
        event = json.loads(body)
    except (stripe.SignatureVerificationError, ValueError):  # no UTF-8 or no JSON is a ValueError too
        raise BadSignature from None
    if not _is_event(event):
        raise BadSignature
    return event


def _is_event(event: Any) -> bool:
    """Whether it has what every event has: a number, a kind and the thing it is about."""
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        return False
    named = all(isinstance(event.get(name), str) and event[name] for name in ("id", "type"))
    return named and isinstance(event["data"].get("object"), dict)


@transaction.atomic
def handle_event(event: dict[str, Any]) -> str:
    """Do what the event asks for, once, and return in a word what that was."""
    handler = HANDLERS.get(event["type"])
    if handler is None:
        return "ignored"
    try:
        with transaction.atomic():
            news = PaymentEvent.objects.create(provider="stripe", event_id=event["id"], kind=event["type"])
    except IntegrityError:  # worked through before, or by another request at this moment
        return "known"
    try:
        news.outcome, news.payment = handler(event["data"]["object"])
    except Conflict as conflict:
        news.outcome = conflict.code
    if news.outcome in TO_LOOK_AT:
        logger.warning("Stripe %s %s: %s", news.kind, news.event_id, news.outcome)
    news.save(update_fields=["outcome", "payment"])
    return news.outcome


TO_LOOK_AT = {"unknown_enrollment", "other_amount", "paid_again", "reference_used", "disputed"}


def _enrollment(thing: dict[str, Any]) -> tuple[CourseEnrollment | None, str]:
    """The place that a session or a charge is for, or a word why there is none."""
    named = (thing.get("metadata") or {}).get("enrollment")
    if not named:
        return None, "not_ours"
    reference = thing.get("client_reference_id")
    if not str(named).isascii() or not str(named).isdecimal() or reference not in (None, named):
        return None, "unknown_enrollment"
    found = CourseEnrollment.objects.select_related("course").filter(pk=int(named)).first()
    return found, "" if found else "unknown_enrollment"


def _is_what_was_asked(thing: dict[str, Any], units: Any) -> bool:
    asked, currency = thing.get("metadata") or {}, settings.CURRENCY.lower()
    return (
        str(units) == asked.get("amount")
        and thing.get("currency") == currency
        and asked.get("currency") == currency
    )


def _record(thing: dict[str, Any], units: Any) -> Outcome:
    """Record the payment of a session or a charge."""
    enrollment, why_not = _enrollment(thing)
    if enrollment is None:
        return why_not, None
    if not _is_what_was_asked(thing, units):
        return "other_amount", None
    settled_by = enrollment.payments.filter(refunded_at=None).exclude(reference=thing["payment_intent"])
    paid_again = enrollment.is_settled and settled_by.exists()
    payment = record_payment(
        enrollment=enrollment,
        amount=from_smallest(int(units), settings.CURRENCY),
        reference=thing["payment_intent"],
        by=None,
        method=PaymentMethod.STRIPE,
        currency=settings.CURRENCY,
    )
    return "paid_again" if paid_again else "paid", payment


def _session_paid(session: dict[str, Any]) -> Outcome:
    """Paid at once, or only promised (a bank transfer, say), of which further news comes."""
    if session.get("payment_status") != "paid":
        return "not_paid_yet", None
    return _record(session, session.get("amount_total"))


def _session_failed(session: dict[str, Any]) -> Outcome:
    enrollment, why_not = _enrollment(session)
    if enrollment is None:
        return why_not, None
    fail_payment(enrollment=enrollment)
    return "failed", None


def _refunded(charge: dict[str, Any]) -> Outcome:
    """All or a part was paid back. Told before the payment itself, the charge says enough to record both."""
    payment = _payment_of(charge)
    if payment is None:
        outcome, payment = _record(charge, charge.get("amount"))
        if payment is None:
            return outcome, None
    if charge.get("currency") != payment.currency.lower():
        return "other_amount", payment
    total = from_smallest(int(charge["amount_refunded"]), payment.currency)
    note_refund(payment=payment, total=total, by=None)
    return "refunded" if total >= payment.amount else "partly_refunded", payment


def _disputed(dispute: dict[str, Any]) -> Outcome:
    """Noted and logged; an administrator decides what follows."""
    payment = _payment_of(dispute)
    if payment is None:
        return "not_ours", None
    record_event(
        "payment.dispute",
        row=payment,
        course_id=payment.enrollment.course_id,
        after={"status": str(dispute.get("status", ""))[:40]},
    )
    return "disputed", payment


def _payment_of(thing: dict[str, Any]) -> Payment | None:
    found = Payment.objects.filter(method=PaymentMethod.STRIPE, reference=thing.get("payment_intent") or "")
    return found.exclude(reference="").select_related("enrollment").first()


HANDLERS: dict[str, Callable[[dict[str, Any]], Outcome]] = {
    "checkout.session.completed": _session_paid,
    "checkout.session.async_payment_succeeded": _session_paid,
    "checkout.session.async_payment_failed": _session_failed,
    "charge.refunded": _refunded,
    "charge.dispute.created": _disputed,
    "charge.dispute.closed": _disputed,
}

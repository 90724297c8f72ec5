"""Sending a student to Stripe to pay. The library is loaded when it is needed, and only where keys are set."""

import logging
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import CourseEnrollment
from projectgenius.errors import Conflict

logger = logging.getLogger(__name__)

TIMEOUT, RETRIES = 10, 1  # seconds; somebody waits for the page
SESSION_MINUTES = 30  # a page for paying lives as long; Stripe's least
# Amounts are sent in the currency's smallest unit; these have none, or three places (https://docs.stripe.com/currencies).
NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def is_on() -> bool:
    """Whether this site takes payments by Stripe."""
    return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET)


def _factor(currency: str) -> int:
    if currency.upper() in NO_DECIMALS:
        return 1
    return 1000 if currency.upper() in THREE_DECIMALS else 100


def to_smallest(amount: Decimal, currency: str) -> int:
    """An amount in the currency's smallest unit. Raises Conflict `price_not_payable` for a price that has none."""
    units = amount * _factor(currency)
    if units != int(units):
        raise Conflict(_("This price cannot be paid in this currency."), code="price_not_payable")
    return int(units)


def from_smallest(units: int, currency: str) -> Decimal:
    """The amount that so many of the currency's smallest units are."""
    return (Decimal(units) / _factor(currency)).quantize(Decimal("0.01"))


def library() -> Any:
    """Stripe's library, an extra: loaded where keys are set, and not before it is needed."""
    return import_module("stripe")


def stripe_client() -> Any:
    """The library's client with our key."""
    return library().StripeClient(
        settings.STRIPE_SECRET_KEY,
        max_network_retries=RETRIES,
        http_client=import_module("stripe._http_client").RequestsClient(timeout=TIMEOUT),
    )


def require_payable(enrollment: CourseEnrollment) -> None:
    """Raise Conflict `nothing_to_pay` unless the place waits for a payment."""
    if enrollment.withdrawn_at or enrollment.is_settled or enrollment.course.is_free:
        raise Conflict(_("There is nothing to pay for this course."), code="nothing_to_pay")


def open_checkout(*, enrollment: CourseEnrollment) -> str:
    """The address of Stripe's page on which the place is paid. What is paid comes back by the webhook alone.

    Amount and currency are the server's own, and stand in the payment's metadata, against which the webhook holds
    what was received. Pressed twice within half an hour it is the same page. Raises Conflict as `require_payable`,
    and `payment_unavailable` when Stripe cannot be reached or refuses.
    """
    require_payable(enrollment)
    params = _session(enrollment)
    bucket = int(timezone.now().timestamp()) // (SESSION_MINUTES * 60)
    amount = params["metadata"]["amount"]
    key = f"{settings.SITE_URL}:{enrollment.pk}:{amount}:{enrollment.payments.count()}:{bucket}"
    try:
        session = stripe_client().v1.checkout.sessions.create(params, {"idempotency_key": key})
    except library().StripeError as error:
        logger.warning(
            "Stripe did not open a page for paying: %s %s", type(error).__name__, error.http_status
        )
        raise Conflict(
            _(
                "The page for paying can’t be opened right now. Nothing was charged. Try again in some minutes."
            ),
            code="payment_unavailable",
        ) from None
    return str(session.url)


def _session(enrollment: CourseEnrollment) -> dict[str, Any]:
    course, currency = enrollment.course, settings.CURRENCY.lower()
    units = to_smallest(course.price, currency)
    page = settings.SITE_URL + course.get_absolute_url()
    metadata = {"enrollment": str(enrollment.pk), "amount": str(units), "currency": currency}
    return {
        "mode": "payment",
        "client_reference_id": str(enrollment.pk),
        "customer_email": enrollment.student.email,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": currency,
                    "unit_amount": units,
                    "product_data": {"name": course.title},
                },
            }
        ],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "adaptive_pricing": {"enabled": False},
        "success_url": f"{page}?payment=sent",
        "cancel_url": settings.SITE_URL + reverse("courses:course_pay", args=[course.slug]),
    }

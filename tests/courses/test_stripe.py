"""What Stripe tells us of payments, and sending students there: one payment, one access."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import stripe
from django.test import Client

from accounts.models import AuditEvent, User
from courses import stripe_checkout
from courses.enrollment import enroll_student, unenroll_student
from courses.models import CourseEnrollment, Payment, PaymentEvent
from courses.stripe_checkout import from_smallest, open_checkout, to_smallest
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, make_course
from tests.races import at_once, on_postgresql

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


# By Stripe: what it tells us


def metadata(place: CourseEnrollment, units: int = 4900) -> dict[str, str]:
    return {"enrollment": str(place.pk), "amount": str(units), "currency": "eur"}


def session(place: CourseEnrollment, **changes: Any) -> dict[str, Any]:
    return {
        "object": "checkout.session", "payment_status": "paid", "payment_intent": "pi_1", "amount_total": 4900,
        "currency": "eur", "client_reference_id": str(place.pk), "metadata": metadata(place), **changes,
    }  # fmt: skip


def charge(place: CourseEnrollment, refunded: int = 4900, **changes: Any) -> dict[str, Any]:
    return {
        "object": "charge", "payment_intent": "pi_1", "amount": 4900, "amount_refunded": refunded,
        "currency": "eur", "metadata": metadata(place), **changes,
    }  # fmt: skip


def event(kind: str, thing: dict[str, Any], pk: str = "") -> dict[str, Any]:
    return {"id": pk or f"evt_{kind}", "object": "event", "type": kind, "data": {"object": thing}}


PAID = "checkout.session.completed"
LATE = "checkout.session.async_payment_succeeded"
REFUNDED = "charge.refunded"


def signed(body: str, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    header = stripe.WebhookSignature.generate_signature_header(body, secret, int(at or time.time()))
    return {"Stripe-Signature": header}


def tell(news: dict[str, Any], client: Client | None = None) -> str:
    """Send an event as Stripe does."""
    body = json.dumps(news)
    sender = client or Client(enforce_csrf_checks=True)
    answer = sender.post(NEWS, body, content_type="application/json", headers=signed(body))
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_paid_session_opens_the_course(place: CourseEnrollment, keys: None) -> None:
    assert tell(event(PAID, session(place))) == "paid"
    payment = Payment.objects.get()
    assert (payment.amount, payment.currency, payment.method, payment.reference) == (
        Decimal(49), "EUR", "stripe", "pi_1",
    )  # fmt: skip
    assert status_of(place) == "paid"
    assert PaymentEvent.objects.get().payment == payment


def test_the_same_news_five_times_is_one_payment(place: CourseEnrollment, keys: None) -> None:
    outcomes = [tell(event(PAID, session(place))) for _time in range(5)]
    assert outcomes == ["paid"] + ["known"] * 4
    assert tell(event(LATE, session(place))) == "paid", "other news of the same payment"
    assert (Payment.objects.count(), AuditEvent.objects.filter(action="enrollment.pay").count()) == (1, 1)


def test_payment_that_is_promised_opens_nothing_until_it_arrives(place: CourseEnrollment, keys: None) -> None:
    assert tell(event(PAID, session(place, payment_status="unpaid"))) == "not_paid_yet"
    assert status_of(place) == "pending"
    assert tell(event("checkout.session.async_payment_failed", session(place, payment_status="unpaid")))
    assert status_of(place) == "failed"
    assert tell(event(LATE, session(place))) == "paid"
    assert status_of(place) == "paid"


def test_refund_told_before_the_payment_leaves_no_access(place: CourseEnrollment, keys: None) -> None:
    assert tell(event(REFUNDED, charge(place))) == "refunded"
    assert tell(event(PAID, session(place))) == "paid"
    assert (Payment.objects.count(), status_of(place)) == (1, "refunded")


def test_parts_paid_back_count_once_in_any_order(place: CourseEnrollment, keys: None) -> None:
    tell(event(PAID, session(place)))
    assert tell(event(REFUNDED, charge(place, 2000), "evt_second")) == "partly_refunded"
    assert tell(event(REFUNDED, charge(place, 1000), "evt_first")) == "partly_refunded"
    assert (Payment.objects.get().refunded_amount, status_of(place)) == (Decimal(20), "paid")
    assert tell(event(REFUNDED, charge(place, 4900), "evt_third")) == "refunded"
    assert status_of(place) == "refunded"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"amount_total": 1}, "other_amount"),
        ({"currency": "usd"}, "other_amount"),
        ({"metadata": {}}, "not_ours"),
        ({"metadata": None}, "not_ours"),
        ({"client_reference_id": "999999"}, "unknown_enrollment"),
        ({"metadata": {"enrollment": "999999", "amount": "4900", "currency": "eur"}, "client_reference_id": None},
         "unknown_enrollment"),
        ({"metadata": {"enrollment": "1 OR 1", "amount": "4900", "currency": "eur"}, "client_reference_id": None},
         "unknown_enrollment"),
    ],
)  # fmt: skip
def test_what_does_not_match_opens_nothing_and_is_kept_to_look_at(
    place: CourseEnrollment, keys: None, changes: dict[str, Any], outcome: str
) -> None:
    assert tell(event(PAID, session(place, **changes))) == outcome
    assert (status_of(place), Payment.objects.count()) == ("pending", 0)
    assert PaymentEvent.objects.get().outcome == outcome


def test_another_students_metadata_is_not_obeyed_with_the_own_reference(
    place: CourseEnrollment, keys: None
) -> None:
    other = EnrollmentFactory(course=place.course, payment_status="pending")
    assert tell(event(PAID, session(place, client_reference_id=str(other.pk)))) == "unknown_enrollment"
    assert (status_of(place), status_of(other)) == ("pending", "pending")


def test_what_fails_half_way_leaves_nothing_and_works_when_sent_again(
    place: CourseEnrollment, keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("in the midst of it")

    body = json.dumps(event(PAID, session(place)))
    client = Client(raise_request_exception=False)
    monkeypatch.setattr("courses.payments.recalculate_progress", fail)
    answer = client.post(NEWS, body, content_type="application/json", headers=signed(body))
    assert answer.status_code == 500
    assert (Payment.objects.count(), PaymentEvent.objects.count(), status_of(place)) == (0, 0, "pending")
    monkeypatch.undo()
    answer = client.post(NEWS, body, content_type="application/json", headers=signed(body))
    assert (answer.content, status_of(place)) == (b"paid", "paid")


def test_who_left_before_it_arrived_keeps_the_payment(place: CourseEnrollment, keys: None) -> None:
    unenroll_student(enrollment=place, by=place.student)
    tell(event(PAID, session(place)))
    place.refresh_from_db()
    assert (place.payment_status, place.is_open) == ("paid", False)
    enroll_student(course=place.course, student=place.student)
    place.refresh_from_db()
    assert place.is_open


def test_second_payment_is_kept_and_pointed_out(
    place: CourseEnrollment, keys: None, caplog: pytest.LogCaptureFixture
) -> None:
    tell(event(PAID, session(place)))
    assert tell(event(PAID, session(place, payment_intent="pi_2"), "evt_2")) == "paid_again"
    assert Payment.objects.count() == 2
    assert "paid_again" in caplog.text


def test_dispute_is_noted_and_other_news_passed_over(place: CourseEnrollment, keys: None) -> None:
    tell(event(PAID, session(place)))
    dispute = {"payment_intent": "pi_1", "status": "needs_response"}
    assert tell(event("charge.dispute.created", dispute)) == "disputed"
    assert tell(event("charge.dispute.closed", {"payment_intent": "pi_9"})) == "not_ours"
    assert tell(event("customer.created", {"email": "x@example.org"})) == "ignored"
    assert status_of(place) == "paid"
    assert AuditEvent.objects.filter(action="payment.dispute").exists()
    assert not PaymentEvent.objects.filter(kind="customer.created").exists()


@pytest.mark.parametrize("wrong", ["none", "other secret", "old", "other body", "garbage", "bytes"])
def test_news_without_stripes_signature_is_refused(place: CourseEnrollment, keys: None, wrong: str) -> None:
    body: Any = json.dumps(event(PAID, session(place)))
    headers = {
        "none": {},
        "other secret": signed(body, secret="whsec_of_somebody"),
        "old": signed(body, at=time.time() - 301),
        "other body": signed(body.replace("4900", "1")),
        "garbage": {"Stripe-Signature": "t=x,v1=y"},
        "bytes": signed(body),
    }[wrong]
    sent = b"\xff\xfe" if wrong == "bytes" else body
    answer = Client().post(NEWS, sent, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert (PaymentEvent.objects.count(), status_of(place)) == (0, "pending")


@pytest.mark.parametrize("broken", ["type", "id", "data", "object", "list"])
def test_signed_news_that_is_no_event_is_refused(place: CourseEnrollment, keys: None, broken: str) -> None:
    news: Any = event(PAID, session(place))
    if broken == "list":
        news = [news]
    elif broken == "object":
        news["data"] = {}
    else:
        del news[broken]
    body = json.dumps(news)
    answer = Client().post(NEWS, body, content_type="application/json", headers=signed(body))
    assert answer.status_code == 400
    assert (PaymentEvent.objects.count(), status_of(place)) == (0, "pending")


def test_large_news_is_refused_and_without_keys_nobody_is_there(
    place: CourseEnrollment, keys: None, settings: Any
) -> None:
    assert Client().post(NEWS, b"x" * 300_000, content_type="application/json").status_code == 413
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert Client().post(NEWS, b"{}", content_type="application/json").status_code == 404


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_same_news_in_ten_threads_is_one_payment(place: CourseEnrollment, keys: None) -> None:
    same = [lambda: tell(event(PAID, session(place)))] * 6
    late = [lambda: tell(event(LATE, session(place)))] * 2
    refund = [lambda: tell(event(REFUNDED, charge(place)))] * 2
    results = at_once(*same, *late, *refund)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert Payment.objects.count() == 1
    assert PaymentEvent.objects.count() == 3
    assert status_of(place) == "refunded"
    assert AuditEvent.objects.filter(action="enrollment.pay").count() == 1


# By Stripe: being sent there


class Wire(stripe._http_client.HTTPClient):  # type: ignore[name-defined, misc]
    """Answers the library instead of the network, and keeps what it was asked."""

    name = "wire"

    def __init__(self, status: int = 200) -> None:
        super().__init__()
        self.status, self.asked = status, []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        self.asked.append((url, dict(headers), post_data))
        error = {"error": {"type": "api_error", "message": "no"}}
        body = {"id": "cs_1", "object": "checkout.session", "url": "https://checkout.stripe.com/c/pay/cs_1"}
        return json.dumps(body if self.status == 200 else error), self.status, {}


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch, keys: None) -> Wire:
    """The real library over a wire that ends here."""
    fake = Wire()
    client = stripe.StripeClient("sk_test_x", http_client=fake, max_network_retries=0)
    monkeypatch.setattr(stripe_checkout, "stripe_client", lambda: client)
    return fake


def test_student_checks_the_price_and_is_sent_to_pay(
    place: CourseEnrollment, wire: Wire, login: Login
) -> None:
    client = login(place.student)
    assert "/courses/priced/pay/" in client.get("/courses/priced/").content.decode()
    page = client.get("/courses/priced/pay/")
    assert "€49" in page.content.decode()
    assert "form-action 'self' https://checkout.stripe.com" in page["Content-Security-Policy"]
    assert not wire.asked
    for _time in range(2):
        answer = client.post("/courses/priced/pay/", {"amount": "1", "enrollment": "7"})
        assert answer["Location"] == "https://checkout.stripe.com/c/pay/cs_1"
    (url, headers, data), (_url, again, _data) = wire.asked
    assert url.endswith("/v1/checkout/sessions")
    assert "unit_amount]=4900" in data.replace("%5D", "]").replace("%5B", "[")
    assert f"client_reference_id={place.pk}" in data
    key = {name.lower(): value for name, value in headers.items()}["idempotency-key"]
    assert key == {name.lower(): value for name, value in again.items()}["idempotency-key"]
    assert status_of(place) == "pending", "only the webhook says that it was paid"


def test_who_has_nothing_to_pay_is_sent_back(
    place: CourseEnrollment, wire: Wire, login: Login, settings: Any
) -> None:
    assert login(UserFactory()).post("/courses/priced/pay/").status_code == 404
    client = login(place.student)
    CourseEnrollment.objects.update(payment_status="paid")
    assert client.post("/courses/priced/pay/")["Location"] == "/courses/priced/"
    CourseEnrollment.objects.update(payment_status="pending", withdrawn_at=NOON)
    assert client.post("/courses/priced/pay/")["Location"] == "/courses/priced/"
    assert not wire.asked
    CourseEnrollment.objects.update(withdrawn_at=None)
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = ""
    assert client.get("/courses/priced/pay/").status_code == 404
    assert "/courses/priced/pay/" not in client.get("/courses/priced/").content.decode()


def test_stripe_out_of_reach_is_said_in_words(
    place: CourseEnrollment, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.status = 500
    with pytest.raises(Conflict) as refused:
        open_checkout(enrollment=place)
    assert refused.value.code == "payment_unavailable"
    assert "sk_test" not in caplog.text


@pytest.mark.parametrize(
    ("amount", "currency", "units"), [("49.00", "EUR", 4900), ("500", "JPY", 500), ("1.25", "KWD", 1250)]
)
def test_amounts_go_in_the_smallest_unit(amount: str, currency: str, units: int) -> None:
    assert to_smallest(Decimal(amount), currency) == units
    assert from_smallest(units, currency) == Decimal(amount)


def test_price_that_the_currency_does_not_have_is_refused() -> None:
    with pytest.raises(Conflict):
        to_smallest(Decimal("9.50"), "JPY")

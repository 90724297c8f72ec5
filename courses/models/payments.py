"""What was paid for a place in a course."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from courses.models.learning import CourseEnrollment
from courses.querysets import PaymentQuerySet
from projectgenius.db import CreatedAt, choices_check, minimum_check


class PaymentMethod(models.TextChoices):
    MANUAL = "manual", _("recorded by an administrator")
    STRIPE = "stripe", _("Stripe")


class Payment(CreatedAt):
    """One amount received for an enrollment, and whether it was paid back. Written by `record_payment` alone.

    Table of our own: the document has only `course_enrollments.payment_status`. `reference` is the provider's own
    number (of the payment), unique within its method, so that the same news twice is one payment.
    """

    Method = PaymentMethod

    enrollment = models.ForeignKey(
        CourseEnrollment, on_delete=models.RESTRICT, related_name="payments", verbose_name=_("enrollment")
    )
    method = models.CharField(_("method"), max_length=20, choices=PaymentMethod.choices)
    reference = models.CharField(_("reference"), max_length=255, blank=True, default="", db_default="")
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    paid_at = models.DateTimeField(_("paid"), db_default=Now())
    refunded_at = models.DateTimeField(_("paid back"), null=True, blank=True)
    refunded_amount = models.DecimalField(
        _("amount paid back"), max_digits=10, decimal_places=2, default=0, db_default=0
    )
    note = models.TextField(_("note"), blank=True, default="", db_default="")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        db_table = "payments"
        ordering = ["-id"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            choices_check("payments", "method", PaymentMethod),
            minimum_check("payments", "amount", 0),
            minimum_check("payments", "refunded_amount", 0),
            models.UniqueConstraint(
                fields=["method", "reference"],
                condition=~models.Q(reference=""),
                name="payments_method_reference_unique",
                violation_error_message=_("This payment is recorded already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class PaymentEvent(CreatedAt):
    """News from the payment provider that was worked through; the same news again changes nothing.

    Table of our own. `outcome` says in a word what it did. No card data and no raw body is kept.
    """

    provider = models.CharField(_("provider"), max_length=20)
    event_id = models.CharField(_("event"), max_length=255)
    kind = models.CharField(_("kind"), max_length=80)
    outcome = models.CharField(_("outcome"), max_length=80, blank=True, default="", db_default="")
    payment = models.ForeignKey(
        Payment,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("payment"),
    )

    class Meta:
        db_table = "payment_events"
        ordering = ["-id"]
        verbose_name = _("news of a payment")
        verbose_name_plural = _("news of payments")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="payment_events_provider_event_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"

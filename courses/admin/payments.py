"""Payments in the admin site, for administrators: what was received, noting one, noting what was paid back."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import ReadOnlyAdmin, Rows
from courses.models import CourseEnrollment, Payment, PaymentEvent
from courses.payments import record_payment, refund_payment
from courses.permissions import can_record_payment
from projectgenius.errors import Conflict


class AmountForm(forms.Form):
    """An amount, in the site's one currency."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), min_value=Decimal("0.01"), max_digits=10, decimal_places=2
    )


class PaymentForm(AmountForm):
    """A payment as an administrator notes it."""

    reference = forms.CharField(
        label=gettext_lazy("Number of the payment"),
        max_length=255,
        help_text=gettext_lazy("Of the receipt or the bank transfer. The same number is noted once."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=1000, required=False)


class RefundForm(AmountForm):
    """What was paid back. `so_far` is what the page showed as paid back before."""

    note = forms.CharField(label=gettext_lazy("Reason"), max_length=1000)
    so_far = forms.DecimalField(widget=forms.HiddenInput, max_digits=10, decimal_places=2)


class MoneyPages:
    """A page with a form about money, that asks before it does; administrators alone."""

    def get_urls(self: Any) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_money"
        view = self.admin_site.admin_view(self.money_view)
        return [path("<int:pk>/money/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def money_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """The form; sent, it notes what it says."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if not can_record_payment(request.user):
            raise PermissionDenied(_("Only administrators note payments."))
        form = self.money_form(row, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                self.note_money(row, form.cleaned_data, request.user)
            except Conflict as conflict:
                form.add_error(None, str(conflict.message))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.message_user(request, _("Noted."), messages.SUCCESS)
                return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.money_title,
            "original": row,
            "facts": self.money_facts(row),
            "form": form,
            "label": self.money_title,
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk]),
        }
        return TemplateResponse(request, "courses/admin/money.html", context)


class EnrollmentMoney(MoneyPages):
    """Noting a payment for a place. For the page of enrollments."""

    money_title = gettext_lazy("Record payment")

    def money_form(self, place: CourseEnrollment, data: Any) -> forms.Form:
        return PaymentForm(data, initial={"amount": place.course.price or None})

    def money_facts(self, place: CourseEnrollment) -> list[tuple[Any, Any]]:
        return [
            (_("Student"), place.student.display_name),
            (_("Course"), place.course.title),
            (_("Price"), f"{place.course.price} {settings.CURRENCY}"),
            (_("Payment"), place.get_payment_status_display()),
        ]

    def note_money(self, place: CourseEnrollment, values: dict[str, Any], by: Any) -> None:
        record_payment(enrollment=place, by=by, **values)

    @admin.display(description=gettext_lazy("Payments"))
    def money(self, place: CourseEnrollment) -> str:
        """The payments of the place, and the way to note one."""
        rows = format_html_join(
            "",
            '<li><a class="text-link" href="{}">{} {}</a></li>',
            (
                (reverse("admin:courses_payment_change", args=[row.pk]), row.amount, row.currency)
                for row in place.payments.all()
            ),
        )
        link = reverse("admin:courses_courseenrollment_money", args=[place.pk])
        return format_html(
            '<ul>{}</ul><a class="text-link" href="{}">{}</a>', rows, link, _("Record payment")
        )


@admin.register(Payment)
class PaymentAdmin(MoneyPages, ReadOnlyAdmin):
    """What was received; only noted by the pages and by the payment provider."""

    list_display = ("paid_at", "student", "course", "sum", "method", "reference", "refunded_amount")
    list_filter = (("method", ChoicesDropdownFilter),)
    search_fields = (
        "reference",
        "enrollment__student__username",
        "enrollment__student__email",
        "enrollment__course__title",
    )
    fields = (
        "student",
        "course",
        "sum",
        "method",
        "reference",
        "paid_at",
        "recorded_by",
        "refunded_amount",
        "refunded_at",
        "note",
        "refund",
    )
    money_title = gettext_lazy("Record refund")

    def person_of(self, row: Payment) -> int:
        return row.enrollment.student_id

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("enrollment__student", "enrollment__course", "recorded_by")

    def money_form(self, payment: Payment, data: Any) -> forms.Form:
        left = payment.amount - payment.refunded_amount
        return RefundForm(data, initial={"amount": left, "so_far": payment.refunded_amount})

    def money_facts(self, payment: Payment) -> list[tuple[Any, Any]]:
        return [
            (_("Student"), self.student(payment)),
            (_("Course"), self.course(payment)),
            (_("Amount"), self.sum(payment)),
            (_("Paid back before"), f"{payment.refunded_amount} {payment.currency}"),
            (_("Access"), _("Ends when all of it is paid back; after a part it stays.")),
        ]

    def note_money(self, payment: Payment, values: dict[str, Any], by: Any) -> None:
        refund_payment(payment=payment, by=by, **values)

    @admin.display(description=gettext_lazy("Student"))
    def student(self, payment: Payment) -> str:
        return payment.enrollment.student.display_name

    @admin.display(description=gettext_lazy("Course"))
    def course(self, payment: Payment) -> str:
        return payment.enrollment.course.title

    @admin.display(description=gettext_lazy("Amount"), ordering="amount")
    def sum(self, payment: Payment) -> str:
        return f"{payment.amount} {payment.currency}"

    @admin.display(description=gettext_lazy("Refund"))
    def refund(self, payment: Payment) -> str:
        if payment.refunded_amount >= payment.amount:
            return _("All of it was paid back.")
        link = reverse("admin:courses_payment_money", args=[payment.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', link, _("Record refund"))


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnlyAdmin):
    """News of the payment provider and what each did."""

    list_display = ("created_at", "provider", "kind", "outcome", "payment")
    list_filter = ("outcome",)
    search_fields = ("event_id", "kind", "outcome")
    fields = ("created_at", "provider", "event_id", "kind", "outcome", "payment")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("payment")

"""Certificates in the admin site: who has which, and revoking, reinstating and reissuing them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display

from accounts.backoffice import NarrowedFilter, Rows, State
from courses.backoffice import ReadOnlyCourseScopedAdmin
from courses.certificates import (
    LONGEST_REASON,
    reinstate_certificate,
    reissue_certificate,
    revoke_certificate,
)
from courses.models import Certificate
from courses.permissions import teaches_somewhere

VALID, REVOKED = "valid", "revoked"
STATE_COLORS = {VALID: "success", REVOKED: "danger"}
STATES = {VALID: _("valid"), REVOKED: _("revoked")}


class StateFilter(SimpleListFilter):
    """Certificates that hold, or were revoked."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return STATES.items()

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if self.value() not in STATES:
            return queryset
        return queryset.filter(revoked_at__isnull=self.value() == VALID)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3})
    )


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("code", "holder_name", "course_title", "issued_at", "state", "reason", "pdf")
    list_filter = (("enrollment__course", NarrowedFilter), StateFilter, ("issued_at", RangeDateFilter))
    search_fields = ("code", "holder_name", "course_title")
    search_help_text = _("Number, holder or course")
    actions = ("revoke", "reinstate", "reissue")
    fields = (
        "code",
        "enrollment",
        "holder_name",
        "course_title",
        "instructor_name",
        "statement",
        "hours",
        "issued_at",
        "reissued_at",
        "state",
        "revoked_at",
        "revoked_reason",
        "pdf",
    )

    def person_of(self, row: Certificate) -> int:
        return row.enrollment.student_id

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("enrollment__student", "enrollment__course")

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Whether the actions are offered at all; each row is asked again. Assistants look, no more."""
        return teaches_somewhere(request.user)

    @display(description=_("State"), ordering="revoked_at", label=STATE_COLORS)
    def state(self, row: Certificate) -> State:
        state = REVOKED if row.revoked_at else VALID
        return State((state, STATES[state]))

    @admin.display(description=_("Reason"))
    def reason(self, row: Certificate) -> str:
        return row.revoked_reason or "–"

    @admin.display(description=_("PDF"))
    def pdf(self, row: Certificate) -> str:
        if row.revoked_at:
            return "–"
        address = reverse("courses:certificate_pdf", args=[row.code])
        return format_html(
            '<a class="text-link" href="{}">{}<span class="sr-only">: {}</span></a>',
            address,
            _("Download"),
            row.code,
        )

    @action(description=_("Revoke"), permissions=["manage"])
    def revoke(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        words = ngettext(
            "%(count)s certificate revoked.", "%(count)s certificates revoked.", queryset.count()
        )
        return self._with_reason(request, queryset, revoke_certificate, words)

    @action(description=_("Reinstate"), permissions=["manage"])
    def reinstate(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        words = ngettext(
            "%(count)s certificate reinstated.", "%(count)s certificates reinstated.", queryset.count()
        )
        return self._with_reason(request, queryset, reinstate_certificate, words)

    @action(description=_("Reissue with today’s names"), permissions=["manage"])
    def reissue(self, request: HttpRequest, queryset: Rows) -> None:
        rows = list(queryset)
        for row in rows:
            reissue_certificate(certificate=row, by=request.user)
        words = ngettext("%(count)s certificate reissued.", "%(count)s certificates reissued.", len(rows))
        self.message_user(request, words % {"count": len(rows)}, messages.SUCCESS)

    def _with_reason(
        self, request: HttpRequest, queryset: Rows, change: Callable[..., Any], words: str
    ) -> HttpResponse | None:
        """Ask for the reason first; then change all the chosen ones, or none."""
        rows = list(queryset)
        form = ReasonForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            for row in rows:
                change(certificate=row, by=request.user, reason=form.cleaned_data["reason"])
            self.message_user(request, words % {"count": len(rows)}, messages.SUCCESS)
            return None
        name = request.POST["action"]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revoke certificates") if name == "revoke" else _("Reinstate certificates"),
            "opts": self.opts,
            "rows": rows,
            "form": form,
            "action": name,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "courses/admin/certificate_reason.html", context)

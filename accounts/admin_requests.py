"""Requests to teach and API keys in the admin site, for administrators."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.api_keys import revoke_named_key
from accounts.backoffice import BackOfficeAdmin, NarrowedFilter, ReadOnlyAdmin, Rows
from accounts.models import ApiKey, InstructorRequest, RequestStatus
from accounts.permissions import can_manage_users
from accounts.requests_to_teach import decide_request


class DecisionForm(forms.ModelForm[InstructorRequest]):
    """Yes or no, and what the person reads with it."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        required=False,
        choices=[("", _("Not yet")), ("approve", _("Approve")), ("decline", _("Decline"))],
        help_text=_("The person gets a mail with it. It cannot be taken back here."),
    )

    class Meta:
        model = InstructorRequest
        fields = ("answer",)
        help_texts = {"answer": _("The person reads it. Needed to decline.")}

    def clean(self) -> dict[str, Any] | None:
        """A no needs a reason; an answer needs a decision."""
        values = super().clean() or {}
        decision, answer = values.get("decision"), (values.get("answer") or "").strip()
        if decision == "decline" and not answer:
            raise ValidationError({"answer": _("Say why, the person reads it.")})
        if answer and not decision:
            raise ValidationError({"decision": _("Choose a decision: the answer is sent with it.")})
        return values


@admin.register(InstructorRequest)
class InstructorRequestAdmin(BackOfficeAdmin):
    """Decided on its page, with an answer; several can be approved in the list."""

    form = DecisionForm
    list_display = ("user", "excerpt", "state", "created_at", "decided_at")
    list_filter = (("status", ChoicesDropdownFilter), ("user", NarrowedFilter))
    search_fields = ("user__username", "user__full_name", "user__email", "motivation")
    ordering = (F("decided_at").asc(nulls_first=True), "-created_at")
    actions = ("approve",)
    readonly_fields = ("user", "motivation", "status", "created_at", "decided_by", "decided_at")

    def person_of(self, row: InstructorRequest) -> int:
        return row.user_id

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("user", "decided_by")

    def can_add(self, user: Any) -> bool:
        return False

    def can_delete(self, user: Any, row: Any = None) -> bool:
        return False

    def can_change(self, user: Any, row: InstructorRequest | None = None) -> bool:
        """Nobody changes what was decided."""
        return can_manage_users(user) and (row is None or row.status == RequestStatus.WAITING)

    def get_fields(self, request: HttpRequest, obj: InstructorRequest | None = None) -> tuple[str, ...]:
        told = ("user", "motivation", "created_at", "status")
        if obj is not None and obj.status != RequestStatus.WAITING:
            return (*told, "answer", "decided_by", "decided_at")
        return (*told, "decision", "answer")

    def save_model(
        self, request: HttpRequest, obj: InstructorRequest, form: ModelForm[Any], change: bool
    ) -> None:
        if decision := form.cleaned_data.get("decision"):
            answer = form.cleaned_data["answer"]
            decide_request(request=obj, approve=decision == "approve", by=request.user, answer=answer)

    @action(description=_("Approve"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: Rows) -> None:
        waiting = list(queryset.filter(status=RequestStatus.WAITING))
        for one in waiting:
            decide_request(request=one, approve=True, by=request.user)
        text = ngettext("%(count)s request approved.", "%(count)s requests approved.", len(waiting))
        self.message_user(request, text % {"count": len(waiting)}, messages.SUCCESS)

    @admin.display(description=_("what and why"))
    def excerpt(self, row: InstructorRequest) -> str:
        return row.motivation if len(row.motivation) <= 80 else f"{row.motivation[:80]}…"

    @display(
        description=_("state"),
        label={
            RequestStatus.WAITING: "info",
            RequestStatus.APPROVED: "success",
            RequestStatus.DECLINED: "danger",
        },
    )
    def state(self, row: InstructorRequest) -> tuple[str, str]:
        return row.status, row.get_status_display()


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Everybody's named keys: looked at and revoked; never the key itself."""

    list_display = ("name", "shown", "user", "scope_words", "last_used_at", "expires_at", "state")
    list_filter = (("user", NarrowedFilter), ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "prefix", "user__username", "user__email")
    fields = (
        "user",
        "name",
        "shown",
        "scope_words",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    actions = ("revoke",)

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("user").defer("key_hash")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Secrets are not guessed by filtering for them."""
        return not lookup.startswith("key_hash") and super().lookup_allowed(lookup, value, request)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return can_manage_users(request.user)

    @action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: Rows) -> None:
        count = sum(revoke_named_key(key=key, by=request.user) for key in queryset)
        sentence = ngettext("%(count)s key revoked.", "%(count)s keys revoked.", count) % {"count": count}
        self.message_user(request, sentence, messages.SUCCESS)

    @admin.display(description=_("begins with"))
    def shown(self, key: ApiKey) -> str:
        return format_html("<code>{}…</code>", key.prefix)

    @admin.display(description=_("scopes"))
    def scope_words(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @display(description=_("state"), label={"works": "success", "ended": "warning", "revoked": "danger"})
    def state(self, key: ApiKey) -> tuple[str, Any]:
        if key.revoked_at:
            return "revoked", _("revoked")
        return ("ended", _("ended")) if key.is_expired else ("works", _("works"))

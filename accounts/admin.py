"""People in the admin site, for administrators. Roles change through the functions that hold the rules."""

from typing import Any

# Imported so that they register their own pages first; ours take their places below.
import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from accounts import admin_imports, admin_requests  # noqa: F401
from accounts.admin_closing import ClosingPages
from accounts.api_keys import revoke_all_keys
from accounts.audit import record_event
from accounts.backoffice import BackOfficeAdmin, NarrowedFilter, ReadOnlyAdmin, Rows, close_side_doors
from accounts.locality import time_zone_choices
from accounts.models import User
from accounts.permissions import can_manage_users, is_instructor
from accounts.profiles import change_profile
from accounts.roles import change_admin_flag, end_instructor, make_instructor, set_active
from accounts.second_factor_reset import reset_second_factor
from accounts.sessions import end_sessions
from projectgenius.errors import Conflict

close_side_doors(admin.site)
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)
admin.site.unregister(UserSession)
if admin.site.is_registered(EmailConfirmation):
    admin.site.unregister(EmailConfirmation)

PROFILE = ("username", "full_name", "bio", "language", "time_zone", "is_profile_public")


class PersonForm(forms.ModelForm[User]):
    """What an administrator changes of a person; the address belongs to the person, who confirms a new one."""

    teaches = forms.BooleanField(
        label=_("Instructor"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_("May make courses and sees what happens in them."),
    )

    language = forms.ChoiceField(label=_("Language"), required=False, widget=UnfoldAdminSelectWidget())
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, widget=UnfoldAdminSelectWidget())

    class Meta:
        model = User
        fields = (*PROFILE, "is_active", "is_admin")
        help_texts = {
            "is_active": _("Off: signs in nowhere, keys stop working. What the person did stays."),
            "is_admin": _("May see and change everything."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teaches"].initial = self.instance.is_instructor
        self.fields["language"].choices = [("", _("that of the browser")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [("", settings.TIME_ZONE), *time_zone_choices()]  # type: ignore[attr-defined]


class PersonCreationForm(UserCreationForm):
    """A new person; always a student at first."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email", "full_name")


@admin.register(User)
class PersonAdmin(ClosingPages, UserAdmin, BackOfficeAdmin):  # type: ignore[misc]
    form = PersonForm
    add_form = PersonCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "role", "is_active", "created_at")
    list_filter = ("is_active", "is_admin", ("groups", NarrowedFilter))
    search_fields = ("username", "full_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    actions = ("revoke_api_keys", "reset_second_factors")
    readonly_fields = (
        "email",
        "email_verified",
        "password_link",
        "has_api_key",
        "last_login",
        "created_at",
        "earned_achievements",
        "close_link",
    )
    fieldsets = (
        (None, {"fields": ("username", "full_name", "email", "email_verified", "bio", "is_profile_public")}),
        (_("Language and time"), {"fields": ("language", "time_zone")}),
        (_("Rights"), {"fields": ("is_active", "teaches", "is_admin")}),
        (_("Signing in"), {"fields": ("password_link", "has_api_key", "last_login", "created_at")}),
        (_("Achievements"), {"fields": ("earned_achievements",)}),
        (_("On request"), {"fields": ("close_link",)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "full_name", "usable_password", "password1", "password2")}),
    )

    def narrow(self, rows: Rows, user: Any) -> Rows:
        return rows.visible_to(user)  # type: ignore[attr-defined, no-any-return]

    def for_list(self, rows: Rows) -> Rows:
        return rows.with_roles()  # type: ignore[attr-defined, no-any-return]

    def can_view(self, user: Any, row: Any = None) -> bool:
        return can_manage_users(user)

    def can_add(self, user: Any) -> bool:
        return can_manage_users(user)

    def can_change(self, user: Any, row: Any = None) -> bool:
        return can_manage_users(user)

    def can_delete(self, user: Any, row: Any = None) -> bool:
        """Nobody: a person is deactivated, or erased on request (`close_page`)."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An instructor finds the students of the own courses where a person is to be chosen, and nowhere else."""
        return super().has_view_permission(request, obj) or (
            is_lookup(request) and is_instructor(request.user)
        )

    def get_search_results(self, request: HttpRequest, queryset: Rows, search_term: str) -> tuple[Rows, bool]:
        """Offer as a course's instructor only those who can be."""
        if is_lookup(request) and request.GET.get("field_name") == "instructor":
            queryset = queryset.filter(Q(is_admin=True) | Q(_is_instructor=True), is_active=True)
        return super().get_search_results(request, queryset, search_term)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Secrets are not guessed by filtering for them."""
        return not lookup.startswith("api_key") and super().lookup_allowed(lookup, value, request)

    def person_of(self, row: User) -> int:
        return row.pk

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[Any], change: bool) -> None:
        """Save the profile; flags and role only through their functions, which may refuse."""
        if not change:
            obj.save()
            record_event("account.create", actor=request.user, row=obj)
            return
        profile = {name: getattr(obj, name) for name in PROFILE if name in form.changed_data}
        change_profile(user=obj, values=profile, by=request.user)
        chosen = form.cleaned_data
        if "is_active" in form.changed_data:
            set_active(user=obj, is_active=chosen["is_active"], by=request.user)
        if "is_admin" in form.changed_data:
            change_admin_flag(user=obj, is_admin=chosen["is_admin"], by=request.user)
        if "teaches" in form.changed_data:
            decide = make_instructor if chosen["teaches"] else end_instructor
            decide(user=obj, by=request.user)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Give somebody a new password; logged like every change of one."""
        before = self._password_of(id)
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if before != self._password_of(id):
            record_event("password.change", actor=request.user, table="users", row_id=id)
            end_sessions(user=User.objects.get(pk=id), by=request.user, keep=request.session.session_key)
        return response

    def _password_of(self, key: str) -> str | None:
        return (
            User.objects.filter(pk=key).values_list("password", flat=True).first()
            if key.isdecimal()
            else None
        )

    @action(description=_("Revoke API keys"), permissions=["change"])
    def revoke_api_keys(self, request: HttpRequest, queryset: Rows) -> None:
        count = sum(revoke_all_keys(user=user, by=request.user) for user in queryset)
        sentence = ngettext("%(count)s key revoked.", "%(count)s keys revoked.", count) % {"count": count}
        self.message_user(request, sentence, messages.SUCCESS)

    @action(description=_("Remove second factor"), permissions=["change"])
    def reset_second_factors(self, request: HttpRequest, queryset: Rows) -> None:
        for user in queryset:
            try:
                if reset_second_factor(user=user, by=request.user):
                    self.message_user(
                        request, _("Second factor of %(user)s removed.") % {"user": user}, messages.SUCCESS
                    )
            except Conflict as conflict:
                self.message_user(request, str(conflict.message), messages.ERROR)

    @display(description=_("Role"), label={"admin": "danger", "instructor": "info", "student": ""})
    def role(self, user: User) -> tuple[str, Any]:
        if user.is_admin:
            return "admin", _("administrator")
        return ("instructor", _("instructor")) if user.is_instructor else ("student", _("student"))

    @admin.display(description=_("API key"), boolean=True)
    def has_api_key(self, user: User) -> bool:
        return bool(user.api_key)

    @admin.display(description=_("Password"))
    def password_link(self, user: User) -> str:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, _("Set a new password"))

    @admin.display(description=_("Earned"))
    def earned_achievements(self, user: User) -> str:
        earned = user.earned_achievements.select_related("achievement").order_by("earned_at")
        lines = [(award.achievement.name, date_format(award.earned_at, "DATE_FORMAT")) for award in earned]
        return format_html_join("", "<p>{}, {}</p>", lines) or "–"


def is_lookup(request: HttpRequest) -> bool:
    """Whether the request asks which rows can be chosen."""
    return request.resolver_match is not None and request.resolver_match.url_name == "autocomplete"


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    """Groups are made by the project; who belongs to them is decided on the person's page."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name",)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Addresses and whether they are confirmed; their owners change them."""

    list_display = ("email", "user", "primary", "verified")
    list_filter = ("primary", "verified")
    search_fields = ("email", "user__username")
    fields = ("user", "email", "primary", "verified")

    def person_of(self, row: EmailAddress) -> int:
        return int(row.user_id)

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("user")

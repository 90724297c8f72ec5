"""The page of a course in the admin site on which people are let in: invitations, join codes, helpers."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from courses.admin.roster import CoursePages, View, course_view
from courses.helping import change_helper_role, remove_helper
from courses.invitations import Line, invite_many, resend_invitation, withdraw_invitation
from courses.join_codes import end_join_code, make_join_code
from courses.models import Course, CourseHelper, CourseInvitation, CourseJoinCode, HelperRole, InvitationRole
from courses.permissions import can_edit_course, can_manage_helpers
from projectgenius.errors import Conflict

LONGEST_ID = 19  # digits; a 64-bit number has no more
SHOWN = 200  # invitations; the list of all has pages


class InviteForm(forms.Form):
    """Addresses, and as what they are invited."""

    addresses = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=30_000,
        help_text=gettext_lazy("One a line."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Invited as"), choices=InvitationRole.choices)

    def __init__(self, *args: Any, with_helpers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_helpers:  # helpers are named by the owner
            self.fields["role"].choices = InvitationRole.choices[:1]  # type: ignore[attr-defined]


class JoinCodeForm(forms.Form):
    """Until when, and for how many."""

    max_uses = forms.IntegerField(
        label=gettext_lazy("For how many students"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Empty: for any number."),
    )
    expires_at = forms.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        help_text=gettext_lazy("Empty: until you end it."),
    )


class AccessPages(CoursePages):
    """Letting people in. For `CourseAdmin`."""

    def course_routes(self) -> list[tuple[str, View, str]]:
        return [*super().course_routes(), ("access/", course_view(self.access_page), "access")]

    def access_page(self, request: HttpRequest, course: Course) -> HttpResponse:
        """Who is invited, by which codes one joins, who helps; each form on it names its act."""
        if request.method != "POST":
            return self._access(request, course)
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404
        try:
            with transaction.atomic():
                context = act(request, course)
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
            context = None
        if context is not None:
            return self._access(request, course, **context)
        return redirect("admin:courses_course_access", pk=course.pk)

    def _access(self, request: HttpRequest, course: Course, **context: Any) -> HttpResponse:
        site = self.admin_site  # type: ignore[attr-defined]
        user = request.user
        may_manage = can_manage_helpers(user, course)
        invitations = CourseInvitation.objects.filter(course=course).select_related("invited_by")
        shown = {
            **site.each_context(request),
            "title": course.title,
            "course": course,
            "opts": self.opts,  # type: ignore[attr-defined]
            "may_edit": can_edit_course(user, course),
            "may_manage": may_manage,
            "open_invitations": invitations.filter(accepted_at=None, revoked_at=None)[:SHOWN],
            "codes": CourseJoinCode.objects.filter(course=course),
            "helpers": CourseHelper.objects.filter(course=course).select_related("user"),
            "roles": HelperRole.choices,
            "now": timezone.now(),
            "invite_form": InviteForm(with_helpers=may_manage),
            "code_form": JoinCodeForm(),
        }
        response = TemplateResponse(request, "courses/admin/access.html", {**shown, **context})
        response["Cache-Control"] = "private, no-store"
        return response


def _invite(request: Any, course: Course) -> dict[str, Any] | None:
    form = InviteForm(request.POST, with_helpers=can_manage_helpers(request.user, course))
    if not form.is_valid():
        return {"invite_form": form}
    try:
        lines = invite_many(
            course=course,
            text=form.cleaned_data["addresses"],
            role=form.cleaned_data["role"],
            by=request.user,
        )
    except ValidationError as error:
        form.add_error("addresses", error)
        return {"invite_form": form}
    return _report(request, lines)


def _report(request: Any, lines: list[Line]) -> dict[str, Any] | None:
    sent, refused = [line for line in lines if line.is_sent], [line for line in lines if not line.is_sent]
    if sent:
        words = ngettext("%(count)s invitation sent.", "%(count)s invitations sent.", len(sent))
        messages.success(request, words % {"count": len(sent)})
    return {"refused_lines": refused} if refused else None


def _make_code(request: Any, course: Course) -> dict[str, Any] | None:
    form = JoinCodeForm(request.POST)
    if not form.is_valid():
        return {"code_form": form}
    try:
        code = make_join_code(course=course, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return {"code_form": form}
    messages.success(request, _("The code is %(code)s.") % {"code": code.code})
    return None


def _row(rows: Any, request: Any, course: Course) -> Any:
    pk = request.POST.get("row", "")
    is_number = pk.isascii() and pk.isdecimal() and len(pk) <= LONGEST_ID
    return get_object_or_404(rows.filter(course=course), pk=int(pk) if is_number else 0)


def _end_code(request: Any, course: Course) -> None:
    end_join_code(
        code=_row(CourseJoinCode.objects.select_related("course"), request, course), by=request.user
    )


def _resend(request: Any, course: Course) -> None:
    invitation = _row(CourseInvitation.objects.select_related("course"), request, course)
    resend_invitation(invitation=invitation, by=request.user)
    messages.success(request, _("Sent again, with a new link."))


def _withdraw(request: Any, course: Course) -> None:
    invitation = _row(CourseInvitation.objects.select_related("course"), request, course)
    withdraw_invitation(invitation=invitation, by=request.user)
    messages.success(request, _("Invitation withdrawn."))


def _change_helper(request: Any, course: Course) -> None:
    role = request.POST.get("role", "")
    if role not in HelperRole.values:
        raise Http404
    helper = _row(CourseHelper.objects.select_related("course", "user"), request, course)
    change_helper_role(helper=helper, role=role, by=request.user)
    messages.success(request, _("Role changed."))


def _remove_helper(request: Any, course: Course) -> None:
    remove_helper(
        helper=_row(CourseHelper.objects.select_related("course", "user"), request, course), by=request.user
    )
    messages.success(request, _("Removed. The rights end at once."))


ACTS: dict[str, Callable[[Any, Course], dict[str, Any] | None]] = {
    "invite": _invite,
    "resend": _resend,
    "withdraw": _withdraw,
    "make-code": _make_code,
    "end-code": _end_code,
    "change-helper": _change_helper,
    "remove-helper": _remove_helper,
}

"""The admin page on which an administrator closes somebody's account, for those who ask for it by other ways."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.forms import CloseForm
from accounts.models import User
from accounts.permissions import can_manage_users
from accounts.privacy import erase_person
from accounts.roles import is_erased
from projectgenius.errors import Conflict


class ClosingPages:
    """For the page of people: a link on each, and what it leads to."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = reauthentication_required(self.close_page)
        address = path("<int:pk>/close/", self.admin_site.admin_view(view), name="accounts_user_close")
        return [address, *super().get_urls()]  # type: ignore[misc]

    @admin.display(description=_("Close the account"))
    def close_link(self, user: User) -> str:
        if is_erased(user):
            return str(_("This account is closed."))
        address = reverse("admin:accounts_user_close", args=[user.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, _("Close it for good"))

    def close_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what goes and what stays; close the account once its address was typed."""
        if not can_manage_users(request.user):
            raise PermissionDenied
        person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
        if person.pk == request.user.pk:
            return redirect("accounts:close")
        form = CloseForm(request.POST or None, user=person)
        if request.method == "POST" and form.is_valid() and self._closed(request, person):
            return redirect("admin:accounts_user_changelist")
        title = _("Close the account of %(name)s") % {"name": person.display_name}
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        context |= {"person": person, "form": form, "is_erased": is_erased(person)}
        return TemplateResponse(request, "accounts/admin/person_close.html", context)

    def _closed(self, request: HttpRequest, person: User) -> bool:
        """Close it, and say so; or say what keeps it open."""
        try:
            erase_person(user=person, by=request.user)
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
            return False
        messages.success(request, _("The account is closed."))
        return True

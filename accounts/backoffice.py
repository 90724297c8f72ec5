"""How every page of the admin site behaves: rights come from policy functions, rows and choices are narrowed.

A class says which rows somebody may see (`narrow`) and what may be done to them (`can_…`); lists, pages, history,
deletion, actions, choices, autocomplete answers and filters all follow from these.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import NestedObjects
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db import models, router, transaction
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm

from accounts.audit import record_personal_read
from accounts.permissions import can_manage_site
from accounts.records import count_in_words, delete_record, holds_work, save_record, work_on_record
from projectgenius.errors import Conflict

Rows = models.QuerySet[Any]


def as_json(value: Any) -> str:
    """Stored JSON, to read; the theme would color it with inline styles, which the style policy forbids."""
    if value is None:
        return "–"
    return format_html(
        '<pre class="whitespace-pre-wrap">{}</pre>', json.dumps(value, ensure_ascii=False, indent=2)
    )


class State(tuple[str, Any]):
    """A state and its words. A list takes the color by the one and shows the other; a page shows the words."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(self[1])


def visible_choices(site: AdminSite, model: type[models.Model], request: HttpRequest) -> Rows:
    """The rows of `model` that may be chosen: those that its own admin page shows to this person."""
    return site.get_model_admin(model).get_queryset(request)


def name_as_choice(site: AdminSite, model: type[models.Model]) -> Callable[[Any], str]:
    """How a row of `model` is called where it may be chosen: its page's `name_as_choice`, or its own name."""
    return getattr(site.get_model_admin(model), "name_as_choice", str)


class TypedJSON(forms.JSONField):
    """JSON as text; no value is an empty field."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class NarrowedForm(AutocompleteDropdownForm):
    """A filter's drop-down: even the one chosen row is shown only to those who may see it."""

    def __init__(self, request: HttpRequest, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, name, *args, **kwargs)
        site = kwargs["model_admin"].admin_site
        self.fields[name].queryset = visible_choices(site, kwargs["field"].remote_field.model, request)


class NarrowedFilter(AutocompleteSelectFilter):
    """A list filter over related rows that lists none of somebody else's."""

    form_class = NarrowedForm


class NarrowedChoices:
    """Fields. Foreign keys are searched for instead of listed, and only among the rows that one may see."""

    admin_site: AdminSite
    opts: Any
    formfield_overrides: ClassVar = {models.JSONField: {"form_class": TypedJSON}}

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """Every foreign key: a list of all rows would kill the page one day."""
        return [field.name for field in self.opts.fields if field.is_relation]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Refuse a chosen row that the person may not see."""
        model = db_field.remote_field.model
        kwargs.setdefault("queryset", visible_choices(self.admin_site, model, request))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        field.label_from_instance = name_as_choice(self.admin_site, model)
        return field


class BackOfficeAdmin(NarrowedChoices, ModelAdmin):
    """A page of the admin site. Unless a class says otherwise it is for administrators."""

    show_full_result_count = False
    list_filter_submit = True
    list_per_page = 50
    warn_unsaved_form = True
    view_on_site: Any = False

    def narrow(self, rows: Rows, user: Any) -> Rows:
        """Those of `rows` that `user` may see."""
        return rows if can_manage_site(user) else rows.none()

    def for_list(self, rows: Rows) -> Rows:
        """Bring along what a list shows, so that its number of queries does not grow with the rows."""
        return rows

    def can_view(self, user: Any, row: Any = None) -> bool:
        """Without a row: whether the person has any business here."""
        return can_manage_site(user)

    def can_add(self, user: Any) -> bool:
        return can_manage_site(user)

    def can_change(self, user: Any, row: Any = None) -> bool:
        return can_manage_site(user)

    def can_delete(self, user: Any, row: Any = None) -> bool:
        return can_manage_site(user)

    def get_queryset(self, request: HttpRequest) -> Rows:
        return self.for_list(self.narrow(super().get_queryset(request), request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.can_view(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_view(request.user, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_change(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete(request.user, obj)

    def person_of(self, row: Any) -> int | None:
        """Whose personal data the row's page shows; an administrator's look at it is logged."""
        return None

    def render_change_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        if request.method == "GET" and row is not None and row.pk and (person := self.person_of(row)):
            record_personal_read(by=request.user, person_id=person)
        return super().render_change_form(request, *args, **kwargs)

    # Saving and deleting: through the functions that hold the rules.

    def save_row(self, row: Any, by: Any) -> None:
        save_record(row=row, by=by)

    def delete_row(self, row: Any, by: Any) -> None:
        delete_record(row=row, by=by)

    def work_on(self, row: Any) -> str:
        """What keeps the row from being deleted, in words; empty when nothing does."""
        return work_on_record(row)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        """Save, unless nothing was changed."""
        if not change or form.changed_data:
            self.save_row(obj, request.user)

    def save_formset(
        self, request: HttpRequest, form: ModelForm[Any], formset: BaseModelFormSet[Any, Any], change: bool
    ) -> None:
        """Save the changed rows of an inline one by one."""
        for row in formset.save(commit=False):
            self.save_row(row, request.user)
        for row in formset.deleted_objects:
            self.delete_row(row, request.user)
        formset.save_m2m()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_row(obj, request.user)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Rows) -> None:
        """Delete row by row; one refusal and nothing is deleted."""
        for row in queryset:
            self.delete_row(row, request.user)

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """What a deletion takes along, or a sentence for every row that cannot go.

        What depends on a row goes with it, so the right to delete the row is the right that counts.
        """
        rows = list(objs)
        refused = [f"{row}: {holds_work(row, work).message}" for row in rows if (work := self.work_on(row))]
        if refused:
            return [], {}, set(), refused
        found = NestedObjects(using=router.db_for_write(self.model), origin=rows)
        found.collect(rows)
        kinds: dict[Any, Any] = found.model_objs
        counts = {str(model._meta.verbose_name_plural): len(gone) for model, gone in kinds.items()}
        protected = (
            [str(holds_work(rows[0], count_in_words(found.protected)).message)] if found.protected else []
        )
        return found.nested(_kind_and_name), counts, set(), protected

    # Refusals: one answer for hidden and missing rows, a sentence for a conflict.

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404(_("There is no such row."))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Conflict as conflict:
            return self.refuse(request, conflict)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except Conflict as conflict:
            return self.refuse(request, conflict)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changelist_view(request, *args, **kwargs)
        except Conflict as conflict:
            return self.refuse(request, conflict)

    @transaction.atomic
    def response_action(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        """Run an action on the chosen rows: all of it or nothing."""
        return super().response_action(request, queryset)

    def refuse(self, request: HttpRequest, conflict: Conflict) -> HttpResponse:
        """Back to the page, with the reason on it."""
        self.message_user(request, str(conflict.message), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())


def _kind_and_name(row: models.Model) -> str:
    return f"{capfirst(str(row._meta.verbose_name))}: {row}"


class ReadOnly:
    """For pages of rows that only the system writes."""

    actions: Any = None

    def can_add(self, user: Any) -> bool:
        return False

    def can_change(self, user: Any, row: Any = None) -> bool:
        return False

    def can_delete(self, user: Any, row: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """All that is shown; a new row's fields, where somebody may make one, are typed."""
        fields = self.get_fields(request, obj)  # type: ignore[attr-defined]
        return () if obj is None and self.can_add(request.user) else tuple(fields)


class ReadOnlyAdmin(ReadOnly, BackOfficeAdmin):
    """Rows that only the system writes, for administrators."""


class InlineRights:
    """An inline is as open as its parent's page; whoever may change that may change the rows in it."""

    extra = 0
    can_delete = False
    view_on_site: Any = False
    read_only = False
    model: type[models.Model]
    parent_model: type[models.Model]
    admin_site: AdminSite

    def get_queryset(self, request: HttpRequest) -> Rows:
        """The rows that their own page would show, too."""
        rows: Rows = super().get_queryset(request)  # type: ignore[misc]
        return self.admin_site.get_model_admin(self.model).narrow(rows, request.user)  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = self.fields if self.read_only else self.readonly_fields  # type: ignore[attr-defined]
        return tuple(shown)

    def may_change(self, request: HttpRequest, parent: Any) -> bool:
        page = self.admin_site.get_model_admin(self.parent_model)
        allowed = page.has_change_permission(request, parent) if parent else page.has_add_permission(request)
        return allowed and not self.read_only

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.get_model_admin(self.parent_model).has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change(request, obj)


class BackOfficeTabularInline(InlineRights, NarrowedChoices, TabularInline):
    """Rows of a page, as a table; its column heads name no field to a screen reader, so each field says its name."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = capfirst(str(field.label))
        return field


class BackOfficeStackedInline(InlineRights, NarrowedChoices, StackedInline):
    """Rows of a page, one form each."""


class ChoicesView(AutocompleteJsonView):
    """Answers which rows can be chosen for a field: only for a row's own references, not for what refers to it."""

    def process_request(self, request: HttpRequest) -> Any:
        term, page, field, to_field_name = super().process_request(request)
        if not field.concrete:
            raise PermissionDenied
        return term, page, field, to_field_name

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        name = name_as_choice(self.admin_site, type(obj))  # type: ignore[arg-type]
        return {**super().serialize_result(obj, to_field_name), "text": name(obj)}


def close_side_doors(site: AdminSite) -> None:
    """Take out of the site's addresses those that pass by the rules.

    The redirect to a row's page by its number would tell addresses of hidden rows; one's own password is
    changed where the site asks who it is and logs it.
    """
    site.autocomplete_view = ChoicesView.as_view(admin_site=site)  # type: ignore[assignment, method-assign]
    site.extra_urls = lambda: [  # type: ignore[attr-defined]
        path("r/<path:content_type_id>/<path:object_id>/", _not_found, name="view_on_site"),
        path(
            "password_change/",
            RedirectView.as_view(pattern_name="account_change_password"),
            name="password_change",
        ),
    ]


def _not_found(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404

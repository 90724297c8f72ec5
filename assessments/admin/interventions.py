"""Voiding, reopening and giving time to an attempt in the admin site: a page each, that asks for the reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.attempts import close_if_ended
from assessments.hand_grading import LONGEST_REASON
from assessments.interventions import MOST_MINUTES, add_time, reopen_attempt, void_attempt
from assessments.models import QuizAttempt
from assessments.permissions import can_manage_attempt
from projectgenius.errors import Conflict


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3})
    )


class MinutesForm(ReasonForm):
    """How long, and why."""

    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=MOST_MINUTES)
    field_order = ("minutes", "reason")


@dataclass(frozen=True)
class Act:
    """One thing that can be done to an attempt; `fits` says whether its state lets one offer it."""

    name: str
    label: str | Promise
    hint: str | Promise
    done: str | Promise
    form: type[forms.Form]
    change: Callable[..., QuizAttempt]
    fits: Callable[[QuizAttempt], bool]


ACTS = {
    act.name: act
    for act in (
        Act(
            "add_time",
            gettext_lazy("Add time"),
            gettext_lazy("The deadline moves back, at most to the closing time of the quiz."),
            gettext_lazy("Time added."),
            MinutesForm,
            add_time,
            lambda attempt: attempt.is_running and attempt.deadline is not None,
        ),
        Act(
            "reopen",
            gettext_lazy("Reopen"),
            gettext_lazy(
                "The student goes on from now for these minutes. At the end the attempt is graded again."
            ),
            gettext_lazy("Attempt reopened."),
            MinutesForm,
            reopen_attempt,
            lambda attempt: not attempt.is_running,
        ),
        Act(
            "void",
            gettext_lazy("Void"),
            gettext_lazy(
                "It counts no more, and this cannot be undone. The student may take another attempt."
            ),
            gettext_lazy("Attempt voided."),
            ReasonForm,
            void_attempt,
            lambda attempt: True,
        ),
    )
}


class InterventionPages:
    """The pages, and the links to those that fit the attempt. For the admin of attempts."""

    def get_urls(self: Any) -> list[URLPattern]:
        pages = [
            path(
                f"<int:pk>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(self.intervention_view),
                {"name": name},
                name=f"assessments_quizattempt_{name}",
            )
            for name in ACTS
        ]
        return [*pages, *super().get_urls()]  # type: ignore[misc]

    def intervention_view(self: Any, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """The form; sent, it does what its button says."""
        attempt, act = get_object_or_404(self.get_queryset(request), pk=pk), ACTS[name]
        if not can_manage_attempt(request.user, attempt):
            raise PermissionDenied(
                _("Your own work is changed by somebody else, others’ by those who teach.")
            )
        back = reverse("admin:assessments_quizattempt_change", args=[pk])
        form = act.form(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                act.change(attempt=attempt, by=request.user, **form.cleaned_data)
            except Conflict as conflict:
                form.add_error(None, str(conflict.message))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.message_user(request, act.done, messages.SUCCESS)
                return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": act.label,
            "attempt": attempt,
            "act": act,
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "assessments/admin/intervention.html", context)

    @admin.display(description=gettext_lazy("Actions"))
    def interventions(self, attempt: QuizAttempt) -> str:
        """Links to what can be done; a preview and a voided attempt are left alone."""
        if attempt.is_preview or attempt.is_voided:
            return "–"
        close_if_ended(attempt=attempt)
        links = (
            (reverse(f"admin:assessments_quizattempt_{act.name}", args=[attempt.pk]), act.label)
            for act in ACTS.values()
            if act.fits(attempt)
        )
        return format_html_join(" · ", '<a class="text-link" href="{}">{}</a>', links)

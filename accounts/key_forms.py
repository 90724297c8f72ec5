"""Forms for named API keys."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api_keys import change_named_key, issue_named_key, scopes_for
from accounts.models import ApiKey, User
from projectgenius.api.scopes import Scope

DAYS = (("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("No end")))


def scope_choices(scopes: Iterable[str]) -> list[tuple[str, Any]]:
    """Each scope with its sentence, and with the word that the list of keys and the API use."""
    return [(scope, f"{Scope(scope).label} ({scope})") for scope in scopes]


class NewKeyForm(forms.Form):
    """What a new key is called, what it may do, and for how long."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What it is for, such as “Grade export”. Only you read it."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple, initial=[Scope.READ]
    )
    days = forms.ChoiceField(label=_("Works for"), choices=DAYS, required=False, initial="90")

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, prefix="key")
        self.user = user
        self.fields["scopes"].choices = scope_choices(scopes_for(user))  # type: ignore[attr-defined]

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None

    def save(self) -> str:
        """Make the key and return it."""
        chosen = self.cleaned_data
        _row, key = issue_named_key(
            user=self.user, name=chosen["name"], scopes=chosen["scopes"], expires_at=self.expires_at()
        )
        return key


class ChangeKeyForm(forms.Form):
    """Another name, and scopes to take away."""

    name = forms.CharField(label=_("Name"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("You can take scopes away. For more, make a new key."),
    )

    def __init__(self, data: Any = None, *, key: ApiKey) -> None:
        super().__init__(data, initial={"name": key.name, "scopes": key.scopes})
        self.key = key
        self.fields["scopes"].choices = scope_choices(key.scopes)  # type: ignore[attr-defined]

    def save(self, by: User) -> None:
        chosen = self.cleaned_data
        change_named_key(key=self.key, by=by, name=chosen["name"], scopes=chosen["scopes"])

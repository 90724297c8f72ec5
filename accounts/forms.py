"""Forms about oneself."""

from copy import copy
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.locality import time_zone_choices
from accounts.models import LONGEST_BIO, User
from accounts.names import validate_name
from accounts.profiles import change_profile, prepared_picture, set_picture


class SignupFields(forms.Form):
    """What signing up asks beside address, username and password."""

    full_name = forms.CharField(
        label=_("Full name"),
        max_length=120,
        help_text=_("As it should stand on a certificate. You can change it later."),
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account exists. Mails go on in the language in which the person signed up."""
        user.full_name = self.cleaned_data["full_name"].strip()
        user.language = get_language() or ""
        user.save(update_fields=["full_name", "language"])


class EmailChangeForm(forms.Form):
    """The address that one wants to have. Whether somebody has it already is not said."""

    email = forms.EmailField(
        label=_("New e-mail"),
        max_length=120,
        help_text=_("We ask both addresses. The change counts once both have said yes."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if email == self.user.email.lower():
            raise forms.ValidationError(_("This is your address already."), code="same")
        return email


class ProfileForm(forms.ModelForm[User]):
    """What a person says of oneself."""

    bio = forms.CharField(
        label=_("About you"),
        max_length=LONGEST_BIO,
        required=False,
        empty_value=None,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    picture = forms.FileField(
        label=_("New picture"),
        required=False,
        help_text=_("PNG, JPEG, WebP or GIF, smaller than 10 MB. Where and when it was taken is left out."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("Every date and time is shown by this clock.")
    )

    class Meta:
        model = User
        fields = ("full_name", "bio", "language", "time_zone", "is_profile_public")
        labels = {"full_name": _("Full name"), "is_profile_public": _("Show my profile to everybody")}
        help_texts = {
            "full_name": _("As it should stand on a certificate."),
            "is_profile_public": _("Your name, picture, biography and the courses you teach. Nothing else."),
        }

    def __init__(self, data: Any = None, files: Any = None, *, user: User) -> None:
        super().__init__(data, files, instance=copy(user))
        self.user = user
        self.fields["full_name"].required = True
        self.fields["full_name"].widget.attrs["autocomplete"] = "name"
        self.fields["language"].choices = [("", _("The language of my browser")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        site = _("The site’s: %(name)s") % {"name": settings.TIME_ZONE}
        self.fields["time_zone"].choices = [("", site), *time_zone_choices()]  # type: ignore[attr-defined]

    def clean_picture(self) -> ContentFile[bytes] | None:
        """What is kept of the uploaded picture."""
        upload = self.cleaned_data.get("picture")
        return prepared_picture(upload) if upload else None

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        """Write what was changed, and the picture if there is a new one."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        change_profile(user=self.user, values=values, by=self.user)
        if picture := self.cleaned_data["picture"]:
            set_picture(user=self.user, picture=picture, by=self.user)
        return self.user


class TeachForm(forms.Form):
    """Why somebody wants to make courses."""

    motivation = forms.CharField(
        label=_("What do you want to teach, and why?"),
        max_length=2000,
        help_text=_("A few sentences are enough: your subject, for whom, and what you have taught before."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class CloseForm(forms.Form):
    """The typed confirmation that somebody means this very account."""

    email = forms.CharField(label=_("Type your e-mail address"), max_length=120)

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.fields["email"].help_text = conditional_escape(user.email)

    def clean_email(self) -> str:
        """The address itself, whatever its case."""
        typed = str(self.cleaned_data["email"]).strip().lower()
        if typed != self.user.email.lower():
            raise forms.ValidationError(
                _("This is not the account’s address: %(email)s"), params={"email": self.user.email}
            )
        return typed

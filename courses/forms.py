"""Forms of the courses' pages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CertificateLookupForm(forms.Form):
    """The number of a certificate, as it is typed."""

    number = forms.CharField(
        label=_("Certificate number"),
        max_length=40,
        help_text=_("Four groups of four, such as ABCD-2345-EFGH-6789."),
    )

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if not any(character.isalnum() for character in number):
            raise forms.ValidationError(_("Enter the number that stands on the certificate."), code="number")
        return number


class PositionForm(forms.Form):
    """Where somebody stopped in a video, in whole seconds."""

    seconds = forms.IntegerField(min_value=0)


class JoinForm(forms.Form):
    """A join code, as it is typed."""

    code = forms.CharField(
        label=_("Join code"),
        max_length=40,
        help_text=_("Ten letters and figures. Spaces and small letters do not matter."),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not any(character.isalnum() for character in code):
            raise forms.ValidationError(_("Enter the code that you were given."), code="code")
        return code

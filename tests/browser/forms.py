"""A form with one field of each kind, for the gallery."""

from django import forms


class SampleForm(forms.Form):
    """Whatever a page may ask."""

    title = forms.CharField(help_text="Your group sees this too.")
    email = forms.EmailField(label="E-mail", required=False)
    about = forms.CharField(required=False, widget=forms.Textarea)
    level = forms.ChoiceField(choices=[("", "Choose one"), ("easy", "Easy"), ("hard", "Hard")])
    kind = forms.ChoiceField(choices=[("file", "File"), ("text", "Text")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.PasswordInput)
    work = forms.FileField()
    own = forms.BooleanField(label="This is our own work")


def wrong_form() -> SampleForm:
    """The form as it comes back when nearly everything is missing."""
    return SampleForm({"email": "not an address"}, {})

"""The forms of the admin site for questions, one for each type. None of them shows how an answer is stored."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from assessments.code_languages import language_choices
from assessments.models import CheckerKind, CodingQuestion, Question, QuestionType
from assessments.question_rows import OptionsField, ProgramTestsField, rows_of_options, rows_of_tests
from assessments.questions import CHECKED_BY_SHAPE
from assessments.shapes import MOST_MEGABYTES, MOST_SECONDS, check_coding
from projectgenius.code_editor import CodeEditor


class QuestionForm(forms.ModelForm[Question]):
    """What all questions have. A class for a type adds the fields of its answer."""

    kind: ClassVar[str]
    # The field at which a problem with a column of the answer is shown.
    shown_at: ClassVar[dict[str, str]] = {}
    coding: CodingQuestion | None = None

    class Meta:
        model = Question
        fields = ("quiz", "content", "points", "difficulty", "lesson", "explanation")
        help_texts = {
            "content": _("What students are asked."),
            "explanation": _("Students see it together with the correct answer."),
            "lesson": _("Whoever got it wrong is sent there."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.instance.question_type = self.kind
        if "difficulty" in self.fields:
            self.fields["difficulty"].required = False

    def put_answer(self) -> None:
        """Write the answer's fields into the question."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        self.put_answer()
        super()._post_clean()  # type: ignore[misc]

    def _update_errors(self, errors: ValidationError) -> None:
        """Show what is wrong with an answer at the field in which it was given."""
        if hasattr(errors, "error_dict"):
            errors = ValidationError(
                {self.shown_at.get(name, name): found for name, found in errors.error_dict.items()}
            )
        super()._update_errors(errors)  # type: ignore[misc]


class MultipleChoiceForm(QuestionForm):
    """Options with their ticks: with one tick students choose one, with several they may choose several."""

    kind = QuestionType.MULTIPLE_CHOICE
    shown_at = {"options": "choices", "correct_answer": "choices"}

    choices = OptionsField(
        label=_("Options"),
        help_text=_(
            "Tick each correct option. With one tick students choose one option; with several they may choose several, "
            "and wrong ones cost points."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = rows_of_options(self.instance.options, self.instance.correct_answer)

    def put_answer(self) -> None:
        rows = self.cleaned_data.get("choices", [])
        self.instance.options = [{"id": row["id"], "text": row["text"]} for row in rows]
        self.instance.correct_answer = [row["id"] for row in rows if row["correct"]]


class TrueFalseForm(QuestionForm):
    """A statement that is true or false."""

    kind = QuestionType.TRUE_FALSE
    shown_at = {"correct_answer": "truth"}

    truth = forms.ChoiceField(
        label=_("The statement is"),
        required=False,
        choices=[("true", _("True")), ("false", _("False"))],
        widget=UnfoldAdminRadioSelectWidget(radio_style=1),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.instance.correct_answer, bool):
            self.initial["truth"] = "true" if self.instance.correct_answer else "false"

    def put_answer(self) -> None:
        truth = self.cleaned_data.get("truth")
        self.instance.options = None
        self.instance.correct_answer = {"true": True, "false": False}.get(str(truth))


class EssayForm(QuestionForm):
    """A text that a person grades."""

    kind = QuestionType.ESSAY
    shown_at = {"correct_answer": "model_answer"}

    model_answer = forms.CharField(
        label=_("Model answer"),
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 8}),
        help_text=_("May stay empty. Shown to who grades, and to students once their answer is graded."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["model_answer"] = self.instance.correct_answer or ""

    def put_answer(self) -> None:
        self.instance.options = None
        self.instance.correct_answer = self.cleaned_data.get("model_answer") or None


CODING_FIELDS = (
    "language",
    "starter_code",
    "checker",
    "tolerance",
    "time_limit_seconds",
    "memory_limit_mb",
    "solution",
)


class CodingForm(QuestionForm):
    """A program that is run on tests. `coding` is the question's other row, with what was typed."""

    kind = QuestionType.CODING
    shown_at = {"test_cases": "tests"}
    coding: CodingQuestion

    language = forms.ChoiceField(label=_("Language"), widget=UnfoldAdminSelectWidget)
    starter_code = forms.CharField(
        label=_("Starter code"),
        required=False,
        strip=False,
        widget=CodeEditor({"rows": 6}),
        help_text=_("What stands in the editor at first. May stay empty."),
    )
    tests = ProgramTestsField(
        label=_("Tests"),
        help_text=_(
            "Students see samples and may run them. The other tests are hidden: they are run once, when the attempt is "
            "handed in, and nobody sees their data."
        ),
    )
    checker = forms.ChoiceField(
        label=_("How outputs are compared"),
        choices=CheckerKind.choices,
        initial=CheckerKind.STANDARD,
        widget=UnfoldAdminSelectWidget,
    )
    tolerance = forms.DecimalField(
        label=_("Tolerance"),
        max_digits=13,
        decimal_places=12,
        initial=Decimal("0.000001"),
        validators=[MinValueValidator(0)],
        widget=UnfoldAdminDecimalFieldWidget({"step": "any"}),
        help_text=_("Only for numbers: how far they may be off, absolutely or relatively."),
    )
    time_limit_seconds = forms.IntegerField(
        label=_("Time limit in seconds"),
        initial=5,
        min_value=1,
        max_value=MOST_SECONDS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("For each test."),
    )
    memory_limit_mb = forms.IntegerField(
        label=_("Memory limit in MB"),
        initial=128,
        min_value=16,
        max_value=MOST_MEGABYTES,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    solution = forms.CharField(
        label=_("Reference solution"),
        required=False,
        strip=False,
        widget=CodeEditor({"rows": 12}),
        help_text=_("Students never see it. It proves that the tests can be passed within the limits."),
    )
    # "1": the page's script has asked the judge about just this program, and its author wants to save it anyway.
    is_checked = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def changed_data(self) -> list[str]:
        """What the person changed; what the script notes is not theirs."""
        return [name for name in super().changed_data if name != "is_checked"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coding = getattr(self.instance, "coding", None) or CodingQuestion()
        if "language" in self.fields:
            self.fields["language"].choices = language_choices(self.coding.language)  # type: ignore[attr-defined]
        if not self.instance._state.adding:
            self.initial.update({name: getattr(self.coding, name) for name in CODING_FIELDS})
            self.initial["tolerance"] = self.coding.tolerance.normalize()
            self.initial["tests"] = rows_of_tests(self.coding.test_cases)
        self._tell_editors_the_language()

    def _tell_editors_the_language(self) -> None:
        """Colours from the start; the page's script follows the choice."""
        if "language" not in self.fields:
            return
        language = self["language"].value() or self.fields["language"].choices[0][0]  # type: ignore[attr-defined]
        for name in ("starter_code", "solution"):
            self.fields[name].widget.attrs["data-language"] = language

    def put_answer(self) -> None:
        self.instance.options = self.instance.correct_answer = None

    def _post_clean(self) -> None:
        super()._post_clean()
        data = self.cleaned_data
        for name in CODING_FIELDS:
            if name in data:
                value = data[name]
                setattr(self.coding, name, value.replace("\r\n", "\n") if isinstance(value, str) else value)
        self.coding.test_cases = data.get("tests", [])
        for check in (self._check_fields, lambda: check_coding(self.coding)):
            try:
                check()
            except ValidationError as error:
                self._update_errors(self._unsaid(error))

    def _check_fields(self) -> None:
        self.coding.clean_fields(exclude=CHECKED_BY_SHAPE)

    def _unsaid(self, error: ValidationError) -> ValidationError:
        """What is wrong beside what the fields themselves have said."""
        said = set(self.errors)
        return ValidationError(
            {
                name: found
                for name, found in error.error_dict.items()
                if self.shown_at.get(name, name) not in said
            }
        )


FORMS: dict[str, type[QuestionForm]] = {
    form.kind: form for form in (MultipleChoiceForm, TrueFalseForm, EssayForm, CodingForm)
}

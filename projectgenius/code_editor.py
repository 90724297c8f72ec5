"""A text area for programs in the admin site: colours, line numbers, indentation; plain without a script."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget


class CodeEditor(UnfoldAdminTextareaWidget):
    """`language` is one of the judge's (`python`, `c`, …); a script may change it in `data-language`."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, language: str = "") -> None:
        plain = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
        super().__init__(
            {"rows": 14, "data-editor": True, "data-language": language, **plain, **(attrs or {})}
        )

    @property
    def media(self) -> forms.Media:
        script: Any = forms.Script("projectgenius/js/editor.js", type="module")
        return forms.Media(css={"all": ["projectgenius/css/code.css"]}, js=[script])

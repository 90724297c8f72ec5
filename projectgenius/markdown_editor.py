"""A text area for Markdown with buttons, keys, pictures, a preview and a draft that survives a crash.

Without a script it is a text area with a button "Preview", which opens the rendered text in another tab.
"""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

ROWS = 30
SHORT_ROWS = 12


class MarkdownEditor(UnfoldAdminTextareaWidget):
    """`preview_url` renders a text and shows it; `pictures_url` lists and takes pictures, if there is such a place.

    `loaded_at` says which saved text the page began with: a draft kept in the browser is offered again only if it
    was not saved since.
    """

    template_name = "projectgenius/markdown_editor.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": ROWS, **(attrs or {})})
        self.preview_url = ""
        self.pictures_url = ""
        self.loaded_at = ""

    @property
    def media(self) -> forms.Media:
        script: Any = forms.Script("projectgenius/js/markdown-editor.js", type="module")
        return forms.Media(js=[script])

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"].update(
            preview_url=self.preview_url, pictures_url=self.pictures_url, loaded_at=self.loaded_at
        )
        return context

"""Pages of the admin site whose rows hold Markdown: an editor for it, and the preview that the editor shows."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from courses.backoffice import course_of_row
from projectgenius.markdown import render_markdown
from projectgenius.markdown_editor import SHORT_ROWS, MarkdownEditor


class MarkdownPages:
    """`markdown_fields` names the texts; pictures can be added once the row belongs to a saved course."""

    markdown_fields: tuple[str, ...] = ()
    markdown_rows = SHORT_ROWS
    admin_site: Any
    opts: Any

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.markdown_fields:
            kwargs["widget"] = MarkdownEditor({"rows": self.markdown_rows})
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell each editor where its preview and its pictures are."""
        form = super().get_form(request, obj, change, **kwargs)  # type: ignore[misc]
        for name in self.markdown_fields:
            field = form.base_fields.get(name)
            if field is not None and isinstance(field.widget, MarkdownEditor):
                self._set_up(field.widget, name, obj)
        return form

    def _set_up(self, editor: MarkdownEditor, name: str, row: Any) -> None:
        if row is None or row.pk is None:
            editor.preview_url = f"{reverse(self._url_name('preview_new'))}?field={name}"
            return
        editor.preview_url = f"{reverse(self._url_name('preview'), args=[row.pk])}?field={name}"
        editor.loaded_at = row.updated_at.isoformat()
        if course := course_of_row(row):
            editor.pictures_url = reverse("admin:courses_courseimage_of_course", args=[course.pk])

    def _url_name(self, what: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{what}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        names = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("preview/", view, name=f"{names}_preview_new"),
            path("<int:pk>/preview/", view, name=f"{names}_preview"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """What the text in the form would look like. Nothing is saved.

        Only for those who may change the row, or add one; the editor's script gets the text alone, a browser a page.
        """
        row = None
        if pk is not None and (row := self.get_queryset(request).filter(pk=pk).first()) is None:  # type: ignore[attr-defined]
            raise Http404
        if not (self.has_change_permission(request, row) if row else self.has_add_permission(request)):  # type: ignore[attr-defined]
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        name = request.GET.get("field", "")
        if name not in self.markdown_fields:
            raise Http404
        html = render_markdown(request.POST.get(name, ""), key="preview")
        if request.headers.get("X-Requested-With") == "fetch":
            return HttpResponse(html)
        return render(request, "projectgenius/markdown_preview.html", {"html": html, "row": row})

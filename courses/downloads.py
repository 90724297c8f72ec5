"""Handing out files. The caller has checked the right to the file's row."""

from pathlib import PurePosixPath
from typing import Any

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

from courses.archive import export_course
from courses.models import Course

PICTURE_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


def private_file(file: FieldFile) -> FileResponse:
    """The file as a download that no cache keeps and that runs nothing in the browser.

    Raises Http404 when the row is there and its file is gone.
    """
    name = PurePosixPath(file.name or "file").name
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(stream, as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def public_picture(file: FieldFile) -> FileResponse:
    """A picture that `clean_picture` wrote, kept by caches for a year: another picture has another name.

    Raises Http404 when the row is there and its file is gone.
    """
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    kind = PICTURE_TYPES.get(PurePosixPath(file.name or "").suffix)
    if kind is None:
        stream.close()
        raise Http404
    response = FileResponse(stream, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def archive_response(course: Course, by: Any) -> FileResponse:
    """The whole course as a ZIP. Raises Conflict `file_missing`."""
    archive = export_course(course=course, by=by)
    response = FileResponse(archive, as_attachment=True, filename=f"{course.slug}.zip")
    response["Content-Type"] = "application/zip"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response

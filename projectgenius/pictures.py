"""Uploaded pictures: only real ones, made anew, so that nothing but the picture itself is kept."""

import io
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_FILE = 10 * 1024 * 1024  # bytes
MOST_PIXELS = 40_000_000
FORMATS = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "GIF": ".png",
}  # what is opened, and what it becomes
SHOWN_AS = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


def clean_picture(upload: Any, *, longest_side: int) -> ContentFile[bytes]:
    """The uploaded picture turned upright, scaled down to `longest_side` pixels and written anew.

    What cameras and programs write beside the picture (place, time, scripts) is left behind. Raises
    ValidationError `too_large`, `not_a_picture` or `too_many_pixels`.
    """
    if upload.size > LARGEST_FILE:
        raise ValidationError(_("The picture must be smaller than 10 MB."), code="too_large")
    try:
        upload.seek(0)
        with Image.open(upload, formats=list(FORMATS)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValidationError(
                    _("The picture has too many pixels (at most 40 million)."), code="too_many_pixels"
                )
            ending = FORMATS[str(image.format)]
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((longest_side, longest_side))
            return ContentFile(_written_anew(upright, ending), name=f"picture{ending}")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise ValidationError(_("Choose a picture: PNG, JPEG, WebP or GIF."), code="not_a_picture") from error


def picture_response(file: FieldFile, *, is_public: bool) -> FileResponse:
    """A stored picture, shown in the page. The caller has checked the right to it.

    No cache keeps it, unless everybody may see it; and even then for five minutes only, for that may end. Raises
    Http404 when its file is gone.
    """
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = PurePosixPath(file.name or "picture").name
    response = FileResponse(stream, filename=name, content_type=SHOWN_AS.get(PurePosixPath(name).suffix))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "public, max-age=300" if is_public else "private, no-store"
    return response


def _written_anew(image: Image.Image, ending: str) -> bytes:
    out = io.BytesIO()
    if ending == ".jpg":
        _bare(image.convert("RGB")).save(out, "JPEG", quality=88, optimize=True)
    else:
        keeps_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        bare = _bare(image.convert("RGBA" if keeps_alpha else "RGB"))
        bare.save(out, "WEBP" if ending == ".webp" else "PNG")
    return out.getvalue()


def _bare(image: Image.Image) -> Image.Image:
    """The picture without the comments and profiles that its file brought along."""
    image.info = {}
    return image

"""Pictures that were made anew once already: their bytes can stay, for making them anew again would blur them."""

import io
import struct
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image

from projectgenius.pictures import LARGEST_FILE, MOST_PIXELS, clean_picture

ENDINGS = {"JPEG": {".jpg", ".jpeg"}, "PNG": {".png"}, "WEBP": {".webp"}, "GIF": {".gif"}}
PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
# Start and end of the picture, JFIF's head, tables, frames, restart interval, start of the data.
JPEG_SEGMENTS = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDD, 0xDA}
NO_PICTURE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, struct.error, IndexError)


def picture_as_is(data: bytes, *, ending: str, longest_side: int) -> ContentFile[bytes]:
    """The picture as it is when nothing but a picture is in it and it is small enough, else made anew.

    Raises ValidationError as `clean_picture` does, and `other_content` when the name's ending says another kind.
    """
    upload = ContentFile(data, name=f"picture{ending}")
    if len(data) > LARGEST_FILE:
        return clean_picture(upload, longest_side=longest_side)  # which refuses it
    try:
        with Image.open(io.BytesIO(data), formats=list(ENDINGS)) as image:
            kind, size = str(image.format), image.size
            if ending.lower() not in ENDINGS[kind]:
                raise ValidationError(_("Its content is not what its name says."), code="other_content")
            fits = max(size) <= longest_side and size[0] * size[1] <= MOST_PIXELS
            if fits and _is_bare(kind, data) and not getattr(image, "is_animated", False):
                image.load()
                return upload
    except NO_PICTURE as error:
        if isinstance(error, ValidationError):
            raise
    return clean_picture(upload, longest_side=longest_side)


def _is_bare(kind: str, data: bytes) -> bool:
    """Whether the file consists of the parts alone that make the picture, and nothing follows them."""
    match kind:
        case "PNG":
            return set(_png_chunks(data)) <= PNG_CHUNKS
        case "WEBP":
            return set(_webp_chunks(data)) <= WEBP_CHUNKS
        case "JPEG":
            return set(_jpeg_segments(data)) <= JPEG_SEGMENTS
    return False


def _png_chunks(data: bytes) -> Iterator[bytes]:
    place, end = 8, b""
    while place < len(data):
        length, end = struct.unpack(">I4s", data[place : place + 8])
        yield end if place + 12 + length <= len(data) else b"cut "
        place += 12 + length
        if end == b"IEND" and place != len(data):
            yield b"more"


def _webp_chunks(data: bytes) -> Iterator[bytes]:
    if struct.unpack("<I", data[4:8])[0] + 8 != len(data):
        yield b"more"
    place = 12
    while place < len(data):
        name, length = struct.unpack("<4sI", data[place : place + 8])
        yield name
        place += 8 + length + length % 2


def _jpeg_segments(data: bytes) -> Iterator[int]:
    place = 2
    while place < len(data):
        if data[place] != 0xFF:
            yield -1
            return
        marker, length = data[place + 1], struct.unpack(">H", data[place + 2 : place + 4])[0]
        yield marker
        place += 2 + length
        if marker == 0xDA:  # the data: zero follows each FF in it, or a restart mark
            while not (data[place] == 0xFF and data[place + 1] not in (0, *range(0xD0, 0xD8))):
                place = data.index(b"\xff", place + 1)
            if data[place + 1] == 0xD9:  # the end
                if place + 2 != len(data):
                    yield -1
                return
    yield -1

"""Handing out a file in parts, as players of videos ask for it (RFC 9110, section 14). The caller checked the right."""

import hashlib
import re
from collections.abc import Iterator
from typing import IO

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

CHUNK = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def ranged_file(request: HttpRequest, file: FieldFile, content_type: str) -> HttpResponseBase:
    """The file, or the part that a `Range` header asks for (206); 416 for a part that it does not have.

    Answers HEAD, If-None-Match and If-Range. More than one part at a time is answered with the whole file. Raises
    Http404 when the row is there and its file is gone.
    """
    try:
        size = file.size
        stream = file.storage.open(file.name or "", "rb")
    except FileNotFoundError:
        raise Http404 from None
    tag = f'"{hashlib.sha256((file.name or "").encode()).hexdigest()[:24]}"'  # a stored file never changes
    wanted = _wanted(request, tag, size)
    response: HttpResponseBase
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]:
        stream.close()
        response = HttpResponse(status=304)
    elif wanted is not None and wanted[0] > wanted[1]:
        stream.close()
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        response = _part(request, stream, wanted, size)
    response["ETag"] = tag
    response["Accept-Ranges"] = "bytes"
    response["Content-Type"] = content_type
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _part(
    request: HttpRequest, stream: IO[bytes], wanted: tuple[int, int] | None, size: int
) -> HttpResponseBase:
    first, last = wanted or (0, size - 1)
    length = last - first + 1
    response: HttpResponseBase
    if request.method == "HEAD":
        stream.close()
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(_read(stream, first, length))
    response["Content-Length"] = str(length)
    if wanted:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _wanted(request: HttpRequest, tag: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; None for the whole file; a first beyond the last for what there is not."""
    condition = request.headers.get("If-Range")
    found = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not found or (condition is not None and condition != tag):
        return None
    start, end = found.groups()
    if not start:  # the last so many bytes
        return (max(0, size - int(end)), size - 1) if end and int(end) else ((1, 0) if end else None)
    if end and int(end) < int(start):
        return None  # malformed: as if nothing had been asked
    first, last = int(start), min(int(end) if end else size - 1, size - 1)
    return (first, last) if first < size else (1, 0)


def _read(stream: IO[bytes], first: int, length: int) -> Iterator[bytes]:
    """`length` bytes from `first` on, in pieces; the file is closed whatever happens."""
    with stream:
        stream.seek(first)
        while length > 0:
            piece = stream.read(min(CHUNK, length))
            if not piece:
                return
            length -= len(piece)
            yield piece

"""Files that lie beside lessons, looked at when they come in with a whole course: is it what its name says?"""

from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from courses.resource_files import check_file_size

# How files of these kinds begin. What is not listed is kept as it is: it is only ever handed out as a download.
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".gz": (b"\x1f\x8b",),
    **dict.fromkeys((".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub"), ZIP),
}
TEXTS = {".txt", ".csv", ".md", ".py", ".json", ".yaml", ".yml", ".vtt", ".srt", ".sql", ".tex"}
LOOKED_AT = 4096  # bytes


def check_resource_file(upload: Any) -> None:
    """Raise ValidationError `too_large`, or `other_content` for a file that is not what its name's ending says."""
    check_file_size(upload.size)
    upload.seek(0)
    head = upload.read(LOOKED_AT)
    upload.seek(0)
    ending = PurePosixPath(upload.name).suffix.lower()
    beginnings = BEGINNINGS.get(ending)
    if (beginnings and not head.startswith(beginnings)) or (ending in TEXTS and b"\0" in head):
        raise ValidationError(_("Its content is not what its name says."), code="other_content")

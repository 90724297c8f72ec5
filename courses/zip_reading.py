"""A ZIP from a stranger: looked through before anything is unpacked, and unpacked only into plain files.

Nothing in it is believed: not the sizes that it states, not its names, not its kinds of entries. All faults are
named, each with the entry's name; with one of them nothing is unpacked at all.
"""

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LARGEST_ARCHIVE = 1024 * 1024 * 1024  # bytes of the upload
MOST_UNPACKED = 2 * 1024 * 1024 * 1024  # bytes of all files together
MOST_ENTRIES = 5_000
LARGEST_DIRECTORY = MOST_ENTRIES * 512  # bytes of the ZIP's list of entries
LARGEST_RATIO = 200  # unpacked to packed, of an entry and of the whole
RATIO_FROM = 1024 * 1024  # bytes; what is smaller may be as packed as it likes
LONGEST_PATH = 240
DEEPEST_PATH = 5
MOST_PROBLEMS = 100
CHUNK = 256 * 1024

END_SIZE, LONGEST_COMMENT = 22, 0xFFFF
END_MARK, END64_MARK = b"PK\x05\x06", b"PK\x06\x07"
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flags of an entry: plain, strong, and a masked directory
FILE_KIND, DIRECTORY_KIND = 0o10, 0o04  # the four bits of a Unix mode that say what an entry is
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
LITTER = ("__MACOSX/",)  # what programs put in beside the files


class ZipError(ValidationError):
    """The archive cannot be used; `problems` lists pairs of an entry's name (or "") and a sentence."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__([ValidationError(f"{name}: {text}" if name else text) for name, text in problems])
        self.code = "archive"
        self.problems = problems


def unpack(stream: IO[bytes], target: Path) -> list[str]:
    """Unpack the ZIP into the folder `target`; returns the paths of the files. Raises ZipError.

    A refused archive may leave files in `target`: the caller removes the folder.
    """
    _check_end(stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            found = _check_entries(archive.infolist())
            budget = MOST_UNPACKED
            for entry, path in found:
                budget -= _unpack_entry(archive, entry, target / path, budget)
            return [path for _entry, path in found]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, UnicodeDecodeError):
        raise ZipError([("", _("This file is not a ZIP that can be read."))]) from None
    except (OSError, ValueError, struct.error, RuntimeError) as error:
        if isinstance(error, ZipError):
            raise
        raise ZipError([("", _("This file is not a ZIP that can be read."))]) from None


def _check_end(stream: IO[bytes]) -> None:
    """Read the end of the file, which says how long the list of entries is, before anybody reads that list."""
    stream.seek(0, 2)
    size = stream.tell()
    if size > LARGEST_ARCHIVE:
        raise ZipError([("", _("The archive must be smaller than 1 GB."))])
    stream.seek(max(0, size - END_SIZE - LONGEST_COMMENT - 20))
    tail = stream.read()
    place = tail.rfind(END_MARK)
    if place < 0 or len(tail) - place < END_SIZE:
        raise ZipError([("", _("This file is not a ZIP that can be read."))])
    entries, directory = struct.unpack("<HI", tail[place + 10 : place + 16])
    if END64_MARK in tail[max(0, place - 20) : place] or directory == 0xFFFFFFFF:
        raise ZipError([("", _("ZIP64 is not read: the archive holds too much."))])
    if entries > MOST_ENTRIES or directory > LARGEST_DIRECTORY:
        raise ZipError([("", _too_many())])


def _too_many() -> str:
    return _("The archive holds too many files (at most %(count)s).") % {"count": MOST_ENTRIES}


def _check_entries(infos: list[zipfile.ZipInfo]) -> list[tuple[zipfile.ZipInfo, str]]:
    """The entries that are files, each with its path; all that is wrong with any of them is raised at once."""
    if len(infos) > MOST_ENTRIES:
        raise ZipError([("", _too_many())])
    problems: list[tuple[str, str]] = []
    found: list[tuple[zipfile.ZipInfo, str]] = []
    for info in infos:
        name = info.orig_filename
        if reason := _fault_of_name(name) or _fault_of_entry(info):
            problems.append((printable(name), reason))
        elif not info.is_dir() and not name.startswith(LITTER):
            found.append((info, unicodedata.normalize("NFC", name)))
    problems += _alike(path for _info, path in found)
    problems += _too_packed(info for info, _path in found)
    if problems:
        raise ZipError(problems[:MOST_PROBLEMS])
    return found


def _fault_of_name(name: str) -> str:
    """Why a path is refused; empty for a good one."""
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or (len(name) > 1 and name[1] == ":") or "\\" in name:
        return _("its path must lead down from the top of the archive, with forward slashes")
    if any(part in ("", ".", "..") for part in parts):
        return _("its path must lead down from the top of the archive, with forward slashes")
    if len(name) > LONGEST_PATH or len(parts) > DEEPEST_PATH:
        return _("its path is too long or too deep")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in name):
        return _("its name holds signs that cannot be seen")
    if any(part != part.strip() or part.endswith(".") for part in parts):
        return _("its name begins or ends with a space, or ends with a dot")
    return ""


def _fault_of_entry(info: zipfile.ZipInfo) -> str:
    """Why an entry is refused whatever its name; empty for a plain file or folder."""
    if info.flag_bits & ENCRYPTED:
        return _("it is encrypted")
    kind = info.external_attr >> 28  # empty where the archive was made without Unix modes
    if kind not in (0, DIRECTORY_KIND if info.is_dir() else FILE_KIND):
        return _("it is no plain file: links and devices are not taken")
    if info.compress_type not in METHODS:
        return _("it is packed in a way that is not read here")
    return ""


def _alike(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Paths that are the same where capitals do not count, and files that stand where a folder is."""
    wrong, files, folders = [], set[str](), set[str]()
    for path in paths:
        folded = path.casefold()
        above = {str(parent) for parent in PurePosixPath(folded).parents} - {"."}
        if folded in files:
            wrong.append((path, _("another entry has the same name")))
        elif folded in folders or above & files:
            wrong.append((path, _("a file and a folder have the same name")))
        files.add(folded)
        folders |= above
    return wrong


def _too_packed(infos: Iterable[zipfile.ZipInfo]) -> list[tuple[str, str]]:
    """What the entries say of their sizes: enough to turn the clumsy bombs away before anything is unpacked."""
    packed = unpacked = 0
    for info in infos:
        packed, unpacked = packed + info.compress_size, unpacked + info.file_size
        if _is_bomb(info.file_size, info.compress_size):
            return [(printable(info.orig_filename), _("it unpacks to far more than it is"))]
    if unpacked > MOST_UNPACKED or _is_bomb(unpacked, packed):
        return [("", _("The archive unpacks to far more than it is."))]
    return []


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > RATIO_FROM and unpacked > LARGEST_RATIO * max(packed, 1)


def _unpack_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, budget: int) -> int:
    """Write one entry to a new file; returns its real size. What it says of its size is not believed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size, name = 0, printable(info.orig_filename)
    try:
        with archive.open(info) as source, path.open("xb") as out:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > budget or _is_bomb(size, info.compress_size):
                    raise ZipError([(name, _("it unpacks to far more than it is"))])
                out.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise ZipError([(name, _("it is damaged"))]) from None
    return size


def printable(name: str) -> str:
    """A name as a report can show it: what cannot be seen, or turns the writing, is written as an escape."""
    shown = (
        sign if unicodedata.category(sign)[0] != "C" and unicodedata.category(sign) not in ("Zl", "Zp")
        else sign.encode("unicode_escape", "backslashreplace").decode()
        for sign in name[:LONGEST_PATH]
    )  # fmt: skip
    return "".join(shown)

"""A whole course as a ZIP of Markdown and YAML, in the folder format that `courses.folders` reads.

The same course gives the same bytes: names, order and times in the ZIP are fixed. What belongs to people stays
out: students and their work, helpers, invitations, payments, announcements, earlier versions of texts, ids.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.db.models.fields.files import FieldFile
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.audit import record_event
from courses import archive_entries as entries
from courses.archive_parts import PARTS
from courses.archive_yaml import write_yaml
from courses.folders import FILES, FORMAT, KEY, PICTURES
from courses.images import image_url
from courses.models import Course, CourseImage, Lesson, LessonVideo, Module
from projectgenius.errors import Conflict

IN_MEMORY = 8 * 1024 * 1024  # bytes; a larger archive is written to a temporary file
CHUNK = 256 * 1024
DATE = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP knows
REGULAR_FILE = 0o100644 << 16
LONGEST_NAME = 120
LONGEST_KEY = 60
# Deflating these again takes time and saves nothing.
PACKED = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".webm", ".ogv", ".zip", ".gz", ".pdf", ".docx"}


def export_course(*, course: Course, by: Any) -> IO[bytes]:
    """The course as a ZIP, open at its start; the caller has checked the right and closes it.

    The signature under its certificates goes along with its owner, an administrator or a command (`by` is None).

    Raises Conflict `file_missing` when a file of the course is gone: an archive without it would not say so.
    """
    archive = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (handed to the caller)
    try:
        # No page shows the owner's signature, so nobody else carries it off; who runs the site and admins may.
        is_trusted = by is None or by.is_admin or by.pk == course.instructor_id
        CourseWriter(course, with_signature=is_trusted).write(archive)
    except BaseException:
        archive.close()
        raise
    record_event("course.export", actor=by, row=course, course_id=course.pk, after={"bytes": archive.tell()})
    archive.seek(0)
    return archive  # type: ignore[return-value]


class CourseWriter:
    """Gathers what stands in the archive of one course: texts by their path, and stored files by theirs."""

    def __init__(self, course: Course, *, with_signature: bool) -> None:
        self.course, self.with_signature = course, with_signature
        self.modules = list(course.modules.select_related("availability"))
        self.texts: dict[str, str] = {}
        self.files: dict[str, FieldFile] = {}
        self._taken: set[str] = set()
        self._module_names: dict[int, str] = {}
        self._lesson_names: dict[int, str] = {}
        self._pictures: list[tuple[str, str]] = []  # address on the site, name in `pictures/`
        self._lessons: dict[int, list[Lesson]] = {module.pk: [] for module in self.modules}
        rows = Lesson.objects.filter(module__course=course).select_related("video", "availability")
        for lesson in rows.prefetch_related("resources"):
            self._lessons[lesson.module_id].append(lesson)

    def write(self, out: Any) -> None:
        """Write the ZIP to `out`."""
        self._gather()
        with zipfile.ZipFile(out, "w", strict_timestamps=True) as archive:
            for path in sorted({*self.texts, *self.files}):
                info = zipfile.ZipInfo(f"{self.course.slug}/{path}", DATE)
                info.external_attr, info.create_system = REGULAR_FILE, 3
                if PurePosixPath(path).suffix.lower() not in PACKED:
                    info.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=False) as entry:
                    for chunk in self._content(path):
                        entry.write(chunk)

    def _content(self, path: str) -> Iterator[bytes]:
        if path in self.texts:
            yield self.texts[path].encode()
            return
        file = self.files[path]
        try:
            with file.storage.open(file.name or "") as stream:
                yield from stream.chunks(CHUNK)
        except FileNotFoundError:
            name = PurePosixPath(file.name or "").name
            message = _("The file %(name)s is gone. Upload it again or remove it, then export.")
            raise Conflict(message % {"name": name}, code="file_missing") from None

    # --- What stands in it

    def _gather(self) -> None:
        self._name_everything()
        pictures = self._add_pictures()
        self.texts["course.yaml"] = write_yaml(self._head(pictures))
        for module in self.modules:
            folder = self._module_names[module.pk]
            self.texts[f"{folder}/module.yaml"] = write_yaml(self._module(module))
            for lesson in self._lessons[module.pk]:
                name = self._lesson_names[lesson.pk]
                self.texts[f"{folder}/{name}.md"] = self._lesson(lesson)
        for part in sorted(PARTS):
            names = NumberedNames()
            found = list(PARTS[part].write(self.course, self))
            for title, values in found:
                path = f"{part}/{names.next(title, len(found))}.yaml"
                self.texts[path] = write_yaml(self._rewritten(values))

    def _name_everything(self) -> None:
        """Give modules and lessons the names of their folders and files, before anything refers to them."""
        module_names = NumberedNames()
        for module in self.modules:
            name = module_names.next(module.key or module.title, len(self.modules))
            self._module_names[module.pk] = name
            lesson_names, lessons = NumberedNames(), self._lessons[module.pk]
            for lesson in lessons:
                self._lesson_names[lesson.pk] = lesson_names.next(lesson.key or lesson.title, len(lessons))

    def _head(self, pictures: list[dict[str, str]]) -> dict[str, Any]:
        course = self.course
        head = {"format": FORMAT, **entries.write_entries(course, entries.COURSE)}
        head["description"] = self._text(head["description"], "")
        if course.cover_file:
            head["cover"] = self._add_picture("cover", course.cover_file)
        if course.certificate_signature and self.with_signature:
            head["certificate_signature"] = self._add_picture("signature", course.certificate_signature)
        return {**head, "pictures": pictures} if pictures else head

    def _add_pictures(self) -> list[dict[str, str]]:
        rows = list(CourseImage.objects.filter(course=self.course).order_by("id"))
        listed = []
        for number, image in enumerate(rows, start=1):
            name = self._add_picture(f"{number:0{max(2, len(str(len(rows))))}}", image.file)
            self._pictures.append((image_url(image), name))
            listed.append({"file": name, **entries.write_entries(image, entries.PICTURE)})
        return listed

    def _add_picture(self, stem: str, file: FieldFile) -> str:
        name = f"{stem}{PurePosixPath(file.name or '').suffix.lower()}"
        self.files[f"{PICTURES}/{name}"] = file
        return name

    def _module(self, module: Module) -> dict[str, Any]:
        said = entries.write_entries(module, entries.MODULE)
        said["description"] = self._text(said["description"], "../")
        return {**said, **_key(module.key, self._module_names[module.pk]), **self.availability(module)}

    def _lesson(self, lesson: Lesson) -> str:
        said = entries.write_entries(lesson, entries.LESSON)
        said.update(_key(lesson.key, self._lesson_names[lesson.pk]))
        said.update(self.availability(lesson))
        if hasattr(lesson, "video"):
            said["video"] = self._video(lesson.video)
        resources = []
        for resource in lesson.resources.all():
            entry = entries.write_entries(resource, entries.RESOURCE)
            if resource.file:
                entry["file"] = self._add_file(resource.file)
            resources.append(entry)
        if resources:
            said["resources"] = resources
        content = re.sub(r"\A(?:[ \t]*\n)+", "", entries.as_lines(lesson.content)).rstrip()
        return f"---\n{write_yaml(said)}---\n\n{self._text(content, '../')}\n"

    def _video(self, video: LessonVideo) -> dict[str, Any]:
        said = entries.write_entries(video, entries.VIDEO)
        for name in ("file", "captions"):
            if file := getattr(video, name):
                said[name] = self._add_file(file)
        if "transcript" in said:
            said["transcript"] = self._text(said["transcript"], "../")
        return said

    def _add_file(self, file: FieldFile) -> str:
        """The name of a stored file in `files/`; a second one of the same name gets a folder of its own."""
        plain = safe_name(PurePosixPath(file.name or "").name)
        name, number = plain, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{number}/{plain}"
        self._taken.add(name.casefold())
        self.files[f"{FILES}/{name}"] = file
        return name

    def availability(self, row: Any) -> dict[str, Any]:
        """What files say of when a module, a lesson, or a row of a part is open."""
        rule = getattr(row, "availability", None)
        if rule is None:
            return {}
        said = entries.write_entries(rule, entries.AVAILABILITY)
        if rule.after_lesson_id in self._lesson_names:
            said["after_lesson"] = self.lesson_name(rule.after_lesson_id)
        if rule.after_module_id in self._module_names:
            said["after_module"] = _without_number(self._module_names[rule.after_module_id])
        return said

    def lesson_name(self, lesson_id: int) -> str:
        """How files refer to a lesson: `<module>/<lesson>`, both without their numbers."""
        module = next(pk for pk, rows in self._lessons.items() if any(row.pk == lesson_id for row in rows))
        names = (self._module_names[module], self._lesson_names[lesson_id])
        return "/".join(map(_without_number, names))

    def _text(self, text: str, up: str) -> str:
        """The text with paths to the archive's pictures in the place of their addresses; `up` leads to its top."""
        for address, name in self._pictures:
            text = text.replace(address, f"{up}{PICTURES}/{name}")
        return text

    def _rewritten(self, value: Any) -> Any:
        match value:
            case str():
                return self._text(value, "../")
            case list():
                return [self._rewritten(one) for one in value]
            case dict():
                return {name: self._rewritten(one) for name, one in value.items()}
        return value


class NumberedNames:
    """Names such as `01-first-steps`, no two alike after the number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._number = 0

    def next(self, words: str, count: int) -> str:
        """The next of `count` names, made of a key or a title."""
        self._number += 1
        stem = slugify(words).replace("_", "-").strip("-")[:LONGEST_KEY].strip("-")
        stem = name = re.sub(r"-+", "-", stem) or "untitled"
        number = 1
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name)
        return f"{self._number:0{max(2, len(str(count)))}}-{name}"


def _without_number(name: str) -> str:
    return name.partition("-")[2]


def _key(key: str, name: str) -> dict[str, str]:
    """The key, where the name of the folder or file does not say it already."""
    return {} if key == _without_number(name) and re.fullmatch(KEY, key) else {"key": key}


def safe_name(name: str) -> str:
    """A file's name that every system can write: no control signs, none that turn the direction of writing."""
    plain = unicodedata.normalize("NFC", name)
    kept = (sign for sign in plain if unicodedata.category(sign)[0] != "C" and sign not in '\\/:*?"<>|')
    shown = "".join(kept).strip(" .") or "file"
    stem, dot, ending = shown.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if dot and stem else shown[:LONGEST_NAME]

"""Bringing a course folder into the database: what is missing is added, what is there stays as it is."""

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from accounts.models import User
from courses import archive_entries as entries
from courses.archive_files import check_resource_file
from courses.archive_parts import PARTS
from courses.authoring import Content, free_slug, save_content
from courses.folders import (
    PICTURES,
    CourseFolder,
    CourseFolderError,
    LessonFile,
    ModuleFolder,
    PartFile,
    Problem,
)
from courses.images import COVER_SIDE, LONGEST_SIDE, SIGNATURE_SIDE, image_url
from courses.models import (
    Course,
    CourseImage,
    Lesson,
    LessonAvailability,
    LessonResource,
    LessonVideo,
    Module,
    ModuleAvailability,
)
from courses.publishing import publish_course
from courses.resource_files import note_file_size
from courses.videos import prepare_video
from projectgenius.bare_pictures import picture_as_is
from projectgenius.errors import Conflict

ADDRESS = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9_]{0,79}")
PICTURE_LINK = re.compile(rf"(?:\.\./)?{PICTURES}/(?P<name>[\w.-]+)")
MOST_PROBLEMS = 200


@dataclass(frozen=True)
class Imported:
    """A new course, how many rows of each kind it has, and what came in otherwise than the folder says."""

    course: Course
    counts: dict[str, int]
    notes: list[Problem]


def load_course(*, folder: CourseFolder, instructor: User) -> tuple[Course, int]:
    """Add the course, and those modules and lessons whose keys are not there yet.

    Returns the course and the number of rows that were added. Raises CourseFolderError that names the file when a
    value cannot be used; then nothing was added.
    """
    course = Course.objects.filter(slug=folder.slug).first()
    loader = _load(CourseLoader(folder, instructor, course))
    return loader.course, loader.added


def import_course(*, folder: CourseFolder, instructor: User, is_dry_run: bool = False) -> Imported:
    """Make a new course of the folder; its address is the folder's name, or another one when that is taken.

    A dry run does all of it, stores no file and takes everything back. Raises CourseFolderError; then nothing was
    added and no stored file stays.
    """
    loader = CourseLoader(folder, instructor, None, is_dry_run=is_dry_run)
    if not ADDRESS.fullmatch(folder.slug):
        loader.course.slug = free_slug(str(folder.values.get("title", "")))
    elif Course.objects.filter(slug=folder.slug).exists():
        loader.course.slug = free_slug(folder.slug)
    _load(loader)
    return Imported(loader.course, loader.counts, loader.notes)


def _load(loader: "CourseLoader") -> "CourseLoader":
    try:
        with transaction.atomic():
            loader.run()
            if loader.problems:
                raise CourseFolderError(loader.problems)  # noqa: TRY301  (ends the transaction)
            transaction.set_rollback(loader.is_dry_run)
    except BaseException:
        loader.remove_files()
        raise
    return loader


class CourseLoader:
    """Makes rows of one folder; goes on after a fault, so that all of them are named at once."""

    def __init__(
        self, folder: CourseFolder, instructor: User, course: Course | None, *, is_dry_run: bool = False
    ) -> None:
        self.folder, self.instructor, self.is_dry_run = folder, instructor, is_dry_run
        self.course: Course = course or Course(slug=folder.slug, instructor=instructor)
        self.is_new = course is None
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.counts: dict[str, int] = {}
        self.pictures: dict[str, str] = {}  # name in `pictures/` -> address on the site
        self.modules: dict[str, Module] = {}
        self.lessons: dict[str, Lesson] = {}  # `<module>/<lesson>` -> row
        self._stored: list[FieldFile] = []

    @property
    def added(self) -> int:
        """Courses, modules and lessons that were added."""
        return sum(self.counts.get(name, 0) for name in ("courses", "modules", "lessons"))

    def run(self) -> None:
        """Add everything that is missing."""
        if self.is_new and not self._add_course():
            return
        self._add_pictures()
        there = {module.key: module for module in self.course.modules.all() if module.key}
        new: list[tuple[Any, Any]] = []
        for part in self.folder.modules:
            module = there.get(part.key)
            if module is None:
                module = Module(course=self.course, key=part.key, order_index=part.order, **part.values)
                module.description = self._text(module.description)
                if not self._save(module, part.path / "module.yaml"):
                    continue
                new.append((part, module))
            self.modules[part.name] = module
            new += self._add_lessons(part, module)
        for file, row in new:
            self._add_availability(file, row)
        if self.is_new:
            for found in self.folder.parts:
                PARTS[found.part].read(self._rewritten(found.fields), PartReader(self, found))
            self._publish()

    def _add_lessons(self, part: ModuleFolder, module: Module) -> list[tuple[LessonFile, Lesson]]:
        """Add a module's missing lessons; returns the new ones."""
        there = {lesson.key: lesson for lesson in module.lessons.all() if lesson.key}
        new = []
        for file in part.lessons:
            lesson = there.get(file.key)
            if lesson is None:
                lesson = Lesson(module=module, key=file.key, order_index=file.order, **file.values)
                lesson.content = self._text(file.content)
                if not self._save(lesson, file.path):
                    continue
                self._add_beside(file, lesson)
                new.append((file, lesson))
            self.lessons[f"{part.name}/{file.name}"] = lesson
        return new

    def _publish(self) -> None:
        """Show the new course if the folder says so; one that lacks something stays a draft, to be completed here."""
        if self.folder.values.get("is_published") and not self.problems:
            with contextlib.suppress(Conflict):
                publish_course(course=self.course, by=self.instructor)

    # --- Rows

    def _add_course(self) -> bool:
        path, fields = self.folder.path / "course.yaml", self.folder.fields
        for name, value in self.folder.values.items():
            setattr(self.course, name, value)
        self.course.is_published = False  # until its parts are there
        for name, column, side in (
            ("cover", "cover_file", COVER_SIDE),
            ("certificate_signature", "certificate_signature", SIGNATURE_SIDE),
        ):
            if fields.get(name) is not None:
                picture = self._picture(path, fields[name], side, name)
                if picture is not None and not self.is_dry_run:
                    setattr(self.course, column, picture)
        return self._save(self.course, path)

    def _add_pictures(self) -> None:
        """Add the pictures of a new course; one that was there keeps its own, found by their order."""
        path = self.folder.path / "course.yaml"
        kept = iter([] if self.is_new else self.course.images.order_by("id"))
        for entry in self.folder.pictures:
            image = next(kept, None)
            if image is None and self.is_new:
                alt = entry["alt"]
                image = CourseImage(course=self.course, alt_text=alt, uploaded_by=self.instructor)
                picture = self._picture(path, entry["file"], LONGEST_SIDE, "pictures")
                if picture is None:
                    continue
                if not self.is_dry_run:
                    image.file = picture
                # Saying that there is nothing to say, `alt: ""`, is said of a picture that only decorates.
                passed_over = ["file", *(["alt_text"] if alt == "" else [])]
                if not self._save(image, path, within="pictures", exclude=passed_over):
                    continue
            if image is not None:
                self.pictures[entry["file"]] = "" if self.is_dry_run else image_url(image)

    def _add_beside(self, file: LessonFile, lesson: Lesson) -> None:
        """What lies beside a lesson: its resources and its video."""
        for entry in file.resources:
            values = entries.read_entries(entry, entries.RESOURCE, also=("file",))[0]
            resource = LessonResource(lesson=lesson, **values)
            if entry.get("file") is not None:
                with self.folder.file(entry["file"]).open("rb") as stream:
                    upload = self._checked_upload(file.path, stream, entry["file"])
                    if upload is not None:
                        resource.file = upload
                        note_file_size(resource)
                        self._save(resource, file.path, within="resources")
            else:
                self._save(resource, file.path, within="resources")
        if file.video:
            self._add_video(file, lesson)

    def _checked_upload(self, path: Path, stream: Any, name: str) -> Any:
        upload = File(stream, name=Path(name).name)
        try:
            check_resource_file(upload)
        except ValidationError as error:
            self.report(path, f"{name}: {' '.join(error.messages).rstrip('.')}", "resources")
            return None
        return upload

    def _add_video(self, file: LessonFile, lesson: Lesson) -> None:
        values = entries.read_entries(file.video, entries.VIDEO, also=("file", "captions"))[0]
        values["transcript"] = self._text(values["transcript"])
        video = LessonVideo(lesson=lesson, **values)
        streams = []
        try:
            for name in ("file", "captions"):
                if file.video.get(name) is not None:
                    path = self.folder.file(file.video[name])
                    streams.append(path.open("rb"))
                    setattr(video, name, File(streams[-1], name=path.name))
            prepare_video(video)
            self._save(video, file.path, within="video")
        except ValidationError as error:
            self._report_error(file.path, error, "video")
        finally:
            for stream in streams:
                stream.close()

    def _add_availability(self, file: LessonFile | ModuleFolder, row: Lesson | Module) -> None:
        if not file.availability:
            return
        path = file.path if isinstance(row, Lesson) else file.path / "module.yaml"
        said = dict(file.availability)
        for name, rows in (("after_lesson", self.lessons), ("after_module", self.modules)):
            if name in said:
                said[name] = self.find(rows, said[name], path, name)
                if said[name] is None:
                    return
        model, column = (
            (LessonAvailability, "lesson") if isinstance(row, Lesson) else (ModuleAvailability, "module")
        )
        self._save(model(**{column: row, **said}), path)

    # --- Checks, texts, files

    def find(self, rows: dict[str, Any], name: Any, path: Path, field: str) -> Any:
        """The row that a file refers to; one that is not there is reported."""
        row = rows.get(name) if isinstance(name, str) else None
        if row is None:
            self.report(path, _("there is no %(name)s in this course") % {"name": str(name)[:80]}, field)
        return row

    def report(self, path: Path, message: str, name: str = "") -> None:
        """Note a fault of the file at `path`."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self.folder.place(path), name, message))

    def note(self, path: Path, message: str) -> None:
        """Note what became of the file at `path`, where that is no fault."""
        if len(self.notes) < MOST_PROBLEMS:
            self.notes.append(Problem(self.folder.place(path), "", message))

    def save(self, row: Any, path: Path, within: str = "") -> bool:
        """As `_save`, for parts."""
        return self._save(row, path, within)

    def _save(self, row: Any, path: Path, within: str = "", exclude: Iterable[str] = ()) -> bool:
        """Check a row that was read from the file at `path` and save it; False when it is refused."""
        try:
            row.full_clean(exclude=list(exclude))
        except ValidationError as error:
            self._report_error(path, error, within)
            return False
        if self.is_dry_run:
            self._forget_uploads(row)
        self._stored += self._files_of(row)
        if isinstance(row, Content):
            save_content(row=row, by=self.instructor)
        else:
            row.save()
        name = str(row._meta.db_table)
        self.counts[name] = self.counts.get(name, 0) + 1
        return True

    def _files_of(self, row: Any) -> list[FieldFile]:
        found = [getattr(row, field.name) for field in row._meta.fields if hasattr(field, "upload_to")]
        return [file for file in found if file]

    def _forget_uploads(self, row: Any) -> None:
        """A dry run stores no file: what was checked is let go before the row is saved."""
        for field in row._meta.fields:
            if hasattr(field, "upload_to"):
                setattr(row, field.name, "")
                for size in filter(
                    None, (getattr(field, f"{name}_field", "") for name in ("width", "height"))
                ):
                    setattr(row, size, 0)

    def _report_error(self, path: Path, error: ValidationError, within: str) -> None:
        by_name = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for column, texts in by_name.items():
            name = "" if column == NON_FIELD_ERRORS else entries.NAMES.get(column, column)
            self.report(path, " ".join(texts).rstrip("."), ".".join(filter(None, [within, name])))

    def _picture(self, path: Path, name: str, side: int, field: str) -> ContentFile[bytes] | None:
        """A picture of the folder, ready to be kept; None for one that is refused, which is reported."""
        found = self.folder.picture(name)
        try:
            return picture_as_is(found.read_bytes(), ending=found.suffix, longest_side=side)
        except ValidationError as error:
            self.report(path, f"{name}: {' '.join(error.messages).rstrip('.')}", field)
            return None

    def _text(self, text: str) -> str:
        """The text with the addresses of the site in the place of paths to pictures."""
        return PICTURE_LINK.sub(lambda found: self.pictures.get(found["name"]) or found[0], text)

    def _rewritten(self, value: Any) -> Any:
        """The values of a part, each text as `_text` gives it."""
        match value:
            case str():
                return self._text(value)
            case list():
                return [self._rewritten(one) for one in value]
            case dict():
                return {name: self._rewritten(one) for name, one in value.items()}
        return value

    def remove_files(self) -> None:
        """Take back the files that were stored for rows that are not there now."""
        for file in self._stored:
            if file.name and file._committed:  # type: ignore[attr-defined]
                file.storage.delete(file.name)


class PartReader:
    """What `courses.archive_parts.Reading` promises to a part while one of its files is read."""

    def __init__(self, loader: CourseLoader, file: PartFile) -> None:
        self._loader, self._path = loader, file.path
        self.course = loader.course

    def lesson(self, name: Any, field: str = "lesson") -> Lesson | None:
        found: Lesson | None = self._loader.find(self._loader.lessons, name, self._path, field)
        return found

    def module(self, name: Any, field: str = "module") -> Module | None:
        found: Module | None = self._loader.find(self._loader.modules, name, self._path, field)
        return found

    def entries(
        self, fields: Any, table: Iterable[entries.Entry], also: Iterable[str] = (), within: str = ""
    ) -> dict[str, Any] | None:
        values, wrong = entries.read_entries(fields, table, also=also)
        for name, message in wrong:
            self.report(message, ".".join(filter(None, [within, name])))
        return None if wrong else values

    def save(self, row: Any, within: str = "") -> bool:
        return self._loader.save(row, self._path, within)

    def report(self, message: str, name: str = "") -> None:
        self._loader.report(self._path, message, name)

    def note(self, message: str) -> None:
        self._loader.note(self._path, message)

"""A course as a folder of Markdown and YAML that people can write by hand: how it is read, and what is refused.

docs/course-format.md describes the format. Reading goes on after a fault, so that all of them are named at once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses import archive_entries as entries
from courses.archive_parts import PARTS
from courses.archive_yaml import PlainYAMLError, read_yaml

FORMAT = 1
LARGEST_TEXT = 1024 * 1024  # bytes of one file of Markdown or YAML
MOST_PROBLEMS = 200  # more are counted, not listed
KEY = r"[a-z0-9]+(?:-[a-z0-9]+)*"
NAME = re.compile(rf"(?P<order>\d{{2,4}})-(?P<key>{KEY})(?:\.md)?")
FRONT_MATTER = re.compile(r"---\n(?P<fields>.*?)\n---\n(?P<text>.*)", re.DOTALL)
BLANK_START = re.compile(r"\A(?:[ \t]*\n)+")
FILES, PICTURES = "files", "pictures"
YAML_FAULTS = {
    "anchors": gettext_lazy("anchors and aliases (& and *) are not read"),
    "tags": gettext_lazy("tags (words after !) are not read"),
    "size": gettext_lazy("it holds too many values, or too deep ones"),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file: its place in the folder, the name in it if one is to blame, and a sentence."""

    place: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.field + ': ' if self.field else ''}{self.message}."


class CourseFolderError(ValidationError):
    """The folder cannot be used; `problems` lists why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__([ValidationError(str(problem), code="course_folder") for problem in problems])
        self.code = "course_folder"
        self.problems = problems


@dataclass
class LessonFile:
    """`NN-<name>.md`: fields between two lines of dashes, then Markdown."""

    path: Path
    name: str
    key: str
    order: int
    fields: dict[str, Any]
    content: str
    values: dict[str, Any] = field(default_factory=dict)
    availability: dict[str, Any] = field(default_factory=dict)

    @property
    def resources(self) -> list[dict[str, Any]]:
        """What lies beside the lesson: a title, a type, and a url or the name of a file."""
        return self.fields.get("resources") or []

    @property
    def video(self) -> dict[str, Any]:
        """A file or a url, captions and a transcript; empty when the lesson has none."""
        return self.fields.get("video") or {}


@dataclass
class ModuleFolder:
    """`NN-<name>/` with `module.yaml` and its lessons."""

    path: Path
    name: str
    key: str
    order: int
    fields: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    availability: dict[str, Any] = field(default_factory=dict)
    lessons: list[LessonFile] = field(default_factory=list)


@dataclass
class PartFile:
    """`<part>/NN-<name>.yaml`: a quiz, an assignment, or what else an app adds to courses."""

    part: str
    path: Path
    fields: Any


@dataclass
class CourseFolder:
    """`<slug>/` with `course.yaml`, its modules, `files/`, `pictures/`, and a folder for each further part."""

    slug: str
    path: Path
    fields: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    modules: list[ModuleFolder] = field(default_factory=list)
    parts: list[PartFile] = field(default_factory=list)
    used: set[Path] = field(default_factory=set)

    @property
    def pictures(self) -> list[dict[str, Any]]:
        """The pictures that lessons show, each with a file and what is to be seen."""
        return self.fields.get("pictures") or []

    def file(self, name: object) -> Path:
        """A file in `files/`; a name that leads out of it is refused with ValidationError."""
        return self._inside(FILES, name)

    def picture(self, name: object) -> Path:
        """A file in `pictures/`, in the same way."""
        return self._inside(PICTURES, name)

    def place(self, path: Path) -> str:
        """How reports name a file: its path from the course's folder on."""
        return path.relative_to(self.path.parent).as_posix()

    def _inside(self, folder_name: str, name: object) -> Path:
        folder = (self.path / folder_name).resolve()
        found = (folder / str(name)[:200]).resolve() if isinstance(name, str) and "\0" not in name else folder
        if folder not in found.parents or not found.is_file():
            message = _("there is no file %(name)s in %(folder)s/")
            raise CourseFolderError(
                [
                    Problem(
                        self.place(self.path), "", message % {"name": str(name)[:80], "folder": folder_name}
                    )
                ]
            )
        self.used.add(self.path / folder_name / found.relative_to(folder))
        return found

    def left_out(self) -> list[Path]:
        """Files of the folder that belong to nothing in it."""
        return sorted(path for path in self.path.rglob("*") if path.is_file() and path not in self.used)


def read_course(path: Path) -> CourseFolder:
    """Read a course's folder. Raises CourseFolderError that names each file at fault and the reason."""
    reader = FolderReader(path)
    course = reader.read()
    if reader.problems:
        raise CourseFolderError(reader.problems)
    return course


class FolderReader:
    """Reads one folder and gathers what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.course = CourseFolder(slug=path.name, path=path)
        self.problems: list[Problem] = []

    def read(self) -> CourseFolder:
        course = self.course
        if (fields := self._yaml(course.path / "course.yaml")) is not None:
            course.fields = fields
            self._read_head(course.path / "course.yaml")
        for folder, match, order in self._numbered(course.path, folders=True):
            course.modules.append(self._module(folder, match, order))
        self._refuse_alike((module.path, module.name) for module in course.modules)
        for part in sorted(PARTS):
            for path in self._files_of(part):
                if (fields := self._yaml(path)) is not None:
                    course.parts.append(PartFile(part, path, fields))
        return course

    def report(self, path: Path, message: str, name: str = "") -> None:
        """Note a fault of the file at `path`."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self.course.place(path), name, message))

    def _read_head(self, path: Path) -> None:
        course = self.course
        other = ("format", "instructor", "pictures", "cover", "certificate_signature")
        course.values = self._entries(path, course.fields, entries.COURSE, other)
        if course.fields.get("format", FORMAT) != FORMAT:
            self.report(path, _("this site reads format %(number)s") % {"number": FORMAT}, "format")
        for name in ("cover", "certificate_signature"):
            if course.fields.get(name) is not None:
                self._must_exist(path, course.picture, course.fields[name], name)
        for entry in self._list(path, course.fields, "pictures"):
            self._entries(path, entry, entries.PICTURE, ("file",), "pictures")
            self._must_exist(path, course.picture, entry.get("file"), "pictures")

    def _module(self, path: Path, match: re.Match[str], order: int) -> ModuleFolder:
        file = path / "module.yaml"
        fields = self._yaml(file)
        also = ("key", "opens", "closes", "after_lesson", "after_module")
        module = ModuleFolder(path, match["key"], match["key"], order, fields or {})
        if fields is not None:
            module.values = self._entries(file, fields, entries.MODULE, also)
            module.availability = self._availability(file, fields)
            module.key = self._key(file, fields, match["key"])
        if module.values.get("description") is None:
            module.values["description"] = module.values.get("title", "")
        for lesson, found, place in self._numbered(path, folders=False):
            if (read := self._lesson(lesson, found, place)) is not None:
                module.lessons.append(read)
        self._refuse_alike((lesson.path, lesson.name) for lesson in module.lessons)
        return module

    def _lesson(self, path: Path, named: re.Match[str], order: int) -> LessonFile | None:
        text = self._text(path)
        match = FRONT_MATTER.fullmatch(text or "")
        if not match:
            if text is not None:
                self.report(path, _("it must start with fields between two lines of three dashes"))
            return None
        if (fields := self._mapping(path, match["fields"], first_line=2)) is None:
            return None
        content = BLANK_START.sub("", match["text"]).rstrip() + "\n"
        lesson = LessonFile(path, named["key"], named["key"], order, fields, content)
        also = ("key", "opens", "closes", "after_lesson", "after_module", "resources", "video")
        lesson.values = self._entries(path, fields, entries.LESSON, also)
        lesson.availability = self._availability(path, fields)
        lesson.key = self._key(path, fields, named["key"])
        for entry in self._list(path, fields, "resources"):
            self._entries(path, entry, entries.RESOURCE, ("file",), "resources")
            if entry.get("file") is not None:
                self._must_exist(path, self.course.file, entry["file"], "resources")
        if fields.get("video") is not None:
            self._entries(path, fields["video"], entries.VIDEO, ("file", "captions"), "video")
            for name in ("file", "captions"):
                if isinstance(fields["video"], dict) and fields["video"].get(name) is not None:
                    self._must_exist(path, self.course.file, fields["video"][name], "video")
        return lesson

    def _availability(self, path: Path, fields: dict[str, Any]) -> dict[str, Any]:
        """When it opens and closes, and the names of what must be done before; empty when nothing limits."""
        said = {entry.name: fields.get(entry.name) for entry in entries.AVAILABILITY}
        values = self._entries(path, said, entries.AVAILABILITY)
        for name in ("after_lesson", "after_module"):
            if fields.get(name) is not None:
                values[name] = fields[name]
        return {name: value for name, value in values.items() if value is not None}

    def _key(self, path: Path, fields: dict[str, Any], name: str) -> str:
        """The key: that of the name, unless the fields say another (an empty one too)."""
        key = fields.get("key", name)
        if not isinstance(key, str):
            self.report(path, _("it must be text; put it in quotes"), "key")
            return name
        return key

    # --- Files and their shapes

    def _files_of(self, part: str) -> list[Path]:
        folder = self.course.path / part
        return sorted(path for path in folder.glob("*.yaml") if path.is_file()) if folder.is_dir() else []

    def _numbered(self, path: Path, *, folders: bool) -> Iterator[tuple[Path, re.Match[str], int]]:
        """The numbered folders or lessons of a folder in order, with their place from 1."""
        found = []
        for entry in path.iterdir():
            if entry.is_dir() == folders and entry.name[:2].isdecimal():
                if match := NAME.fullmatch(entry.name):
                    found.append((int(match["order"]), entry.name, entry, match))
                else:
                    self.report(
                        entry, _("the name must be two digits, a hyphen and a key such as 01-first-steps")
                    )
        for order, (_number, _name, entry, match) in enumerate(
            sorted(found, key=lambda one: one[:2]), start=1
        ):
            yield entry, match, order

    def _refuse_alike(self, named: Iterable[tuple[Path, str]]) -> None:
        """Two with the same name could not be told apart where something refers to them."""
        seen: set[str] = set()
        for path, name in named:
            if name in seen:
                self.report(path, _("another one has the same key after its number"))
            seen.add(name)

    def _entries(
        self,
        path: Path,
        fields: Any,
        table: Iterable[entries.Entry],
        also: Iterable[str] = (),
        within: str = "",
    ) -> dict[str, Any]:
        values, wrong = entries.read_entries(fields, table, also=also)
        for name, message in wrong:
            self.report(path, message, ".".join(filter(None, [within, name])))
        return values

    def _list(self, path: Path, fields: dict[str, Any], name: str) -> list[dict[str, Any]]:
        found = fields.get(name) or []
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            self.report(path, _("it must be a list of names and values"), name)
            fields[name] = []
        return fields.get(name) or []

    def _must_exist(self, path: Path, find: Any, name: object, field_name: str) -> None:
        try:
            find(name)
        except CourseFolderError as error:
            self.report(path, error.problems[0].message, field_name)

    def _text(self, path: Path) -> str | None:
        self.course.used.add(path)
        try:
            if path.stat().st_size > LARGEST_TEXT:
                self.report(path, _("it is larger than 1 MB"))
                return None
            text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            self.report(path, _("it is missing"))
            return None
        except UnicodeDecodeError:
            self.report(path, _("it is not a text in UTF-8"))
            return None
        if "\0" in text:  # no database takes it
            self.report(path, _("it is not a text in UTF-8"))
            return None
        return text

    def _yaml(self, path: Path) -> dict[str, Any] | None:
        text = self._text(path)
        return self._mapping(path, text) if text is not None else None

    def _mapping(self, path: Path, text: str, *, first_line: int = 1) -> dict[str, Any] | None:
        try:
            fields = read_yaml(text)
        except PlainYAMLError as error:
            self.report(path, _yaml_fault(error, first_line))
            return None
        if not isinstance(fields, dict):
            self.report(path, _("it must hold names and values"))
            return None
        return fields


def _yaml_fault(error: PlainYAMLError, first_line: int) -> str:
    line = error.line + first_line - 1
    if error.reason.startswith("twice:"):
        return _("line %(line)s: %(name)s stands there twice") % {
            "line": line,
            "name": error.reason.removeprefix("twice:")[:80],
        }
    if error.reason:
        return _("line %(line)s: %(reason)s") % {"line": line, "reason": YAML_FAULTS[error.reason]}
    return _("line %(line)s is not YAML") % {"line": line} if error.line else _("it is not YAML")


def refusal(path: Path, reason: str) -> CourseFolderError:
    """The error that names one file and says what is wrong with it."""
    return CourseFolderError([Problem(f"{path.parent.name}/{path.name}", "", reason)])

"""What other apps add to a course's folder: each registers its folder's name, how it is written and how it is read.

So the apps above hold their own format, and this app knows none of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from courses.archive_entries import Entry
from courses.models import Course, Lesson, Module


class Writing(Protocol):
    """What a part may ask while a course is written."""

    def lesson_name(self, lesson_id: int) -> str:
        """How files refer to a lesson: `<module>/<lesson>`."""

    def availability(self, row: Any) -> dict[str, Any]:
        """What files say of when a row is open: `opens`, `closes`, `after_lesson`, `after_module`."""


class Reading(Protocol):
    """What a part may ask and do while its file is read into a course."""

    course: Course

    def lesson(self, name: Any, field: str = "lesson") -> Lesson | None:
        """The lesson that a file refers to in `field`; one that is not there is reported."""

    def module(self, name: Any, field: str = "module") -> Module | None:
        """The module that a file refers to in `field`; one that is not there is reported."""

    def entries(
        self, fields: Any, table: Iterable[Entry], also: Iterable[str] = (), within: str = ""
    ) -> dict[str, Any] | None:
        """The columns' values; None when something is wrong with them, which is then reported."""

    def save(self, row: Any, within: str = "") -> bool:
        """Check the row by its model's rules and save it; False when it is refused, which is then reported."""

    def report(self, message: str, name: str = "") -> None:
        """Note a fault of the file."""

    def note(self, message: str) -> None:
        """Say in the import's report what became of the file, where that is no fault."""


@dataclass(frozen=True)
class Part:
    """`write` yields a title for the file's name and its values; `read` brings one file's values into the course."""

    write: Callable[[Course, Writing], Iterable[tuple[str, dict[str, Any]]]]
    read: Callable[[dict[str, Any], Reading], None]


PARTS: dict[str, Part] = {}


def register_part(folder: str, part: Part) -> None:
    """Add a folder to the format; called once by an app when it is ready."""
    PARTS[folder] = part

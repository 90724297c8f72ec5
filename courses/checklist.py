"""What a course lacks before it can be shown: errors, which keep it back, and hints, which do not."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from courses.models import ContentType, Course, Lesson, LessonAvailability, Module, ModuleAvailability
from projectgenius.errors import Conflict

FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1[`~]*\s*$|\Z)", re.DOTALL | re.MULTILINE)
INLINE_CODE = re.compile(r"`[^`\n]+`")
SILENT_PICTURE = re.compile(r"!\[\s*\]\(")
HEADING = re.compile(r"^ {0,3}(#{1,6})\s", re.MULTILINE)

ERRORS: dict[str, str | Promise] = {
    "no_description": _("The description of the course is empty."),
    "no_lesson": _("No lesson is published. A course needs a published module with a published lesson."),
    "empty_lesson": _("“%(title)s” has no content."),
    "no_video": _("“%(title)s” is a video lesson without a video."),
}
HINTS: dict[str, str | Promise] = {
    "no_quiz": _(
        "“%(title)s” is a quiz lesson without a published quiz: students mark it as done themselves."
    ),
    "no_assignment": _(
        "“%(title)s” is an assignment lesson without a published assignment: students mark it as done themselves."
    ),
    "never_opens": _("“%(title)s” can never be opened: what must be done before cannot be done."),
    "empty_module": _("Module “%(title)s” shows no lesson."),
    "no_outcomes": _("The course page does not say what students will learn."),
    "no_cover": _("The course has no picture of its own; a drawn one stands in for it."),
    "no_preview": _("No lesson is a free preview."),
    "no_duration": _("“%(title)s” does not say how many minutes it takes."),
    "silent_picture": _("“%(title)s” has a picture without a description for those who cannot see it."),
    "heading_jump": _("“%(title)s” skips a level of headings."),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is missing, and where: the kind of row (`course`, `module`, `lesson`) and its id."""

    code: str
    kind: str
    pk: int
    title: str

    @property
    def is_error(self) -> bool:
        return self.code in ERRORS

    @property
    def message(self) -> str:
        return str((ERRORS | HINTS)[self.code]) % {"title": self.title}


@dataclass
class Checklist:
    """A course with all that is looked at, loaded once."""

    course: Course
    modules: list[Module]
    with_quiz: set[int]  # lessons that hold a published quiz or assignment
    with_video: set[int]
    needs: dict[tuple[str, int], list[tuple[str, int]]]  # what must be done before a lesson or a module opens

    @classmethod
    def of(cls, course: Course) -> "Checklist":
        lessons = Lesson.objects.filter(module__course=course)
        in_order = Prefetch("lessons", Lesson.objects.order_by("order_index", "id"))
        return cls(
            course=course,
            modules=list(Module.objects.filter(course=course).prefetch_related(in_order)),
            with_quiz=set(lessons.completed_by_result().values_list("pk", flat=True)),
            with_video=set(lessons.exclude(Q(video__file="") & Q(video__url="")).filter(
                video__isnull=False).values_list("pk", flat=True)),
            needs=_needs(course),
        )  # fmt: skip

    def findings(self, *, with_drafts: bool = False) -> list[Finding]:
        """What is missing for what students would see; `with_drafts`: as if all drafts were published."""
        shown = self._shown(with_drafts)
        found = [
            Finding(code, "course", self.course.pk, self.course.title) for code in self._of_course(shown)
        ]
        found += [
            Finding("empty_module", "module", module.pk, module.title)
            for module in self.modules
            if (with_drafts or module.is_published) and not any(row.module_id == module.pk for row in shown)
        ]
        closed = self._never_open(shown)
        for lesson in shown:
            codes = [*self._of_lesson(lesson), *(["never_opens"] if lesson.pk in closed else [])]
            found += [Finding(code, "lesson", lesson.pk, lesson.title) for code in codes]
        return sorted(found, key=lambda finding: not finding.is_error)

    def errors(self, *, with_drafts: bool = False) -> list[Finding]:
        """What keeps the course from being published."""
        return [finding for finding in self.findings(with_drafts=with_drafts) if finding.is_error]

    @cached_property
    def drafts(self) -> tuple[int, int]:
        """How many modules and lessons are drafts themselves."""
        lessons = [lesson for module in self.modules for lesson in module.lessons.all()]
        return sum(not row.is_published for row in self.modules), sum(not row.is_published for row in lessons)

    def _shown(self, with_drafts: bool) -> list[Lesson]:
        """The lessons that students would see."""
        return [
            lesson
            for module in self.modules
            if with_drafts or module.is_published
            for lesson in module.lessons.all()
            if with_drafts or lesson.is_published
        ]

    def _of_course(self, shown: list[Lesson]) -> Iterator[str]:
        course = self.course
        if not course.description.strip():
            yield "no_description"
        if not shown:
            yield "no_lesson"
        if not course.outcome_list:
            yield "no_outcomes"
        if not course.has_own_cover:
            yield "no_cover"
        if shown and not any(lesson.is_preview for lesson in shown):
            yield "no_preview"

    def _of_lesson(self, lesson: Lesson) -> Iterator[str]:
        kind, has_text = lesson.content_type, bool(lesson.content.strip())
        holds_item = lesson.pk in self.with_quiz
        if kind == ContentType.VIDEO:
            if lesson.pk not in self.with_video:
                yield "no_video"
        elif not has_text and not holds_item:
            yield "empty_lesson"
        elif kind in (ContentType.QUIZ, ContentType.ASSIGNMENT) and not holds_item:
            yield f"no_{kind}"
        if not lesson.duration_minutes:
            yield "no_duration"
        yield from text_findings(lesson.content)

    def _never_open(self, shown: list[Lesson]) -> set[int]:
        """Lessons behind what nobody can finish: themselves, or each other. What is not shown counts as done."""
        reached: set[int] = set()
        everything = {lesson.pk for lesson in shown}
        in_module: dict[int, set[int]] = {}
        for lesson in shown:
            in_module.setdefault(lesson.module_id, set()).add(lesson.pk)

        def is_done(need: tuple[str, int]) -> bool:
            kind, pk = need
            wanted = {pk} & everything if kind == "lesson" else in_module.get(pk, set())
            return wanted <= reached

        while True:
            more = {
                lesson.pk
                for lesson in shown
                if lesson.pk not in reached and all(map(is_done, self._needs_of(lesson)))
            }
            if not more:
                return everything - reached
            reached |= more

    def _needs_of(self, lesson: Lesson) -> Iterable[tuple[str, int]]:
        if lesson.is_preview:  # open to everybody, whatever the rules say
            return []
        return [*self.needs.get(("lesson", lesson.pk), []), *self.needs.get(("module", lesson.module_id), [])]


def text_findings(text: str) -> Iterator[str]:
    """What is missing in a Markdown text: `silent_picture`, `heading_jump`."""
    plain = INLINE_CODE.sub("", FENCED.sub("", text))
    if SILENT_PICTURE.search(plain):
        yield "silent_picture"
    levels = [len(marks) for marks in HEADING.findall(plain)]
    if any(after > before + 1 for before, after in pairwise(levels)):
        yield "heading_jump"


def require_ready(course: Course, *, with_drafts: bool = False) -> None:
    """Raise Conflict `not_ready` that names what keeps the course from being published."""
    if errors := Checklist.of(course).errors(with_drafts=with_drafts):
        reasons = " ".join(finding.message for finding in errors[:3])
        raise Conflict(
            _("“%(title)s” is not ready. %(reasons)s") % {"title": course, "reasons": reasons},
            code="not_ready",
        )


def _needs(course: Course) -> dict[tuple[str, int], list[tuple[str, int]]]:
    found: dict[tuple[str, int], list[tuple[str, int]]] = {}
    rows: list[tuple[str, Any]] = [
        *(("lesson", row) for row in LessonAvailability.objects.filter(lesson__module__course=course)),
        *(("module", row) for row in ModuleAvailability.objects.filter(module__course=course)),
    ]
    for kind, row in rows:
        pk = row.lesson_id if kind == "lesson" else row.module_id
        needs = [("lesson", row.after_lesson_id), ("module", row.after_module_id)]
        found[kind, pk] = [(needed, target) for needed, target in needs if target is not None]
    return found

"""What can be done on a course's builder page: each act by its name, with what it needs and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from courses.authoring import create_lesson, create_module, delete_content, save_content
from courses.copying import duplicate_lesson
from courses.models import ContentType, Course, Lesson, Module
from courses.ordering import move_lesson, move_module, reorder_modules, step_lesson

HIGHEST_PLACE = 100_000  # in a module; no list of rows takes a number without end


@dataclass(frozen=True)
class Outcome:
    """What an act did, in words, and the id of the element that is looked at next (empty: where one was)."""

    message: str
    focus: str = ""


class TitleForm(forms.Form):
    """The title of a module or a lesson."""

    title = forms.CharField(
        max_length=200,
        error_messages={
            "required": gettext_lazy("Enter a title."),
            "max_length": gettext_lazy("The title must be 200 characters or fewer."),
        },
    )


class LessonForm(TitleForm):
    """A new lesson."""

    content_type = forms.ChoiceField(choices=ContentType.choices)


class PlaceForm(forms.Form):
    """Where a lesson goes: a module by its id, and a place in it from 1 (empty: the last)."""

    to = forms.IntegerField(
        min_value=1,
        error_messages={
            "required": gettext_lazy("Choose a module."),
            "invalid": gettext_lazy("Choose a module."),
        },
    )
    position = forms.IntegerField(min_value=1, max_value=HIGHEST_PLACE, required=False)


def builder_modules(course: Course) -> list[Module]:
    """The modules of a course in order, each with its lessons in order, in two queries."""
    lessons = Lesson.objects.defer("content").order_by("order_index", "id")
    modules = list(Module.objects.filter(course=course).prefetch_related(Prefetch("lessons", lessons)))
    for module in modules:
        module.course = course
        for lesson in module.lessons.all():
            lesson.module = module
    return modules


@dataclass
class Build:
    """One act on one course: who does it and what was sent."""

    course: Course
    by: Any
    data: Any

    def cleaned(self, form: type[forms.Form]) -> dict[str, Any]:
        """What was sent, checked. Raises ValidationError with the first thing that is wrong."""
        bound = form(self.data)
        if not bound.is_valid():
            raise ValidationError(list(next(iter(bound.errors.values()))))
        return bound.cleaned_data

    @property
    def module(self) -> Module:
        """The module that the act is about. Raises Http404 for one that this course does not hold."""
        return self._module(self.data.get("module"))

    @property
    def lesson(self) -> Lesson:
        """The lesson that the act is about, likewise."""
        pk = _number(self.data.get("lesson"))
        lesson = Lesson.objects.filter(pk=pk, module__course=self.course).select_related("module__course")
        return _found(lesson.first())

    def _module(self, pk: Any) -> Module:
        modules = Module.objects.filter(pk=_number(pk), course=self.course)
        return _found(modules.select_related("course").first())

    # Modules

    def add_module(self) -> Outcome:
        module = create_module(course=self.course, title=self.cleaned(TitleForm)["title"], by=self.by)
        return Outcome(_("Module “%(title)s” added.") % {"title": module}, f"module-{module.pk}-new")

    def rename_module(self) -> Outcome:
        return self._rename(self.module)

    def publish_module(self) -> Outcome:
        return self._publish(self.module, True)

    def unpublish_module(self) -> Outcome:
        return self._publish(self.module, False)

    def module_up(self) -> Outcome:
        return self._stepped(self.module, move_module(module=self.module, steps=-1), up=True)

    def module_down(self) -> Outcome:
        return self._stepped(self.module, move_module(module=self.module, steps=1), up=False)

    def order_modules(self) -> Outcome:
        reorder_modules(course=self.course, ids=[_number(pk) for pk in self.data.getlist("order")])
        return Outcome(_("Order of the modules saved."))

    def delete_module(self) -> Outcome:
        return self._delete(self.module, "builder-modules")

    # Lessons

    def add_lesson(self) -> Outcome:
        module, fields = self.module, self.cleaned(LessonForm)
        lesson = create_lesson(module=module, by=self.by, **fields)
        return Outcome(_("Lesson “%(title)s” added.") % {"title": lesson}, f"module-{module.pk}-new")

    def rename_lesson(self) -> Outcome:
        return self._rename(self.lesson)

    def publish_lesson(self) -> Outcome:
        return self._publish(self.lesson, True)

    def unpublish_lesson(self) -> Outcome:
        return self._publish(self.lesson, False)

    def open_lesson(self) -> Outcome:
        return self._preview(True)

    def close_lesson(self) -> Outcome:
        return self._preview(False)

    def lesson_up(self) -> Outcome:
        return self._stepped(self.lesson, step_lesson(lesson=self.lesson, steps=-1), up=True)

    def lesson_down(self) -> Outcome:
        return self._stepped(self.lesson, step_lesson(lesson=self.lesson, steps=1), up=False)

    def move_lesson(self) -> Outcome:
        lesson, place = self.lesson, self.cleaned(PlaceForm)
        module = self._module(place["to"])
        move_lesson(lesson=lesson, module=module, position=place["position"])
        words = {"title": lesson, "module": module}
        return Outcome(_("“%(title)s” is now in “%(module)s”.") % words, f"lesson-{lesson.pk}-up")

    def duplicate_lesson(self) -> Outcome:
        copy = duplicate_lesson(lesson=self.lesson, by=self.by)
        return Outcome(_("Lesson “%(title)s” added.") % {"title": copy}, f"lesson-{copy.pk}-menu")

    def delete_lesson(self) -> Outcome:
        lesson = self.lesson
        return self._delete(lesson, f"module-{lesson.module_id}-new")

    # What modules and lessons share

    def _rename(self, row: Module | Lesson) -> Outcome:
        row.title = self.cleaned(TitleForm)["title"]
        save_content(row=row, by=self.by)
        return Outcome(_("Renamed to “%(title)s”.") % {"title": row}, f"{_name(row)}-menu")

    def _publish(self, row: Module | Lesson, published: bool) -> Outcome:
        row.is_published = published
        save_content(row=row, by=self.by)
        sentence = _("“%(title)s” is published.") if published else _("“%(title)s” is a draft again.")
        return Outcome(sentence % {"title": row}, f"{_name(row)}-menu")

    def _preview(self, is_preview: bool) -> Outcome:
        lesson = self.lesson
        lesson.is_preview = is_preview
        save_content(row=lesson, by=self.by)
        sentence = (
            _("“%(title)s” is open to everybody as a preview.")
            if is_preview
            else _("“%(title)s” is no preview any more.")
        )
        return Outcome(sentence % {"title": lesson}, f"lesson-{lesson.pk}-menu")

    def _stepped(self, row: Module | Lesson, moved: bool, *, up: bool) -> Outcome:
        if moved:
            sentence = _("“%(title)s” moved up.") if up else _("“%(title)s” moved down.")
        else:
            sentence = _("“%(title)s” is the first already.") if up else _("“%(title)s” is the last already.")
        return Outcome(sentence % {"title": row}, f"{_name(row)}-{'up' if up else 'down'}")

    def _delete(self, row: Module | Lesson, focus: str) -> Outcome:
        delete_content(row=row, by=self.by)
        return Outcome(_("“%(title)s” deleted.") % {"title": row}, focus)


ACTS: dict[str, Callable[[Build], Outcome]] = {
    "add-module": Build.add_module,
    "rename-module": Build.rename_module,
    "publish-module": Build.publish_module,
    "unpublish-module": Build.unpublish_module,
    "module-up": Build.module_up,
    "module-down": Build.module_down,
    "order-modules": Build.order_modules,
    "delete-module": Build.delete_module,
    "add-lesson": Build.add_lesson,
    "rename-lesson": Build.rename_lesson,
    "publish-lesson": Build.publish_lesson,
    "unpublish-lesson": Build.unpublish_lesson,
    "open-lesson": Build.open_lesson,
    "close-lesson": Build.close_lesson,
    "lesson-up": Build.lesson_up,
    "lesson-down": Build.lesson_down,
    "move-lesson": Build.move_lesson,
    "duplicate-lesson": Build.duplicate_lesson,
    "delete-lesson": Build.delete_lesson,
}


@dataclass(frozen=True)
class Failure:
    """An act that was refused: shown at the form it came from, with what was typed."""

    act: str
    row: int
    message: str
    title: str = ""
    sent: dict[str, str] = field(default_factory=dict)


def failure_of(act: str, data: Any, message: str) -> Failure:
    """What the page needs to show a refusal where it belongs."""
    row = data.get("module" if act.endswith("-module") or act in ("add-lesson",) else "lesson")
    return Failure(act=act, row=_number(row, missing=0), message=message, title=data.get("title", ""))


def state_in_words(modules: list[Module]) -> str:
    """How much a course holds: "2 modules, 5 lessons, 3 of them drafts"."""
    lessons = [lesson for module in modules for lesson in module.lessons.all()]
    drafts = sum(not (lesson.is_published and lesson.module.is_published) for lesson in lessons)
    parts = [
        ngettext("%(count)s module", "%(count)s modules", len(modules)) % {"count": len(modules)},
        ngettext("%(count)s lesson", "%(count)s lessons", len(lessons)) % {"count": len(lessons)},
    ]
    if drafts:
        parts.append(_("%(count)s not shown to students") % {"count": drafts})
    return ", ".join(parts)


def _name(row: Module | Lesson) -> str:
    return f"{row._meta.model_name}-{row.pk}"


def _number(text: Any, *, missing: int | None = None) -> int:
    """A row's id as it came with a form; what is none names no row."""
    text = str(text or "")
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    if missing is None:
        raise Http404
    return missing


def _found(row: Any) -> Any:
    if row is None:
        raise Http404
    return row

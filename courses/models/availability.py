"""From when until when a part of a course is open, and what must be done before."""

from typing import Any, ClassVar

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.content import Lesson, Module
from courses.prerequisites import Gate, has_circle
from courses.querysets import LessonAvailabilityQuerySet, ModuleAvailabilityQuerySet
from projectgenius.moments import moment_problems


class Availability(models.Model):
    """When an item is open: from `opens_at`, until `closes_at`, after a lesson or a module was completed.

    Whatever is empty does not limit. One rule for every kind of item; each kind has a table of its own.
    """

    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    after_lesson = models.ForeignKey(
        Lesson,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="opens_%(class)s",
        verbose_name=_("after the lesson"),
    )
    after_module = models.ForeignKey(
        Module,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="opens_%(class)s",
        verbose_name=_("after the module"),
    )

    # The field that names the item, and how a row leads from the item to its course.
    item_name: ClassVar[str]
    path_to_course: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @property
    def item(self) -> Any:
        """What the rule limits."""
        return getattr(self, self.item_name)

    @property
    def course_id(self) -> int | None:
        """The course of the item; None while the item has none."""
        target: Any = self
        try:
            for name in (self.item_name, *self.path_to_course[:-1]):
                target = getattr(target, name)
        except ObjectDoesNotExist:
            return None
        found: int | None = getattr(target, f"{self.path_to_course[-1]}_id")
        return found

    @classmethod
    def of_course(cls, course: int) -> "list[Availability]":
        """The rules of one kind in a course, each with its item."""
        path = "__".join((cls.item_name, *cls.path_to_course))
        rows = cls._default_manager.filter(**{path: course}).select_related(cls.item_name)
        return list(rows)

    @staticmethod
    def all_of_course(course: int) -> "list[Availability]":
        """The rules of every kind in a course, those that other apps made for their items too."""
        kinds = [model for model in apps.get_models() if issubclass(model, Availability)]
        return [row for kind in kinds for row in kind.of_course(course)]

    def gate(self) -> Gate | None:
        """The rule as `has_circle` takes it; None while the item is not saved."""
        raise NotImplementedError

    def clean(self) -> None:
        """Closing comes after opening; what must be done before lies in the same course and needs not the item."""
        if problems := self.problems():
            raise ValidationError(problems)

    def problems(self) -> dict[str, ValidationError]:
        """What is wrong with the rule, by field."""
        found = moment_problems(opens_at=self.opens_at, closes_at=self.closes_at)
        if not found and self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            found["closes_at"] = ValidationError(
                _("It must close after it opens."), code="closes_before_it_opens"
            )
        course = self.course_id
        if course is None or not (self.after_lesson_id or self.after_module_id):
            return found
        if self.after_lesson and self.after_lesson.module.course_id != course:
            found["after_lesson"] = _foreign()
        if self.after_module and self.after_module.course_id != course:
            found["after_module"] = _foreign()
        if not found and self._waits_for_itself(course):
            name = "after_lesson" if self.after_lesson_id else "after_module"
            found[name] = ValidationError(
                _("This would wait for itself and never open. Choose something that comes before."),
                code="waits_for_itself",
            )
        return found

    def _waits_for_itself(self, course: int) -> bool:
        if (own := self.gate()) is None:
            return False
        others = Availability.all_of_course(course)
        gates = [gate for row in others if not self._is_same(row) and (gate := row.gate())]
        module_of = dict(Lesson.objects.filter(module__course=course).values_list("pk", "module"))
        return has_circle(module_of, [*gates, own])

    def _is_same(self, row: "Availability") -> bool:
        return type(row) is type(self) and row.item.pk == self.item.pk


def _foreign() -> ValidationError:
    return ValidationError(_("Choose something of the same course."), code="other_course")


class ModuleAvailability(Availability):
    """When a module is open. Table of our own."""

    module = models.OneToOneField(
        Module, on_delete=models.CASCADE, related_name="availability", verbose_name=_("module")
    )

    objects = ModuleAvailabilityQuerySet.as_manager()

    item_name = "module"
    path_to_course = ("course",)

    class Meta:
        db_table = "module_availability"
        verbose_name = _("availability of a module")
        verbose_name_plural = _("availability of modules")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)  # without asking for the module, once for every row of a list

    def gate(self) -> Gate | None:
        if self.module_id is None:
            return None
        return Gate("module", self.module_id, self.after_lesson_id, self.after_module_id)


class LessonAvailability(Availability):
    """When a lesson is open. Table of our own."""

    lesson = models.OneToOneField(
        Lesson, on_delete=models.CASCADE, related_name="availability", verbose_name=_("lesson")
    )

    objects = LessonAvailabilityQuerySet.as_manager()

    item_name = "lesson"
    path_to_course = ("module", "course")

    class Meta:
        db_table = "lesson_availability"
        verbose_name = _("availability of a lesson")
        verbose_name_plural = _("availability of lessons")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def gate(self) -> Gate | None:
        if self.lesson_id is None:
            return None
        return Gate("lesson", self.lesson_id, self.after_lesson_id, self.after_module_id)

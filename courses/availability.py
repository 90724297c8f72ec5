"""Whether a part of a course is open to a student now, in words; and changing the rules for it.

The rule itself is one: within its time, and after what must be done before. `courses.querysets.unlocked` says it as
a condition for the database, `lock_of` says it as a sentence for lists; a test holds both against each other.

What it means:
- It is asked anew at each request, as in Moodle. What has closed is closed, also for who completed it; who takes back
  the mark of a prerequisite finds what opened after it locked again. Completions and progress are never taken away.
- A preview lesson is open to everybody, whatever its own or its module's rule says: it advertises the course.
- What students cannot see is not asked of them: an unpublished prerequisite, or a module without published lessons,
  counts as done.
- Those who teach or assist, and administrators, pass every rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.audit import record_event
from courses.models import Availability, Course
from projectgenius.errors import Conflict


class Rule(Protocol):
    """What limits an item: a row of an `Availability`, or its four values."""

    @property
    def opens_at(self) -> datetime | None: ...
    @property
    def closes_at(self) -> datetime | None: ...
    @property
    def after_lesson_id(self) -> int | None: ...
    @property
    def after_module_id(self) -> int | None: ...


@dataclass(frozen=True)
class PlainRule:
    """A rule that was read as values."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    after_lesson_id: int | None = None
    after_module_id: int | None = None


@dataclass(frozen=True)
class Lock:
    """What keeps an item closed: a stable code for programs, a sentence for people, and what unlocks it.

    `lesson` is the id of the lesson to do next for it, `module` of the module to complete; `opens_at` is when it
    opens by itself.
    """

    code: str
    reason: str | Promise
    lesson: int | None = None
    module: int | None = None
    opens_at: datetime | None = None


@dataclass
class Doings:
    """What a student has and has not done in one course: its published lessons, in order, by module."""

    titles: dict[int, str] = field(default_factory=dict)
    module_titles: dict[int, str] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)  # lessons not done, and the module of each

    def add(self, *, lesson: int, title: str, module: int, module_title: str, is_done: bool) -> None:
        """Note one published lesson."""
        self.titles[lesson] = title
        self.module_titles[module] = module_title
        if not is_done:
            self.left[lesson] = module

    def first_left(self, module: int) -> int | None:
        """The first lesson of the module that is not done; None when it is complete."""
        return next((lesson for lesson, its_module in self.left.items() if its_module == module), None)


def lock_of(rule: Rule | None, doings: Doings, *, user: Any, now: datetime) -> Lock | None:
    """What keeps an item with this rule closed at `now`, told in the time zone of `user`; None when it is open."""
    if rule is None:
        return None
    if rule.closes_at and rule.closes_at <= now:
        return Lock("closed", _("Closed on %(moment)s.") % {"moment": moment(rule.closes_at, user)})
    if rule.opens_at and rule.opens_at > now:
        sentence = _("Opens on %(moment)s.") % {"moment": moment(rule.opens_at, user)}
        return Lock("opens_later", sentence, opens_at=rule.opens_at)
    if rule.after_lesson_id in doings.left:
        title = doings.titles[rule.after_lesson_id]
        sentence = _("Opens after you complete “%(title)s”.") % {"title": title}
        return Lock("after_lesson", sentence, lesson=rule.after_lesson_id)
    if rule.after_module_id is not None and (first := doings.first_left(rule.after_module_id)) is not None:
        title = doings.module_titles[rule.after_module_id]
        sentence = _("Opens after you complete the module “%(title)s”.") % {"title": title}
        return Lock("after_module", sentence, lesson=first, module=rule.after_module_id)
    return None


def first_lock(rules: Iterable[Rule | None], doings: Doings, *, user: Any, now: datetime) -> Lock | None:
    """The first reason among several rules that all must hold: those of a module, then of the lesson in it."""
    return next((lock for rule in rules if (lock := lock_of(rule, doings, user=user, now=now))), None)


def rule_of(item: Any) -> Rule | None:
    """The rule of an item that was read with `select_related("availability")`; None when nothing limits it."""
    return getattr(item, "availability", None)


RULE_FIELDS = [
    f"{path}availability__{name}"
    for path in ("", "module__")
    for name in ("opens_at", "closes_at", "after_lesson_id", "after_module_id")
]


def rule_from(values: Mapping[str, Any], prefix: str) -> PlainRule:
    """The rule among `.values()` that begin with `prefix` (see `RULE_FIELDS`)."""
    return PlainRule(
        values[f"{prefix}opens_at"],
        values[f"{prefix}closes_at"],
        values[f"{prefix}after_lesson_id"],
        values[f"{prefix}after_module_id"],
    )


def moment(when: datetime, user: Any) -> str:
    """A time as `user` reads it: "3 December 2026 at 09:00", in the person's time zone or the present one."""
    name = getattr(user, "time_zone", "")
    local = timezone.localtime(when, ZoneInfo(name) if name else None)
    day, clock = date_format(local, "DATE_FORMAT"), date_format(local, "TIME_FORMAT")
    return _("%(day)s at %(clock)s") % {"day": day, "clock": clock}


@transaction.atomic
def save_availability(*, row: Availability, by: Any) -> None:
    """Save a rule; the course is locked, so that two rules made at once cannot wait for each other.

    Raises ValidationError as `Availability.clean` does. The caller has checked the right to the course.
    """
    course_id = row.course_id
    if course_id is None:
        raise ValidationError(_("Choose what this is for."), code="no_item")
    list(Course.objects.select_for_update(no_key=True).filter(pk=course_id).order_by().values_list("pk"))
    row.full_clean()
    row.save()
    record_event("availability.change", actor=by, row=row, course_id=course_id, after=_as_values(row))


@transaction.atomic
def remove_availability(*, row: Availability, by: Any) -> None:
    """Take a rule away: the item is open."""
    record_event("availability.remove", actor=by, row=row, course_id=row.course_id, before=_as_values(row))
    row.delete()


def _as_values(row: Availability) -> dict[str, Any]:
    return {
        "opens_at": row.opens_at.isoformat() if row.opens_at else None,
        "closes_at": row.closes_at.isoformat() if row.closes_at else None,
        "after_lesson": row.after_lesson_id,
        "after_module": row.after_module_id,
    }


def require_sound_rules(*, course_ids: Iterable[int]) -> None:
    """After a lesson or a module moved: every rule still asks for something of its own course, and none for itself.

    Raises Conflict `breaks_availability`; the caller's transaction is rolled back.
    """
    for course_id in course_ids:
        for row in Availability.all_of_course(course_id):
            if row.problems():
                raise Conflict(
                    _("“%(item)s” opens after something else. Take that away first, then move.")
                    % {"item": row.item},
                    code="breaks_availability",
                )

"""Whether a quiz is open to a student now, in words; `QuizQuerySet.unlocked_for` is the same rule for the database.

A quiz on a lesson waits with it: what keeps the lesson's module or the lesson closed keeps the quiz closed too, unless
the lesson is a preview. Then its own rule is asked. Those who teach or assist, and administrators, pass every rule.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from assessments.models import Quiz
from assessments.permissions import can_view_quiz_work
from courses.availability import Doings, Lock, Rule, first_lock, rule_of
from courses.models import Lesson, LessonCompletion


def locks_of(quizzes: Iterable[Quiz], user: Any, now: datetime | None = None) -> dict[int, Lock]:
    """What keeps quizzes closed to `user`, by their ids; one that is open is missing.

    The quizzes were read `with_rules()`. Asks the database once, and only where something must be done before.
    """
    now = now or timezone.now()
    rules = {
        quiz: found
        for quiz in quizzes
        if not can_view_quiz_work(user, quiz) and (found := [rule for rule in _rules(quiz) if rule])
    }
    waiting = {
        quiz.course_id
        for quiz, found in rules.items()
        if any(rule.after_lesson_id or rule.after_module_id for rule in found)
    }
    doings = _doings(waiting, user)
    return {
        quiz.pk: lock
        for quiz, found in rules.items()
        if (lock := first_lock(found, doings, user=user, now=now))
    }


def lock_of(quiz: Quiz, user: Any, now: datetime | None = None) -> Lock | None:
    """What keeps one quiz, read `with_rules()`, closed to `user`."""
    return locks_of([quiz], user, now).get(quiz.pk)


def lock_of_quiz(quiz: Quiz, student: Any, now: datetime | None = None) -> Lock | None:
    """The same for a quiz that was read without its rules; it may be a draft, which is no lock."""
    return lock_of(Quiz.objects.with_rules().get(pk=quiz.pk), student, now)


def _rules(quiz: Quiz) -> Iterator[Rule | None]:
    if quiz.lesson and not quiz.lesson.is_preview:
        yield rule_of(quiz.lesson.module)
        yield rule_of(quiz.lesson)
    yield rule_of(quiz)


def _doings(course_ids: set[int], user: Any) -> Doings:
    """What `user` has and has not done in these courses."""
    doings = Doings()
    if not course_ids:
        return doings
    is_done = Exists(LessonCompletion.objects.filter(lesson=OuterRef("pk"), student=user))
    rows = (
        Lesson.objects.published()
        .filter(module__course__in=course_ids)
        .annotate(is_done=is_done, module_title=F("module__title"))
        .in_order()
        .values("pk", "title", "module_id", "module_title", "is_done")
    )
    for row in rows:
        doings.add(
            lesson=row["pk"],
            title=row["title"],
            module=row["module_id"],
            module_title=row["module_title"],
            is_done=row["is_done"],
        )
    return doings

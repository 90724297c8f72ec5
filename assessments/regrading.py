"""Grading finished attempts again after a question changed: first whose score would move, then the deed.

A regrade works through the attempts in parts, each in a transaction that also moves its `cursor`: a worker that dies
loses one part, and the next one does it again. Small quizzes are done at once, others in the background.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.audit import record_event
from accounts.models import User
from assessments.hand_grading import as_text, check_reason
from assessments.models import (
    AttemptStatus,
    Question,
    QuestionResponse,
    Quiz,
    QuizAttempt,
    Regrade,
    RegradeState,
)
from assessments.new_keys import ACTS, Outcome, Plan, differences, follow, is_gain
from assessments.paper import make_entry
from assessments.permissions import can_regrade_quiz
from assessments.querysets import AttemptQuerySet
from assessments.regraded_attempts import write_outcomes
from projectgenius.errors import Conflict

AT_ONCE = 50  # attempts of which no worker is needed, and those of one part


def finished(quiz: Quiz | int) -> AttemptQuerySet:
    """The attempts that a regrade looks at: they have ended, and count."""
    return QuizAttempt.objects.counting().exclude(status=AttemptStatus.IN_PROGRESS).filter(quiz=quiz)


# --- What changed ---------------------------------------------------------------------------------


def changed_questions(quiz: Quiz, *, most: int) -> dict[int, dict[str, Any]]:
    """Which questions differ from the papers of the newest `most` finished attempts: `{id: {"in", "attempts"}}`.

    `in` is a set of `assessments.new_keys.differences`, `attempts` how many attempts differ.
    """
    present = _present_entries(quiz)
    found: dict[int, dict[str, Any]] = {}
    papers = finished(quiz).order_by("-pk").values_list("paper", flat=True)[:most]
    for paper in papers.iterator(chunk_size=AT_ONCE):
        for entry in paper:
            if entry["question"] in present and (said := differences(entry, present[entry["question"]])):
                known = found.setdefault(entry["question"], {"in": set(), "attempts": 0})
                known["in"] |= said
                known["attempts"] += 1
    return found


def _present_entries(quiz: Quiz, chosen: Iterable[int] | None = None) -> dict[int, dict[str, Any]]:
    questions = Question.objects.filter(quiz=quiz).select_related("coding")
    if chosen is not None:
        questions = questions.filter(pk__in=chosen)
    return {question.pk: make_entry(question) for question in questions}


# --- Preview --------------------------------------------------------------------------------------


@transaction.atomic
def preview_regrade(
    *, quiz: Quiz, by: Any, reason: str, acts: Mapping[int, str] | None = None, now: datetime | None = None
) -> Regrade:
    """Work out whose score would move if questions counted as they are now; changes nothing yet.

    `acts` says for questions (ids) what is done: `key`, `full` or `omit` (`assessments.new_keys`); without it all that
    changed count by their present key. Own attempts of `by` are left out. Raises PermissionDenied, ValidationError
    for `reason` and `questions`, and Conflict `regrade_open` while another regrade of the quiz is undecided.
    """
    if not can_regrade_quiz(by, quiz):
        raise PermissionDenied(_("Only those who teach this course regrade its quizzes."))
    reason = check_reason(reason)
    if not reason:
        raise ValidationError({"reason": ValidationError(_("Say why."), code="required")})
    regrade = Regrade(
        quiz=quiz, started_by=by, reason=reason, plan=_make_plan(quiz, acts), created_at=now or timezone.now()
    )
    regrade.total = finished(quiz).count()
    try:
        with transaction.atomic():
            regrade.save()
    except IntegrityError:
        raise Conflict(_("Decide about the other regrade of this quiz first."), code="regrade_open") from None
    record_event("grade.regrade_preview", actor=by, row=regrade, course_id=quiz.course_id, reason=reason)
    _work_or_enqueue(regrade)
    return regrade


def _make_plan(quiz: Quiz, acts: Mapping[int, str] | None) -> Plan:
    present = _present_entries(quiz, acts)
    if acts is not None and (acts.keys() - present.keys() or not acts or {*acts.values()} - {*ACTS}):
        message = _("Choose questions of this quiz.")
        raise ValidationError({"questions": ValidationError(message, code="unknown_question")})
    chosen = acts or {}
    return [{"question": pk, "act": chosen.get(pk, "key"), "entry": present[pk]} for pk in present]


def _work_or_enqueue(regrade: Regrade) -> None:
    if regrade.total > AT_ONCE:
        carry_on.enqueue(regrade.pk)
        return
    while work_on_part(regrade_id=regrade.pk):
        pass
    regrade.refresh_from_db()


# --- Decision -------------------------------------------------------------------------------------


@transaction.atomic
def apply_regrade(*, regrade: Regrade, by: Any, mode: str = "all", now: datetime | None = None) -> Regrade:
    """Do what was previewed: for everybody (`all`), or only where nobody's score falls (`gains`).

    Each attempt is worked out afresh under its lock: what happened since the preview is never overwritten. Applying
    what is applied changes nothing. Raises PermissionDenied, and Conflict `still_working`, `dropped`.
    """
    locked = _locked(regrade, by)
    if mode not in ("all", "gains"):
        raise ValidationError({"mode": ValidationError(_("Choose all or gains."), code="unknown_mode")})
    match locked.state:
        case RegradeState.APPLIED | RegradeState.GAINS_APPLIED | RegradeState.APPLYING:
            return locked
        case RegradeState.DROPPED:
            raise Conflict(_("This regrade was dropped."), code="dropped")
        case RegradeState.PREPARING:
            raise Conflict(_("The preview is still being worked out."), code="still_working")
    locked.state, locked.gains_only = RegradeState.APPLYING, mode == "gains"
    locked.decided_by, locked.decided_at = by, now or timezone.now()
    locked.cursor = locked.done = 0
    locked.total = finished(locked.quiz_id).count()
    locked.save()
    record_event(
        "grade.regrade_apply",
        actor=by,
        row=locked,
        course_id=locked.quiz.course_id,
        after={"mode": mode},
        reason=locked.reason,
    )
    _work_or_enqueue(locked)
    return locked


@transaction.atomic
def drop_regrade(*, regrade: Regrade, by: Any, now: datetime | None = None) -> Regrade:
    """Leave everything as it is. Raises PermissionDenied, and Conflict `applied`."""
    locked = _locked(regrade, by)
    if locked.state == RegradeState.DROPPED:
        return locked
    if locked.state not in (RegradeState.PREPARING, RegradeState.PREVIEWED):
        raise Conflict(_("This regrade has been applied."), code="applied")
    locked.state, locked.decided_by, locked.decided_at = RegradeState.DROPPED, by, now or timezone.now()
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    record_event("grade.regrade_drop", actor=by, row=locked, course_id=locked.quiz.course_id)
    return locked


def _locked(regrade: Regrade, by: Any) -> Regrade:
    rows = Regrade.objects.select_for_update(of=("self",)).select_related("quiz__course")
    locked = rows.get(pk=regrade.pk)
    if not can_regrade_quiz(by, locked.quiz):
        raise PermissionDenied(_("Only those who teach this course regrade its quizzes."))
    return locked


# --- The work -------------------------------------------------------------------------------------


@task()
def carry_on(regrade_id: int) -> None:
    """Work through a regrade, or go on where it was left."""
    while work_on_part(regrade_id=regrade_id):
        pass


@transaction.atomic
def work_on_part(*, regrade_id: int) -> bool:
    """Do the next `AT_ONCE` attempts; False when nothing is left. Workers wait for each other at the regrade's row."""
    rows = Regrade.objects.select_for_update(of=("self",))
    regrade = rows.select_related("quiz__course", "started_by", "decided_by").filter(pk=regrade_id).first()
    if regrade is None or not regrade.is_working:
        return False
    is_preview = regrade.state == RegradeState.PREPARING
    by_id = regrade.started_by_id if is_preview else regrade.decided_by_id
    by = User.objects.with_roles().get(pk=by_id)
    if not (by.is_active and can_regrade_quiz(by, regrade.quiz)):
        return _stop(regrade, by)
    rest = finished(regrade.quiz_id).filter(pk__gt=regrade.cursor).order_by("pk")
    if not is_preview:
        rest = rest.select_for_update(of=("self",))
    attempts = list(rest[:AT_ONCE])
    judge_again = is_preview is False and not regrade.gains_only
    _do(regrade, attempts, by, is_preview=is_preview, judge_again=judge_again)
    if attempts:
        regrade.cursor = attempts[-1].pk
        regrade.done += len(attempts)
    if len(attempts) < AT_ONCE:
        _end(regrade)
    regrade.save(
        update_fields=["cursor", "done", "counts", "state", *(["preview", "plan"] if is_preview else [])]
    )
    return regrade.is_working


def _do(
    regrade: Regrade, attempts: list[QuizAttempt], by: User, *, is_preview: bool, judge_again: bool
) -> None:
    """Work out some attempts, and look at what comes of it or write it."""
    rows = _responses(attempts)
    counts = {} if is_preview and not regrade.done else dict(regrade.counts)
    todo = []
    for attempt in attempts:
        if attempt.user_id in (regrade.started_by_id, by.pk):
            _count(counts, "own", is_preview)
            continue
        outcome = follow(regrade.plan, attempt.paper, rows[attempt.pk], judge_again=judge_again)
        if is_preview:
            _look(regrade, attempt, outcome, counts)
        elif not regrade.gains_only or is_gain(attempt.score, outcome):
            todo.append((attempt, outcome, rows[attempt.pk]))
    regrade.counts = counts
    if todo:
        write_outcomes(regrade, todo, by)


def _responses(attempts: list[QuizAttempt]) -> dict[int, list[QuestionResponse]]:
    found: dict[int, list[QuestionResponse]] = {attempt.pk: [] for attempt in attempts}
    for row in QuestionResponse.objects.filter(attempt__in=attempts).defer("feedback").order_by("pk"):
        found[row.attempt_id].append(row)
    return found


def _look(regrade: Regrade, attempt: QuizAttempt, outcome: Outcome, counts: dict[str, int]) -> None:
    """Note in the preview what would come of an attempt."""
    for change in regrade.plan:
        change["is_used"] = change.get("is_used", False) or change["question"] in outcome.touched
    for why, number in outcome.left.items():
        counts[why] = counts.get(why, 0) + number
    if outcome.touched:
        _count(counts, "attempts", True)
    old, new = attempt.score, outcome.score
    if old == new:
        return
    mark = regrade.quiz.passing_score
    was_passed, is_passed = (score is not None and score >= mark for score in (old, new))
    if old is not None and new is not None:
        _count(counts, "up" if new > old else "down", True)
    _count(counts, "passed", is_passed and not was_passed)
    _count(counts, "failed", was_passed and not is_passed)
    regrade.preview.append(
        {
            "attempt": attempt.pk,
            "user": attempt.user_id,
            "old_score": as_text(old),
            "new_score": as_text(new),
            "was_passed": was_passed,
            "is_passed": is_passed,
        }
    )


def _count(counts: dict[str, int], name: str, happens: bool) -> None:
    if happens:
        counts[name] = counts.get(name, 0) + 1


def _end(regrade: Regrade) -> None:
    """A preview keeps of its plan what made a difference; a regrade that was applied is over."""
    if regrade.state == RegradeState.PREPARING:
        regrade.plan = [change for change in regrade.plan if change.get("is_used")]
        regrade.state = RegradeState.PREVIEWED
    else:
        regrade.state = RegradeState.GAINS_APPLIED if regrade.gains_only else RegradeState.APPLIED


def _stop(regrade: Regrade, by: User) -> bool:
    """Who decided may not any more: what is done stays, the rest is left."""
    regrade.state = RegradeState.DROPPED
    regrade.counts = {**regrade.counts, "stopped": 1}
    regrade.save(update_fields=["state", "counts"])
    record_event("grade.regrade_drop", actor=by, row=regrade, course_id=regrade.quiz.course_id)
    return False

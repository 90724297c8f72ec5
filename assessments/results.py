"""What of an attempt may be seen now, and by whom. Pages, API, PDF, mails and exports ask here and nowhere else.

The score shows once the attempt has ended and the quiz's `results_at` has come. The key (correct answers, explanations,
which answers were right, and the points of each) shows when the score does, where `show_correct_answers` is set, and as
`key_after` narrows it: after each attempt, after the last possible one, or once the quiz has closed. A model answer
also waits until its essay is graded. Feedback is for the student and shows with the score.

Those who teach or assist in the course, and administrators, see all of it at any time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from assessments.models import AttemptStatus, GradingState, KeyAfter, QuestionResponse, Quiz, QuizAttempt
from assessments.paper import Entry, points_possible, public_entry
from assessments.permissions import can_view_quiz_work
from assessments.shapes import is_empty
from assessments.timing import has_ended
from courses.models import CourseEnrollment

# --- The rule -------------------------------------------------------------------------------------


def is_over(attempt: QuizAttempt, now: datetime) -> bool:
    """Handed in, or out of time, though nothing may have closed it yet."""
    return not attempt.is_running or has_ended(attempt.deadline, now)


def can_see_score(attempt: QuizAttempt, now: datetime | None = None) -> bool:
    """Whether the student sees the attempt's score. The attempt brings its quiz."""
    now = now or timezone.now()
    results_at = attempt.quiz.results_at
    return is_over(attempt, now) and (results_at is None or results_at <= now)


def can_see_key(attempt: QuizAttempt, now: datetime | None = None) -> bool:
    """Whether the student sees the attempt's key."""
    return attempt.pk in _with_key([attempt], now or timezone.now())


def score_shows(attempt: QuizAttempt, user: Any, now: datetime | None = None) -> bool:
    """Whether `user`, who may see the attempt, may see its score. The quiz brings its course."""
    return can_view_quiz_work(user, attempt.quiz) or can_see_score(attempt, now)


def key_shows(attempt: QuizAttempt, user: Any, now: datetime | None = None) -> bool:
    """Whether `user`, who may see the attempt, may see its key."""
    return can_view_quiz_work(user, attempt.quiz) or can_see_key(attempt, now)


def attempts_with_key(attempts: Iterable[QuizAttempt], user: Any, now: datetime | None = None) -> set[int]:
    """Which of these attempts, by id, show their key to `user`, who may see all of them.

    The attempts bring their quiz with its course and availability. Asks the database twice at most, however many.
    """
    own, shown = [], set()
    for attempt in attempts:
        if can_view_quiz_work(user, attempt.quiz):
            shown.add(attempt.pk)
        else:
            own.append(attempt)
    return shown | _with_key(own, now or timezone.now())


def _with_key(attempts: Iterable[QuizAttempt], now: datetime) -> set[int]:
    """The rule for students: which of these attempts show their key."""
    shown, waiting = set(), []
    for attempt in attempts:
        quiz = attempt.quiz
        if not (quiz.show_correct_answers and can_see_score(attempt, now)):
            continue
        if quiz.key_after == KeyAfter.ATTEMPT:
            shown.add(attempt.pk)
        elif is_closed(quiz, now) or (
            quiz.key_after == KeyAfter.LAST_ATTEMPT and quiz.max_attempts is not None
        ):
            waiting.append(attempt)
    if waiting:
        taken, extra = _taken(waiting, now), _extra_attempts(waiting)
        shown |= {one.pk for one in waiting if _is_last(one, taken, extra, now)}
    return shown


def is_closed(quiz: Quiz, now: datetime) -> bool:
    """Whether nobody can answer any more because the quiz has closed; one without a closing time never is."""
    availability = getattr(quiz, "availability", None)
    return availability is not None and has_ended(availability.closes_at, now)


Place = tuple[int, int]  # the ids of a student and a quiz, or of a student and a course


def _is_last(
    attempt: QuizAttempt, taken: dict[Place, tuple[int, int]], extra: dict[Place, int], now: datetime
) -> bool:
    """The student can answer this quiz no more: none of the attempts runs, and all are used or the quiz has closed."""
    quiz = attempt.quiz
    used, running = taken.get((attempt.user_id, quiz.pk), (0, 0))
    most = (quiz.max_attempts or 0) + extra.get((attempt.user_id, quiz.course_id), 0)
    return not running and (used >= most if not is_closed(quiz, now) else True)


def _taken(attempts: Iterable[QuizAttempt], now: datetime) -> dict[Place, tuple[int, int]]:
    """How many attempts count and how many run, for each student and quiz."""
    quizzes, students = {one.quiz_id for one in attempts}, {one.user_id for one in attempts}
    open_now = Exists(QuizAttempt.objects.open_at(now).filter(pk=OuterRef("pk")))
    rows = (
        QuizAttempt.objects.filter(quiz__in=quizzes, user__in=students)
        .order_by()
        .annotate(is_open=open_now)
        .values_list("user", "quiz")
        .annotate(
            used=Count("pk", filter=Q(is_preview=False, voided_at=None)),
            running=Count("pk", filter=Q(is_open=True)),
        )
    )
    return {(user, quiz): (used, running) for user, quiz, used, running in rows}


def _extra_attempts(attempts: Iterable[QuizAttempt]) -> dict[Place, int]:
    """What the students were given beyond the limit, for each student and course."""
    courses, students = {one.quiz.course_id for one in attempts}, {one.user_id for one in attempts}
    rows = CourseEnrollment.objects.filter(course__in=courses, student__in=students)
    given = rows.filter(accommodation__extra_attempts__gt=0)
    values = given.values_list("student", "course", "accommodation__extra_attempts")
    return {(student, course): extra for student, course, extra in values}


def best_attempt(quiz: Quiz, student: Any) -> QuizAttempt | None:
    """The attempt that counts: of those with a score the first with the highest. Whether it shows is asked above."""
    scored = QuizAttempt.objects.counting().filter(quiz=quiz, user=student, score__isnull=False)
    return (
        scored.filter(status=AttemptStatus.COMPLETED)
        .without_paper()
        .order_by("-score", "attempt_number")
        .first()
    )


# --- What it means for one attempt ----------------------------------------------------------------


@dataclass(frozen=True)
class QuestionResult:
    """One question of an attempt with what the person may see of it; what is hidden from them is None or empty.

    `shown` is the question's `public_entry`. `grading` says who has to grade it (`GradingState`). `tests` are the
    verdicts of a program's tests: `[{"number": 1, "sample": true, "verdict": "…"}, …]`.
    """

    number: int
    question: int
    type: str
    shown: Entry
    possible: Decimal
    response: Any
    response_id: int | None
    is_answered: bool
    is_flagged: bool
    seconds: int
    grading: str
    earned: Decimal | None = None
    is_correct: bool | None = None
    shows_key: bool = False
    correct_answer: Any = None
    explanation: str = ""
    feedback: str = ""
    lesson: int | None = None
    tests: tuple[Entry, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """A person or the judge has still to grade it."""
        return self.grading in (GradingState.PERSON, GradingState.JUDGE)


@dataclass(frozen=True)
class Result:
    """An ended attempt as one person may see it now.

    `earned` is what is known of the points so far, `graded` the points possible of what is graded; both are None while
    the score is hidden, and while it is open as long as the key is hidden. `score` and `is_passed` are None while
    hidden, or while something waits to be graded.
    """

    attempt: QuizAttempt
    shows_score: bool
    shows_key: bool
    possible: Decimal
    earned: Decimal | None
    graded: Decimal | None
    score: Decimal | None
    is_passed: bool | None
    questions: tuple[QuestionResult, ...]

    @property
    def waiting(self) -> int:
        """How many responses wait for a person or the judge."""
        return sum(one.is_waiting for one in self.questions)


def result_of(attempt: QuizAttempt, user: Any, now: datetime | None = None) -> Result:
    """The result as `user` may see it: the attempt's student, or those who see the course's work.

    While a student's attempt runs, neither score nor key nor feedback is in it. Raises PermissionDenied for others.
    The attempt brings its quiz, with course and availability.
    """
    now = now or timezone.now()
    sees_all = can_view_quiz_work(user, attempt.quiz)
    if not sees_all and attempt.user_id != user.pk:
        raise PermissionDenied
    shows_score = sees_all or can_see_score(attempt, now)
    shows_key = sees_all or can_see_key(attempt, now)
    rows = {row.question_id: row for row in QuestionResponse.objects.filter(attempt=attempt)}
    questions = tuple(
        _question(
            number,
            entry,
            rows.get(entry["question"]),
            shows_score=shows_score,
            shows_key=shows_key,
            sees_all=sees_all,
        )
        for number, entry in enumerate(attempt.paper, start=1)
    )
    # While the key is hidden, points that grow one by one would tell which answers were right.
    shows_points = shows_score and (shows_key or attempt.score is not None)
    graded = [row for row in rows.values() if row.points_earned is not None]
    possible_of = {entry["question"]: Decimal(entry["points"]) for entry in attempt.paper}
    score = attempt.score if shows_score else None
    return Result(
        attempt=attempt,
        shows_score=shows_score,
        shows_key=shows_key,
        possible=points_possible(attempt.paper),
        earned=sum((row.points_earned or Decimal(0) for row in graded), Decimal(0)) if shows_points else None,
        graded=sum((possible_of.get(row.question_id, Decimal(0)) for row in graded), Decimal(0))
        if shows_points
        else None,
        score=score,
        is_passed=None if score is None else score >= attempt.quiz.passing_score,
        questions=questions,
    )


def _question(
    number: int,
    entry: Entry,
    row: QuestionResponse | None,
    *,
    shows_score: bool,
    shows_key: bool,
    sees_all: bool,
) -> QuestionResult:
    grading = row.grading if row else GradingState.OPEN
    is_waiting_essay = entry["type"] == "essay" and grading != GradingState.DONE
    gives_answer = sees_all or (shows_key and not is_waiting_essay)
    judged = (row.judged or {}) if row else {}
    return QuestionResult(
        number=number,
        question=entry["question"],
        type=entry["type"],
        shown=public_entry(entry),
        possible=Decimal(entry["points"]),
        response=row.response if row else None,
        response_id=row.pk if row else None,
        is_answered=row is not None and not is_empty(row.response),
        is_flagged=bool(row and row.is_flagged),
        seconds=row.seconds if row else 0,
        grading=grading,
        earned=row.points_earned if row and shows_key else None,
        is_correct=row.is_correct if row and shows_key else None,
        shows_key=gives_answer,
        correct_answer=entry["correct_answer"] if gives_answer else None,
        explanation=(entry["explanation"] or "") if gives_answer else "",
        feedback=(row.feedback or "") if row and shows_score else "",
        lesson=entry["lesson"] if shows_key else None,
        tests=tuple(_verdict(test) for test in judged.get("tests", ())) if shows_key else (),
    )


def _verdict(test: Entry) -> Entry:
    """Of a test, hidden or not, its number and verdict; never input, output or time."""
    return {name: test.get(name) for name in ("number", "sample", "verdict")}

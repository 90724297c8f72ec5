"""What waits for a person: in which order it is graded, what comes next, and how much is left."""

from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Count, F, Q, QuerySet

from assessments.models import AttemptStatus, GradingState, Question, QuestionResponse, Quiz

Rows = QuerySet[QuestionResponse]

# All answers to one question, then the next question; or all of one student, then the next student.
ORDERS = {
    "question": ("question__order_index", "question_id", "attempt_id"),
    "student": ("attempt__user_id", "attempt_id", "question__order_index", "question_id"),
}
STATES = ("all", "waiting", "by_hand", "automatic")


@dataclass(frozen=True)
class Way:
    """How somebody goes through the queue: the order, and the one question it is narrowed to, if any."""

    by: str = "question"
    question: int | None = None

    @classmethod
    def read(cls, data: Any) -> Self:
        """Of an address; what makes no sense is passed over."""
        by, question = data.get("by", ""), data.get("question", "")
        number = int(question) if question.isascii() and question.isdecimal() and len(question) < 19 else None
        return cls(by if by in ORDERS else "question", number)

    def as_parameters(self) -> dict[str, str]:
        """As it stands in an address; what is usual is left out."""
        said = {"by": self.by} if self.by != "question" else {}
        return {**said, "question": str(self.question)} if self.question else said


def gradable(quiz: Quiz) -> Rows:
    """Responses of attempts that ended and count."""
    ended = QuestionResponse.objects.exclude(attempt__status=AttemptStatus.IN_PROGRESS)
    return ended.filter(question__quiz=quiz, attempt__is_preview=False, attempt__voided_at=None)


def waiting(quiz: Quiz, grader: Any, way: Way = Way()) -> Rows:
    """What `grader` has to grade, in order."""
    rows = (
        QuestionResponse.objects.waiting_for_person()
        .filter(question__quiz=quiz)
        .exclude(attempt__user=grader)
    )
    if way.question:
        rows = rows.filter(question=way.question)
    return rows.order_by(*ORDERS[way.by])


@dataclass(frozen=True)
class Place:
    """Where a response stands in the queue: number `number` of `total`, and what is before and after it (ids)."""

    number: int
    total: int
    previous: int | None
    next: int | None


def place_of(rows: Rows, response: QuestionResponse, way: Way) -> Place:
    """Where `response` stands, or would stand, among `rows`, which are in the order of `way`."""
    order = ORDERS[way.by]
    key = [_value(response, name) for name in order]
    before, after = _beyond(order, key, "lt"), _beyond(order, key, "gt")
    counts = rows.order_by().aggregate(total=Count("pk"), before=Count("pk", filter=before))
    backwards = rows.filter(before).order_by(*(f"-{name}" for name in order))
    return Place(
        number=counts["before"] + 1,
        total=counts["total"],
        previous=backwards.values_list("pk", flat=True).first(),
        next=rows.filter(after).values_list("pk", flat=True).first(),
    )


def after(rows: Rows, response: QuestionResponse | None, way: Way) -> int | None:
    """The response to grade after `response`, or the first one; None when nothing waits."""
    first = rows.values_list("pk", flat=True)
    if response is None:
        return first.first()
    order = ORDERS[way.by]
    key = [_value(response, name) for name in order]
    return first.filter(_beyond(order, key, "gt")).first() or first.exclude(pk=response.pk).first()


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _beyond(order: tuple[str, ...], key: list[Any], side: str) -> Q:
    """The condition that a row comes before (`lt`) or after (`gt`) the one with this key."""
    found, same = Q(), Q()
    for name, value in zip(order, key, strict=True):
        found |= same & Q(**{f"{name}__{side}": value})
        same &= Q(**{name: value})
    return found


def questions_to_grade(quiz: Quiz, grader: Any) -> list[dict[str, Any]]:
    """The questions that a person graded or has to, in order, each with its counts: `waiting`, `by_hand`, `answers`."""
    by_person = Q(grading=GradingState.PERSON)
    counts = {
        row["question"]: row
        for row in gradable(quiz)
        .exclude(attempt__user=grader)
        .order_by()
        .values("question")
        .annotate(
            answers=Count("pk"),
            waiting=Count("pk", filter=by_person),
            by_hand=Count("pk", filter=Q(is_by_hand=True)),
        )
    }
    questions = Question.objects.filter(quiz=quiz, pk__in=counts).order_by("order_index", "pk")
    return [{**counts[question.pk], "question": question} for question in questions]


def answers_to(question: Question, grader: Any, *, state: str = "all", search: str = "") -> Rows:
    """All responses to a question, to look at or to grade once more."""
    rows = gradable(question.quiz).exclude(attempt__user=grader).filter(question=question)
    rows = rows.select_related("attempt__user", "graded_by").defer("attempt__paper")
    match state:
        case "waiting":
            rows = rows.filter(grading=GradingState.PERSON)
        case "by_hand":
            rows = rows.filter(is_by_hand=True)
        case "automatic":
            rows = rows.filter(grading=GradingState.DONE, is_by_hand=False)
    if search:
        named = Q(attempt__user__full_name__icontains=search) | Q(attempt__user__username__icontains=search)
        rows = rows.filter(named)
    return rows.order_by("attempt_id")


def waiting_by_quiz(grader: Any) -> list[Quiz]:
    """The quizzes of one's courses in which something waits, each with `waiting`, how much."""
    rows = QuestionResponse.objects.waiting_for_person().exclude(attempt__user=grader).order_by()
    counts = dict(rows.values("attempt__quiz").annotate(n=Count("pk")).values_list("attempt__quiz", "n"))
    quizzes = Quiz.objects.in_read_courses_of(grader).filter(pk__in=counts).select_related("course")
    found = list(quizzes.order_by("course__title", "title", "pk"))
    for quiz in found:
        quiz.waiting = counts[quiz.pk]  # type: ignore[attr-defined]
    return found


def waiting_by_course(courses: list[int], grader: Any) -> dict[int, int]:
    """How much waits for `grader` in each of `courses` (ids)."""
    rows = QuestionResponse.objects.waiting_for_person().exclude(attempt__user=grader)
    counts = (
        rows.filter(attempt__quiz__course__in=courses).order_by().values(course=F("attempt__quiz__course"))
    )
    return {row["course"]: row["n"] for row in counts.annotate(n=Count("pk"))}

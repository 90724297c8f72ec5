"""Sets of quizzes and what hangs on them: which rows a person may see."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessments.timing import GRACE
from courses.querysets import CourseRows, helps_teach, open_enrollment, teaches, unlocked, unlocked_lesson

if TYPE_CHECKING:  # the names stand in quotes below
    from assessments.models import (  # noqa: F401
        CodeRun,
        CodingQuestion,
        Question,
        QuestionImport,
        QuestionResponse,
        Quiz,
        QuizAnalytics,
        QuizAttempt,
        QuizAvailability,
        Regrade,
        ScoreChange,
    )

TRIED = ("samples", "own_input")  # kinds of runs: as often as one likes, and nothing hangs on them


class QuizQuerySet(CourseRows["Quiz"]):
    """Quizzes."""

    def published(self) -> Self:
        """Quizzes that show: they, their course and their lesson, if they have one, are published."""
        on_shown_lesson = Q(lesson__is_published=True, lesson__module__is_published=True)
        return self.filter(Q(lesson=None) | on_shown_lesson, is_published=True, course__is_published=True)

    def with_stale_items(self, *, before: datetime) -> Self:
        """Those whose figures changed after their questions were analysed last, which was earlier than `before`."""
        changed = Q(analytics__items_at=None) | Q(analytics__items_at__lt=F("analytics__updated_at"))
        rested = Q(analytics__items_at=None) | Q(analytics__items_at__lte=before)
        return self.filter(changed, rested, analytics__total_attempts__gt=0)

    def visible_to(self, user: Any) -> Self:
        """Published ones of courses that one studies, all of courses one helps to teach; all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        if user.is_admin:
            return self
        shown = self.model._default_manager.studied_by(user)
        return self.filter(Q(pk__in=shown.order_by().values("pk")) | helps_teach(user, "course__"))

    def studied_by(self, user: Any) -> Self:
        """Published ones of courses that one studies."""
        return self.published().filter(open_enrollment(user, "course_id"))

    def with_standing(self, user: Any, now: datetime | None = None) -> Self:
        """Bring along what `user` has done: `is_running`, `best_score` where it shows, and `ended_as`.

        `ended_as` is how one of the ended attempts that count ended, "completed" before "abandoned"; None without any.
        """
        now = now or timezone.now()
        attempts: Any = self.model._meta.get_field("attempts").related_model._default_manager
        own = attempts.filter(quiz=OuterRef("pk"), user=user).order_by()
        shows = Q(quiz__results_at=None) | Q(quiz__results_at__lte=now)
        ended = own.counting().exclude(status="in_progress").order_by("-status")
        scored = own.counting().filter(shows, score__isnull=False).order_by("-score")
        return self.annotate(
            is_running=Exists(own.open_at(now)),
            best_score=Subquery(scored.values("score")[:1]),
            ended_as=Subquery(ended.values("status")[:1]),
        )

    def listed_for(self, user: Any, *, as_student: bool = False) -> Self:
        """What the pages of a lesson and of a course list, in the order of the lessons, each with one's standing."""
        if not user.is_authenticated:
            return self.none()
        place = [F(f"lesson__{name}").asc(nulls_last=True) for name in ("module__order_index", "order_index")]
        rows = self.visible_to(user).with_counts().with_standing(user).select_related("availability")
        return (rows.published() if as_student else rows).order_by(*place, "title", "pk")

    def closing_between(self, start: datetime, end: datetime) -> Self:
        """Those that close within a span of time, the next one first."""
        closing = self.filter(availability__closes_at__gt=start, availability__closes_at__lte=end)
        return closing.order_by("availability__closes_at", "pk")

    def unlocked_for(self, user: Any, now: datetime | None = None) -> Self:
        """Quizzes that no availability keeps from the student `user`: neither their own nor that of their lesson."""
        on_open_lesson = Q(lesson=None) | unlocked_lesson(user, "lesson__", now)
        return self.filter(unlocked(user, now=now) & on_open_lesson)

    def with_counts(self) -> Self:
        """Bring along, as `question_count`, how many questions a new attempt has."""
        questions: Any = self.model._meta.get_field("questions").related_model._default_manager
        counted = questions.asked().filter(quiz=OuterRef("pk")).order_by().values("quiz")
        count = counted.annotate(count=Count("pk")).values("count")
        return self.annotate(question_count=Coalesce(Subquery(count), 0))

    def with_rules(self) -> Self:
        """Bring along what says when each is open: `assessments.availability` asks it."""
        return self.select_related(
            "course", "availability", "lesson__availability", "lesson__module__availability"
        ).defer("lesson__content")


class QuizAvailabilityQuerySet(CourseRows["QuizAvailability"]):
    """When quizzes are open."""

    course_path = "quiz__course__"

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)


class QuestionQuerySet(CourseRows["Question"]):
    """Questions."""

    course_path = "quiz__course__"

    def asked(self) -> Self:
        """Those that a new attempt gets."""
        return self.filter(is_retired=False)

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach, all for an administrator. Students get them in attempts alone."""
        return self.in_read_courses_of(user)


class CodingQuestionQuerySet(CourseRows["CodingQuestion"]):
    """Coding parts of questions."""

    course_path = "question__quiz__course__"

    def visible_to(self, user: Any) -> Self:
        """As their questions."""
        return self.in_read_courses_of(user)


class AttemptQuerySet(CourseRows["QuizAttempt"]):
    """Attempts."""

    course_path = "quiz__course__"

    def visible_to(self, user: Any) -> Self:
        """One's own, those of courses one teaches, all for an administrator."""
        return self.own_or_taught(user, Q(user=user))

    def taken_by(self, user: Any) -> Self:
        """One's own alone, whatever else one may see."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def answerable_by(self, user: Any) -> Self:
        """Those in which `user` may answer and hand in: the rule of `permissions.can_answer_attempt`."""
        if not user.is_authenticated:
            return self.none()
        as_student = Q(open_enrollment(user, "quiz__course_id"), is_preview=False)
        as_teacher = Q(is_preview=True) & teaches(user, "quiz__course__")
        return self.taken_by(user).filter(as_student | as_teacher)

    def running(self) -> Self:
        """Stored as in progress; their end may have come."""
        return self.filter(status="in_progress")

    def open_at(self, now: datetime) -> Self:
        """In progress, and their end has not come."""
        return self.running().filter(Q(deadline=None) | Q(deadline__gt=now - GRACE))

    def with_is_over(self, now: datetime) -> Self:
        """Bring along, as `is_over`, whether the end has come, closed or not: for lists that close nothing."""
        open_now = Q(status="in_progress") & (Q(deadline=None) | Q(deadline__gt=now - GRACE))
        return self.annotate(is_over=models.ExpressionWrapper(~open_now, models.BooleanField()))

    def ended_by(self, now: datetime) -> Self:
        """Stored as in progress though their end has come."""
        return self.running().filter(deadline__lte=now - GRACE)

    def counting(self) -> Self:
        """Attempts of students that were not voided."""
        return self.filter(is_preview=False, voided_at=None)

    def with_rules(self) -> Self:
        """Bring along the quiz with what says when it is open, for the page of a result."""
        paths = ("course", "availability", "lesson__availability", "lesson__module__availability")
        rules = self.select_related(*(f"quiz__{path}" for path in paths))
        return rules.defer("quiz__lesson__content")

    def without_paper(self) -> Self:
        """Leave the paper in the database: it is long, and lists do not show it."""
        return self.defer("paper")


class ResponseQuerySet(CourseRows["QuestionResponse"]):
    """Responses."""

    course_path = "attempt__quiz__course__"

    def visible_to(self, user: Any) -> Self:
        """One's own, those of courses one teaches, all for an administrator."""
        return self.own_or_taught(user, Q(attempt__user=user))

    def waiting_for_person(self) -> Self:
        """Those in the grading queue."""
        return self.filter(grading="person", attempt__is_preview=False, attempt__voided_at=None)


class RegradeQuerySet(CourseRows["Regrade"]):
    """Regrades."""

    course_path = "quiz__course__"

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)


class ScoreChangeQuerySet(CourseRows["ScoreChange"]):
    """Changes of points and scores."""

    course_path = "attempt__quiz__course__"

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach, all for an administrator."""
        return self.in_read_courses_of(user)


class CodeRunQuerySet(models.QuerySet["CodeRun"]):
    """Runs of programs."""

    def visible_to(self, user: Any) -> Self:
        """One's own, in no other role: what somebody tried is nobody else's business."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def tried(self) -> Self:
        """Programs that people try out on samples or input of their own."""
        return self.filter(kind__in=TRIED)

    def waiting(self) -> Self:
        """Not over yet: in the queue, or with a worker."""
        return self.filter(state__in=["queued", "running"])


class QuizAnalyticsQuerySet(CourseRows["QuizAnalytics"]):
    """Figures about quizzes."""

    course_path = "quiz__course__"

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach, all for an administrator."""
        return self.in_read_courses_of(user)


class QuestionImportQuerySet(CourseRows["QuestionImport"]):
    """Imports of questions."""

    course_path = "quiz__course__"

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)

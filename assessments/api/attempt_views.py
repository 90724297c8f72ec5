"""Endpoints for attempts and what is answered in them."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.personal import RetrievePersonal
from assessments.api.attempt_serializers import (
    AnswerSerializer,
    AttemptDetailSerializer,
    AttemptSerializer,
    ChangedAnswerSerializer,
    ResponseSerializer,
)
from assessments.api.filtersets import AttemptFilter, ResponseFilter
from assessments.api.grading import GradeActions
from assessments.api.permissions import AttemptPolicy, ResponsePolicy
from assessments.api.result_serializers import AttemptReasonSerializer, MinutesSerializer, ResultSerializer
from assessments.attempts import Saved, close_if_ended, close_those_ended, save_response, submit_attempt
from assessments.finishing import ENDED_FIELDS
from assessments.interventions import add_time, reopen_attempt, void_attempt
from assessments.models import QuestionResponse, QuizAttempt
from assessments.permissions import can_view_quiz_work
from assessments.results import attempts_with_key, is_over, result_of
from projectgenius.api.endpoints import Endpoint
from projectgenius.api.errors import error_body
from projectgenius.api.scopes import Scope
from projectgenius.errors import Conflict
from projectgenius.request_facts import note_refused_row


class Attempts(mixins.ListModelMixin, RetrievePersonal, Endpoint):
    """One's own attempts, and those in courses one helps to teach. They begin at `/quizzes/{id}/start/`."""

    scopes = {"read": Scope.READ, "write": Scope.COURSE_WRITE, "submit": Scope.SUBMIT}
    queryset = QuizAttempt.objects.select_related("quiz__course", "quiz__availability", "user")
    person, course = "user_id", "quiz.course_id"
    personal = frozenset({"retrieve", "result"})
    permission_classes = [AttemptPolicy]
    filterset_class = AttemptFilter
    ordering = ("-started_at",)
    ordering_fields = ("id", "started_at", "completed_at", "attempt_number", "time_taken")

    def get_queryset(self) -> QuerySet[QuizAttempt]:
        rows: Any = super().get_queryset()
        return rows.without_paper() if self.action == "list" else rows  # type: ignore[no-any-return]

    def get_serializer_class(self) -> type[Any]:
        return AttemptSerializer if self.action == "list" else AttemptDetailSerializer

    def get_object(self) -> QuizAttempt:
        """The attempt; one whose end has come is closed first, though no worker has come by."""
        return close_if_ended(attempt=super().get_object())

    def paginate_queryset(self, queryset: Any) -> Any:
        page: Any = super().paginate_queryset(queryset)
        close_those_ended(page)
        return page

    @extend_schema(request=None, responses=AttemptDetailSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:
        """Hand in what was saved. Once is enough: again, or after the end, changes nothing (200)."""
        attempt = self.get_object()
        submit_attempt(attempt=attempt)
        attempt.refresh_from_db(fields=ENDED_FIELDS)
        return Response(self.get_serializer(attempt).data)

    @extend_schema(responses=ResultSerializer)
    @action(detail=True)
    def result(self, request: Request, pk: int) -> Response:
        """What came of the attempt, as far as the caller may see it now; 409 `running` before its end."""
        attempt = self.get_object()
        if not (is_over(attempt, timezone.now()) or can_view_quiz_work(request.user, attempt.quiz)):
            raise Conflict(_("This attempt is still running."), code="running")
        return Response(ResultSerializer(result_of(attempt, request.user)).data)

    @extend_schema(request=AttemptReasonSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: int) -> Response:
        """Let a student's attempt count no more, with a reason; it stays, and frees its place in the limit."""
        return self._change(void_attempt, AttemptReasonSerializer)

    @extend_schema(request=MinutesSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """Let a student go on with an ended attempt for some minutes, with a reason."""
        return self._change(reopen_attempt, MinutesSerializer)

    @extend_schema(request=MinutesSerializer)
    @action(detail=True, methods=["post"], url_path="add-time")
    def add_time(self, request: Request, pk: int) -> Response:
        """Move the deadline of a running attempt back, with a reason."""
        return self._change(add_time, MinutesSerializer)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The same as voiding; the body says the `reason`."""
        self._change(void_attempt, AttemptReasonSerializer)
        return Response(status=204)

    def _change(self, change: Callable[..., QuizAttempt], taken: type[AttemptReasonSerializer]) -> Response:
        attempt = self.get_object()  # who may not see or change it is told so before anything else
        sent = taken(data=self.request.data)
        sent.is_valid(raise_exception=True)
        change(attempt=attempt, by=self.request.user, **sent.validated_data)
        return Response(self.get_serializer(self.get_queryset().get(pk=attempt.pk)).data)


class QuestionResponses(GradeActions, mixins.ListModelMixin, RetrievePersonal, Endpoint):
    """What was answered: one's own, and in courses one helps to teach. Points are given by grading, not here."""

    scopes = {
        "read": Scope.READ,
        "write": Scope.SUBMIT,
        "grade": Scope.COURSE_READ,
        "give_grade": Scope.GRADE,
    }
    queryset = QuestionResponse.objects.select_related("attempt__quiz__course", "attempt__quiz__availability")
    person, course = "attempt.user_id", "attempt.quiz.course_id"
    permission_classes = [ResponsePolicy]
    serializer_class = ResponseSerializer
    filterset_class = ResponseFilter
    ordering = ("-attempt", "id")
    ordering_fields = ("id", "attempt", "saved_at")

    keys: frozenset[int] | set[int] = frozenset()

    def get_queryset(self) -> QuerySet[QuestionResponse]:
        return super().get_queryset().defer("attempt__paper")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "keys": self.keys}

    def paginate_queryset(self, queryset: Any) -> Any:
        page: Any = super().paginate_queryset(queryset)
        self._find_keys(page)
        return page

    def get_object(self) -> QuestionResponse:
        row: QuestionResponse = super().get_object()
        self._find_keys([row])
        return row

    def _find_keys(self, rows: Iterable[QuestionResponse]) -> None:
        """Which of the rows' attempts show the caller what is correct."""
        attempts = {row.attempt_id: row.attempt for row in rows}
        self.keys = attempts_with_key(attempts.values(), self.request.user)

    @extend_schema(
        request=AnswerSerializer,
        responses={200: ResponseSerializer, 201: ResponseSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Save an answer: 201 the first time, 200 afterwards. A packet that is older than what the server has is
        refused with that answer in `stored` (409 `stale`), one that comes too late with 409 `ended`.
        """
        sent = AnswerSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        return self._save(values.pop("attempt"), values.pop("question"), values)

    @extend_schema(request=ChangedAnswerSerializer, responses={200: ResponseSerializer})
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Save an answer anew, as POST does."""
        row = self.get_object()
        sent = ChangedAnswerSerializer(row, data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self._save(row.attempt_id, row.question_id, sent.validated_data)

    def _save(self, attempt: int, question: int, values: dict[str, Any]) -> Response:
        try:
            saved = save_response(
                attempt=QuizAttempt(pk=attempt),
                question_id=question,
                by=self.request.user,  # type: ignore[arg-type]
                **values,
            )
        except QuizAttempt.DoesNotExist:
            raise self._refusal(attempt) from None
        return self._answer(saved)

    def _refusal(self, attempt: int) -> Exception:
        """Of an answer: 404 for an attempt that the caller cannot see, 403 for one to look at only."""
        note_refused_row(self.request, "quiz_attempts", str(attempt))
        is_seen = QuizAttempt.objects.visible_to(self.request.user).filter(pk=attempt).exists()
        return PermissionDenied() if is_seen else NotFound()

    def _answer(self, saved: Saved) -> Response:
        saved.response.attempt = saved.attempt
        shown = self.get_serializer(saved.response).data
        if saved.is_newer or saved.is_repeated:
            return Response(shown, status=201 if saved.is_new else 200)
        body = error_body("stale", _("A newer answer is already saved. It stays."))
        return Response({**body, "stored": shown}, status=409)

"""Running a program in one's own attempt by the API, and looking for the verdict."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.judge import Verdict
from assessments.models import CodeRun, QuizAttempt, RunKind, RunState
from assessments.run_reports import public_report
from assessments.runs import LONGEST_INPUT, may_see_run, request_run
from assessments.shapes import LONGEST_CODE
from projectgenius.api.endpoints import Endpoint
from projectgenius.api.filters import LARGEST_ID
from projectgenius.api.policy import Policy
from projectgenius.api.scopes import Scope

ASKED = [(kind.value, kind.label) for kind in (RunKind.SAMPLES, RunKind.OWN_INPUT)]


class RunPolicy(Policy):
    """Runs are made and read by their owner alone; whether the attempt takes one is asked with the run itself."""

    def may_act_on(self, user: Any, action: str, row: CodeRun) -> bool:
        return may_see_run(user, row)


class NewRunSerializer(serializers.Serializer[Any]):
    """A program to be run on the sample tests, or on an input of one's own. It is not saved as the answer."""

    question = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    kind = serializers.ChoiceField(choices=ASKED)
    code = serializers.CharField(max_length=LONGEST_CODE, trim_whitespace=False)
    own_input = serializers.CharField(
        max_length=LONGEST_INPUT, trim_whitespace=False, allow_blank=True, default=""
    )


class DifferenceSerializer(serializers.Serializer[Any]):
    """A line of the difference: `missing` was expected and did not come, `extra` came and was not expected."""

    mark = serializers.ChoiceField(choices=["same", "missing", "extra"])
    text = serializers.CharField()


class RunTestSerializer(serializers.Serializer[Any]):
    """A test of a run. Of a hidden one there are number, verdict and words, and nothing else."""

    number = serializers.IntegerField()
    is_sample = serializers.BooleanField()
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    words = serializers.CharField()
    seconds = serializers.FloatField(required=False)
    megabytes = serializers.FloatField(required=False, allow_null=True)
    input = serializers.CharField(required=False)
    output = serializers.CharField(required=False)
    error_output = serializers.CharField(required=False)
    expected = serializers.CharField(required=False, allow_null=True)
    difference = DifferenceSerializer(many=True, required=False)


class RunSerializer(serializers.Serializer[CodeRun]):
    """A run and what is known of it. Ask again, ever less often, until `is_over`."""

    key = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=RunKind.choices)
    question = serializers.IntegerField(source="question_id", allow_null=True)
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=RunState.choices)
    is_over = serializers.BooleanField()
    verdict = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    compile = serializers.SerializerMethodField(help_text="What the compiler said.")
    tests = serializers.SerializerMethodField()

    def _report(self, run: CodeRun) -> dict[str, Any]:
        if not hasattr(self, "_known"):
            self._known = public_report(run)
        return self._known

    def get_verdict(self, run: CodeRun) -> str | None:
        return self._report(run)["verdict"]  # type: ignore[no-any-return]

    def get_message(self, run: CodeRun) -> str:
        return str(self._report(run)["message"])

    def get_compile(self, run: CodeRun) -> str:
        return str(self._report(run)["compile"])

    @extend_schema_field(RunTestSerializer(many=True))
    def get_tests(self, run: CodeRun) -> list[dict[str, Any]]:
        return self._report(run)["tests"]  # type: ignore[no-any-return]


class AttemptRuns(Endpoint):
    """Runs in an attempt: made here, read at `/code-runs/{key}/`."""

    scopes = {"write": Scope.SUBMIT}
    queryset = CodeRun.objects.all()
    permission_classes = [RunPolicy]
    serializer_class = NewRunSerializer
    http_method_names = ["post"]

    @extend_schema(
        parameters=[OpenApiParameter("attempt", OpenApiTypes.INT, OpenApiParameter.PATH)],
        request=NewRunSerializer,
        responses={201: RunSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put a program on the queue. 409 `runs_waiting`, `too_many_runs` and `judge_time_used` where it is too much,
        `judge_off` and `language_off` where it cannot run now, `ended` after the attempt's end.
        """
        attempts = QuizAttempt.objects.visible_to(request.user).select_related("quiz__course")
        attempt = get_object_or_404(attempts, pk=kwargs["attempt"])
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        person: Any = request.user
        run = request_run(attempt=attempt, question_id=values.pop("question"), by=person, **values)
        return Response(RunSerializer(run).data, status=201)


class CodeRuns(mixins.RetrieveModelMixin, Endpoint):
    """One's own runs, by their keys."""

    scopes = {"read": Scope.READ}
    queryset = CodeRun.objects.all()
    permission_classes = [RunPolicy]
    serializer_class = RunSerializer
    lookup_field = "key"
    lookup_value_converter = "uuid"
    http_method_names = ["get", "head"]

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """A run that one may not see any more is not there."""
        if not (request.user.is_authenticated and may_see_run(request.user, obj)):
            raise NotFound

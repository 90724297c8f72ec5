"""Programs that wait for the judge, and what it found."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.models.attempts import QuestionResponse
from assessments.models.questions import Question
from assessments.querysets import TRIED, CodeRunQuerySet
from projectgenius.db import CreatedAt, choices_check


class RunKind(models.TextChoices):
    SAMPLES = "samples", _("sample tests")
    OWN_INPUT = "own_input", _("own input")
    ALL_TESTS = "all_tests", _("all tests")
    SOLUTION = "solution", _("reference solution")


class RunState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    FINISHED = "finished", _("finished")
    FAILED = "failed", _("the judge failed")


class CodeRun(CreatedAt):
    """One program that the judge runs in the background. Table of our own.

    `code`, `language`, tests and limits are taken when the run is asked for; the tests of a whole judging are those of
    the attempt's paper. A reference solution may belong to a question that is not saved yet. `tries` numbers the
    times a worker began; only the latest one may write. `report` is what the judge found, as
    `assessments.judge_door` writes it; what of it a person sees is decided by `assessments.run_reports`.
    """

    Kind = RunKind
    State = RunState

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="code_runs",
        db_index=False,
        verbose_name=_("person"),
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="code_runs",
        verbose_name=_("question"),
    )
    response = models.ForeignKey(
        QuestionResponse,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="code_runs",
        verbose_name=_("response"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=RunKind.choices)
    language = models.CharField(_("language"), max_length=50)
    code = models.TextField(_("code"))
    own_input = models.TextField(_("own input"), blank=True, default="", db_default="")
    task = models.JSONField(_("tests and limits"), default=dict, blank=True)
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=RunState.choices,
        default=RunState.QUEUED,
        db_default=RunState.QUEUED,
    )
    tries = models.PositiveIntegerField(_("tries"), default=0, db_default=0)
    report = models.JSONField(_("what the judge found"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = CodeRunQuerySet.as_manager()

    class Meta:
        db_table = "code_runs"
        ordering = ["-id"]
        verbose_name = _("run of a program")
        verbose_name_plural = _("runs of programs")
        indexes = [
            models.Index(fields=["user", "-id"], name="idx_code_runs_user"),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["queued", "running"]),
                name="idx_code_runs_waiting",
            ),
        ]
        constraints = [
            choices_check("code_runs", "kind", RunKind),
            choices_check("code_runs", "state", RunState),
            models.UniqueConstraint(
                fields=["response"],
                condition=models.Q(kind="all_tests", state__in=["queued", "running"]),
                name="code_runs_response_waiting_unique",
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self.state in (RunState.FINISHED, RunState.FAILED)

    @property
    def is_try(self) -> bool:
        """Somebody tries a program out; it was not handed in, and proves nothing."""
        return self.kind in TRIED

    def test(self, number: int) -> dict[str, Any]:
        """The test with this number among those that the run took with it."""
        tests = self.task["test_cases"]
        return next(test for place, test in enumerate(tests, 1) if test.get("number", place) == number)

    @property
    def limits(self) -> dict[str, Any]:
        """Seconds and megabytes that the program may use."""
        names = ("time_limit_seconds", "memory_limit_mb")
        return {name: self.task[name] for name in names if name in self.task}


class JudgeState(models.Model):
    """Which languages the workers of one machine can run, by their last self-test. Table of our own.

    `languages = ["python", …]`; empty when no sandbox passed, and `reason` then says why.
    """

    host_name = models.CharField(_("host"), max_length=255, primary_key=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        db_table = "judge_states"
        ordering = ["host_name"]
        verbose_name = _("state of the judge")
        verbose_name_plural = _("states of the judge")

    def __str__(self) -> str:
        return self.host_name

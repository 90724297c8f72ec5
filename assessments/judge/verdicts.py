"""Verdicts: their names, and the one that a run or a whole report gets."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verdict(models.TextChoices):
    """What the judge says of a run; for a run that expects no output, `accepted` means that it ended well.

    `not_run` is what remained when the time for the whole was over; it is never passed.
    The order is that of precedence: of several that fit one run, the first one is its verdict, `accepted` the last.
    """

    INTERNAL_ERROR = "internal_error", _("error on our side")
    COMPILE_ERROR = "compile_error", _("does not compile")
    OUTPUT_LIMIT = "output_limit", _("too much output")
    MEMORY_LIMIT = "memory_limit", _("too much memory")
    TIME_LIMIT = "time_limit", _("too slow")
    RUNTIME_ERROR = "runtime_error", _("error while running")
    WRONG_ANSWER = "wrong_answer", _("wrong answer")
    NOT_RUN = "not_run", _("not run")
    ACCEPTED = "accepted", _("accepted")


PRECEDENCE = tuple(Verdict)


def first_match(fitting: Iterable[Verdict]) -> Verdict:
    """The one of several verdicts on a single run that counts."""
    return min(fitting, key=PRECEDENCE.index, default=Verdict.ACCEPTED)


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a program from those on its cases: that of the first case that failed.

    So it is the same whether the judge stops there or goes on. But an error of ours anywhere stands above all: it is
    never the student's, and the whole is judged again.
    """
    failed = [verdict for verdict in verdicts if verdict != Verdict.ACCEPTED]
    if Verdict.INTERNAL_ERROR in failed:
        return Verdict.INTERNAL_ERROR
    return failed[0] if failed else Verdict.ACCEPTED

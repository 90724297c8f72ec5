"""Names and precedence of verdicts, and reports as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.judge import CaseResult, CompileResult, Report, Verdict
from assessments.judge.verdicts import first_match, overall
from legacy.models import SubmissionStatus

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
RESULTS = st.builds(
    CaseResult, st.sampled_from(Verdict), st.floats(0, 99), st.none() | st.floats(0, 999), TEXTS, TEXTS, TEXTS
)
REPORTS = st.builds(
    Report,
    st.sampled_from(Verdict),
    st.none() | st.builds(CompileResult, st.booleans(), TEXTS, st.floats(0, 99)),
    st.lists(RESULTS, max_size=3).map(tuple),
)


def test_verdicts_have_the_names_of_legacy_submissions() -> None:
    whole = set(Verdict) - {Verdict.NOT_RUN}  # what a test may be, but no submission
    assert set(SubmissionStatus) == whole | {"pending", "running"}
    assert all(SubmissionStatus(verdict).label == verdict.label for verdict in whole)


@pytest.mark.parametrize(
    ("fitting", "verdict"),
    [
        ([], Verdict.ACCEPTED),
        ([Verdict.RUNTIME_ERROR, Verdict.TIME_LIMIT], Verdict.TIME_LIMIT),
        ([Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT], Verdict.MEMORY_LIMIT),
        ([Verdict.MEMORY_LIMIT, Verdict.OUTPUT_LIMIT, Verdict.WRONG_ANSWER], Verdict.OUTPUT_LIMIT),
        (list(Verdict), Verdict.INTERNAL_ERROR),
    ],
)
def test_first_fitting_verdict_counts(fitting: list[Verdict], verdict: Verdict) -> None:
    assert first_match(fitting) == first_match(reversed(fitting)) == verdict


@given(st.lists(st.sampled_from(Verdict)))
def test_first_failed_case_gives_the_verdict_of_all(verdicts: list[Verdict]) -> None:
    failed = [verdict for verdict in verdicts if verdict != Verdict.ACCEPTED]
    if Verdict.INTERNAL_ERROR in failed:
        assert overall(verdicts) == Verdict.INTERNAL_ERROR
    else:
        assert overall(verdicts) == overall(failed[:1]) == (failed[0] if failed else Verdict.ACCEPTED)


@given(REPORTS)
def test_report_comes_back_from_json(report: Report) -> None:
    assert Report.from_json(json.loads(json.dumps(report.as_json(), allow_nan=False))) == report

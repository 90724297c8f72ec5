"""What goes into the judge and what comes out of it. Plain values that survive JSON; no model, nothing of quizzes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Self

from assessments.judge.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Program:
    """A source text and the code of its language (`languages.LANGUAGES`)."""

    language: str
    source: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of processor time and megabytes (2**20 bytes) of memory, for each run."""

    seconds: float | Decimal
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Case:
    """One input and the output expected for it; None: any, as long as the program ends well.

    The expected output never enters the sandbox.
    """

    input: str
    output: str | None = None


@dataclass(frozen=True, slots=True)
class CompileResult:
    """What the compiler, or the check of the syntax, said. `message` is empty when it had nothing to say."""

    ok: bool
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One run. `stdout` and `stderr` are cut to a bound, decoded and free of NUL; escape them before showing them.

    `seconds`: processor time, to a hundredth. `peak_mb`: None where it could not be measured. `detail`: in English,
    how the program ended, if not well: "segmentation fault", "exit status 3".
    """

    verdict: Verdict
    seconds: float = 0.0
    peak_mb: float | None = None
    stdout: str = ""
    stderr: str = ""
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict == Verdict.ACCEPTED


@dataclass(frozen=True, slots=True)
class Report:
    """All of one judging. `compile` is None where the language has no such step or it could not be begun.

    `results` are in the order of the cases; empty after a compile error, shorter when judging stopped early.
    """

    verdict: Verdict
    compile: CompileResult | None = None
    results: tuple[CaseResult, ...] = ()

    @property
    def is_ours(self) -> bool:
        """The judge is to blame: for an error of its own, or for tests that were not run though none took too long."""
        verdicts = {result.verdict for result in self.results}
        cut_short = Verdict.NOT_RUN in verdicts and Verdict.TIME_LIMIT not in verdicts
        return cut_short or self.verdict == Verdict.INTERNAL_ERROR

    def as_json(self) -> dict[str, Any]:
        """Dictionaries, lists, texts, numbers and None; `from_json` gives the report back."""
        return {
            "verdict": self.verdict.value,
            "compile": asdict(self.compile) if self.compile else None,
            "results": [{**asdict(result), "verdict": result.verdict.value} for result in self.results],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The report that `as_json` was called on. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            verdict=Verdict(data["verdict"]),
            compile=CompileResult(**data["compile"]) if data["compile"] else None,
            results=tuple(
                CaseResult(**{**result, "verdict": Verdict(result["verdict"])}) for result in data["results"]
            ),
        )

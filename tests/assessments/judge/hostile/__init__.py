"""Programs that attack the judge, or the machine it runs on. Each says which verdicts may come of it.

Most try something, and print "held" if that was refused; so for them `accepted` means that the sandbox held.
"""

from dataclasses import dataclass

from assessments.judge import Verdict

HELD = "held"


@dataclass(frozen=True)
class Hostile:
    """A hostile program. `says`: a text that its output, its errors or the compiler's message must hold."""

    name: str
    language: str
    source: str
    verdicts: frozenset[Verdict]
    output: str = HELD
    input: str = ""
    says: str = ""
    never_says: str = ""

    def __str__(self) -> str:
        return self.name


def holds(name: str, language: str, source: str, **more: str) -> Hostile:
    """A program that prints "held" when its attack was refused."""
    return Hostile(name, language, source, frozenset({Verdict.ACCEPTED}), **more)


def gets(name: str, language: str, source: str, *verdicts: Verdict, **more: str) -> Hostile:
    """A program that must get one of these verdicts."""
    return Hostile(name, language, source, frozenset(verdicts), **more)

"""What an import makes of each question of a file, by its line; without a database's row being written."""

from assessments.interchange.drafts import Kind, Parsed
from assessments.interchange.taking import examine
from assessments.models import Quiz


def kinds(parsed: Parsed) -> dict[int, str]:
    """Line -> kind, as an import into an empty quiz reports it."""
    examined = examine(parsed, Quiz())
    found = {finding.line: finding.kind.value for finding in examined.findings if finding.kind != Kind.NOTE}
    seen = set()
    for draft in examined.drafts:
        found[draft.line] = "there" if draft.identity in seen else "changed" if draft.changes else "taken"
        seen.add(draft.identity)
    return dict(sorted(found.items()))

"""From weights of answers, as Moodle has them, to right and wrong ones.

Here one right option counts all or nothing; of several, each right choice counts one part and each wrong one takes a
part away. Where a file's weights mean the same they are taken silently, otherwise the draft says what changed.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.interchange.drafts import Draft, Skip
from assessments.shapes import MOST_OPTIONS

WEIGHT = re.compile(r"[+-]?\d{1,3}(?:\.\d{0,20})?\Z", re.ASCII)
FULL = Decimal(100)
NEARLY = Decimal("0.51")  # files round a third to 33, 33.3 or 33.33333


def weight_of(text: str) -> Decimal:
    """Per cent, from −100 to 100. Raises Skip for anything else."""
    found = text.strip()
    weight = Decimal(found) if WEIGHT.match(found) else None
    if weight is None or abs(weight) > FULL:
        message = _("The weight “%(weight)s” is no percentage from −100 to 100.")
        raise Skip(message % {"weight": found[:20]})
    return weight


def require_few(options: Sequence[object]) -> None:
    """Raise Skip for more options than a question may have, before any of them is read."""
    if len(options) > MOST_OPTIONS:
        raise Skip(_("It has more than %(most)s options.") % {"most": MOST_OPTIONS})


def rights(weights: Sequence[Decimal], *, is_single: bool, draft: Draft) -> list[bool]:
    """Which options are right. Raises Skip when none is."""
    best = max(weights, default=Decimal(0))
    if best <= 0:
        raise Skip(_("None of its options is right."))
    if is_single:
        _note_single(weights, best, draft)
        return [weight == best for weight in weights]
    right = [weight > 0 for weight in weights]
    if not _means_the_same(weights, right):
        draft.change(_("The weights were replaced by the rule here: a wrong choice takes a right one away."))
    return right


def _note_single(weights: Sequence[Decimal], best: Decimal, draft: Draft) -> None:
    if sum(weight == best for weight in weights) > 1:
        draft.change(
            _("Each of several options is right by itself in the file; here they are chosen together.")
        )
    if best != FULL or any(0 < weight < best for weight in weights):
        draft.change(_("The weights were replaced by the rule here: only the best option counts, and fully."))
    if any(weight < 0 for weight in weights):
        draft.change(_("A wrong option does not cost anything here."))


def _means_the_same(weights: Sequence[Decimal], right: list[bool]) -> bool:
    """Whether the weights are our rule: each right choice adds a part, each wrong one takes as much."""
    count = sum(right)
    part = FULL / count
    if not all(
        abs(weight - part) <= NEARLY for weight, is_right in zip(weights, right, strict=True) if is_right
    ):
        return False
    # Of a single right option one is chosen alone, so wrong ones cannot take anything away.
    return count == 1 or all(
        abs(weight + part) <= NEARLY for weight, is_right in zip(weights, right, strict=True) if not is_right
    )

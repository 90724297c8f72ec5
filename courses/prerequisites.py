"""Which order of prerequisites can be gone through at all. Plain numbers in, no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Node = tuple[str, int]  # what must happen: ("open lesson", 7), ("do module", 2)


@dataclass(frozen=True)
class Gate:
    """An item that opens after a lesson or a module. `kind` is "lesson" or "module"."""

    kind: str
    pk: int
    after_lesson: int | None = None
    after_module: int | None = None


def has_circle(module_of: Mapping[int, int], gates: Iterable[Gate]) -> bool:
    """Whether something can never open because it waits, in the end, for itself.

    `module_of` says for each lesson of the course its module. A lesson waits for its module to open, a module is
    done when its lessons are: so a lesson that opens after its own module waits for itself. Lessons count whether
    they are published or not, for what is a draft today is published tomorrow.
    """
    waits: dict[Node, set[Node]] = {}
    for lesson, module in module_of.items():
        waits.setdefault(("do lesson", lesson), set()).add(("open lesson", lesson))
        waits.setdefault(("open lesson", lesson), set()).add(("open module", module))
        waits.setdefault(("do module", module), set()).add(("do lesson", lesson))
        waits.setdefault(("do module", module), set()).add(("open module", module))
    for gate in gates:
        wanted = waits.setdefault((f"open {gate.kind}", gate.pk), set())
        if gate.after_lesson is not None:
            wanted.add(("do lesson", gate.after_lesson))
        if gate.after_module is not None:
            wanted.add(("do module", gate.after_module))
            waits.setdefault(("do module", gate.after_module), set()).add(("open module", gate.after_module))
    return _circular(waits)


def _circular(waits: Mapping[Node, set[Node]]) -> bool:
    """Take away, again and again, what waits for nothing that is left; a circle is what stays."""
    left = {node: set(wanted) for node, wanted in waits.items()}
    free = [node for node in {one for wanted in left.values() for one in wanted} if node not in left]
    free += [node for node, wanted in left.items() if not wanted]
    waiting_for: dict[Node, list[Node]] = {}
    for node, wanted in left.items():
        for one in wanted:
            waiting_for.setdefault(one, []).append(node)
    while free:
        done = free.pop()
        left.pop(done, None)
        for node in waiting_for.get(done, ()):
            left[node].discard(done)
            if not left[node]:
                free.append(node)
    return bool(left)

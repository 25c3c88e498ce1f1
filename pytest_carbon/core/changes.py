"""What became of every test between two sides, in reference joules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_carbon.core.comparison import usual_cost
from pytest_carbon.core.figures import RunFigures
from pytest_carbon.core.matching import Matching
from pytest_carbon.core.verdict import ChangeKind, TestChange

_WORDS = {
    "cpu": "CPU", "vcpus": "number of CPUs", "os": "system", "python": "Python", "packages": "installed packages",
    "plugin": "pytest-carbon", "workers": "workers", "threads": "thread pins", "hashseed": "hash seed",
}  # fmt: skip


def differing_fields(one: RunFigures, other: RunFigures) -> list[str]:
    """Return the fields of the environment in which two runs differ, in words."""
    names = one.fingerprint.keys() | other.fingerprint.keys()
    differing = (name for name in names if one.fingerprint.get(name) != other.fingerprint.get(name))
    return sorted(_WORDS.get(name, name) for name in differing)


def changes_of(
    matching: Matching, base: Sequence[RunFigures], head: Sequence[RunFigures], base_j: Mapping[str, float]
) -> list[TestChange]:
    """Return every test, with the usual figure of its runs on either side; None where it did not pass in any.

    ``base`` is newest first, and ``base_j`` its tests' usual figures. A test's feature is that of the head, or of
    the base for one that is gone.
    """
    before, after = base_j, usual_cost(head)
    old = {nodeid: feature for run in reversed(base) for nodeid, feature in run.features.items()}
    new = head[0].features
    asked: dict[ChangeKind, Iterable[tuple[str, str]]] = {
        "same": matching.same.items(),
        "renamed": matching.renamed.items(),
        "changed": ((nodeid, nodeid) for nodeid in matching.changed),
        "new": ((nodeid, "") for nodeid in matching.new),
        "gone": (("", nodeid) for nodeid in matching.gone),
    }
    out = []
    for kind, pairs in asked.items():
        for now, was in pairs:
            was_j, is_j = before.get(was), after.get(now)
            change = is_j / was_j - 1 if is_j is not None and was_j else None
            feature = new.get(now) if now else old.get(was)
            out.append(TestChange(now or was, kind, was_j, is_j, change, feature, was if kind == "renamed" else ""))
    return out

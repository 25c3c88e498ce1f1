"""What became of every test between two sides, in reference joules."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from pytest_carbon.core.compare.clean_costs import usual_cost
from pytest_carbon.core.compare.match_tests import Matching
from pytest_carbon.core.report.run_measurements import RunMeasurements, differing_fingerprint_fields
from pytest_carbon.core.verdict.verdict import ChangeKind, ChangeTotals, TestChange

_WORDS = {
    "cpu": "CPU", "vcpus": "number of CPUs", "os": "system", "python": "Python", "packages": "installed packages",
    "plugin": "pytest-carbon", "workers": "workers", "threads": "thread pins", "hashseed": "hash seed",
}  # fmt: skip


def differing_fields(one: RunMeasurements, other: RunMeasurements) -> list[str]:
    """Return the fields of the environment in which two runs differ, in words."""
    return sorted(_WORDS.get(name, name) for name in differing_fingerprint_fields(one, other))


def total_changes(tests: Sequence[TestChange]) -> ChangeTotals:
    """Sum up tests."""
    kinds: dict[ChangeKind, list[TestChange]] = {"new": [], "gone": [], "changed": []}
    for test in tests:
        if test.kind in kinds:
            kinds[test.kind].append(test)
    new, gone, changed = kinds["new"], kinds["gone"], kinds["changed"]
    return ChangeTotals(
        math.fsum(test.base_j or 0.0 for test in tests),
        math.fsum(test.head_j or 0.0 for test in tests),
        len(new),
        len(gone),
        len(changed),
        math.fsum(test.head_j or 0.0 for test in new),
        math.fsum(test.base_j or 0.0 for test in gone),
        math.fsum(t.difference_j for t in changed if t.head_j is not None and t.base_j is not None),
    )


def changes_of(
    matching: Matching, base: Sequence[RunMeasurements], head: Sequence[RunMeasurements], base_j: Mapping[str, float]
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

"""The change of every test from base to head, in reference joules."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pytest_carbon.core.compare.clean_costs import usual_cost
from pytest_carbon.core.compare.growth_rule import DEFAULT_ALLOWED
from pytest_carbon.core.compare.match_tests import Matching
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.records.run_measurements import RunMeasurements, differing_fingerprint_fields
from pytest_carbon.core.verdict.verdict import MOST_TESTS, ChangeKind, ChangeTotals, TestChange

_FIELD_NAMES = {
    "cpu": "CPU", "vcpus": "number of CPUs", "os": "system", "python": "Python", "packages": "installed packages",
    "plugin": "pytest-carbon", "probes": "speed probes", "reference": "what reference energy comes from",
    "workers": "workers", "threads": "thread pins",
    "hashseed": "hash seed (set PYTHONHASHSEED)",
}  # fmt: skip


def differing_fields(first: RunMeasurements, second: RunMeasurements) -> list[str]:
    """Return the fields of the environment in which two runs differ, in words, sorted."""
    return sorted(_FIELD_NAMES.get(name, name) for name in differing_fingerprint_fields(first, second))


def total_changes(tests: Sequence[TestChange]) -> ChangeTotals:
    """Return the sums over some tests."""
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


def changes_per_test(
    matching: Matching,
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    usual_base_j: Mapping[str, float],
) -> list[TestChange]:
    """Return the change of every test; its cost on a side is None if the test ran to its end in no run there.

    A new test always has a cost here, that of what it did: a change must not add it for nothing.
    ``base`` is sorted newest first; ``usual_base_j`` is its ``usual_cost``. A test's feature is its feature in the
    head; for a gone test, its feature in the newest run of the base.
    """
    usual_head_j = usual_cost(head)
    base_features = {nodeid: feature for run in reversed(base) for nodeid, feature in run.features.items()}
    head_features = head[0].features
    names_by_kind: dict[ChangeKind, Iterable[tuple[str, str]]] = {
        "same": matching.same.items(),
        "renamed": matching.renamed.items(),
        "changed": ((nodeid, nodeid) for nodeid in matching.changed),
        "new": ((nodeid, "") for nodeid in matching.new),
        "gone": (("", nodeid) for nodeid in matching.gone),
    }
    changes = []
    for kind, names in names_by_kind.items():
        for now, was in names:
            base_j, head_j = usual_base_j.get(was), usual_head_j.get(now)
            if kind == "new" and head_j is None:
                head_j = max(run.tests[now].reference_j for run in head if now in run.tests) or None
            ratio = head_j / base_j - 1 if head_j is not None and base_j else None
            feature = head_features.get(now) if now else base_features.get(was)
            old_name = was if kind == "renamed" else ""
            changes.append(TestChange(now or was, kind, base_j, head_j, ratio, feature, old_name))
    return changes


def with_pairs(
    tests: Iterable[TestChange],
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matched: Mapping[str, str],
) -> list[TestChange]:
    """Return the tests, those with the same code as the pairs of ``base`` and ``head`` measured them.

    ``matched`` maps a test of the head to that of the base. A test that the pairs did not measure stays as it is.
    """
    before_j, after_j = usual_cost(base), usual_cost(head)
    out = []
    for test in tests:
        base_j, head_j = before_j.get(matched.get(test.nodeid, "")), after_j.get(test.nodeid)
        if test.kind not in ("same", "renamed") or not base_j or head_j is None:
            out.append(test)
        else:
            out.append(replace(test, base_j=base_j, head_j=head_j, change=head_j / base_j - 1))
    return out


def most_notable(
    tests: Iterable[TestChange], features: Collection[str], noisy: Collection[str]
) -> tuple[TestChange, ...]:
    """Return at most 200 tests, the largest difference first.

    These are all tests that are new, gone or have other code, and of the other tests those of ``features`` whose
    cost differs by at least 5 % and that are not ``noisy``.
    """
    notable = [
        test
        for test in tests
        if test.kind not in ("same", "renamed")
        or (
            test.nodeid not in noisy
            and (test.feature or UNATTRIBUTED) in features
            and abs(test.change or 0.0) >= DEFAULT_ALLOWED
        )
    ]
    notable.sort(key=lambda test: (-abs(test.difference_j), test.nodeid))
    return tuple(notable[:MOST_TESTS])

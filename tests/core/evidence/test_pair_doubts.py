"""Pairs that show no growth, beside the run that they clear and the runs that the ledger has."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.evidence.pair_doubts import doubt_of_pairs
from pytest_carbon.core.records.run_measurements import RunMeasurements, measurements_of
from tests.samples import make_report

NODEIDS = [row.nodeid for row in make_report().rows if row.feature == "checkout"]
ALL = {row.nodeid: row.nodeid for row in make_report().rows}
OF_RUN = "these tests took 3 kJ of reference energy in this run, but 1 kJ where this change was measured in turns"
OF_BASE = "the base's tests took 3 kJ of reference energy where they were measured in turns, but 1 kJ in its last runs"


def _run(cost: float) -> RunMeasurements:
    return measurements_of(make_report(cost={"checkout": cost}))


@pytest.mark.parametrize(
    ("run", "base", "head", "known", "doubt"),
    [
        (1.0, [1.0], [1.0], [1.0], ""),
        (1.9, [1.0, 1.0], [1.0, 1.1], [1.0] * 5, ""),
        (3.0, [1.0], [1.0], [], OF_RUN),
        (3.0, [1.0], [1.0, 9.0, 1.0], [1.0], OF_RUN),
        (0.1, [1.0], [1.0], [1.0], ""),
        (3.0, [3.0], [3.0], [1.0] * 5, OF_BASE),
        (3.0, [3.0], [3.0], [], ""),
        (3.0, [3.0], [3.0], [3.0, *[1.0] * 5], ""),
        (3.0, [3.0], [3.0], [1.0, *[3.0] * 5], ""),
        (1.0, [0.1], [1.0], [1.0], ""),
    ],
)
def test_pairs_fit_the_run_and_the_ledger(
    run: float, base: list[float], head: list[float], known: list[float], doubt: str
) -> None:
    """Less than a factor of two may be noise, main may have become dearer just now, a cheap base hides nothing."""
    sides = [_run(cost) for cost in base], [_run(cost) for cost in head]
    found = doubt_of_pairs(sides, ALL, NODEIDS, _run(run), [_run(cost) for cost in known])
    assert found.startswith(doubt)
    assert bool(found) == bool(doubt)


def test_imports_of_a_small_selection_are_no_doubt() -> None:
    """Tests of next to no cost may pay for the imports of others."""
    tiny = [make_report(cost={"checkout": cost}) for cost in (1e-4, 6e-4)]
    cheap, dear = (measurements_of(report) for report in tiny)
    assert doubt_of_pairs(([cheap], [cheap]), ALL, NODEIDS, dear, []) == ""


@pytest.mark.parametrize("missing", ["run", "pairs", "known"])
def test_tests_that_only_one_has_are_not_compared(missing: str) -> None:
    """What is not on both sides says nothing."""
    nothing, dear = measurements_of(make_report(tests={"search": ["t.py::test"]})), _run(3.0)
    facts: dict[str, Any] = {
        "run": (([dear], [dear]), nothing, [dear]), "pairs": (([nothing], [nothing]), dear, [dear]),
        "known": (([dear], [dear]), dear, [nothing]),
    }  # fmt: skip
    pairs, run, known = facts[missing]
    assert doubt_of_pairs(pairs, ALL, NODEIDS, run, known) == ""

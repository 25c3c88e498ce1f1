"""Pairs that show no growth, beside the run that they clear and the runs that the ledger has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.evidence.pair_doubts import doubt_of_pairs
from pytest_carbon.core.records.run_measurements import RunMeasurements, measurements_of
from tests.samples import make_report

NODEIDS = [row.nodeid for row in make_report().rows if row.feature == "checkout"]
ALL = {row.nodeid: row.nodeid for row in make_report().rows}
OF_PAIRS = "these tests took 3 kJ of reference energy in this run, but 1 kJ where they were measured in turns with"
OF_LEDGER = "these tests took 3 kJ of reference energy in this run, but 1 kJ in the last runs of the base, which contra"


def _run(cost: float) -> RunMeasurements:
    return measurements_of(make_report(cost={"checkout": cost}))


@pytest.mark.parametrize(
    ("run", "known", "head", "doubt"),
    [
        (1.0, [1.0], [1.0], ""),
        (1.9, [1.0] * 5, [1.0, 1.1], ""),
        (0.1, [1.0], [1.0], ""),
        (3.0, [], [1.0], OF_PAIRS),
        (3.0, [], [1.0, 9.0, 1.0], OF_PAIRS),
        (3.0, [], [3.0], ""),
        (3.0, [1.0], [1.0], OF_LEDGER),
        (3.0, [1.0] * 5, [3.0], OF_LEDGER),
        (3.0, [3.0, *[1.0] * 5], [3.0], ""),
        (3.0, [1.0, *[3.0] * 5], [3.0], ""),
        (3.0, [3.0] * 5, [1.0], ""),
    ],
)
def test_pairs_fit_the_run_and_the_ledger(run: float, known: list[float], head: list[float], doubt: str) -> None:
    """Less than a factor of two may be noise, main may just have become dearer, and pairs may lack coverage."""
    found = doubt_of_pairs(_run(run), [_run(cost) for cost in known], [_run(cost) for cost in head], ALL, NODEIDS)
    assert found.startswith(doubt)
    assert bool(found) == bool(doubt)


@pytest.mark.parametrize("known", [True, False])
def test_imports_of_a_small_selection_are_no_doubt(known: bool) -> None:
    """Tests of next to no cost may pay for the imports of others."""
    cheap, dear = (measurements_of(make_report(cost={"checkout": cost})) for cost in (1e-4, 6e-4))
    assert doubt_of_pairs(dear, [cheap] if known else [], [cheap], ALL, NODEIDS) == ""


def test_tests_that_only_one_has_are_not_compared() -> None:
    """What is not on both sides says nothing; a renamed test is on both."""
    other, dear = measurements_of(make_report(tests={"search": ["t.py::test"]})), _run(3.0)
    for run, known, head in ((other, [dear], [dear]), (dear, [other], [dear]), (dear, [], [other])):
        assert doubt_of_pairs(run, known, head, ALL, NODEIDS) == ""
    renamed = replace(dear, tests={f"{nodeid}_new": test for nodeid, test in dear.tests.items()})
    names = {f"{nodeid}_new": nodeid for nodeid in NODEIDS}
    assert doubt_of_pairs(renamed, [_run(1.0)], [renamed], names, names).startswith(OF_LEDGER)

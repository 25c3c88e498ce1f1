"""Machines whose virtual CPUs idle, and what half of the machine saves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.idle_cpus import LEAST_RUNS, find, followed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.records.entry_details.run_details import RunDetails
from tests.core.advice.sample_runs import run, window

IDLE = RunDetails(vcpus=4, workers=1, utilisation=0.25, base_share=0.5)


def _runs(bench: Any, details: RunDetails, count: int = LEAST_RUNS, grams: float = 9.0) -> Any:
    return window(*(run(bench, n, ago_h=100.0 - n, details=details, operational_g=grams) for n in range(count)))


def test_half_of_the_machine(bench: Any) -> None:
    """Of 10 g, 4.5 g are base and 1 g is embodied: half of the 5.5 g, less if the run takes longer."""
    (finding,) = find(_runs(bench, IDLE))
    assert finding.action == "Run job tests on a machine with 2 instead of 4 virtual CPUs"
    assert finding.evidence == "its 4 virtual CPUs were busy 25 % of the time, with 1 process of tests"
    assert finding.savings["run-0"] == pytest.approx((0.240625, 0.20625, 0.275))


@pytest.mark.parametrize(
    "changed",
    [{"utilisation": 0.45}, {"utilisation": None}, {"base_share": None}, {"vcpus": 1}, {"vcpus": 3}, {"vcpus": None}],
)
def test_no_advice(bench: Any, changed: dict[str, Any]) -> None:
    """The CPUs are busy, cannot be halved, or something is not known."""
    assert not list(find(_runs(bench, replace(IDLE, **changed))))


def test_few_runs(bench: Any) -> None:
    """Few runs say little."""
    assert not list(find(_runs(bench, IDLE, LEAST_RUNS - 1)))


@pytest.mark.parametrize(("grams", "saved"), [(6.5, 10 / 7.5 - 1), (11.5, 10 / 12.5 - 1)])
def test_a_smaller_machine_was_taken(bench: Any, grams: float, saved: float) -> None:
    """The saving is told by grams per joule of reference energy, and so is a loss."""
    before, after = _runs(bench, IDLE), _runs(bench, replace(IDLE, vcpus=2), grams=grams)
    (finding,) = find(before)
    shares = followed(PastAdvice(finding, before, after, None))
    assert shares == {f"run-{n}": pytest.approx(saved) for n in range(LEAST_RUNS)}
    assert followed(PastAdvice(finding, before, before, finding)) is None

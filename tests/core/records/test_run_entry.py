"""The ledger entry of a run: its figures, its payers and its id."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.model import FeatureUse, GridFactor, Range, Row
from pytest_carbon.core.records.ledger_records import record_path
from pytest_carbon.core.records.record_json import from_data, to_text
from pytest_carbon.core.records.run_entry import (
    RunSource,
    entry_id,
    environment_digest,
    fingerprint_digest,
    make_entry,
    refuse_other_run,
)
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals
from tests.core.records.sample_records import ENTRY

LAW = settings(max_examples=100, deadline=None)
JOBS = st.text(max_size=60)
RUNS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", fullmatch=True)
REPORT = Report(
    tool={"name": "pytest-carbon", "version": "0.1.0", "codecarbon": None},
    run=RunInfo("run-1", "2026-06-01T10:00:00.000+00:00", 12.5, ("pytest",), 0, "a" * 40, 2, "main"),
    machine=MachineInfo("bench", "CPU", 4, "modelled", "by hand", "fits", {"cpu": "CPU"}, None, None, None, None),
    grid=GridFactor("DE", Range(381.0, 171.5, 628.7), "by hand", 2024, False),
    totals=Totals(100.0, 80.0, 195.0, 50.0, 0.9, 0.1, 1.0, 0.4, 2.5, None, None, ""),
    rows=(
        Row("test", 1.0, 0.5, 50.0, 25.0, "t.py::a", "setup"), Row("test", 1.0, 0.5, 50.0, 25.0, "t.py::a", "call"),
        Row("test", 0.0, 0.0, 0.0, 0.0, "t.py::b", "call"), Row("idle", 1.0, 0.0, 0.0, 0.0),
    ),
    features={"pay": FeatureUse(1, 0.75, 75.0, 40.0, 0.75), "unattributed": FeatureUse(1, 0.25, 25.0, 10.0, 0.25)},
    budgets=(), probes=(), gaps=(),
)  # fmt: skip


def test_entry_has_the_figures_of_its_report() -> None:
    """The figures are the report's totals, each test counts once, and the features of the tests pay."""
    entry = make_entry(REPORT, RunSource(pr=7, labels=("x",), attempt=2, job="py 3.12"))
    assert (entry.run, entry.attempt, entry.pr, entry.labels, entry.branch) == ("run-1", 2, 7, ("x",), "main")
    assert (entry.energy_j, entry.reference_j, entry.emissions_g, entry.tests) == (100.0, 50.0, 1.0, 2)
    assert entry.shares == {"pay": 0.75, "unattributed": 0.25}
    assert entry.id.startswith("run-1.2.py-3-12-")
    assert entry.fingerprint == fingerprint_digest({"cpu": "CPU"})


@pytest.mark.parametrize(
    ("features", "given_", "shares"),
    [
        (REPORT.features, {"search": 1.0}, {"search": 1.0}),
        ({}, {}, {"unattributed": 1.0}),
        ({}, {"a": 0.33334, "b": 0.66667}, {"a": pytest.approx(1 / 3, rel=1e-4), "b": pytest.approx(2 / 3, rel=1e-4)}),
    ],
)
def test_given_shares_come_before_features(features: Any, given_: dict[str, float], shares: dict[str, float]) -> None:
    """Given shares pay, else the features of the tests, else nobody (unattributed); shares sum to 1."""
    entry = make_entry(replace(REPORT, features=features), RunSource(shares=given_))
    assert entry.shares == shares
    assert math.fsum(entry.shares.values()) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("shares", [{"a": 0.5}, {"a": 1.5, "b": -0.5}, {"a": math.nan}, {"a": math.inf}])
def test_shares_that_do_not_sum_to_one_are_refused(shares: dict[str, float]) -> None:
    """Joules that nobody pays or that are paid twice are refused on making an entry and on reading one."""
    with pytest.raises(LedgerError, match="must be at least 0 and sum to 1"):
        make_entry(REPORT, RunSource(shares=shares))
    with pytest.raises(LedgerError, match="must be at least 0 and sum to 1"):
        from_data({**json.loads(to_text(ENTRY)), "shares": shares})


@LAW
@given(st.tuples(RUNS, st.integers(1, 10**6), JOBS), st.tuples(RUNS, st.integers(1, 10**6), JOBS))
def test_id_is_made_of_run_attempt_and_job(first: tuple[str, int, str], second: tuple[str, int, str]) -> None:
    """Ids are equal exactly if all three are equal; every id is a valid file name and is accepted on reading."""
    assert (entry_id(*first) == entry_id(*second)) is (first == second)
    name = entry_id(*first)
    assert len(f"{name}.json") < 255
    record = from_data({**json.loads(to_text(ENTRY)), "id": name})
    assert record_path(record) == f"2026/06/01/{name}.json"


@pytest.mark.parametrize("run", ["", "../x", "a/b", ".hidden", "a b", "a\n", "ä", "x" * 129])
def test_unsafe_run_id_is_refused(run: str) -> None:
    """An id that is no safe file name is refused on making an entry and on reading one."""
    with pytest.raises(LedgerError, match="must be letters, digits, dots and dashes"):
        entry_id(run, 1, "")
    with pytest.raises(LedgerError, match="must be letters, digits, dots and dashes"):
        from_data({**json.loads(to_text(ENTRY)), "id": run * 2 if len(run) > 128 else run})


def test_digest_covers_every_field() -> None:
    """Equal fingerprints have equal digests in any order of their fields; others differ."""
    assert fingerprint_digest({"a": "1", "b": "2"}) == fingerprint_digest({"b": "2", "a": "1"})
    assert fingerprint_digest({"a": "1", "b": "2"}) != fingerprint_digest({"a": "2", "b": "1"})
    assert len(fingerprint_digest({})) == 16


def test_environment_digest_ignores_the_hash_seed() -> None:
    """A self-test sets the hash seed; the machine and the Python stay the same."""
    assert environment_digest({"cpu": "X", "hashseed": "1"}) == environment_digest({"cpu": "X"})
    assert environment_digest({"cpu": "X"}) != environment_digest({"cpu": "Y"})


def test_entry_leaves_out_other_processes(bench: Any) -> None:
    """What other processes of the machine used is in no entry, so that it uses up no budget of a window."""
    alone = bench.report(tests={"checkout": 25, "": 5})
    entry, expected = (make_entry(report, RunSource()) for report in (bench.beside(alone, 70.0), alone))
    for name in ("energy_j", "energy_low_j", "energy_high_j", "operational_g", "emissions_low_g", "emissions_high_g"):
        assert getattr(entry, name) == pytest.approx(getattr(expected, name))
    assert entry.shares == pytest.approx(expected.shares)
    assert make_entry(bench.beside(alone, 70.0), RunSource(shares={"checkout": 1.0})).shares == {"checkout": 1.0}


def test_run_that_an_older_version_recorded_is_the_same_run(bench: Any) -> None:
    """Older versions counted other processes too; another cost of the run's own is another run all the same."""
    report = bench.beside(bench.report(), 70.0)
    entry = make_entry(report, RunSource())
    older = replace(entry, energy_j=report.totals.energy_j, operational_g=report.totals.operational_g)
    refuse_other_run(entry, [older])
    for other in (replace(older, energy_j=170.1), replace(older, reference_j=1.0), replace(entry, energy_j=90.0)):
        with pytest.raises(LedgerError, match="was the id of an earlier run copied"):
            refuse_other_run(entry, [other])

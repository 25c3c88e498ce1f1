"""A ledger in SQLite and in PostgreSQL does what entry in a folder does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import budget_status
from pytest_carbon.core.budget.change_cost import expected_runs
from pytest_carbon.core.budget.needed_history import exact_days
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.entry_details.run_details import RunDetails
from pytest_carbon.core.records.ledger_records import Correction, Entry, Record
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
EVER = (date.min, date.max)
REPOSITORY = "org/shop"


def test_new_ledger_is_empty(database: str, lab: SimpleNamespace) -> None:
    """A new ledger has no records, and an append of nothing adds nothing."""
    ledger = lab.sql_ledger(database)
    assert ledger.read(*EVER) == ledger.read(*JUNE, exact_days=())
    assert (ledger.read(*JUNE).records, ledger.baselines("main"), ledger.append([])) == ((), ((), ()), [])
    assert (ledger.compact(date(2026, 6, 15)), ledger.record_counts(), ledger.baseline_paths()) == ([], {}, {})
    assert ledger.verify().whole


def test_records_are_read_as_they_were_appended(database: str, lab: SimpleNamespace) -> None:
    """Every kind of record comes back equal, and only new records are added."""
    ledger, run = lab.sql_ledger(database), lab.entry()
    records = [lab.correction("co-1", run), run, lab.OVERRIDE, lab.SELFTEST]
    assert ledger.append(records) == ["co-1", "run-1", "ov-1", "self-1"]
    assert ledger.append(records) == []
    assert ledger.append([run, lab.entry("run-2"), lab.entry("run-2")]) == ["run-2"]
    assert ledger.read(*JUNE).records == (records[0], run, lab.entry("run-2"), lab.OVERRIDE, lab.SELFTEST)
    result = ledger.verify()
    assert result.whole
    assert (result.kinds, result.runs) == ({"correction": 1, "entry": 2, "override": 1, "selftest": 1}, 2)
    assert ledger.record_counts() == {date(2026, 6, 1): 3, date(2026, 6, 3): 2}
    assert ledger.record_ids(date(2026, 6, 2), date(2026, 6, 3)) == {"ov-1", "self-1"}


def test_repositories_are_separate_and_an_organisation_sees_all(database: str, lab: SimpleNamespace) -> None:
    """The same id in two repositories is two runs; a reader of the organisation gets the second entry reported."""
    shop, pay = lab.sql_ledger(database), lab.sql_ledger(database, "org/pay")
    both = lab.sql_ledger(database, organisation=True)
    assert shop.append([lab.entry(), lab.entry("run-2")], lab.baseline()) == ["run-1", "run-2"]
    assert pay.append([lab.entry("run-3"), lab.entry(energy_j=1.0)]) == ["run-3", "run-1"]
    assert [record.id for record in shop.read(*JUNE).records] == ["run-1", "run-2"]
    assert [record.id for record in pay.read(*JUNE).records] == ["run-1", "run-3"]
    result = both.read(*JUNE)
    assert sorted(record.id for record in result.records) == ["run-1", "run-2", "run-3"]
    assert len(result.skipped) == 1
    assert both.compact(date(2026, 6, 2)) == ["org/pay 2026/06", "org/shop 2026/06"]
    sums = {
        record.rolled: record.runs for record in shop.read(*JUNE, exact_days=()).records if isinstance(record, Entry)
    }
    assert sums == {"": 2, "checkout": 2, "søk": 2}
    assert (both.verify().whole, both.verify().runs, pay.verify().baselines) == (True, 4, 0)


def test_baselines_are_the_newest_and_compacting_drops_the_others(database: str, lab: SimpleNamespace) -> None:
    """The newest baselines are read, newest first; a writer drops none, since it has no right to."""
    ledger = lab.sql_ledger(database, keep=3)
    runs = [lab.baseline(f"run-{day}", f"2026-06-0{day}T00:00:00Z", commit=f"{day}" * 40) for day in (2, 5, 1, 4, 3)]
    for run in [*runs, runs[0], lab.baseline("other", branch="ma-in")]:
        assert ledger.append([], run) == []
    assert [run.run for run in ledger.baselines("main")[0]] == ["run-5", "run-4", "run-3"]
    assert ledger.baselines("main", 1)[0] == (runs[1],)
    assert ledger.verify().baselines == 6
    ledger.compact(date(2026, 6, 1))
    assert {branch: len(paths) for branch, paths in ledger.baseline_paths().items()} == {"main": 3, "ma-in": 1}


def test_sums_of_many_repositories_are_read_together(database: str, lab: SimpleNamespace) -> None:
    """The budget status of an organisation is the same with sums; more repositories do not mean more sums."""
    now = lab.NOW.replace(hour=12)
    for repository in range(6):
        runs = [
            replace(
                lab.entry(f"run-{repository}-{day}", (now - timedelta(days=day, hours=repository)).isoformat()),
                energy_j=None if repository == 1 and day % 3 == 0 else 7.0 * day,
                energy_low_j=None,
                energy_high_j=None,
                operational_g=float(repository + day),
                grid_zone=("DE", "FR")[repository % 2],
                shares={"checkout": 0.5, "search" if day % 2 else "pay": 0.5},
                pr=None,
            )
            for day in range(60)
        ]
        lab.sql_ledger(database, f"org/{repository}").append(runs)
    ledger = lab.sql_ledger(database, "org/0", organisation=True)
    every = apply_corrections(ledger.read(*EVER).records)
    ledger.compact(now.date())
    for whole in (True, False):
        read = ledger.read(*EVER, exact_days(BUDGETS, now), None, {*NAMES}, whole).records
        sums = [entry for entry in read if isinstance(entry, Entry) and entry.rolled is not None]
        kinds = {(entry.started, entry.rolled, entry.grid_zone, entry.energy_j is None) for entry in sums}
        assert 0 < len(sums) == len(kinds)
        assert len({entry.id for entry in sums}) == len(sums)
        summed = ledger.record_counts().keys() - exact_days(BUDGETS, now)
        assert sum(entry.runs for entry in sums if entry.rolled == "checkout") == 6 * len(summed)
        for budget in BUDGETS if whole else [holder for holder in BUDGETS if holder.feature]:
            status, exact = (budget_status(budget, seen, (), now, 400.0) for seen in (apply_corrections(read), every))
            assert status is not None
            assert exact is not None
            assert (status.consumed, status.remaining, status.burn) == (exact.consumed, exact.remaining, exact.burn)
            assert budget.team or (status.runs, status.unknown_runs) == (exact.runs, exact.unknown_runs)
            expected = {expected_runs(seen, budget, now) for seen in (apply_corrections(read), every)}
            assert expected == {
                budget.window.length_s(now) / 86400 + 1
            }  # one a day here, six in all, and one at the edge


# -- equal to a folder -------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
FIGURE = st.none() | st.floats(0, 1e13)
NAMES = ("checkout", "search", "pay")
SHARES = st.dictionaries(st.sampled_from(NAMES), st.floats(0.01, 1), min_size=1).map(
    lambda d: {name: share / sum(d.values()) for name, share in d.items()}
)
AGO = st.floats(0, 70).map(lambda days: timedelta(days=days))


@st.composite
def _records(draw: st.DrawFn, figure: Any = FIGURE, shares: Any = SHARES) -> list[Record]:
    now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    runs = []
    for number in range(draw(st.integers(0, 12))):
        started = (now - draw(AGO)).isoformat()
        figures = {name: draw(figure) for name in ("energy_j", "operational_g", "embodied_g", "reference_j")}
        unknown = dict.fromkeys(("energy_low_j", "energy_high_j", "emissions_low_g", "emissions_high_g", "commit"))
        texts = {name: draw(TEXT) for name in ("job", "machine", "fingerprint")}
        runs.append(Entry(
            id=f"run-{number}", run=f"run-{number // 2}", attempt=draw(st.integers(1, 3)), started=started,
            branch=draw(st.none() | TEXT), pr=draw(st.none() | st.integers(6, 8)), method="modelled",
            labels=tuple(draw(st.lists(TEXT, max_size=2))), grid_zone=draw(st.sampled_from(["DE", "FR"])),
            grid_g_per_kwh=draw(st.sampled_from([0.0, 50.0, 400.0])), grid_assumed=draw(st.booleans()),
            tests=draw(st.integers(0, 99)), shares=draw(shares), wall_s=draw(st.none() | st.floats(5e8, 1e9)),
            runner=draw(st.sampled_from(["", "self-hosted"])), conclusion=draw(st.sampled_from(["", "cancelled"])),
            details=draw(st.none() | st.builds(RunDetails, exit_status=st.none() | st.integers(0, 5))),
            **figures, **unknown, **texts,
        ))  # fmt: skip
    corrections: list[Record] = [
        Correction(f"co-{n}", run.id, run.started, f"2026-06-1{n % 5}T00:00:00Z", draw(TEXT), (), draw(shares))
        for n, run in enumerate(runs)
        if draw(st.booleans())
    ]
    return [*runs, *corrections]


@pytest.fixture
def pair(database: str, tmp_path: Path, lab: SimpleNamespace) -> Iterator[Any]:
    """Make a folder and a database with the same records; each call uses another repository in the database."""
    numbers = iter(range(1_000_000))

    def make(records: list[Record]) -> tuple[FolderLedger, SqlLedger]:
        name = f"org/{next(numbers)}"
        folder, sql = FolderLedger(tmp_path / name, lab.NOW), lab.sql_ledger(database, name)
        assert folder.append(records) == sql.append(records) == [record.id for record in records]
        return folder, sql

    return make


LAW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LAW
@given(_records())
def test_folder_and_database_return_the_same_records(pair: Any, records: list[Record]) -> None:
    """All records are equal, byte for byte, and in the same order."""
    folder, sql = pair(records)
    result = sql.read(*EVER)
    assert result == folder.read(*EVER)
    assert sorted(map(to_text, result.records)) == sorted(map(to_text, records))
    assert sql.verify() == folder.verify()
    assert sql.record_counts() == folder.record_counts()


BUDGETS = tuple(
    replace(Budget(name, None, "fail", parse_quantity(limit), parse_window(window, "Europe/Berlin")), **more)
    for name, limit, window, more in [
        ("checkout", "1 kJ", "28d", {}),
        ("search", "1 kJ ref", "month", {}),
        ("pay", "10 g", "10d", {"counts": "located"}),
        (None, "10 g", "14d", {}),
        (None, "1 kJ", "28d", {"team": "shop", "children": ("checkout", "pay")}),
    ]
)
SMALL = st.none() | st.integers(0, 1000).map(float)
HALVES = st.sampled_from([{"checkout": 1.0}, {"checkout": 0.5, "search": 0.5}, {"pay": 0.25, "checkout": 0.75}])
"""Figures and shares whose sums are exact in every order, so that what follows from them must be equal, not near."""
SAME = ("limit", "debt", "consumed", "remaining", "used", "burn", "sunk", "cause")


@LAW
@given(_records(SMALL, HALVES), st.floats(0, 2))
def test_budget_status_is_the_same_with_and_without_sums(
    pair: Any, lab: SimpleNamespace, records: list[Record], late: float
) -> None:
    """Consumption, burn rate, numbers of runs, unknown runs and causes do not depend on sums."""
    _, sql = pair(records)
    now = lab.NOW + timedelta(days=late)
    sql.compact(lab.NOW.date())
    sums, paid = (sql.read(*EVER, exact_days(BUDGETS, now), 7, {*NAMES}, whole).records for whole in (True, False))
    runs = apply_corrections(sql.read(*EVER).records)
    for budget in BUDGETS:
        of_feature = budget.team is None and budget.feature is not None
        seen_in = (apply_corrections(paid if of_feature else sums), runs)
        status, exact = (budget_status(budget, seen, (), now, 400.0) for seen in seen_in)
        same = SAME if budget.team else (*SAME, "runs", "unknown_runs")
        assert {name: getattr(status, name) for name in same} == {name: getattr(exact, name) for name in same}


def test_namesake_of_a_repository_without_runs(database: str, lab: SimpleNamespace) -> None:
    """A repository in other letters has lost its runs; of another owner, it may be new; a new name is a beginning."""
    lab.sql_ledger(database, repository="org/shop").append([lab.entry()])
    assert lab.sql_ledger(database, repository="org/shop").find_loss(JUNE[0]) is None
    assert lab.sql_ledger(database, repository="org/other").find_loss(JUNE[0]) is None
    for name in ("neworg/shop", "org/Shop"):
        lost = lab.sql_ledger(database, repository=name).find_loss(JUNE[0])
        assert lost is not None
        assert lost.seen.endswith(f"has no run of {name}, and runs of org/shop")
        assert lost.until_new_base
        assert lost.doubtful == (name == "neworg/shop")
    hidden = lab.sql_ledger(database, repository="neworg/shop", private=True).find_loss(JUNE[0])
    assert hidden is not None
    assert (
        hidden.seen == "the ledger's database has no run of neworg/shop, and runs of another repository with this name"
    )

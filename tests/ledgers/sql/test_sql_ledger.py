"""A ledger in SQLite and in PostgreSQL does what one in a folder does."""

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
from pytest_carbon.core.budget.overrides import debt, override_in_force
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.ledger_records import Correction, Entry, Override, Record, SelfTest, parse_time
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
EVER = (date.min, date.max)
REPOSITORY = "org/shop"


def _ledger(lab: SimpleNamespace, url: str, name: str = REPOSITORY, **options: Any) -> SqlLedger:
    return SqlLedger(url, name, lab.NOW, **options)


def test_empty_ledger_is_empty(database: str, lab: SimpleNamespace) -> None:
    """What migrations made holds nothing, and an append of nothing adds nothing."""
    ledger = _ledger(lab, database)
    assert ledger.read(*EVER) == ledger.read(*JUNE, exact_days=())
    assert (ledger.read(*JUNE).records, ledger.baselines("main"), ledger.append([])) == ((), ((), ()), [])
    assert (ledger.compact(date(2026, 6, 15)), ledger.record_counts(), ledger.baseline_paths()) == ([], {}, {})
    assert ledger.verify().whole


def test_records_are_read_as_they_were_appended(database: str, lab: SimpleNamespace) -> None:
    """Every kind of record comes back equal, in the order of its path, and only what was not there is added."""
    ledger, run = _ledger(lab, database), lab.entry()
    records = [lab.correction("co-1", run), run, lab.OVERRIDE, lab.SELFTEST]
    assert ledger.append(records) == ["co-1", "run-1", "ov-1", "self-1"]
    assert ledger.append(records) == []
    assert ledger.append([run, lab.entry("run-2"), lab.entry("run-2")]) == ["run-2"]
    assert ledger.read(*JUNE).records == (records[0], run, lab.entry("run-2"), lab.OVERRIDE, lab.SELFTEST)
    said = ledger.verify()
    assert said.whole
    assert (said.kinds, said.runs) == ({"correction": 1, "entry": 2, "override": 1, "selftest": 1}, 2)
    assert ledger.record_counts() == {date(2026, 6, 1): 3, date(2026, 6, 3): 2}
    assert ledger.record_ids(date(2026, 6, 2), date(2026, 6, 3)) == {"ov-1", "self-1"}


def test_first_of_two_records_with_one_id_stays(database: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """As in a folder: on one day the second is not added; on another day it is told by readers and by verify."""
    for ledger in (_ledger(lab, database), FolderLedger(tmp_path / "folder", lab.NOW)):
        ledger.append([lab.entry()])
        assert ledger.append([lab.entry(energy_j=99.0)]) == []
        assert ledger.append([lab.entry(started="2026-06-02T10:00:00Z")]) == ["run-1"]
        found = ledger.read(*JUNE)
        assert found.records == (lab.entry(),)
        assert [(one.path, one.reason) for one in found.skipped] == [
            ("2026/06/02/run-1.json", "another record has its id, run-1")
        ]
        assert ledger.verify().twice == ("run-1",)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"energy_j": float("nan")}, "record run-1 cannot be stored"),
        ({"shares": {"checkout": 0.5}}, "sum to 0.5"),
        ({"started": "2026-07-01T00:00:00Z"}, "in the future; a clock was wrong"),
        ({"job": "a\0b"}, "record run-1 contains a NUL character, which no text in a database can contain"),
        (
            {"shares": {"ä" * 1001: 1.0}},
            "a feature whose name is 2002 bytes long; in a database, names have at most 2000 bytes",
        ),
    ],
)
def test_record_that_cannot_be_kept_is_refused(
    sqlite: str, lab: SimpleNamespace, changes: dict[str, Any], complaint: str
) -> None:
    """Its writer is told, and nothing of that append is added."""
    ledger = _ledger(lab, sqlite)
    with pytest.raises(LedgerError, match=complaint) as caught:
        ledger.append([lab.entry("good"), lab.entry(**changes)])
    assert str(caught.value).startswith(ledger.where)
    assert ledger.read(*EVER).records == ()


def test_text_that_only_looks_like_nul_is_kept(database: str, lab: SimpleNamespace) -> None:
    """A backslash and letters are a text like any other, and the longest name of a feature fits into its index."""
    run = lab.entry(job="\\u0000 % :name {x}", shares={"".join(chr(0x4E00 + n) for n in range(666)): 1.0})
    ledger = _ledger(lab, database)
    assert ledger.append([run]) == ["run-1"]
    assert ledger.compact(date(2026, 6, 2)) == ["org/shop 2026/06"]
    assert ledger.read(*JUNE).records == (run,)


def test_repositories_are_apart_and_an_organisation_sees_all(database: str, lab: SimpleNamespace) -> None:
    """The same id in two repositories is two runs; who reads the organisation is told of the second."""
    shop, pay = _ledger(lab, database), _ledger(lab, database, "org/pay")
    both = _ledger(lab, database, organisation=True)
    assert shop.append([lab.entry(), lab.entry("run-2")], lab.figures()) == ["run-1", "run-2"]
    assert pay.append([lab.entry("run-3"), lab.entry(energy_j=1.0)]) == ["run-3", "run-1"]
    assert [record.id for record in shop.read(*JUNE).records] == ["run-1", "run-2"]
    assert [record.id for record in pay.read(*JUNE).records] == ["run-1", "run-3"]
    found = both.read(*JUNE)
    assert sorted(record.id for record in found.records) == ["run-1", "run-2", "run-3"]
    assert len(found.skipped) == 1
    assert both.compact(date(2026, 6, 2)) == ["org/pay 2026/06", "org/shop 2026/06"]
    sums = {
        record.rolled: record.runs for record in shop.read(*JUNE, exact_days=()).records if isinstance(record, Entry)
    }
    assert sums == {"": 2, "checkout": 2, "søk": 2}
    assert (both.verify().whole, both.verify().runs, pay.verify().baselines) == (True, 4, 0)


def test_baselines_are_the_newest_and_compacting_drops_the_others(database: str, lab: SimpleNamespace) -> None:
    """The newest runs of a branch are read, newest first; nothing is dropped by a writer, who has no right to."""
    ledger = _ledger(lab, database, keep=3)
    runs = [lab.figures(f"run-{day}", f"2026-06-0{day}T00:00:00Z", commit=f"{day}" * 40) for day in (2, 5, 1, 4, 3)]
    for run in [*runs, runs[0], lab.figures("other", branch="ma-in")]:
        assert ledger.append([], run) == []
    assert [run.run for run in ledger.baselines("main")[0]] == ["run-5", "run-4", "run-3"]
    assert ledger.baselines("main", 1)[0] == (runs[1],)
    assert ledger.verify().baselines == 6
    ledger.compact(date(2026, 6, 1))
    assert {branch: len(paths) for branch, paths in ledger.baseline_paths().items()} == {"main": 3, "ma-in": 1}


def test_pull_requests_over_all_repositories_are_those_of_this_one(database: str, lab: SimpleNamespace) -> None:
    """The #7 of another repository is not ours, though its run counts."""
    SqlLedger(database, "org/pay", lab.NOW).append([replace(lab.entry("theirs"), pr=7)])
    ours = SqlLedger(database, "org/shop", lab.NOW, organisation=True)
    ours.append([replace(lab.entry("ours"), pr=7)])
    assert {r.id: r.pr for r in ours.read(*JUNE).records if isinstance(r, Entry)} == {"ours": 7, "theirs": None}


def test_what_tests_cost_is_told_by_their_own_repository(database: str, lab: SimpleNamespace) -> None:
    """Of others, neither newer baselines nor self-tests say anything; what they were allowed is only debt."""
    shop, pay = (SqlLedger(database, f"org/{name}", lab.NOW) for name in ("shop", "pay"))
    both = SqlLedger(database, "org/shop", lab.NOW, organisation=True)
    shop.append([], lab.figures())
    for day in (2, 3):
        pay.append([], lab.figures(f"theirs-{day}", f"2026-06-0{day}T00:00:00Z", commit=f"{day}" * 40))
    told = [
        replace(lab.OVERRIDE, id=f"o{n}", pr=pr, commit=commit)
        for n, (pr, commit) in enumerate([(7, None), (7, "a" * 40), (None, "a" * 40), (None, None)])
    ]
    pay.append([*told, lab.SELFTEST])
    assert [run.run for run in both.baselines("main")[0]] == ["run-1"]
    found = [record for record in both.read(*EVER).records if isinstance(record, Override)]
    assert found == [*(replace(one, pr=None, elsewhere=True) for one in told[:3]), told[3]]
    at = parse_time(told[0].granted)
    assert [override_in_force([one], one.feature, at, "a" * 40) is not None for one in found] == [
        False,
        False,
        False,
        True,
    ]
    assert debt(found, "checkout", parse_window("28d"), at + timedelta(days=1)) == 4 * told[0].amount
    assert not any(isinstance(record, SelfTest) for record in both.read(*EVER).records)
    assert pay.read(*EVER).records == (*told, lab.SELFTEST)
    assert both.verify().kinds == {"override": 4, "selftest": 1}
    assert both.verify().whole


def test_of_two_runs_of_one_name_our_own_counts(database: str, lab: SimpleNamespace) -> None:
    """Also if the other came first, as under the old name of a repository; and its corrections are not for ours."""
    old, shop = (SqlLedger(database, f"org/{name}", lab.NOW) for name in ("a-shop", "shop"))
    both = SqlLedger(database, "org/shop", lab.NOW, organisation=True)
    ours = replace(lab.entry(), pr=7)
    old.append([replace(ours, energy_j=1.0), lab.entry("theirs"), lab.correction("co-1", ours, pay=1.0)])
    old.append([lab.correction("co-2", lab.entry("theirs"), pay=1.0)])
    shop.append([ours])
    found = both.read(*EVER)
    assert {
        one.id: (one.energy_j, one.pr, one.elsewhere, dict(one.shares)) for one in apply_corrections(found.records)
    } == {
        "run-1": (ours.energy_j, 7, 0, dict(ours.shares)),
        "theirs": (ours.energy_j, None, 1, {"pay": 1.0}),
    }
    assert [one.path for one in found.skipped] == ["2026/06/01/run-1.json of org/a-shop"]
    assert not any("elsewhere" in to_text(record) for record in found.records)


def test_sums_of_many_repositories_are_read_together(database: str, lab: SimpleNamespace) -> None:
    """Where budgets of an organisation stand does not depend on sums, and the sums not on how many repositories add."""
    now = lab.NOW.replace(hour=12)
    for repository in range(6):
        runs = [
            replace(
                lab.entry(f"run-{repository}-{day}", (now - timedelta(days=day, hours=repository)).isoformat()),
                energy_j=None if repository == 1 and day % 3 == 0 else 7.0 * day,
                operational_g=float(repository + day),
                grid_zone=("DE", "FR")[repository % 2],
                shares={"checkout": 0.5, "search" if day % 2 else "pay": 0.5},
                pr=None,
            )
            for day in range(60)
        ]
        _ledger(lab, database, f"org/{repository}").append(runs)
    ledger = _ledger(lab, database, "org/0", organisation=True)
    every = apply_corrections(ledger.read(*EVER).records)
    ledger.compact(now.date())
    for whole in (True, False):
        read = ledger.read(*EVER, exact_days(BUDGETS, now), None, {*NAMES}, whole).records
        sums = [one for one in read if isinstance(one, Entry) and one.rolled is not None]
        kinds = {(one.started, one.rolled, one.grid_zone, one.energy_j is None) for one in sums}
        assert 0 < len(sums) == len(kinds)
        assert len({one.id for one in sums}) == len(sums)
        summed = ledger.record_counts().keys() - exact_days(BUDGETS, now)
        assert sum(one.runs for one in sums if one.rolled == "checkout") == 6 * len(summed)
        for budget in BUDGETS if whole else [one for one in BUDGETS if one.feature]:
            one, exact = (budget_status(budget, seen, (), now, 400.0) for seen in (apply_corrections(read), every))
            assert one is not None
            assert exact is not None
            assert (one.consumed, one.remaining, one.burn) == (exact.consumed, exact.remaining, exact.burn)
            assert budget.team or (one.runs, one.unknown_runs) == (exact.runs, exact.unknown_runs)
            expected = {expected_runs(seen, budget, now) for seen in (apply_corrections(read), every)}
            assert expected == {
                budget.window.length_s(now) / 86400 + 1
            }  # one a day here, six in all, and one at the edge


def test_of_other_repositories_only_what_features_pay_for_is_read(database: str, lab: SimpleNamespace) -> None:
    """One's own runs are all there: one of them may be the run that is judged, whoever pays for it."""
    for name in ("shop", "pay"):
        runs = [replace(lab.entry(f"{name}-{feature}"), shares={feature: 1.0}) for feature in ("checkout", "search")]
        _ledger(lab, database, f"org/{name}").append(runs)
    ledger = _ledger(lab, database, organisation=True)
    days = {date(2026, 6, 1)}
    for whole, theirs in ((True, ["pay-checkout", "pay-search"]), (False, ["pay-checkout"])):
        found = ledger.read(*JUNE, days, None, {"checkout"}, whole).records
        assert sorted(one.id for one in found) == [*theirs, "shop-checkout", "shop-search"]
    alone = _ledger(lab, database).read(*JUNE, days, None, {"checkout"}, False).records
    assert [one.id for one in alone] == ["shop-checkout"]


def test_day_that_changed_is_read_run_by_run_until_it_is_summed_again(database: str, lab: SimpleNamespace) -> None:
    """A late run and a correction undo the sums of their day, and of no other."""
    ledger, run = _ledger(lab, database), lab.entry()
    ledger.append([run, lab.entry("next", "2026-06-02T10:00:00Z")])

    def seen() -> list[tuple[str, int]]:
        records = ledger.read(*JUNE, exact_days=()).records
        return [(r.id if r.rolled is None else r.rolled, r.runs) for r in records if isinstance(r, Entry)]

    assert seen() == [("run-1", 1), ("next", 1)]
    assert ledger.compact(date(2026, 6, 2)) == ["org/shop 2026/06"]
    assert ledger.compact(date(2026, 6, 2)) == []
    assert sorted(seen()) == [("", 1), ("checkout", 1), ("next", 1), ("søk", 1)]
    ledger.append([lab.entry("late")])
    assert sorted(seen()) == [("late", 1), ("next", 1), ("run-1", 1)]
    ledger.compact(date(2026, 6, 3))
    ledger.append([lab.correction("co-1", run)])
    assert sorted(seen()) == [("", 1), ("checkout", 1), ("late", 1), ("run-1", 1), ("søk", 1)]
    ledger.compact(date(2026, 6, 3))
    assert sorted(seen()) == [
        ("", 1), ("", 2), ("checkout", 1), ("checkout", 1), ("search", 1), ("søk", 1), ("søk", 1)
    ]  # fmt: skip
    records = ledger.read(*JUNE, exact_days={date(2026, 6, 2)}, features=["checkout"]).records
    assert sorted(r.rolled or "" for r in records if isinstance(r, Entry)) == ["", "", "checkout"]
    records = ledger.read(*JUNE, exact_days=set(), features=["search"], all_runs=False).records
    assert [r.rolled for r in records if isinstance(r, Entry)] == ["search"]
    records = ledger.read(
        *JUNE, exact_days={date(2026, 6, day) for day in (1, 2)}, features=["search"], all_runs=False
    ).records
    assert [r.id for r in records if isinstance(r, Entry)] == ["run-1"], "by its correction"
    assert ledger.verify().whole


def test_days_of_a_pull_request_come_run_by_run(database: str, lab: SimpleNamespace) -> None:
    """What a pull request has used so far can be told from others' runs on all its days."""
    ledger = _ledger(lab, database)
    ledger.append([lab.entry(), lab.entry("other", "2026-06-02T10:00:00Z", pr=None)])
    ledger.compact(date(2026, 6, 15))
    records = ledger.read(*JUNE, exact_days=(), pull_request=7).records
    assert {(r.id, r.pr) for r in records if isinstance(r, Entry) and r.rolled is None} == {("run-1", 7)}
    assert sum(r.runs for r in records if isinstance(r, Entry) and r.rolled == "") == 1


# -- equal to a folder -------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
FIGURE = st.none() | st.floats(0, 1e15)
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
            tests=draw(st.integers(0, 99)), shares=draw(shares), wall_s=draw(st.none() | st.floats(0, 1e9)),
            runner=draw(st.sampled_from(["", "self-hosted"])), conclusion=draw(st.sampled_from(["", "cancelled"])),
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
    """Makes a folder and a database with the same records; the database has another repository for each."""
    numbers = iter(range(1_000_000))

    def make(records: list[Record]) -> tuple[FolderLedger, SqlLedger]:
        name = f"org/{next(numbers)}"
        folder, sql = FolderLedger(tmp_path / name, lab.NOW), _ledger(lab, database, name)
        assert folder.append(records) == sql.append(records) == [record.id for record in records]
        return folder, sql

    return make


LAW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LAW
@given(_records())
def test_same_records_come_back_from_either(pair: Any, records: list[Record]) -> None:
    """All of it, to the byte, in the same order."""
    folder, sql = pair(records)
    found = sql.read(*EVER)
    assert found == folder.read(*EVER)
    assert sorted(map(to_text, found.records)) == sorted(map(to_text, records))
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
def test_budgets_stand_where_they_stand_without_sums(
    pair: Any, lab: SimpleNamespace, records: list[Record], late: float
) -> None:
    """What is used and burnt, by how many runs, what is unknown, sunk and why it changed do not depend on sums."""
    _, sql = pair(records)
    now = lab.NOW + timedelta(days=late)
    sql.compact(lab.NOW.date())
    sums, paid = (sql.read(*EVER, exact_days(BUDGETS, now), 7, {*NAMES}, whole).records for whole in (True, False))
    runs = apply_corrections(sql.read(*EVER).records)
    for budget in BUDGETS:
        of_feature = budget.team is None and budget.feature is not None
        seen_in = (apply_corrections(paid if of_feature else sums), runs)
        one, exact = (budget_status(budget, seen, (), now, 400.0) for seen in seen_in)
        same = SAME if budget.team else (*SAME, "runs", "unknown_runs")
        assert {name: getattr(one, name) for name in same} == {name: getattr(exact, name) for name in same}

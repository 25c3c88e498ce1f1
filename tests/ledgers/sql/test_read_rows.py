"""What a view of a database sees: one repository or all, days run by run or as sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

from pytest_carbon.core.budget.overrides import debt, override_in_force
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.ledger_records import Entry, Override, SelfTest, parse_time
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.sql.read_rows import View, days_among, days_between, record_ids, scan
from pytest_carbon.ledgers.sql.schema import runs
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
EVER = (date.min, date.max)


def test_pull_request_numbers_of_other_repositories_are_dropped(database: str, lab: SimpleNamespace) -> None:
    """The pull request #7 of another repository is not ours, though its run counts."""
    SqlLedger(database, "org/pay", lab.NOW).append([replace(lab.entry("theirs"), pr=7)])
    ours = SqlLedger(database, "org/shop", lab.NOW, organisation=True)
    ours.append([replace(lab.entry("ours"), pr=7)])
    assert {r.id: r.pr for r in ours.read(*JUNE).records if isinstance(r, Entry)} == {"ours": 7, "theirs": None}


def test_baselines_and_self_tests_of_other_repositories_are_not_ours(database: str, lab: SimpleNamespace) -> None:
    """Neither newer baselines nor self-tests of others are read; their overrides count only as debt."""
    shop, pay = (SqlLedger(database, f"org/{name}", lab.NOW) for name in ("shop", "pay"))
    both = SqlLedger(database, "org/shop", lab.NOW, organisation=True)
    shop.append([], lab.baseline())
    for day in (2, 3):
        pay.append([], lab.baseline(f"theirs-{day}", f"2026-06-0{day}T00:00:00Z", commit=f"{day}" * 40))
    overrides = [
        replace(lab.OVERRIDE, id=f"o{n}", pr=pr, commit=commit)
        for n, (pr, commit) in enumerate([(7, None), (7, "a" * 40), (None, "a" * 40), (None, None)])
    ]
    pay.append([*overrides, lab.SELFTEST])
    assert [run.run for run in both.baselines("main")[0]] == ["run-1"]
    result = [record for record in both.read(*EVER).records if isinstance(record, Override)]
    assert result == [*(replace(record, pr=None, elsewhere=True) for record in overrides[:3]), overrides[3]]
    now = parse_time(overrides[0].granted)
    assert [override_in_force([record], record.feature, now, "a" * 40) is not None for record in result] == [
        False,
        False,
        False,
        True,
    ]
    assert debt(result, "checkout", parse_window("28d"), now + timedelta(days=1)) == 4 * overrides[0].amount
    assert not any(isinstance(record, SelfTest) for record in both.read(*EVER).records)
    assert pay.read(*EVER).records == (*overrides, lab.SELFTEST)
    assert both.verify().kinds == {"override": 4, "selftest": 1}
    assert both.verify().whole


def test_our_own_run_counts_of_two_with_one_id(database: str, lab: SimpleNamespace) -> None:
    """It counts even if the other came first, as under the repository's old name; corrections of the other do not."""
    old, shop = (SqlLedger(database, f"org/{name}", lab.NOW) for name in ("a-shop", "shop"))
    both = SqlLedger(database, "org/shop", lab.NOW, organisation=True)
    ours = replace(lab.entry(), pr=7)
    old.append([replace(ours, energy_j=100.0), lab.entry("theirs"), lab.correction("co-1", ours, pay=1.0)])
    old.append([lab.correction("co-2", lab.entry("theirs"), pay=1.0)])
    shop.append([ours])
    result = both.read(*EVER)
    assert {
        record.id: (record.energy_j, record.pr, record.elsewhere, dict(record.shares))
        for record in apply_corrections(result.records)
    } == {
        "run-1": (ours.energy_j, 7, 0, dict(ours.shares)),
        "theirs": (ours.energy_j, None, 1, {"pay": 1.0}),
    }
    assert [file.path for file in result.skipped] == ["2026/06/01/run-1.json of org/a-shop"]
    assert not any("elsewhere" in to_text(record) for record in result.records)


def test_runs_of_other_repositories_are_read_only_if_features_pay_for_them(database: str, lab: SimpleNamespace) -> None:
    """All runs of our own repository are read, since one of them may be the run that is judged."""
    for name in ("shop", "pay"):
        runs = [replace(lab.entry(f"{name}-{feature}"), shares={feature: 1.0}) for feature in ("checkout", "search")]
        lab.sql_ledger(database, f"org/{name}").append(runs)
    ledger = lab.sql_ledger(database, organisation=True)
    days = {date(2026, 6, 1)}
    for whole, theirs in ((True, ["pay-checkout", "pay-search"]), (False, ["pay-checkout"])):
        result = ledger.read(*JUNE, days, None, {"checkout"}, whole).records
        assert sorted(record.id for record in result) == [*theirs, "shop-checkout", "shop-search"]
    alone = lab.sql_ledger(database).read(*JUNE, days, None, {"checkout"}, False).records
    assert [record.id for record in alone] == ["shop-checkout"]


def test_days_of_a_pull_request_are_read_run_by_run(database: str, lab: SimpleNamespace) -> None:
    """The runs of a pull request can be told from other runs on all its days."""
    ledger = lab.sql_ledger(database)
    ledger.append([lab.entry(), lab.entry("other", "2026-06-02T10:00:00Z", pr=None)])
    ledger.compact(date(2026, 6, 15))
    records = ledger.read(*JUNE, exact_days=(), pull_request=7).records
    assert {(r.id, r.pr) for r in records if isinstance(r, Entry) and r.rolled is None} == {("run-1", 7)}
    assert sum(r.runs for r in records if isinstance(r, Entry) and r.rolled == "") == 1


def test_view_has_the_rows_of_its_repository(database: str, lab: SimpleNamespace) -> None:
    """A view without a repository has the rows of all repositories."""
    for name in ("org/shop", "org/pay"):
        lab.sql_ledger(database, name).append([lab.entry(f"run-{name[4:]}")])
    with lab.connected(database) as connection:
        names = {
            repository: sorted(id_ for (id_,) in View(connection, repository, lab.NOW).rows(runs, ["id"]))
            for repository in ("org/shop", "org/none", None)
        }
    assert names == {"org/shop": ["run-shop"], "org/none": [], None: ["run-pay", "run-shop"]}


def test_conditions_of_days(sqlite: str, lab: SimpleNamespace) -> None:
    """A span includes both of its ends; a set includes only its days; an empty set includes none."""
    days = [date(2026, 6, day) for day in (1, 2, 3, 4)]
    lab.sql_ledger(sqlite).append([lab.entry(f"run-{day.day}", f"{day}T10:00:00Z") for day in days])
    with lab.connected(sqlite) as connection:
        view = View(connection, "org/shop", lab.NOW)
        assert record_ids(view, days[1], days[2]) == {"run-2", "run-3"}
        conditions = [days_between(days[1], days[2]), days_among({days[0], days[3]}), days_among(set())]
        ids = [[record.id for _, record in scan(view, condition).records] for condition in conditions]
    assert ids == [["run-2", "run-3"], ["run-1", "run-4"], []]

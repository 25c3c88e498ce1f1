"""All accounts of one ledger: they agree with each other and with the budgets of a verdict."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.values.account import to_json
from pytest_carbon.core.judge.judge_holder import holder_statuses
from tests.core.accounts.sample_accounts import DAY, HOUR, POLICY, daily_ledger, make, named

RUN = st.fixed_dictionaries(
    {
        "ago": st.floats(0.1, 180.0),
        "pr": st.sampled_from([None, 1, 2, 3]),
        "branch": st.sampled_from(["main", "topic"]),
        "job": st.sampled_from(["", "linux"]),
        "operational_g": st.sampled_from([None, 0.5, 1.0, 4.0]),
        "share": st.sampled_from([0.0, 0.25, 1.0]),
        "conclusion": st.sampled_from(["", "success", "cancelled"]),
        "attempt": st.sampled_from([1, 1, 2]),
    }
)


def _entries(bench: Any, runs: list[dict[str, Any]]) -> list[Any]:
    entries = []
    for n, run in enumerate(runs):
        own = dict(run)
        share, ago = own.pop("share"), own.pop("ago") * DAY
        shares = {"checkout": share, "search": 1.0 - share}
        entries.append(bench.entry(n, ago=ago, shares=shares, commit=f"{n % 5:040x}", **own))
    return entries


@settings(max_examples=40, deadline=None)
@given(st.lists(RUN, max_size=20), st.lists(RUN, max_size=20))
def test_runs_of_other_repositories_change_no_finding_of_this_one(
    bench: Any, runs: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    """Their use counts; costs of pull requests, wasted runs and top consumers are of this repository only."""
    ours = _entries(bench, runs)
    other_runs = [replace(run, id=f"theirs-{run.id}", pr=None, elsewhere=1) for run in _entries(bench, others)]
    alone, among = (
        {(account.level, account.name): account for account in make(bench, POLICY, runs).accounts}
        for runs in (ours, [*ours, *other_runs])
    )
    assert alone.keys() == among.keys()
    for holder, account in alone.items():
        other = among[holder]
        assert (account.cost_most, account.saved_most) == (other.cost_most, other.saved_most)
        assert (account.wasted, account.causes) == (other.wasted, other.causes)


def test_recurring_cost_counts_runs_of_this_repository_only(bench: Any) -> None:
    """Another repository runs a job of the same name often, on the same kind of machine, at another cost."""
    ours = [
        bench.entry(n, ago=(24 - n) * DAY, reference_j=50.0 if n < 12 else 90.0, pr=n + 1, commit=f"{n:040x}")
        for n in range(24)
    ]
    other_runs = [
        bench.entry(100 + n, ago=n * 6 * HOUR, reference_j=70.0, commit=f"{100 + n:040x}", elsewhere=1)
        for n in range(100)
    ]
    alone, among = (named(make(bench, POLICY, runs)) for runs in (ours, [*ours, *other_runs]))
    assert [cost.pr for cost in alone.cost_most if (cost.recurring_g or 0) > 1] == [13]
    assert among.cost_most == alone.cost_most


@settings(max_examples=40, deadline=None)
@given(st.lists(RUN, max_size=30))
def test_accounts_agree(bench: Any, runs: list[dict[str, Any]]) -> None:
    """Budget statuses equal those of a verdict, and the features' grams sum to the repository's, month by month."""
    entries = _entries(bench, runs)
    accounts = make(bench, POLICY, entries)
    order = sorted(entries, key=lambda entry: (entry.started, entry.id))
    judged = holder_statuses(bench.policy(POLICY), order, (), bench.now, 400.0, "main")
    assert {budget.name: budget.standing for budget in judged} == {
        a.name: a.standing for a in accounts.accounts if a.standing
    }
    assert [account.level for account in accounts.accounts[:2]] == ["repository", "team"]
    whole = sum(run.emissions_g or 0.0 for run in entries)
    for names in (["repository"], ["shop"], ["checkout", "search"]):
        months = [month for name in names for month in named(accounts, name).months]
        assert sum(m.emissions_g.central for m in months if m.emissions_g) == pytest.approx(whole)
    for account in accounts.accounts:
        if account.standing:
            start, end = account.window_days
            days = [day for day in account.days if start < day.day <= end]
            assert sum(day.consumed or 0.0 for day in days) <= account.standing.consumed + 1e-9
    assert to_json(accounts) == to_json(make(bench, POLICY, entries))


def test_accounts_are_sorted_by_level_and_budget_used(bench: Any) -> None:
    """The repository, teams, features, most budget used first; unattributed work only if there is any."""
    runs = [bench.entry(1, shares={"checkout": 0.1, "search": 0.8, "gone": 0.1}), bench.entry(2, ago=-DAY)]
    accounts = make(bench, POLICY, runs, notes=["a note"])
    assert [account.name for account in accounts.accounts] == ["repository", "shop", "search", "checkout"]
    assert accounts.notes == (
        "a note",
        "the ledger has runs of features that are not in the policy; they count for the repository only: gone",
    )
    assert named(accounts).owners == ("@shop",)
    claimed = make(bench, POLICY, [bench.entry(1, shares={"unattributed": 1.0})])
    assert [account.name for account in claimed.accounts][-1] == "unattributed"
    assert accounts.made == "2026-03-20T12:00:00Z"


def test_entries_that_sum_up_runs_are_ignored(bench: Any) -> None:
    """Only single runs count, not the sums that a compacted ledger has of the same runs."""
    rolled = [bench.entry(2, rolled="", runs=4), bench.entry(3, rolled="checkout", runs=4)]
    assert make(bench, POLICY, [bench.entry(1), *rolled]).accounts == make(bench, POLICY, [bench.entry(1)]).accounts


@pytest.mark.parametrize(
    ("grams", "expected"),
    [(0.5, None), (1.2, "2026-03-21"), (2.0, "2026-03-12"), (9.0, "2026-03-03")],
    ids=["lasts", "is coming", "was", "was long ago"],
)
def test_day_of_exhaustion(bench: Any, grams: float, expected: str | None) -> None:
    """The day is the likely one, or for an exhausted budget the day on which it was exhausted."""
    runs = [bench.entry(n, ago=n * DAY, operational_g=grams) for n in range(1, 60)]
    policy = '[features.checkout.budget]\nlimit = "24 g"\nwindow = "month"\n'
    assert named(make(bench, policy, runs)).exhausted_on == expected


def test_day_of_exhaustion_if_the_sum_rounds_down(bench: Any) -> None:
    """Ten runs of 0.1 g exhaust 1 g, although their running sum is slightly less."""
    runs = [bench.entry(n, ago=n * HOUR, operational_g=0.1) for n in range(1, 11)]
    account = named(make(bench, '[features.checkout.budget]\nlimit = "1 g"\n', runs))
    assert account.exhausted_on == "2026-03-20"
    assert account.sentence.endswith("(100 %), exhausted since 20 March.")


def test_days_of_the_window(bench: Any) -> None:
    """A calendar window has its first and last day in its time zone; a rolling window ends today."""
    accounts = make(bench, POLICY, [bench.entry(1, ago=50 * DAY)])
    assert named(accounts).window_days == ("2026-03-01", "2026-03-31")
    assert named(accounts).zone == "Europe/Berlin"
    assert named(accounts, "shop").window_days == ("2026-01-01", "2026-03-31")
    assert named(accounts, "repository").window_days == ("2026-02-20", "2026-03-20")
    assert [named(accounts).days[0].day, named(accounts).days[-1].day] == ["2026-02-01", "2026-03-20"]
    assert named(accounts, "shop").days[0].day == "2026-01-29"
    assert named(accounts, "repository").days[0].day == "2026-02-01"


def test_only_overrides_in_force_are_listed(bench: Any) -> None:
    """Only accepted overrides that hold now are listed, also overrides for one commit."""
    sound = bench.override(amount=0.5)
    others = [
        bench.override(id="o-2", amount=0.5, commit="c" * 40),
        bench.override(id="o-3", amount=0.5, approver="ann"),
        bench.override(id="o-4", amount=0.5, granted="2026-03-01T00:00:00Z", expires="2026-03-05T00:00:00Z"),
        bench.override(id="o-5", feature="search", amount=100.0, kind="energy"),
    ]
    accounts = make(bench, POLICY, [bench.entry()], overrides=[sound, *others])
    assert [override.id for override in named(accounts).overrides] == ["o-1", "o-2"]
    assert [override.id for override in named(accounts, "search").overrides] == ["o-5"]
    assert named(accounts, "repository").overrides == ()


def test_a_merged_pull_request_counts_its_runs_before_the_month(bench: Any) -> None:
    """Merged on the first of a month, it costs all its runs, most of which ran the month before."""
    pull = {"pr": 7, "branch": "topic"}
    runs = [bench.entry(n, ago=n * DAY, commit=f"{n:040x}", **pull) for n in range(20, 25)]
    merge = bench.entry(1, ago=19 * DAY, pr=7, commit="c" * 40)
    account = named(make(bench, '[features.checkout.budget]\nlimit = "1 kg"\nwindow = "month"\n', [*runs, merge]))
    assert [(sci.per, sci.emissions_g.central, sci.count) for sci in account.intensities] == [
        ("test run", 1.0, 1), ("merged pull request", 6.0, 1),
    ]  # fmt: skip


def test_recurring_cost_is_split_between_the_labels_that_pay(bench: Any) -> None:
    """What a pull request adds is shared like the job's runs, and scaled to the runs of a window."""
    runs = []
    for n in range(40):
        payer = "checkout" if n % 2 else "search"
        own = {"shares": {payer: 1.0}, "labels": (f"feature:{payer}",), "reference_j": 60.0 if n >= 30 else 50.0,
               "job": "tests"}  # fmt: skip
        runs.append(bench.entry(n, ago=(40 - n) * DAY, pr=n + 1, commit=f"{n:040x}", **own))
    accounts = make(bench, '[features.checkout.budget]\nlimit = "1 kg"\n', runs)
    costs = {name: named(accounts, name).cost_most[0] for name in ("repository", "checkout", "search")}
    assert {cost.pr for cost in costs.values()} == {31}
    per_run_g = 10.0 / 60.0
    assert costs["repository"].recurring_g == pytest.approx(28 * per_run_g)
    assert costs["checkout"].recurring_g == costs["search"].recurring_g == pytest.approx(14 * per_run_g)
    assert (costs["search"].runs, costs["checkout"].runs, costs["checkout"].sunk_g) == (1, 0, 0.0)
    cheaper = make(bench, "", [replace(run, reference_j=3000.0 / (run.reference_j or 1.0)) for run in runs])
    assert [cost.pr for cost in named(cheaper).saved_most] == [31]
    assert 31 not in [cost.pr for cost in named(cheaper).cost_most]


def test_a_change_in_one_feature_costs_no_other_one(bench: Any) -> None:
    """Tests pay for themselves: the feature whose tests changed has the recurring cost, and all are told the cause."""
    runs = []
    for n in range(40):
        search_j = 35.0 if n >= 30 else 25.0
        shares = {"checkout": 25.0 / (25.0 + search_j), "search": search_j / (25.0 + search_j)}
        own = {"shares": shares, "reference_j": 25.0 + search_j, "job": "tests"}
        runs.append(bench.entry(n, ago=(40 - n) * DAY, pr=n + 1, commit=f"{n:040x}", **own))
    accounts = make(bench, "", runs)
    costs = {name: {c.pr: c for c in named(accounts, name).cost_most} for name in ("repository", "checkout", "search")}
    assert {name: own[31].caused_in for name, own in costs.items() if 31 in own} == {
        "repository": ("search",), "search": ("search",),
    }  # fmt: skip
    assert costs["search"][31].recurring_g == pytest.approx(28 * 10.0 / 60.0)
    assert all(cost.recurring_g is None for cost in costs["checkout"].values())


@pytest.mark.parametrize("field", ["energy_j", "reference_j", "operational_g", "embodied_g", "grid_g_per_kwh"])
@pytest.mark.parametrize("value", [0.0, 1e-308, 1e-12, 1e15])
def test_odd_figures_of_a_ledger_make_no_fault(bench: Any, field: str, value: float) -> None:
    """The reports of pull requests bring them; accounts are made from every second run with such a figure."""
    runs = [replace(run, **{field: value}) if n % 2 else run for n, run in enumerate(daily_ledger(bench, 70))]
    accounts = make(bench, POLICY, runs)
    assert all(math.isfinite(month.consumed or 0.0) for own in accounts.accounts for month in own.months)

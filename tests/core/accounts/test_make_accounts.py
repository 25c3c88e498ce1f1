"""Everybody's account from one ledger: what is told of each agrees with the others, and with the verdict's budgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.accounts.text.tables import account_line, months_table
from pytest_carbon.core.accounts.values.account import Account, Accounts, TopConsumer, to_json
from pytest_carbon.core.judge.judge_holder import holder_statuses

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
POLICY = (
    'window = "month"\ntimezone = "Europe/Berlin"\n[budget]\nlimit = "100 g"\nwindow = "28d"\n'
    '[features.checkout.budget]\nlimit = "20 g"\nowners = ["@shop"]\n[features.search.budget]\nlimit = "4 kJ"\n'
    '[teams.shop]\nfeatures = ["checkout", "search"]\nbudget = { limit = "60 g", window = "quarter" }\n'
)
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


def _made(bench: Any, policy: str, runs: Any, **parts: Any) -> Accounts:
    entries = tuple(sorted(runs, key=lambda entry: (entry.started, entry.id)))
    return make_accounts(
        bench.policy(policy), entries, parts.get("overrides", ()), bench.now, 400.0, "main", ["a note"]
    )


def _named(found: Accounts, name: str = "checkout") -> Account:
    return next(account for account in found.accounts if account.name == name)


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
def test_other_repositories_say_nothing_of_our_pull_requests(
    bench: Any, runs: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    """What they use is used; what our pull requests cost, what came to nothing and what was a cause is told of ours."""
    ours = _entries(bench, runs)
    theirs = [replace(run, id=f"theirs-{run.id}", pr=None, elsewhere=1) for run in _entries(bench, others)]
    alone, among = (
        {(one.level, one.name): one for one in _made(bench, POLICY, runs).accounts} for runs in (ours, [*ours, *theirs])
    )
    assert alone.keys() == among.keys()
    for which, one in alone.items():
        other = among[which]
        assert (one.cost_most, one.saved_most) == (other.cost_most, other.saved_most)
        assert (one.wasted, one.causes) == (other.wasted, other.causes)


def test_what_a_step_adds_is_added_by_our_own_runs(bench: Any) -> None:
    """Other repositories run often, on the same kind of machine, a job of the same name, and cost something else."""
    ours = [
        bench.entry(n, ago=(24 - n) * DAY, reference_j=50.0 if n < 12 else 90.0, pr=n + 1, commit=f"{n:040x}")
        for n in range(24)
    ]
    theirs = [
        bench.entry(100 + n, ago=n * 6 * HOUR, reference_j=70.0, commit=f"{100 + n:040x}", elsewhere=1)
        for n in range(100)
    ]
    alone, among = (_named(_made(bench, POLICY, runs)) for runs in (ours, [*ours, *theirs]))
    assert [one.pr for one in alone.cost_most if (one.recurring_g or 0) > 1] == [13]
    assert among.cost_most == alone.cost_most


def test_runs_of_other_repositories_are_told(bench: Any) -> None:
    """How many there are, and what is told without them; what they call a feature is no mistake of this policy."""
    ours = [bench.entry(n, pr=n, branch="topic") for n in range(2)]
    theirs = [bench.entry(n, elsewhere=1, shares={"checkout": 0.5, "payments": 0.5}) for n in range(2, 5)]
    found = _made(bench, POLICY, [*ours, *theirs])
    line = "3 of 5 runs are of other repositories: pull requests, waste and single causes are told of this one alone."
    assert line in _named(found).coverage
    assert not any("what pull requests ran" in told for told in _named(found).coverage)
    assert found.notes == ("a note",)
    only = _made(bench, POLICY, [bench.entry(0), *(replace(run, branch="topic") for run in theirs)])
    assert any("Only runs of main are known here" in told for told in _named(only).coverage)


@settings(max_examples=40, deadline=None)
@given(st.lists(RUN, max_size=30))
def test_accounts_agree(bench: Any, runs: list[dict[str, Any]]) -> None:
    """The standings are those of the budget verb, and grams of features sum to the repository's, month by month."""
    entries = _entries(bench, runs)
    found = _made(bench, POLICY, entries)
    order = sorted(entries, key=lambda entry: (entry.started, entry.id))
    judged = holder_statuses(bench.policy(POLICY), order, (), bench.now, 400.0, "main")
    assert {one.name: one.standing for one in judged} == {a.name: a.standing for a in found.accounts if a.standing}
    assert [account.level for account in found.accounts[:2]] == ["repository", "team"]
    whole = sum(run.emissions_g or 0.0 for run in entries)
    for names in (["repository"], ["shop"], ["checkout", "search"]):
        months = [month for name in names for month in _named(found, name).months]
        assert sum(m.emissions_g.central for m in months if m.emissions_g) == pytest.approx(whole)
    for account in found.accounts:
        if account.standing:
            start, end = account.window_days
            days = [day for day in account.days if start < day.day <= end]
            assert sum(day.consumed or 0.0 for day in days) <= account.standing.consumed + 1e-9
    assert to_json(found) == to_json(_made(bench, POLICY, entries))


def test_who_has_an_account_and_in_which_order(bench: Any) -> None:
    """The repository, teams, and features, the fullest first; what no feature claims only if it is something."""
    runs = [bench.entry(1, shares={"checkout": 0.1, "search": 0.8, "gone": 0.1}), bench.entry(2, ago=-DAY)]
    found = _made(bench, POLICY, runs)
    assert [account.name for account in found.accounts] == ["repository", "shop", "search", "checkout"]
    assert found.notes == (
        "a note",
        "the ledger has runs of features that are not in the policy, which count for the repository alone: gone",
    )
    assert _named(found).owners == ("@shop",)
    claimed = _made(bench, POLICY, [bench.entry(1, shares={"unattributed": 1.0})])
    assert [account.name for account in claimed.accounts][-1] == "unattributed"
    assert found.made == "2026-03-20T12:00:00Z"


def test_sums_of_a_ledger_are_left_out(bench: Any) -> None:
    """Only runs are counted, not what a ledger has summed up of the same ones."""
    rolled = [bench.entry(2, rolled="", runs=4), bench.entry(3, rolled="checkout", runs=4)]
    assert _made(bench, POLICY, [bench.entry(1), *rolled]).accounts == _made(bench, POLICY, [bench.entry(1)]).accounts


@pytest.mark.parametrize(
    ("grams", "expected"),
    [(0.5, None), (1.2, "2026-03-21"), (2.0, "2026-03-12"), (9.0, "2026-03-03")],
    ids=["lasts", "is coming", "was", "was long ago"],
)
def test_the_day_of_exhaustion(bench: Any, grams: float, expected: str | None) -> None:
    """It is the likely day, and of a budget that is exhausted the one on which it was."""
    runs = [bench.entry(n, ago=n * DAY, operational_g=grams) for n in range(1, 60)]
    policy = '[features.checkout.budget]\nlimit = "24 g"\nwindow = "month"\n'
    assert _named(_made(bench, policy, runs)).exhausted_on == expected


def test_the_day_of_exhaustion_where_sums_round(bench: Any) -> None:
    """Ten times 0.1 g is all of 1 g, also where adding one after the other comes to less."""
    runs = [bench.entry(n, ago=n * HOUR, operational_g=0.1) for n in range(1, 11)]
    found = _named(_made(bench, '[features.checkout.budget]\nlimit = "1 g"\n', runs))
    assert found.exhausted_on == "2026-03-20"
    assert found.sentence.endswith("(100 %), exhausted since 20 March.")


def test_where_nothing_is_known_nobody_is_called_ok(bench: Any) -> None:
    """Runs whose use is not known are neither none used, nor all left, nor a good state."""
    unknown = {"energy_j": None, "operational_g": None}
    policy = '[features.checkout.budget]\nlimit = "1 kg"\nwindow = "month"\n'
    found = _named(_made(bench, policy, [bench.entry(1, **unknown)]))
    line = account_line(found, "2026-03-20")
    assert (line.share, line.used, line.state, line.left) == (None, "not known", "not known", "not known")
    half = _named(_made(bench, policy, [bench.entry(1), bench.entry(2, **unknown)]))
    assert half.sentence.startswith("Checkout used at least 0.1 % of its March carbon budget: 1 g of 1 kg CO2e")
    assert (account_line(half, "2026-03-20").left, half.months[-1].uncounted_runs) == ("at most 999 g", 1)
    table = months_table(half)
    assert table.rows[0][table.titles.index("Of its budget")] == "at least 0.1 % of 1 kg"


def test_the_window_and_its_days(bench: Any) -> None:
    """A calendar window has its first and last day by its clock; a rolling one ends today."""
    found = _made(bench, POLICY, [bench.entry(1, ago=50 * DAY)])
    assert _named(found).window_days == ("2026-03-01", "2026-03-31")
    assert _named(found).zone == "Europe/Berlin"
    assert _named(found, "shop").window_days == ("2026-01-01", "2026-03-31")
    assert _named(found, "repository").window_days == ("2026-02-20", "2026-03-20")
    assert [_named(found).days[0].day, _named(found).days[-1].day] == ["2026-03-01", "2026-03-20"]
    assert _named(found, "shop").days[0].day == "2026-01-29"
    assert _named(found, "repository").days[0].day == "2026-02-20"


def test_overrides_in_force(bench: Any) -> None:
    """Only accepted ones that hold now are told, also those for one commit."""
    sound = bench.override(amount=0.5)
    others = [
        bench.override(id="o-2", amount=0.5, commit="c" * 40),
        bench.override(id="o-3", amount=0.5, approver="ann"),
        bench.override(id="o-4", amount=0.5, granted="2026-03-01T00:00:00Z", expires="2026-03-05T00:00:00Z"),
        bench.override(id="o-5", feature="search", amount=100.0, kind="energy"),
    ]
    found = _made(bench, POLICY, [bench.entry()], overrides=[sound, *others])
    assert [one.id for one in _named(found).overrides] == ["o-1", "o-2"]
    assert [one.id for one in _named(found, "search").overrides] == ["o-5"]
    assert _named(found, "repository").overrides == ()


def test_a_nightly_job_that_takes_a_third(bench: Any) -> None:
    """It is a cause of the feature's budget by its own share, in the unit of that."""
    runs = [bench.entry(n, ago=n * DAY, job="nightly", shares={"checkout": 0.5, "search": 0.5}) for n in range(1, 15)]
    found = _made(bench, POLICY, runs)
    assert _named(found).causes == (TopConsumer("job", "nightly", pytest.approx(7 / 20), 7.0, 14),)
    assert _named(found, "repository").causes == ()


def test_a_merged_pull_request_also_ran_before_the_month(bench: Any) -> None:
    """Merged on the first of a month, it costs what its runs took, most of which were before."""
    pull = {"pr": 7, "branch": "topic"}
    runs = [bench.entry(n, ago=n * DAY, commit=f"{n:040x}", **pull) for n in range(20, 25)]
    merge = bench.entry(1, ago=19 * DAY, pr=7, commit="c" * 40)
    found = _named(_made(bench, '[features.checkout.budget]\nlimit = "1 kg"\nwindow = "month"\n', [*runs, merge]))
    assert [(one.per, one.emissions_g.central, one.count) for one in found.intensities] == [
        ("test run", 1.0, 1), ("merged pull request", 6.0, 1),
    ]  # fmt: skip


def test_a_step_is_told_to_whoever_pays(bench: Any) -> None:
    """What a pull request adds is shared as the job's runs are, and is as many runs as a window has."""
    runs = []
    for n in range(40):
        shares = {"checkout": 1.0} if n % 2 else {"search": 1.0}
        own = {"shares": shares, "reference_j": 60.0 if n >= 30 else 50.0, "job": "tests"}
        runs.append(bench.entry(n, ago=(40 - n) * DAY, pr=n + 1, commit=f"{n:040x}", **own))
    found = _made(bench, '[features.checkout.budget]\nlimit = "1 kg"\n', runs)
    costs = {name: _named(found, name).cost_most[0] for name in ("repository", "checkout", "search")}
    assert {cost.pr for cost in costs.values()} == {31}
    per_run_g = 10.0 / 60.0
    assert costs["repository"].recurring_g == pytest.approx(28 * per_run_g)
    assert costs["checkout"].recurring_g == costs["search"].recurring_g == pytest.approx(14 * per_run_g)
    assert (costs["search"].runs, costs["checkout"].runs, costs["checkout"].sunk_g) == (1, 0, 0.0)
    cheaper = _made(bench, "", [replace(run, reference_j=3000.0 / (run.reference_j or 1.0)) for run in runs])
    assert [cost.pr for cost in _named(cheaper).saved_most] == [31]
    assert 31 not in [cost.pr for cost in _named(cheaper).cost_most]


@pytest.mark.parametrize(
    ("policy", "run", "sentence"),
    [
        (
            'limit = "9 g"',
            {},
            "The budget counts grams at a fixed 400 g/kWh, so a dirty week on the grid costs no more.",
        ),
        ('limit = "9 g"\ng-per-kwh = 50', {}, "at a fixed 50 g/kWh"),
        ('limit = "9 g"\ncounts = "located"', {}, "The budget counts grams as they were on the grid of each run"),
        ('limit = "9 kJ"', {}, "The budget counts energy, whatever the electricity was made from."),
        ('limit = "9 kJ ref"', {}, "as a reference machine would have used it"),
        ('limit = "9 g"', {"method": "counter"}, "All energy was read from counters in the machines."),
        ('limit = "9 g"', {"energy_j": None, "operational_g": None}, "What 1 of 2 runs emitted is not known"),
        ('limit = "9 g"', {"emissions_low_g": None}, "How far off the grams of 1 run may be is not known."),
        ('limit = "9 g"', {"grid_assumed": True}, "For 1 of 2 runs nobody said which electricity grid they were on"),
        ('limit = "9 g"', {}, "Only runs of main are known here"),
        ('limit = "9 g"', {}, "The ledger has runs since 17 March 2026; of the time before that nothing is known."),
    ],
)
def test_coverage_in_plain_words(bench: Any, policy: str, run: dict[str, Any], sentence: str) -> None:
    """How a budget counts, what is not known and how sure the rest is, each in a sentence."""
    runs = [
        bench.entry(1, ago=3 * DAY, **run),
        bench.entry(2, ago=2 * DAY, **{name: value for name, value in run.items() if name == "method"}),
    ]
    found = _named(_made(bench, f"[features.checkout.budget]\n{policy}\n", runs))
    assert [text for text in found.coverage if sentence in text]
    assert all(text.endswith(".") for text in found.coverage)


def test_without_a_zone_no_gram_is_counted(bench: Any) -> None:
    """A budget of work in grams needs an intensity, and says that it has none."""
    policy = bench.policy('[features.checkout.budget]\nlimit = "9 g"\nwindow = "month"\n')
    found = _named(make_accounts(policy, [bench.entry()], (), bench.now, None, "main"))
    assert "but no grid zone is set, so nothing can be counted." in found.coverage[0]
    assert (found.months[-1].consumed, found.standing and found.standing.unknown_runs) == (None, 1)
    table = months_table(found)
    assert table.rows[0][table.titles.index("Of its budget")] == "not known"


def test_what_belongs_to_nobody_is_told_of_the_whole(bench: Any) -> None:
    """The repository's account says which part of the grams no feature claims."""
    found = _made(bench, "", [bench.entry(1, shares={"checkout": 0.75, "unattributed": 0.25})])
    assert "25 % of the grams belong to no feature." in _named(found, "repository").coverage
    assert not [text for text in _named(found).coverage if "belong to no feature" in text]


def test_whose_machines_is_told_where_the_policy_says_it(bench: Any) -> None:
    """A run that does not say whose machine it was on is counted as the policy says, and that is told."""
    policy, runs = 'machines = "own"\n', [bench.entry(1, embodied_g=0.5)]
    found = _made(bench, policy, runs)
    assert _named(found).months[-1].scope_2_g == 1.0
    assert "Machines that do not say whose they are count as our own, as the policy says." in found.method
    assert len(_made(bench, policy, [bench.entry(1, runner="self-hosted")]).method) == len(found.method) - 1

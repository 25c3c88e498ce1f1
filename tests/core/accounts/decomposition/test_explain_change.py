"""Why a month differs from the one before: on simulated ledgers the planted cause is named first, and no other one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.core.accounts.values.window_change import ChangeTerm, WindowChange
from tests.core.accounts.decomposition import planted_ledgers
from tests.core.accounts.decomposition.planted_ledgers import FEATURES, PLANTED, UNCHANGED, Plant
from tests.core.accounts.sample_accounts import DAY, make, named

LEAST_RIGHT = 19


def _accounts(bench: Any, plant: Plant, policy: str = "") -> tuple[Accounts, int]:
    features = "".join(
        f'[features.{name}]\nlabels = ["feature:{name}"]\n' for name in FEATURES if name not in ("checkout", "search")
    )
    entries, pull = planted_ledgers.ledger(plant)
    made = make_accounts(bench.policy(policy + features), entries, (), planted_ledgers.NOW, 380.0, "main")
    return made, pull


def _change(accounts: Accounts, name: str) -> WindowChange:
    change = named(accounts, name).change
    assert change is not None
    return change


def _planted_cause(plant: Plant) -> set[str]:
    """Return the causes that were planted, as the terms name them."""
    causes = {"pull request": plant.more, "grid": plant.grid - 1, "machines": plant.runner - 1, "runs": plant.runs - 1}
    return {cause for cause, size in causes.items() if size}


def _is_right(term: ChangeTerm, plant: Plant, pull: int) -> bool:
    if term.cause not in _planted_cause(plant):
        return False
    return term.cause != "pull request" or (term.pr, term.features) == (pull, (plant.feature,))


def test_there_are_forty_ledgers() -> None:
    """Twenty have a planted cause, of five kinds, and twenty have none."""
    assert (len(PLANTED), len(UNCHANGED)) == (20, 20)
    assert {len(_planted_cause(plant)) for plant in PLANTED} == {1, 2}


def test_the_planted_cause_is_named_first(bench: Any) -> None:
    """In the account of the feature, in 19 of 20 ledgers, and nothing that was not planted is named with it."""
    right, strangers = 0, []
    for plant in PLANTED:
        accounts, pull = _accounts(bench, plant)
        terms = [term for term in _change(accounts, plant.feature or "repository").terms if term.named]
        right += bool(terms) and _is_right(terms[0], plant, pull)
        strangers += [(plant, term.cause) for term in terms if term.cause not in {*_planted_cause(plant), "work"}]
    assert right >= LEAST_RIGHT
    assert strangers == []


def test_without_a_planted_cause_none_is_named(bench: Any) -> None:
    """In no account of any of the twenty ledgers; the sentence says so."""
    for plant in UNCHANGED:
        for account in _accounts(bench, plant)[0].accounts:
            assert account.change is not None
            assert (plant, [term.cause for term in account.change.terms if term.named]) == (plant, [])
            assert account.change.sentence.endswith(": no cause stands out from the usual variation.")


@pytest.mark.parametrize("plant", [PLANTED[4], PLANTED[11], PLANTED[18], UNCHANGED[0]])
def test_terms_sum_to_the_change(bench: Any, plant: Plant) -> None:
    """Nothing is left over, in the account of any holder; without a budget, the grams are those of the months."""
    for account in _accounts(bench, plant)[0].accounts:
        change, month = account.change, account.months[-1]
        assert change is not None
        assert month.emissions_g is not None
        assert sum(term.emissions_g for term in change.terms) == pytest.approx(
            change.after_g - change.before_g, abs=1e-9 * change.after_g
        )
        assert change.after_g == pytest.approx(month.emissions_g.central)


def test_a_feature_whose_own_joules_did_not_move_is_not_said_to_have_changed(bench: Any) -> None:
    """A pull request in search is named by search and the repository, and by no feature that pays for its own tests."""
    accounts, pull = _accounts(bench, PLANTED[4])
    sentences = {account.name: _change(accounts, account.name).sentence for account in accounts.accounts}
    assert {name for name, sentence in sentences.items() if f"#{pull}" in sentence} == {"search", "repository"}
    assert f"since #{pull} in search (+" in _change(accounts, "repository").sentence
    assert f"each run costs more since #{pull} (+" in _change(accounts, "search").sentence


def test_who_pays_by_label_is_told_the_cause_and_its_share(bench: Any) -> None:
    """Labels let others pay whole runs: the nightly runs, which tests pay for, tell where the change was caused."""
    accounts, pull = _accounts(bench, Plant(4, day=64, feature="search", more=0.5, by_label=True))
    sentence = _change(accounts, "catalogue").sentence
    assert f"each run costs more, caused in search by #{pull} (your share +" in sentence
    assert "caused in" not in _change(accounts, "search").sentence
    costs = {cost.pr: cost for cost in named(accounts, "catalogue").cost_most}
    assert costs[pull].caused_in == ("search",)
    assert (costs[pull].recurring_g or 0) > 0


def test_the_grid_is_no_cause_for_a_budget_of_work(bench: Any) -> None:
    """Its grams are counted at one intensity, so a dirty month is none; a located budget has it."""
    budget = '[features.search.budget]\nlimit = "2 kg"\nwindow = "month"\n'
    plant = Plant(20, grid=1.25)
    work, located = (
        _change(_accounts(bench, plant, budget + counts)[0], "search") for counts in ("", 'counts = "located"\n')
    )
    assert {"grid"} - {term.cause for term in work.terms} == {"grid"}
    assert work.sentence.endswith("no cause stands out from the usual variation.")
    assert "the grid was dirtier (+" in located.sentence


def test_the_first_week_explains_the_months_before(bench: Any) -> None:
    """Until a month is a week old, the two months before it are compared, whole."""
    runs = [bench.entry(n, ago=n * DAY / 2) for n in range(1, 300)]
    change = _change(make(bench, "", runs), "checkout")
    assert (change.month_before, change.month, change.so_far) == ("2026-02", "2026-03", True)
    bench_now, bench.now = bench.now, bench.now - 14 * DAY
    try:
        change = _change(make(bench, "", [run for run in runs if run.started <= bench.now.isoformat()]), "checkout")
    finally:
        bench.now = bench_now
    assert (change.month_before, change.month, change.so_far) == ("2026-01", "2026-02", False)
    assert change.sentence.startswith("In February ")


def test_a_ledger_that_is_too_young_explains_nothing(bench: Any) -> None:
    """Of a month that the ledger has only in part, it is not known what its runs were; nor without any run."""
    assert named(make(bench, "", [bench.entry(n, ago=n * DAY) for n in range(30)])).change is None
    old = bench.entry(99, ago=80 * DAY, shares={"search": 1.0})
    assert named(make(bench, "", [old])).change is None


def test_runs_that_were_not_told_before_are_coverage(bench: Any) -> None:
    """Runs of pull requests that the ledger begins to have, and runs whose grams become known, are no more runs."""
    main = [bench.entry(n, ago=n * DAY) for n in range(1, 80)]
    pulls = [bench.entry(100 + n, ago=n * DAY + timedelta(hours=1), branch="topic", pr=n) for n in range(1, 15)]
    change = _change(make(bench, "", [*main, *pulls]), "checkout")
    assert change.terms[0] == ChangeTerm("coverage", pytest.approx(14.0), 0.0, True)
    assert "a kind of runs is new in the ledger (+14 g)" in change.sentence
    unknown = [bench.entry(n, ago=n * DAY, operational_g=None) for n in range(20, 80)]
    change = _change(make(bench, "", [*main[:19], *unknown]), "checkout")
    assert [(term.cause, term.named) for term in change.terms] == [("coverage", True)]


@pytest.mark.parametrize("counts", ["", 'counts = "located"\n'])
def test_a_grid_without_grams_is_told(bench: Any, counts: str) -> None:
    """Runs on a grid of 0 g/kWh by machines of 0 g have taken 0 g, and that is known."""
    none = {"operational_g": 0.0, "embodied_g": 0.0, "grid_g_per_kwh": 0.0, "emissions_low_g": 0.0}
    runs = [bench.entry(n, ago=n * DAY, emissions_high_g=0.0, **none) for n in range(1, 80)]
    policy = f'[features.checkout.budget]\nlimit = "2 kg"\nwindow = "month"\n{counts}'
    change = _change(make(bench, policy, runs, g_per_kwh=0.0), "checkout")
    assert change.sentence == (
        "So far in March 0 g, as in the same days of February: nothing that was counted emits anything."
    )


@pytest.mark.parametrize("unknown", ["operational_g", "embodied_g"])
@pytest.mark.parametrize("every", [1, 2])
def test_grams_that_are_not_known_are_no_saving(bench: Any, unknown: str, every: int) -> None:
    """If those of the newest month are not, or of every second run, nobody knows whether it took less."""
    entries = [
        bench.entry(n, ago=n * DAY, **({unknown: None} if n < 19 and n % every == 0 else {})) for n in range(1, 80)
    ]
    assert named(make(bench, "", entries), "checkout").change is None


def test_few_runs_name_no_cause_but_their_number(bench: Any) -> None:
    """Four runs do not show how much runs differ."""
    few = [bench.entry(n, ago=(5 * n - 4) * DAY, reference_j=50.0 if n > 4 else 90.0) for n in range(1, 30)]
    change = _change(make(bench, "", few), "checkout")
    assert not [term for term in change.terms if term.named and term.cause == "work"]
    fewer = [bench.entry(n, ago=n * DAY) for n in range(1, 80) if n > 30 or n % 3 == 0]
    assert "fewer runs (-" in _change(make(bench, "", fewer), "checkout").sentence

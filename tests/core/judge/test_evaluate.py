"""The whole verdict: what is judged, the notes, and the laws that every verdict obeys."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.quantities import Quantity
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.verdict.verdict import WORST_FIRST, State, Verdict, to_json, to_plain_json, worst_state
from tests.core.judge.policies import SHOP

LAW = settings(max_examples=30, deadline=None)
LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
DAY = timedelta(days=1)


def _bytes(verdict: Verdict) -> bytes:
    return json.dumps(to_json(verdict), sort_keys=True, allow_nan=False).encode()


def _states(verdict: Verdict) -> dict[str, tuple[State, ...]]:
    return {one.name: (one.state, *(check.state for check in one.checks)) for one in verdict.judged}


def test_nothing_to_judge_is_a_pass(bench: Any) -> None:
    """Without a budget the verdict is a pass and says why."""
    free = bench.judge()
    assert (free.state, free.sentence) == (
        "pass", "Nothing is judged: no budget of the policy covers what ran here.",
    )  # fmt: skip
    assert [one.name for one in free.judged] == ["checkout", "search", "unattributed"]


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ([], "pass"),
        (["pass", "warn", "pass"], "warn"),
        (["warn", "overridden"], "overridden"),
        (["overridden", "inconclusive"], "inconclusive"),
        (["inconclusive", "fail", "warn"], "fail"),
        (["not-measured", "fail", "error"], "error"),
    ],
)
def test_worst_state_is_that_of_the_whole(states: list[State], whole: State) -> None:
    """The worst state of the parts is the state of the whole, in any order."""
    assert worst_state(states) == worst_state(states[::-1]) == whole


@pytest.mark.parametrize("on_inconclusive", ["warn", "fail"])
@pytest.mark.parametrize("state", WORST_FIRST)
def test_exit_code_of_a_state(bench: Any, state: State, on_inconclusive: Any) -> None:
    """The exit code is 1 for a failure, 3 for an inconclusive verdict if the policy asks for it, else 0."""
    verdict = replace(bench.judge(), state=state, on_inconclusive=on_inconclusive)
    unsure = 3 if on_inconclusive == "fail" else 0
    codes = {"error": 1, "fail": 1, "inconclusive": unsure, "not-measured": unsure}
    assert verdict.exit_code == to_json(verdict)["exit_code"] == codes.get(state, 0)


def test_notes_are_what_was_skipped_and_refused(bench: Any) -> None:
    """Each note comes once: skipped files, the report's gaps, overcommitted budgets, refused overrides."""
    policy = LIMIT + '[budget]\nlimit = "100 g"\n'
    report = replace(bench.report(), gaps=("a gap", "skipped"))
    refused = bench.override(reason="")
    verdict = bench.judge(policy, report=report, notes=["skipped"], overrides=[refused])
    assert verdict.notes == (
        "skipped",
        "a gap",
        "the budgets below the repository add up to 120 g in 28 days, more than its own limit of 100 g",
        "override o-1 of checkout gives no reason; say why it cannot wait",
    )


def test_a_zone_that_is_set_is_not_asked_for(bench: Any) -> None:
    """A report from before the policy had a zone is of the world average, and says no more that a zone must be set."""
    gap = "no grid zone is set: grams are for the world average, and no limit is judged; set the zone of your machines"
    report = replace(bench.report(), gaps=(gap,))
    (note,) = bench.judge(report=report).notes
    assert note.startswith("this run was measured without the grid zone that the policy has now")
    assert bench.judge(report=report, grid=bench.world).notes == (gap,)


def test_dirty_grid_does_not_change_budgets_of_work(bench: Any) -> None:
    """On a grid three times as dirty, states and reasons stay the same, unless located grams are counted."""
    dirty = GridFactor("DE", Range(1200.0, 600.0, 1500.0), "by hand", 2024, False)
    runs = bench.spent(60)
    smoky = [replace(run, grid_g_per_kwh=1200.0, operational_g=3 * run.operational_g) for run in runs]
    clean = bench.judge(SHOP, entries=runs)
    dirtier = bench.judge(SHOP, entries=smoky, report=bench.report(grid=dirty))
    assert [one.checks for one in clean.judged] == [one.checks for one in dirtier.judged]
    assert (clean.state, clean.sentence) == (dirtier.state, dirtier.sentence)
    located = LIMIT + 'counts = "located"\n'
    assert bench.judge(located, entries=runs).state != "fail"
    assert bench.judge(located, entries=smoky, report=bench.report(grid=dirty)).state == "fail"


@pytest.mark.parametrize("names", [set(), {"checkout"}, {"checkout", "search"}])
def test_tests_of_changed_features_are_listed(bench: Any, names: set[str]) -> None:
    """The tests of changed features are listed, the largest difference first; other tests are not."""
    report = bench.report(costs=dict.fromkeys(names, 1.5))
    verdict = bench.judge(SHOP, report=report, baseline=bench.baseline())
    assert {test.feature for test in verdict.tests} == names
    differences = [(test.head_j or 0.0) - (test.base_j or 0.0) for test in verdict.tests]
    assert differences == sorted(differences, reverse=True)


# -- laws ---------------------------------------------------------------------------------------------------

AGES = st.tuples(st.floats(0.1, 60.0), st.floats(0.0, 40.0), st.sampled_from(["checkout", "search", "unattributed"]))
LEDGERS = st.lists(AGES, max_size=12)


def _ledger(bench: Any, runs: list[tuple[float, float, str]]) -> list[Any]:
    return [
        bench.entry(n, ago=age * DAY, energy_j=100 * grams, operational_g=grams, reference_j=50 * grams + 1,
                    shares={who: 1.0}, pr=n % 3 or None)
        for n, (age, grams, who) in enumerate(runs)
    ]  # fmt: skip


@LAW
@given(LEDGERS, st.sampled_from([0.8, 1.0, 1.5]), st.booleans(), st.randoms(use_true_random=False))
def test_same_case_gives_the_same_bytes(
    bench: Any, runs: list[tuple[float, float, str]], cost: float, known: bool, chance: Any
) -> None:
    """The order of ledger and baseline does not matter, nor how often the run is judged."""
    entries, overrides = _ledger(bench, runs), [bench.override(), bench.override(id="o-2", amount=3.0)]
    report, baseline = bench.report(costs={"checkout": cost}, known=known), list(bench.baseline())
    first = bench.judge(SHOP, report=report, entries=entries, baseline=baseline, overrides=overrides)
    again = bench.judge(SHOP, report=report, entries=entries, baseline=baseline, overrides=overrides)
    for records in (entries, overrides, baseline):
        chance.shuffle(records)
    mixed = bench.judge(SHOP, report=report, entries=entries, baseline=baseline, overrides=overrides)
    assert _bytes(first) == _bytes(again) == _bytes(mixed)


def _scaled(report: Any, factor: float) -> Any:
    def times(value: float | None) -> float | None:
        return None if value is None else value * factor

    names = ("energy_j", "low_j", "high_j", "reference_j", "operational_g", "embodied_g", "emissions_g",
             "emissions_low_g", "emissions_high_g")  # fmt: skip
    totals = replace(report.totals, **{name: times(getattr(report.totals, name)) for name in names})
    rows = tuple(replace(r, energy_j=times(r.energy_j), reference_j=r.reference_j * factor) for r in report.rows)
    uses = {
        name: replace(use, energy_j=use.energy_j * factor, reference_j=use.reference_j * factor,
                      emissions_g=use.emissions_g * factor)
        for name, use in report.features.items()
    }  # fmt: skip
    return replace(report, totals=totals, rows=rows, features=uses)


def _larger(budget: Budget, factor: float) -> Budget:
    def times(limit: Quantity | None) -> Quantity | None:
        return limit and replace(limit, value=limit.value * factor)

    return replace(budget, limit=times(budget.limit), per_run=times(budget.per_run), growth=None)


@LAW
@given(LEDGERS, st.sampled_from([2.0**-10, 0.5, 4.0, 2.0**12]), st.sampled_from([None, 0.1, 10.0]))
def test_unit_of_energy_does_not_matter(
    bench: Any, runs: list[tuple[float, float, str]], factor: float, granted: float | None
) -> None:
    """Runs, limits and overrides that are all larger by the same factor leave every state as it is."""
    verdicts = []
    for times in (1.0, factor):
        policy = bench.policy(SHOP)
        policy = Policy(policy.features, tuple(_larger(budget, times) for budget in policy.budgets))
        entries = _ledger(bench, [(age, grams * times, who) for age, grams, who in runs])
        entries = [replace(entry, reference_j=50 * (entry.operational_g or 0.0)) for entry in entries]
        overrides = [bench.override(amount=granted * times)] if granted else []
        report = _scaled(bench.report(), times)
        verdicts.append(bench.judge(policy, report=report, entries=entries, overrides=overrides))
    assert _states(verdicts[0]) == _states(verdicts[1])


@LAW
@given(LEDGERS, st.floats(0.0, 1.0), st.floats(0.0, 150.0))
def test_one_more_run_never_improves_a_check(
    bench: Any, runs: list[tuple[float, float, str]], when: float, grams: float
) -> None:
    """One more run in the ledger, not before the first, leaves every check as it is or makes it worse.

    A forecast is apart: a cheap run lowers the pace.
    """
    entries = _ledger(bench, runs)
    first = max((age for age, _, _ in runs), default=1 / 24)
    extra = bench.entry(99, ago=when * first * DAY, operational_g=grams, energy_j=100 * grams)
    before, after = bench.judge(SHOP, entries=entries), bench.judge(SHOP, entries=[*entries, extra])
    for one, other in zip(before.judged, after.judged, strict=True):
        for check, later in zip(one.checks, other.checks, strict=True):
            is_forecast = "at this pace" in check.reason
            assert WORST_FIRST.index(later.state) <= WORST_FIRST.index(check.state) or is_forecast


@LAW
@given(LEDGERS, st.integers(1, 3), st.sampled_from(["", "unit"]))
def test_run_counts_once(bench: Any, runs: list[tuple[float, float, str]], attempt: int, job: str) -> None:
    """A run gives the same verdict before and after it is in the ledger, whatever its attempt and job."""
    entries, source = _ledger(bench, runs), RunSource(branch="topic", pr=7)
    own = make_entry(bench.report(), replace(source, attempt=attempt, job=job))
    before = bench.judge(SHOP, entries=entries, source=source)
    after = bench.judge(SHOP, entries=[*entries, own], source=source)
    assert _bytes(before) == _bytes(after)


@LAW
@given(LEDGERS)
def test_every_figure_is_a_number(bench: Any, runs: list[tuple[float, float, str]]) -> None:
    """The verdict is valid JSON, every figure is finite and every sentence is complete."""
    verdict = bench.judge(SHOP, entries=_ledger(bench, runs), baseline=bench.baseline())
    judged = json.loads(json.dumps(to_plain_json(verdict.judged)))
    for holder in judged:
        holder["growth"] |= holder["growth"].pop("totals")
    assert json.loads(_bytes(verdict))["judged"] == judged
    assert verdict.sentence.endswith(".")
    for one in verdict.judged:
        for check in one.checks:
            assert not check.reason.endswith((".", ";", ":", " "))
            assert "None" not in check.reason


def test_calendar_window_starts_at_zero(bench: Any) -> None:
    """In a budget by month, the runs of the month before do not count."""
    budget = replace(bench.policy(LIMIT).budgets[0], window=parse_window("month"))
    policy = Policy(bench.policy().features, (budget,))
    assert bench.judge(policy, entries=[bench.entry(ago=25 * DAY, operational_g=500.0)]).state == "pass"
    assert bench.judge(policy, entries=[bench.entry(ago=15 * DAY, operational_g=500.0)]).state == "fail"


def test_noisy_tests_are_named_and_nobody_is_told_to_mend_them(bench: Any) -> None:
    """A test that varies by itself in the base is set aside: nothing is said of a change of it, and a note names it."""
    baseline = [*bench.baseline()]
    noisy = next(iter(baseline[0].tests))
    for number, run in enumerate(baseline):
        wild = run.tests[noisy]._replace(reference_j=run.tests[noisy].reference_j * (0.4, 1.0, 2.5)[number % 3])
        baseline[number] = replace(run, tests={**run.tests, noisy: wild})
    verdict = bench.judge(SHOP, baseline=baseline)
    notes = [note for note in verdict.notes if "varies too much by itself to be judged: " in note]
    assert [note.rsplit(": ", 1)[1] for note in notes] == [noisy]
    assert noisy not in [test.nodeid for test in verdict.tests]

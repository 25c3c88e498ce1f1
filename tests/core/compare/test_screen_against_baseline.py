"""The screen: laws of its estimate, over runs made by hand and by chance."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from statistics import median

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_carbon.core.compare.clean_costs import clean_logs, full_speed_of_runs, usual_cost
from pytest_carbon.core.compare.estimate import Estimate, TooFewClean
from pytest_carbon.core.compare.robust_mean import robust_mean
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.energy.reference_energy import NEARLY_CLEAN_RATIO
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements
from tests.core.compare.cases import (
    EXACT,
    JOULES,
    LAW,
    SLOW,
    estimate_of_pairs,
    run_of,
    runs_of_same_tests,
    same_tests,
    scaled,
    screen_estimate,
)


@LAW
@given(runs_of_same_tests(clean=True), JOULES)
def test_run_against_itself_has_its_ratio(runs: list[RunMeasurements], ratio: float) -> None:
    """The same run has not changed; a run scaled by r has changed by log r, with the same error."""
    run = runs[0]
    one = screen_estimate(run, [run])
    assert one == Estimate(0.0, pytest.approx(0.03 * math.sqrt(2)), pytest.approx(1.0), len(run.tests))
    head = scaled(run, ratio)
    result, times_all = screen_estimate(head, [run] * 6), screen_estimate(scaled(runs[-1], ratio), runs)
    assert result == Estimate(pytest.approx(math.log(ratio), abs=EXACT), pytest.approx(0.03 * math.sqrt(0.4)),
                             pytest.approx(1.0), len(run.tests))  # fmt: skip
    all_runs = screen_estimate(runs[-1], runs)
    assert isinstance(times_all, Estimate)
    assert isinstance(all_runs, Estimate)
    assert times_all.change == pytest.approx(all_runs.change + math.log(ratio), abs=EXACT)
    assert times_all.sigma == all_runs.sigma


@LAW
@given(runs_of_same_tests(), st.randoms(use_true_random=False))
def test_order_of_tests_and_runs_does_not_matter(runs: list[RunMeasurements], chance: Random) -> None:
    """Tests in any order, and a baseline in any order, give the same estimate."""
    head, *baseline = runs
    mixed = [replace(r, tests=dict(chance.sample(list(r.tests.items()), len(r.tests)))) for r in runs]
    one, other = screen_estimate(head, baseline), screen_estimate(mixed[0], chance.sample(mixed[1:], len(baseline)))
    assert type(one) is type(other)
    assert (other.coverage, other.tests) == (pytest.approx(one.coverage), one.tests)
    if isinstance(one, Estimate) and isinstance(other, Estimate):
        assert (other.change, other.sigma) == (pytest.approx(one.change, abs=EXACT), pytest.approx(one.sigma))


@LAW
@given(runs_of_same_tests(least=2), JOULES)
def test_observations_that_are_not_clean_do_not_count(runs: list[RunMeasurements], wild: float) -> None:
    """The cost of a test of the head that was slowed, failed or skipped changes nothing."""
    head, *baseline = runs
    full = full_speed_of_runs(runs)
    near, seen = clean_logs(head, full, NEARLY_CLEAN_RATIO), clean_logs(head, full)
    far = {n: f if n in near else f._replace(reference_j=wild) for n, f in head.tests.items()}
    other = {n: f if n in seen else f._replace(reference_j=wild) for n, f in head.tests.items()}
    assert screen_estimate(replace(head, tests=far), baseline) == screen_estimate(head, baseline)
    assert estimate_of_pairs(baseline, [replace(head, tests=other)] * 7) == estimate_of_pairs(baseline, [head] * 7)


@LAW
@given(runs_of_same_tests(clean=True), st.lists(st.booleans(), min_size=13, max_size=13), JOULES, JOULES)
def test_unclean_runs_of_the_base_do_not_bias(
    runs: list[RunMeasurements], slowed: list[bool], ratio: float, wild: float
) -> None:
    """If the clean runs agree, the costs of the slowed runs change nothing in the estimate."""
    run = runs[0]
    spoilt = {
        n: MeasuredTest(wild, SLOW) if slow else f for (n, f), slow in zip(run.tests.items(), slowed, strict=False)
    }  # fmt: skip
    result = screen_estimate(scaled(run, ratio), [run, run, replace(run, tests=spoilt), run])
    assert isinstance(result, Estimate)
    assert result.change == pytest.approx(math.log(ratio), abs=EXACT)
    assert result.sigma == pytest.approx(0.03 * math.sqrt(4 / (4 + sum(_enough_seen(run, spoilt)))), abs=EXACT)


def _enough_seen(run: RunMeasurements, spoilt: dict[str, MeasuredTest]) -> list[bool]:
    """Return for each of the four runs whether enough of it was clean to count for the error."""
    clean = {n for n, f in spoilt.items() if f.slowdown == 1.0}
    cost_j = usual_cost([run, run, replace(run, tests=spoilt), run])
    enough = len(clean) >= 5 and math.fsum(cost_j[n] for n in clean) >= 0.4 * math.fsum(cost_j.values())
    return [True, True, enough, True]


@LAW
@given(runs_of_same_tests(least=3), st.integers(0, 6), st.integers(0, 12))
def test_seeing_more_never_hides_an_answer(runs: list[RunMeasurements], which: int, test: int) -> None:
    """One more clean observation, on either side, never turns an estimate into an unclear result."""
    which, name = which % len(runs), f"t{test % len(runs[0].tests)}"
    figure = runs[which].tests[name]
    assume(figure.outcome == "passed")
    clearer = replace(runs[which], tests={**runs[which].tests, name: figure._replace(slowdown=1.0)})
    more = [*runs[:which], clearer, *runs[which + 1 :]]
    half = len(runs) // 2
    result, clear = screen_estimate(runs[0], runs[1:]), screen_estimate(more[0], more[1:])
    assert isinstance(clear, Estimate) or isinstance(result, TooFewClean)
    if not _is_near_full_speed(result, runs):  # such an estimate gives way to an estimate at full speed
        assert clear.coverage >= result.coverage - EXACT
        assert clear.tests >= result.tests
    pairs, clear = estimate_of_pairs(runs[:half], runs[half:]), estimate_of_pairs(more[:half], more[half:])
    assert isinstance(clear, Estimate) or isinstance(pairs, TooFewClean)
    assert clear.coverage >= pairs.coverage - EXACT
    assert clear.tests >= pairs.tests


def _is_near_full_speed(found: Estimate | TooFewClean, runs: list[RunMeasurements]) -> bool:
    """Return whether an estimate needed observations near full speed, because those at full speed were too few."""
    full = full_speed_of_runs(runs)
    clean = [
        replace(run, tests={n: run.tests[n] if n in clean_logs(run, full) else MeasuredTest(1.0) for n in run.tests})
        for run in runs
    ]
    unclear = Screen(clean[0], clean[1:], same_tests(runs[0]), usual_cost(runs[1:])).estimate(set(runs[0].tests))
    return isinstance(found, Estimate) and isinstance(unclear, TooFewClean)


@LAW
@given(runs_of_same_tests(least=2))
def test_error_is_never_below_the_share_of_the_prior(runs: list[RunMeasurements]) -> None:
    """A baseline whose runs happen to agree lowers the error no more than its number of runs allows."""
    result, sure = screen_estimate(runs[0], runs[1:]), estimate_of_pairs(runs, runs)
    if isinstance(result, Estimate):
        alone = math.sqrt(2) if len(runs) == 2 else 1.0
        assert result.sigma >= alone * 0.03 * math.sqrt(4 / (4 + len(runs) - 1)) - EXACT
    if isinstance(sure, Estimate):
        assert (sure.change, sure.sigma >= 0.02 * math.sqrt(2 / 4) - EXACT) == (0.0, True)


@pytest.mark.parametrize(
    ("head", "baseline", "coverage", "tests"),
    [
        pytest.param(run_of([]), [run_of([])] * 5, 0.0, 0, id="empty runs"),
        pytest.param(run_of([1.0] * 9), [], 0.0, 0, id="no baseline"),
        pytest.param(run_of([1.0] * 9, None), [run_of([1.0] * 9, None)] * 5, 0.0, 0, id="no probes"),
        pytest.param(run_of([MeasuredTest(1.0)] * 9), [run_of([1.0] * 9)] * 5, 0.0, 0, id="no probes in the head"),
        pytest.param(run_of([1.0]), [run_of([1.0])] * 5, 1.0, 1, id="one test"),
        pytest.param(run_of([1.0] * 4), [run_of([1.0] * 4)] * 5, 1.0, 4, id="four tests"),
        pytest.param(run_of([1.0] * 9), [run_of([1.0] * 9), run_of([]), run_of([])], 0.0, 0, id="seen once of three"),
        pytest.param(
            run_of([1.0] * 5 + [MeasuredTest(9.0, 2.0)]), [run_of([1.0] * 5 + [9.0])] * 5, 5 / 14, 5, id="too little"
        ),
        pytest.param(
            run_of([1.0] * 5 + [MeasuredTest(9.0, 1.0, "failed")]),
            [run_of([1.0] * 5 + [9.0])] * 5,
            5 / 14,
            5,
            id="most of it fails now",
        ),
    ],
)
def test_screen_that_saw_too_little_is_unclear(
    head: RunMeasurements, baseline: list[RunMeasurements], coverage: float, tests: int
) -> None:
    """Fewer than five tests, or less than 40 % of the cost, give no estimate, only the coverage."""
    assert screen_estimate(head, baseline) == TooFewClean(pytest.approx(coverage), tests)


def test_screen_answers_for_any_set_of_tests() -> None:
    """One screen answers per feature, follows renamed tests, and ignores unknown tests."""
    base = run_of([1.0] * 12)
    head = run_of([1.0] * 6 + [1.5] * 6)
    renamed = replace(head, tests={f"now-{n}": f for n, f in head.tests.items()})
    screen = Screen(renamed, [base] * 6, {f"now-{n}": n for n in base.tests}, usual_cost([base]))
    result = [screen.estimate({f"now-t{n}" for n in part} | {"new"}) for part in (range(6), range(6, 12))]
    assert [e.change for e in result if isinstance(e, Estimate)] == [0.0, pytest.approx(math.log(1.5))]


@LAW
@given(runs_of_same_tests(least=4, clean=True))
def test_error_is_each_run_against_the_others(runs: list[RunMeasurements]) -> None:
    """The error comes from every run of the baseline, compared with the median of the other runs."""
    cost_j = usual_cost(runs)
    errors = []
    for number, run in enumerate(runs):
        others = runs[:number] + runs[number + 1 :]
        off = [
            math.log(run.tests[n].reference_j) - median(math.log(other.tests[n].reference_j) for other in others)
            for n in cost_j
        ]
        errors.append(robust_mean(off, list(cost_j.values())))
    result = screen_estimate(runs[0], runs)
    assert isinstance(result, Estimate)
    bias = math.fsum(errors) / (4 + len(runs))
    squares = math.fsum((error - bias) ** 2 for error in errors)
    assert result.sigma == pytest.approx(math.sqrt((4 * 0.03**2 + squares) / (4 + len(runs))))


def test_bias_of_every_run_is_no_growth() -> None:
    """If each run of the baseline is above the median of the others, so may the head be without growth."""
    skewed = [[1.3 if test % 5 == run % 5 else 1.0 for test in range(20)] for run in range(11)]
    result = screen_estimate(run_of(skewed[0]), [run_of(costs) for costs in skewed[1:]])
    assert isinstance(result, Estimate)
    raw = math.log(1.3) / 5
    assert result.change == pytest.approx(raw - raw * 10 / 14, rel=0.1)


@pytest.mark.parametrize(
    ("slow", "near", "clear"), [(0, 12, True), (1, 11, True), (4, 8, False)], ids=["all near", "most near", "some slow"]
)
def test_nearly_clean_is_enough_on_a_calm_machine(slow: int, near: int, clear: bool) -> None:
    """If too little ran at full speed but four fifths of the cost close to full speed, the latter is compared."""
    costs = [MeasuredTest(1.0, 2.0)] * slow + [MeasuredTest(1.0, 1.25)] * near + [1.0] * 4
    result = screen_estimate(run_of(costs), [run_of([1.0] * 16)] * 6)
    assert isinstance(result, Estimate) is clear
    assert result.coverage == pytest.approx((16 - slow) / 16 if clear else 4 / 16)


def test_spread_of_the_baseline_is_the_error() -> None:
    """Whole runs that are 10 % apart make an error of that size, although all their tests agree."""
    baseline = [scaled(run_of([1.0] * 9), math.exp(0.1 * sign)) for sign in (1, -1) * 5]
    result = screen_estimate(run_of([1.0] * 9), baseline)
    assert isinstance(result, Estimate)
    assert result.change == pytest.approx(0.0, abs=EXACT)
    assert result.sigma == pytest.approx(math.sqrt((4 * 0.03**2 + 10 * 0.2**2) / 14))


def _same_code(slowdowns: list[float], elasticity: float, chance: Random) -> list[RunMeasurements]:
    """Return runs of 40 tests on a machine of these slowdowns; what is left of them in the costs is ``elasticity``."""
    return [
        run_of([MeasuredTest(s**elasticity * math.exp(chance.gauss(0, 0.005)), s) for _ in range(40)])
        for s in slowdowns
    ]


@pytest.mark.parametrize("elasticity", [-0.5, 0.0, 0.5])
def test_sensitivity_is_learnt_from_the_baseline(elasticity: float) -> None:
    """A head on a slow machine seems costlier or cheaper by as much as slow runs of the baseline did."""
    chance = Random(1)  # noqa: S311
    *baseline, head = _same_code([1.0, 1.1, 1.05, 1.0, 1.1, 1.02, 1.08, 1.0, 1.1, 1.04, 1.11], elasticity, chance)
    estimate = screen_estimate(head, baseline)
    assert isinstance(estimate, Estimate)
    assert abs(estimate.change) < 0.015
    assert estimate.sigma < 0.03


def test_speed_that_the_baseline_never_had_makes_the_error_wider() -> None:
    """Nobody knows how these tests slow; a head as fast as the baseline has the smaller error."""
    chance = Random(1)  # noqa: S311
    *baseline, calm, slow = _same_code([1.0] * 10 + [1.0, 1.11], 0.0, chance)
    estimates = [screen_estimate(head, baseline) for head in (calm, slow)]
    assert isinstance(estimates[0], Estimate)
    assert isinstance(estimates[1], Estimate)
    assert estimates[1].sigma > 1.5 * estimates[0].sigma


def test_noisy_tests_are_known_by_the_baseline_alone() -> None:
    """A test that is wild in the head only is judged; one that is wild in the baseline is set aside."""
    factors = (0.5, 1.6, 0.7, 1.4, 1.0, 2.0)
    baseline = [run_of([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, factor]) for factor in factors]
    head = run_of([9.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    judged, aside = Screen(head, baseline, same_tests(head)).without_noisy(set(head.tests))
    assert set(judged) == {f"t{number}" for number in range(6)}
    assert aside == (["t6"], pytest.approx(1.2 / 7.2))

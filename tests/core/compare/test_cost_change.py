"""The screen and the confirmation: laws of the estimates, against runs made by hand and by chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from statistics import median

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.compare.clean_costs import clean_logs, full_speed, usual_cost
from pytest_carbon.core.compare.estimate import Estimate, Unclear, sigmas_needed, smallest_visible_change, threshold
from pytest_carbon.core.compare.pair_estimate import estimate_pairs
from pytest_carbon.core.compare.robust_mean import robust_mean
from pytest_carbon.core.compare.screen import Screen
from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO, NEARLY_CLEAN_RATIO
from pytest_carbon.core.report.run_measurements import MeasuredTest, RunMeasurements

LAW = settings(max_examples=100, deadline=None)
EXACT = 1e-9
SLOW = 1.01 * CLEAN_RATIO


def _run(figures: Sequence[MeasuredTest | float], full: float | None = 1.0) -> RunMeasurements:
    tests = {f"t{n}": f if isinstance(f, MeasuredTest) else MeasuredTest(f, 1.0) for n, f in enumerate(figures)}
    return RunMeasurements("run", None, "main", "2026-06-01T10:00:00Z", {}, full, tests)


def _times(run: RunMeasurements, ratio: float) -> RunMeasurements:
    return replace(run, tests={n: f._replace(reference_j=f.reference_j * ratio) for n, f in run.tests.items()})


def _same(run: RunMeasurements) -> dict[str, str]:
    return {nodeid: nodeid for nodeid in run.tests}


def _screen(head: RunMeasurements, baseline: Sequence[RunMeasurements]) -> Estimate | Unclear:
    return Screen(head, baseline, _same(head)).estimate(set(head.tests))


def _confirm(base: Sequence[RunMeasurements], head: Sequence[RunMeasurements]) -> Estimate | Unclear:
    return estimate_pairs(base, head, _same(base[0]), set(base[0].tests))


JOULES = st.integers(-96, 96).map(lambda log: math.exp(log / 16))
FIGURES = st.builds(
    MeasuredTest, JOULES, st.sampled_from([1.0, 1.0, 1.0, 1.1, SLOW, 2.0, None]),
    st.sampled_from(["passed", "passed", "passed", "passed", "failed", "skipped"]),
)  # fmt: skip


@st.composite
def _sides(draw: st.DrawFn, least: int = 1, clean: bool = False) -> list[RunMeasurements]:
    """Some runs of the same tests."""
    tests = draw(st.integers(5, 13))
    figures = JOULES.map(lambda joules: MeasuredTest(joules, 1.0)) if clean else FIGURES
    runs = st.lists(figures, min_size=tests, max_size=tests).map(_run)
    return draw(st.lists(runs, min_size=least, max_size=7))


# -- the robust mean ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "weights", "mean"),
    [
        ([0.1] * 5, [1, 2, 3, 4, 5], 0.1),
        ([0.0, 0.1, 0.2, 0.3, 0.4], [1] * 5, 0.2),
        ([0.0, 0.0, 0.0, 0.0, 9.0], [1] * 5, 0.3 / 5),  # drawn in to what a test may differ by in earnest
        ([0.0, 0.0, 0.0, 0.0, 9.0], [1, 1, 1, 1, 1e9], 0.3 / 5),  # of so few tests none weighs more
        ([0.0] * 20 + [9.0], [1.0] * 20 + [1e9], 0.3 / 10),
        ([-0.02, -0.01, 0.0, 0.01, 0.02] * 2 + [9.0], [1] * 11, 0.3 / 11),
        ([-0.4, -0.2, 0.0, 0.2, 0.4] * 2 + [9.0], [1] * 11, 2 * 1.4826 * 0.2 / 11),  # two deviations of noisy tests
        ([0.1] * 10 + [0.2] * 10, [3] * 10 + [1] * 10, 0.125),
        ([0.0] * 10 + [0.25] * 10, [1] * 20, 0.125),  # half of the tests a quarter costlier
        ([0.0] * 16 + [0.69] * 4, [1] * 20, 0.3 / 5),  # a fifth of them at twice the cost: found, and understated
    ],
)  # fmt: skip
def test_mean_on_known_changes(changes: list[float], weights: list[float], mean: float) -> None:
    """Tests weigh by their cost, up to a tenth of the whole, and outliers are drawn in."""
    assert robust_mean(changes, weights) == pytest.approx(mean, abs=EXACT)


CHANGES = st.integers(-64, 64).map(lambda n: n / 64)
WEIGHTS = st.one_of(st.integers(1, 9).map(float), st.sampled_from([1e-9, 1e-3, 1e3, 1e9]))


@LAW
@given(st.lists(st.tuples(CHANGES, WEIGHTS), min_size=5, max_size=30), st.floats(-800, 800), WEIGHTS)
@example([(0.0, 1.0)] * 4, 800.0, 1e9)
@example([(0.0, 1e-9)] * 30, 800.0, 1e9)
def test_one_outlier_moves_the_mean_a_little(items: list[tuple[float, float]], wild: float, weight: float) -> None:
    """However far one test went, and however much it costs, the mean stays near where the others are."""
    changes, weights = [change for change, _ in items], [w for _, w in items]
    low, high = min(changes), max(changes)
    reach = max(3 * (high - low), 0.3) + EXACT
    assert low - reach <= robust_mean([*changes, wild], [*weights, weight]) <= high + reach


@LAW
@given(st.lists(st.tuples(CHANGES, WEIGHTS), min_size=1, max_size=30), CHANGES, st.randoms(use_true_random=False))
@example([(n / 64, 1.0) for n in range(20)], 0.0, Random(0))  # noqa: S311 (ten tenths are less than one)
def test_mean_moves_with_its_changes(items: list[tuple[float, float]], by: float, chance: Random) -> None:
    """The mean lies between the changes, moves as they do, and knows nothing of their order or the weights' unit."""
    changes, weights = [change for change, _ in items], [weight for _, weight in items]
    mean = robust_mean(changes, weights)
    assert min(changes) - EXACT <= mean <= max(changes) + EXACT
    assert robust_mean([change + by for change in changes], weights) == pytest.approx(mean + by, abs=EXACT)
    assert robust_mean(changes, [weight / 10 for weight in weights]) == pytest.approx(mean, abs=EXACT)
    mixed = chance.sample(items, len(items))
    assert robust_mean([c for c, _ in mixed], [w for _, w in mixed]) == pytest.approx(mean, abs=EXACT)


# -- what counts as seen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "seen"),
    [
        (MeasuredTest(math.e, 1.0), True), (MeasuredTest(math.e, CLEAN_RATIO), True), (MeasuredTest(math.e, SLOW), False),
        (MeasuredTest(math.e, None), False), (MeasuredTest(math.e, 1.0, "failed"), False), (MeasuredTest(math.e, 1.0, "skipped"), False),
        (MeasuredTest(math.e, 1.0, "xfailed"), False), (MeasuredTest(0.0, 1.0), False), (MeasuredTest(5e-324, 1.0), False),
    ],
)  # fmt: skip
def test_clean_observation_on_known_figures(figure: MeasuredTest, seen: bool) -> None:
    """Only a test that passed, took something, and ran between two probes near full speed is seen."""
    logs = clean_logs(_run([figure]), 1.0)
    assert logs == ({"t0": pytest.approx(1.0)} if seen else {})


def test_full_speed_is_the_best_of_all_runs() -> None:
    """A run that was slow from end to end is not clean only because it was steady."""
    slow, fast, blind = (
        _run([MeasuredTest(1.0, 2.0)] * 5, 2.0),
        _run([MeasuredTest(1.0, 1.0)] * 5, 1.0),
        _run([1.0] * 5, None),
    )
    assert (full_speed([slow, fast, blind]), full_speed([slow]), full_speed([blind])) == (1.0, 2.0, None)
    assert (full_speed([]), clean_logs(fast, None)) == (None, {})
    assert isinstance(_screen(slow, [slow, slow]), Estimate)
    assert _screen(slow, [fast, fast]) == Unclear(0.0, 0)


def test_usual_cost_is_the_median_of_the_runs_a_test_passed_in() -> None:
    """Fast or slow, every run in which a test passed counts."""
    runs = [
        _run([1.0, MeasuredTest(2.0, 5.0)]),
        _run([4.0]),
        _run([MeasuredTest(9.0, 1.0, "failed"), 0.0]),
        _run([2.0]),
    ]
    assert usual_cost(runs) == {"t0": 2.0, "t1": 2.0}
    assert usual_cost([]) == {}


# -- the rule's numbers ------------------------------------------------------------------------------------


def test_strictness_is_that_of_the_normal_distribution() -> None:
    """One alarm in a hundred runs is shared by all features that are judged."""
    assert [round(sigmas_needed(judged), 2) for judged in (0, 1, 7, 20)] == [2.33, 2.58, 3.19, 3.48]


@pytest.mark.parametrize(
    ("allowed", "sigma", "limit"),
    [(0.05, 0.0, 1.05), (0.0, 0.0, 1.05), (0.01, 0.01, 1.05), (0.2, 0.01, 1.2), (0.05, 0.1, math.exp(0.3))],
)
def test_threshold_on_known_figures(allowed: float, sigma: float, limit: float) -> None:
    """Growth must be above what is allowed, above 5 % and above the noise."""
    assert threshold(allowed, sigma, 3.0) == pytest.approx(math.log(limit))
    assert smallest_visible_change(allowed, sigma, 3.0) == pytest.approx(limit * math.exp(1.645 * sigma) - 1, rel=1e-3)


def test_bounds_are_of_95_per_cent() -> None:
    """The change is within two sigmas, 19 times in 20."""
    assert Estimate(0.1, 0.05, 1.0, 9).bounds() == pytest.approx((0.002, 0.198), abs=1e-4)


# -- the screen --------------------------------------------------------------------------------------------


@LAW
@given(_sides(clean=True), JOULES)
def test_run_against_itself_says_its_ratio(runs: list[RunMeasurements], ratio: float) -> None:
    """The same run has not changed at all; times r, it has changed by log r, as much as any two runs differ."""
    run = runs[0]
    one = _screen(run, [run])
    assert one == Estimate(0.0, pytest.approx(0.03 * math.sqrt(2)), pytest.approx(1.0), len(run.tests))
    head = _times(run, ratio)
    found, times_all = _screen(head, [run] * 6), _screen(_times(runs[-1], ratio), runs)
    assert found == Estimate(pytest.approx(math.log(ratio), abs=EXACT), pytest.approx(0.03 * math.sqrt(0.4)),
                             pytest.approx(1.0), len(run.tests))  # fmt: skip
    all_runs = _screen(runs[-1], runs)
    assert isinstance(times_all, Estimate)
    assert isinstance(all_runs, Estimate)
    assert times_all.change == pytest.approx(all_runs.change + math.log(ratio), abs=EXACT)
    assert times_all.sigma == all_runs.sigma


@LAW
@given(_sides(), st.randoms(use_true_random=False))
def test_order_of_tests_and_runs_does_not_matter(runs: list[RunMeasurements], chance: Random) -> None:
    """Tests run in any order, and a baseline in any order, say the same."""
    head, *baseline = runs
    mixed = [replace(r, tests=dict(chance.sample(list(r.tests.items()), len(r.tests)))) for r in runs]
    one, other = _screen(head, baseline), _screen(mixed[0], chance.sample(mixed[1:], len(baseline)))
    assert type(one) is type(other)
    assert (other.coverage, other.tests) == (pytest.approx(one.coverage), one.tests)
    if isinstance(one, Estimate) and isinstance(other, Estimate):
        assert (other.change, other.sigma) == (pytest.approx(one.change, abs=EXACT), pytest.approx(one.sigma))


@LAW
@given(_sides(least=2), JOULES)
def test_what_was_not_seen_clean_does_not_count(runs: list[RunMeasurements], wild: float) -> None:
    """A head's tests that were slowed, failed or were skipped may have taken anything."""
    head, *baseline = runs
    full = full_speed(runs)
    near, seen = clean_logs(head, full, NEARLY_CLEAN_RATIO), clean_logs(head, full)
    far = {n: f if n in near else f._replace(reference_j=wild) for n, f in head.tests.items()}
    other = {n: f if n in seen else f._replace(reference_j=wild) for n, f in head.tests.items()}
    assert _screen(replace(head, tests=far), baseline) == _screen(head, baseline)
    assert _confirm(baseline, [replace(head, tests=other)] * 7) == _confirm(baseline, [head] * 7)


@LAW
@given(_sides(clean=True), st.lists(st.booleans(), min_size=13, max_size=13), JOULES, JOULES)
def test_unclean_runs_of_the_base_do_not_bias(
    runs: list[RunMeasurements], slowed: list[bool], ratio: float, wild: float
) -> None:
    """Where the clean runs agree, what the slowed ones took changes nothing of the answer."""
    run = runs[0]
    spoilt = {
        n: MeasuredTest(wild, SLOW) if slow else f for (n, f), slow in zip(run.tests.items(), slowed, strict=False)
    }  # fmt: skip
    found = _screen(_times(run, ratio), [run, run, replace(run, tests=spoilt), run])
    assert isinstance(found, Estimate)
    assert found.change == pytest.approx(math.log(ratio), abs=EXACT)
    assert found.sigma == pytest.approx(0.03 * math.sqrt(4 / (4 + sum(_seen_share(run, spoilt)))), abs=EXACT)


def _seen_share(run: RunMeasurements, spoilt: dict[str, MeasuredTest]) -> list[bool]:
    """Return for every one of four runs whether enough of it was seen to learn from it."""
    clean = {n for n, f in spoilt.items() if f.slowdown == 1.0}
    cost_j = usual_cost([run, run, replace(run, tests=spoilt), run])
    enough = len(clean) >= 5 and math.fsum(cost_j[n] for n in clean) >= 0.4 * math.fsum(cost_j.values())
    return [True, True, enough, True]


@LAW
@given(_sides(least=3), st.integers(0, 6), st.integers(0, 12))
def test_seeing_more_never_hides_an_answer(runs: list[RunMeasurements], which: int, test: int) -> None:
    """One more clean observation, on either side, never turns an estimate into none."""
    which, name = which % len(runs), f"t{test % len(runs[0].tests)}"
    figure = runs[which].tests[name]
    assume(figure.outcome == "passed")
    clearer = replace(runs[which], tests={**runs[which].tests, name: figure._replace(slowdown=1.0)})
    more = [*runs[:which], clearer, *runs[which + 1 :]]
    half = len(runs) // 2
    for found, clear in (
        (_screen(runs[0], runs[1:]), _screen(more[0], more[1:])),
        (_confirm(runs[:half], runs[half:]), _confirm(more[:half], more[half:])),
    ):
        assert isinstance(clear, Estimate) or isinstance(found, Unclear)
        if not _gave_way(found, clear):
            assert clear.coverage >= found.coverage - EXACT
            assert clear.tests >= found.tests


def _gave_way(found: Estimate | Unclear, clear: Estimate | Unclear) -> bool:
    """Say whether nearly all that was seen close to full speed gave way to enough that was seen at it."""
    return isinstance(clear, Estimate) and found.coverage >= 0.8 - EXACT and 0.4 - EXACT <= clear.coverage < 0.8


@LAW
@given(_sides(least=2))
def test_error_is_never_below_what_is_believed_of_it(runs: list[RunMeasurements]) -> None:
    """A baseline that happens to agree lowers the error no more than its number of runs allows."""
    found, sure = _screen(runs[0], runs[1:]), _confirm(runs, runs)
    if isinstance(found, Estimate):
        alone = math.sqrt(2) if len(runs) == 2 else 1.0
        assert found.sigma >= alone * 0.03 * math.sqrt(4 / (4 + len(runs) - 1)) - EXACT
    if isinstance(sure, Estimate):
        assert (sure.change, sure.sigma >= 0.02 * math.sqrt(2 / 4) - EXACT) == (0.0, True)


@pytest.mark.parametrize(
    ("head", "baseline", "coverage", "tests"),
    [
        pytest.param(_run([]), [_run([])] * 5, 0.0, 0, id="empty runs"),
        pytest.param(_run([1.0] * 9), [], 0.0, 0, id="no baseline"),
        pytest.param(_run([1.0] * 9, None), [_run([1.0] * 9, None)] * 5, 0.0, 0, id="no probes"),
        pytest.param(_run([MeasuredTest(1.0)] * 9), [_run([1.0] * 9)] * 5, 0.0, 0, id="no probes in the head"),
        pytest.param(_run([1.0]), [_run([1.0])] * 5, 1.0, 1, id="one test"),
        pytest.param(_run([1.0] * 4), [_run([1.0] * 4)] * 5, 1.0, 4, id="four tests"),
        pytest.param(_run([1.0] * 9), [_run([1.0] * 9), _run([]), _run([])], 0.0, 0, id="seen once of three"),
        pytest.param(_run([1.0] * 5 + [MeasuredTest(9.0, 2.0)]), [_run([1.0] * 5 + [9.0])] * 5, 5 / 14, 5, id="too little"),
        pytest.param(_run([1.0] * 5 + [MeasuredTest(9.0, 1.0, "failed")]), [_run([1.0] * 5 + [9.0])] * 5, 5 / 14, 5,
                     id="most of it fails now"),
    ],
)  # fmt: skip
def test_screen_that_saw_too_little_is_unclear(
    head: RunMeasurements, baseline: list[RunMeasurements], coverage: float, tests: int
) -> None:
    """Fewer than five tests, or less than 40 % of the cost, say nothing; what was seen is told."""
    assert _screen(head, baseline) == Unclear(pytest.approx(coverage), tests)


def test_screen_answers_for_any_set_of_tests() -> None:
    """One screen tells the features apart, follows renamed tests, and ignores tests that it does not know."""
    base = _run([1.0] * 12)
    head = _run([1.0] * 6 + [1.5] * 6)
    renamed = replace(head, tests={f"now-{n}": f for n, f in head.tests.items()})
    screen = Screen(renamed, [base] * 6, {f"now-{n}": n for n in base.tests}, usual_cost([base]))
    found = [screen.estimate({f"now-t{n}" for n in part} | {"new"}) for part in (range(6), range(6, 12))]
    assert [e.change for e in found if isinstance(e, Estimate)] == [0.0, pytest.approx(math.log(1.5))]


@LAW
@given(_sides(least=4, clean=True))
def test_error_is_each_run_against_the_others(runs: list[RunMeasurements]) -> None:
    """The error is learnt from every run of the baseline, compared with the median of the others."""
    cost_j = usual_cost(runs)
    errors = []
    for number, run in enumerate(runs):
        others = runs[:number] + runs[number + 1 :]
        off = [
            math.log(run.tests[n].reference_j) - median(math.log(other.tests[n].reference_j) for other in others)
            for n in cost_j
        ]
        errors.append(robust_mean(off, list(cost_j.values())))
    found = _screen(runs[0], runs)
    assert isinstance(found, Estimate)
    bias = math.fsum(errors) / (4 + len(runs))
    squares = math.fsum((error - bias) ** 2 for error in errors)
    assert found.sigma == pytest.approx(math.sqrt((4 * 0.03**2 + squares) / (4 + len(runs))))


def test_what_every_run_shows_of_itself_is_no_growth() -> None:
    """Noise only adds: where each run of the same code is above the median of the others, so may the head be."""
    skewed = [[1.3 if test % 5 == run % 5 else 1.0 for test in range(20)] for run in range(11)]
    found = _screen(_run(skewed[0]), [_run(costs) for costs in skewed[1:]])
    assert isinstance(found, Estimate)
    raw = math.log(1.3) / 5
    assert found.change == pytest.approx(raw - raw * 10 / 14, rel=0.1)


@pytest.mark.parametrize(
    ("slow", "near", "clear"), [(0, 12, True), (1, 11, True), (4, 8, False)], ids=["all near", "most near", "some slow"]
)
def test_nearly_clean_will_do_on_a_calm_machine(slow: int, near: int, clear: bool) -> None:
    """Too little at full speed, but at least four fifths of the cost close to it: that is compared."""
    costs = [MeasuredTest(1.0, 2.0)] * slow + [MeasuredTest(1.0, 1.25)] * near + [1.0] * 4
    found = _screen(_run(costs), [_run([1.0] * 16)] * 6)
    assert isinstance(found, Estimate) is clear
    assert found.coverage == pytest.approx((16 - slow) / 16 if clear else 4 / 16)


def test_spread_of_the_baseline_is_the_error() -> None:
    """Runs that are 10 % apart as a whole make an error of that size, though all their tests agree."""
    baseline = [_times(_run([1.0] * 9), math.exp(0.1 * sign)) for sign in (1, -1) * 5]
    found = _screen(_run([1.0] * 9), baseline)
    assert isinstance(found, Estimate)
    assert found.change == pytest.approx(0.0, abs=EXACT)
    assert found.sigma == pytest.approx(math.sqrt((4 * 0.03**2 + 10 * 0.2**2) / 14))


# -- the confirmation --------------------------------------------------------------------------------------


@LAW
@given(_sides(least=2, clean=True), JOULES)
def test_pairs_of_the_same_runs_say_their_ratio(runs: list[RunMeasurements], ratio: float) -> None:
    """The same runs on both sides have not changed at all; the head's times r have changed by log r."""
    same, more = _confirm(runs, runs), _confirm(runs, [_times(run, ratio) for run in runs])
    assert isinstance(same, Estimate)
    assert isinstance(more, Estimate)
    assert (same.change, same.coverage, same.tests) == (0.0, pytest.approx(1.0), len(runs[0].tests))
    assert more.change == pytest.approx(math.log(ratio), abs=EXACT)
    assert more.sigma == pytest.approx(same.sigma, abs=EXACT)


def test_least_is_taken_of_as_many_on_either_side() -> None:
    """A side seen more often does not look cheaper for it: only its first observations count."""
    base = [_run([joules] * 6) for joules in (3.0, 2.0, 1.0)]
    head = [_run([2.0] * 6), _run([MeasuredTest(0.1, SLOW)] * 6), _run([4.0] * 6)]
    found, other_way = _confirm(base, head), _confirm(head, base)
    assert isinstance(found, Estimate)
    assert isinstance(other_way, Estimate)
    assert (found.change, other_way.change) == (0.0, 0.0)


def test_side_that_was_slowed_more_often_is_not_costlier() -> None:
    """Of the same noisy work, seven clean runs against three agree within the error."""
    chance = Random(7)  # noqa: S311 (the same draw every time)
    base = [_run([chance.lognormvariate(0, 0.1) for _ in range(300)]) for _ in range(7)]
    head = [_run([chance.lognormvariate(0, 0.1) for _ in range(300)]) for _ in range(3)]
    found = _confirm(base, [*head, *[_run([MeasuredTest(1.0, SLOW)] * 300)] * 4])
    assert isinstance(found, Estimate)
    assert abs(found.change) < 0.02


@pytest.mark.parametrize(
    ("base", "head", "coverage", "tests"),
    [
        pytest.param([_run([])] * 2, [_run([])] * 2, 0.0, 0, id="empty runs"),
        pytest.param([_run([1.0] * 9)], [_run([1.0] * 9)], 0.0, 0, id="one pair"),
        pytest.param([_run([1.0] * 9, None)] * 2, [_run([1.0] * 9, None)] * 2, 0.0, 0, id="no probes"),
        pytest.param([_run([1.0])] * 2, [_run([1.0])] * 2, 1.0, 1, id="one test"),
        pytest.param([_run([1.0] * 6)] * 2, [_run([1.0] * 6), _run([MeasuredTest(1.0, SLOW)] * 6)], 0.0, 0, id="seen once"),
        pytest.param([_run([1.0] * 5 + [6.0])] * 2, [_run([1.0] * 5 + [MeasuredTest(6.0, SLOW)])] * 2, 5 / 11, 5,
                     id="too little"),
        pytest.param([_run([1.0] * 9)] * 2, [_run([MeasuredTest(1.0, 1.0, "failed")] * 9)] * 2, 0.0, 0, id="all fail now"),
    ],
)  # fmt: skip
def test_confirmation_that_saw_too_little_is_unclear(
    base: list[RunMeasurements], head: list[RunMeasurements], coverage: float, tests: int
) -> None:
    """Tests seen twice on both sides must be five, and half of the cost."""
    assert _confirm(base, head) == Unclear(pytest.approx(coverage), tests)


def test_confirmation_follows_renamed_tests() -> None:
    """Tests that have another name in the head are compared; ones that nobody asked for, or knows, are not."""
    base, head = _run([1.0] * 7), _run([1.2] * 6 + [9.0])
    renamed = replace(head, tests={f"now-{n}": f for n, f in head.tests.items()})
    found = estimate_pairs(
        [base] * 3, [renamed] * 3, {f"now-{n}": n for n in base.tests}, {f"now-t{n}" for n in range(6)} | {"new"}
    )
    assert isinstance(found, Estimate)
    assert (found.change, found.coverage, found.tests) == (pytest.approx(math.log(1.2)), pytest.approx(1.0), 6)


def test_confirmation_without_any_pair_is_unclear() -> None:
    """Nothing measured, nothing said."""
    assert estimate_pairs([], [], {}, set()) == Unclear(0.0, 0)


def test_sides_that_disagree_with_themselves_raise_the_error() -> None:
    """Odd runs 20 % above even ones, on both sides, are a larger error than what is believed."""
    runs = [_times(_run([1.0] * 9), math.exp(0.2 * (n % 2))) for n in range(6)]
    found = _confirm(runs, runs)
    assert isinstance(found, Estimate)
    assert found.sigma == pytest.approx(math.sqrt((2 * 0.02**2 + 2 * 0.2**2) / 4))


@LAW
@given(_sides(least=2, clean=True), st.integers(0, 12), st.floats(1e-6, 1e6))
def test_one_outlier_moves_either_stage_a_little(runs: list[RunMeasurements], test: int, ratio: float) -> None:
    """However much one test has changed, the answer is mostly about the others."""
    run, name = runs[0], f"t{test % len(runs[0].tests)}"
    wild = replace(run, tests={**run.tests, name: MeasuredTest(run.tests[name].reference_j * ratio, 1.0)})
    for found in (_screen(wild, [run] * 5), _confirm([run] * 5, [wild] * 5)):
        assert isinstance(found, Estimate)
        assert abs(found.change) <= 0.3 / 5 + EXACT

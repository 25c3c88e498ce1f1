"""The growth rule: what the screen clears, what pairs confirm, and how seldom the same code is called costlier."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.compare.estimate import Estimate, TooFewClean, sigmas_needed
from pytest_carbon.core.compare.growth_rule import (
    LEAST_PAIRS,
    MOST_PAIRS,
    PAIRS_TO_BLOCK,
    GrowthFinding,
    GrowthRule,
    is_large_enough,
    judge_pairs,
    judge_screen,
)
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements

LAW = settings(max_examples=100, deadline=None)
RULE = GrowthRule(0.05, sigmas_needed())
TESTS = 20
SAME = {f"t{n}": f"t{n}" for n in range(TESTS)}
SLOW = 1.01 * CLEAN_RATIO


def _run(joules: Sequence[float], slowdowns: Sequence[float] = (1.0,) * TESTS) -> RunMeasurements:
    tests = {f"t{n}": MeasuredTest(j, s) for n, (j, s) in enumerate(zip(joules, slowdowns, strict=True))}
    return RunMeasurements("run", None, "main", "2026-06-01T10:00:00Z", {}, 1.0, tests)


def _runs(*logs: float) -> list[RunMeasurements]:
    """Return runs whose tests all took so many times e joules."""
    return [_run([math.exp(log)] * TESTS) for log in logs]


UNSEEN = _run([1.0] * TESTS, [SLOW] * TESTS)


def _confirmed(base: Sequence[RunMeasurements], head: Sequence[RunMeasurements], **options: int) -> GrowthFinding:
    return judge_pairs(base, head, SAME, set(SAME), RULE, **options)


# -- the screen --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sigma", "allowed", "state", "clear"),
    [
        (0.0, 0.02, 0.05, "no change", True),
        (0.0, 0.04, 0.05, "no change", False),  # it might be more than 5 %
        (0.03, 0.02, 0.05, "no change", False),
        (0.06, 0.02, 0.05, "suspicious", False),
        (0.06, 0.04, 0.05, "no change", False),  # within the noise
        (-0.03, 0.02, 0.05, "no change", True),
        (-0.06, 0.02, 0.05, "cheaper", True),
        (-0.04, 0.01, 0.05, "no change", True),  # nothing below 5 % is called cheaper, either
        (-0.06, 0.04, 0.05, "no change", True),
        (-1.0, 0.40, 0.05, "cheaper", True),
        (-0.10, 0.02, 0.50, "cheaper", True),  # whatever growth is allowed
        (0.03, 0.01, 0.01, "no change", False),  # nothing below 5 % is called growth, nor surely within 1 %
        (0.30, 0.02, 0.50, "no change", True),
        (0.45, 0.02, 0.50, "suspicious", False),
    ],
)  # fmt: skip
def test_screen_on_known_estimates(change: float, sigma: float, allowed: float, state: str, clear: bool) -> None:
    """One run clears tests that are cheaper or surely within the allowed growth, and never blocks."""
    result = judge_screen(Estimate(change, sigma, 0.8, 30), GrowthRule(allowed, sigmas_needed()))
    assert (result.state, result.stage, result.clear) == (state, "screen", clear)
    assert (result.coverage, result.tests) == (0.8, 30)
    assert result.change == pytest.approx(math.expm1(change))


@LAW
@given(st.floats(-3, 3), st.floats(0.014, 1), st.floats(0.001, 10), st.integers(1, 50))
def test_numbers_of_a_finding_fit_each_other(change: float, sigma: float, allowed: float, judged: int) -> None:
    """The change lies within its bounds, and a suspicious change is above the allowed growth and above 5 %."""
    result = judge_screen(Estimate(change, sigma, 1.0, 9), GrowthRule(allowed, sigmas_needed(judged)))
    assert result.change is not None
    assert result.low is not None
    assert result.high is not None
    assert result.smallest is not None
    assert result.low < result.change < result.high
    assert result.smallest > max(allowed, 0.05) - 1e-9
    assert result.state != "costlier"
    assert result.state != "suspicious" or (result.change > max(allowed, 0.05) - 1e-9 and result.low > 0)
    assert result.state != "cheaper" or (result.high < 0 and result.change < -0.047)


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (TooFewClean(0.0, 0), "none of these tests ran with the same code at full speed on both sides"),
        (TooFewClean(0.31, 40), "the machine was at full speed for only 31 % of these tests' cost"),
        (TooFewClean(0.999, 1), "only 1 of these tests ran at full speed; 5 are needed"),
        (TooFewClean(1.0, 4), "only 4 of these tests ran at full speed; 5 are needed"),
    ],
)
def test_without_an_estimate_there_is_only_a_reason(result: TooFewClean, why: str) -> None:
    """An unclear result has no figures, and its reason says what was missing."""
    found = judge_screen(result, RULE)
    assert found == GrowthFinding("could not tell", "screen", coverage=result.coverage, tests=result.tests, why=why)
    assert not found.clear


@pytest.mark.parametrize(
    ("tests", "cpu_s", "large"), [(20, 0.3, True), (19, 9.0, False), (999, 0.29, False), (0, 0.0, False)]
)
def test_small_features_are_not_judged_alone(tests: int, cpu_s: float, large: bool) -> None:
    """A feature needs 20 tests and 0.3 s of CPU time of the reference machine."""
    assert is_large_enough(tests, cpu_s * 2.045) is large


# -- the confirmation --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heads", "state", "clear", "why"),
    [
        ((), "could not tell", False, "none of these tests ran with the same code at full speed on both sides"),
        ((0.0,), "could not tell", False, "none of these tests ran with the same code at full speed on both sides"),
        ((0.0,) * 2, "no change", False, "in 2 pairs measured in turns"),
        ((0.0,) * 3, "no change", True, "in 3 pairs measured in turns"),
        ((0.0,) * 7, "no change", True, "in 3 pairs measured in turns"),
        ((0.045,) * 3, "no change", False, "in 3 pairs measured in turns"),  # too near the limit
        ((-0.04,) * 3, "no change", True, "in 3 pairs measured in turns"),
        ((-0.2,) * 2, "could not tell", False, "cheaper in 2 pairs, too few to be sure"),
        ((-0.2,) * 4, "could not tell", False, "cheaper in 4 pairs, too few to be sure"),
        ((-0.2,) * 5, "cheaper", True, "confirmed by 5 pairs measured in turns"),
        ((-0.2,) * 9, "cheaper", True, "confirmed by 5 pairs measured in turns"),
        ((0.2,) * 2, "could not tell", False, "costlier in 2 pairs, too few to be sure"),
        ((0.2,) * 4, "could not tell", False, "costlier in 4 pairs, too few to be sure"),
        ((0.2,) * 5, "costlier", True, "confirmed by 5 pairs measured in turns"),
        ((0.2,) * 9, "costlier", True, "confirmed by 5 pairs measured in turns"),
        ((0.2, 0.2, 0.2, 0.2, 0.0), "costlier", True, "confirmed by 5 pairs measured in turns"),
        ((0.0, 0.0, 0.0, 0.2, 0.2), "no change", True, "in 3 pairs measured in turns"),
    ],
)  # fmt: skip
def test_confirmation_on_known_pairs(heads: Sequence[float], state: str, clear: bool, why: str) -> None:
    """Three pairs can clear tests, five can call them costlier or cheaper; the median of the runs counts."""
    result = _confirmed(_runs(*[0.0] * len(heads)), _runs(*heads))
    assert (result.state, result.clear, result.why, result.stage) == (state, clear, why, "confirm")


@pytest.mark.parametrize(
    ("pairs", "state", "why"),
    [
        (5, "could not tell", "costlier in 5 pairs, too few to be sure"),
        (6, "costlier", "confirmed by 6 pairs measured in turns"),
    ],
)
def test_two_looks_in_a_row_must_agree(pairs: int, state: str, why: str) -> None:
    """Tests that look costlier only from the fifth pair on are called costlier once the sixth pair agrees."""
    base, head = _runs(*[0.0] * 6), _runs(0.036, 0.036, *[0.061] * 4)
    result = _confirmed(base[:pairs], head[:pairs])
    assert (result.state, result.why) == (state, why)


@pytest.mark.parametrize(
    ("unseen", "state", "why"),
    [
        (5, "costlier", "confirmed by 7 pairs measured in turns"),
        (6, "could not tell", "none of these tests ran with the same code at full speed on both sides"),
    ],
)
def test_looks_that_saw_nothing_do_not_count(unseen: int, state: str, why: str) -> None:
    """The last look may decide alone; that nothing was seen is clear once all pairs are used up."""
    head = [*[UNSEEN] * unseen, *_runs(*[0.2] * (MOST_PAIRS - unseen))]
    result = _confirmed(_runs(*[0.0] * MOST_PAIRS), head)
    assert (result.state, result.why, result.clear) == (state, why, True)
    assert not _confirmed(_runs(*[0.0] * 6), head[:6]).clear


@pytest.mark.parametrize("count", range(1, 9))
def test_one_look_at_all_pairs(count: int) -> None:
    """Pairs whose number was fixed beforehand are looked at once; to block, five are needed all the same."""
    result = _confirmed(_runs(*[0.0] * count), _runs(*[0.2] * count), first_look=count, most_pairs=count)
    assert (result.state == "costlier") == (count >= PAIRS_TO_BLOCK)


PAIRS = st.lists(
    st.tuples(*[st.one_of(st.just(0.0), st.integers(-24, 24).map(lambda n: n / 100))] * 2, st.booleans()), max_size=9
)


@LAW
@given(PAIRS, st.integers(LEAST_PAIRS, MOST_PAIRS), st.integers(0, 2**32))
def test_clear_answer_stays(pairs: list[tuple[float, float, bool]], most: int, seed: int) -> None:
    """More pairs never change a clear answer, all pairs give a clear answer, and fewer than five never block."""
    chance = Random(seed)  # noqa: S311 (drawn by Hypothesis)
    noise = [[chance.gauss(0, 0.05) for _ in range(TESTS)] for _ in range(2 * len(pairs))]
    base = [_run([math.exp(b + n) for n in noise[2 * i]]) for i, (b, _, _) in enumerate(pairs)]
    head = [
        _run([math.exp(h + n) for n in noise[2 * i + 1]], [SLOW if slow else 1.0] * TESTS)
        for i, (_, h, slow) in enumerate(pairs)
    ]
    clear_answer: GrowthFinding | None = None
    for count in range(len(pairs) + 1):
        result = _confirmed(base[:count], head[:count], most_pairs=most)
        assert result == _confirmed(base[:count], head[:count], most_pairs=most)
        assert clear_answer is None or result == clear_answer
        clear_answer = result if result.clear else None
        assert result.state != "costlier" or result.clear
        assert result.state not in ("costlier", "cheaper") or count >= PAIRS_TO_BLOCK
        assert result.clear or count < most or "too few to be sure" in result.why


# -- the same code again -----------------------------------------------------------------------------------


def _noisy(chance: Random, costs_j: Sequence[float], ratio: float = 1.0) -> RunMeasurements:
    """Return a run of a noisy machine: slower as a whole, slower still for stretches that the probes show."""
    offset = chance.lognormvariate(0, 0.02)
    joules, slowdowns = [], []
    slow, left = 1.0, 0
    for cost_j in costs_j:
        if left == 0:
            slow, left = (chance.uniform(1.2, 2.2) if chance.random() < 0.4 else 1.0), chance.randint(2, 8)
        left -= 1
        joules.append(cost_j * ratio * offset * chance.lognormvariate(0, 0.05) * slow**0.4)
        slowdowns.append(slow * chance.uniform(1.0, 1.1))
    return _run(joules, slowdowns)


def _decide(seed: int, ratio: float) -> tuple[GrowthFinding, GrowthFinding]:
    """Judge one change on fresh runs by both stages, adding pairs until the answer is clear."""
    chance = Random(seed)  # noqa: S311 (the same draw every time)
    costs_j = [chance.lognormvariate(0, 1) for _ in range(TESTS)]
    baseline = [_noisy(chance, costs_j) for _ in range(10)]
    first = judge_screen(Screen(_noisy(chance, costs_j, ratio), baseline, SAME).estimate(set(SAME)), RULE)
    base = [_noisy(chance, costs_j) for _ in range(MOST_PAIRS)]
    head = [_noisy(chance, costs_j, ratio) for _ in range(MOST_PAIRS)]
    return first, _confirmed(base, head)


@pytest.mark.parametrize("half", [0, 1])
def test_same_code_is_seldom_called_costlier(half: int) -> None:
    """On a machine that is slowed 40 % of the time, the same code is hardly ever called costlier than itself."""
    result = [_decide(seed, 1.0) for seed in range(100 * half, 100 * half + 100)]
    assert sum(sure.state == "costlier" for _, sure in result) <= 1
    assert sum(sure.state == "cheaper" for _, sure in result) <= 2
    assert sum(first.state == "suspicious" and sure.state == "costlier" for first, sure in result) == 0
    assert sum(sure.state == "could not tell" for _, sure in result) <= 10


def test_costlier_code_is_found() -> None:
    """On the same machine, 20 % more is nearly always found, and lies within the bounds."""
    result = [_decide(seed, 1.2)[1] for seed in range(100)]
    assert sum(sure.state == "costlier" for sure in result) >= 90
    bounded = [f for f in result if f.low is not None and f.high is not None]
    assert sum((f.low or 0) <= 0.2 <= (f.high or 0) for f in bounded) >= 0.9 * len(bounded)


def test_failing_tests_are_no_growth() -> None:
    """Tests that fail or are skipped on one side do not count, whatever they cost there."""
    base = _runs(*[0.0] * 5)
    odd = {
        f"t{n}": MeasuredTest(99.0, 1.0, outcome) for n, outcome in enumerate(("failed", "skipped", "xfailed", "error"))
    }
    head = [replace(run, tests={**run.tests, **odd}) for run in base]
    result = _confirmed(base, head)
    assert (result.state, result.change, result.tests) == ("no change", 0.0, TESTS - 4)

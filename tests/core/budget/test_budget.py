"""Limits per run, judged on exact numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import (
    Budget,
    RunUse,
    bounds_of,
    holder_name,
    judge_per_run_limits,
    own_feature_uses,
    run_use,
)
from pytest_carbon.core.model import BudgetResult, FeatureUse, GridFactor, Range
from pytest_carbon.core.quantities import Quantity, parse_quantity

LAW = settings(max_examples=150, deadline=None)
GRID = GridFactor("DE", Range(400.0, 200.0, 600.0), "by hand", 2024, False)
WORLD = GridFactor("world average", Range(475.0, 35.0, 750.0), "by hand", 2019, True)
FEATURES = {"checkout": FeatureUse(3, 0.4, 40.0, 20.0, 0.5)}
ENERGY, GRAMS = Range(100.0, 80.0, 150.0), Range(1.25, 1.0, 2.0)
USED = RunUse(100.0, 1.25, 70.0)


def _judge(
    budget: Budget,
    grid: GridFactor = GRID,
    energy_j: Range | None = ENERGY,
    emissions_g: Range | None = GRAMS,
    features: Mapping[str, FeatureUse] = FEATURES,
) -> BudgetResult:
    used = RunUse(energy_j.central if energy_j else None, emissions_g.central if emissions_g else None, 70.0)
    (result,) = judge_per_run_limits([budget], features, used, grid)
    return result


@pytest.mark.parametrize(
    ("feature", "limit", "on_exceeded", "state", "used", "reason"),
    [
        (None, "200 J", "fail", "pass", 100.0, "this run used 100 J of 200 J per run"),
        (None, "100 J", "fail", "pass", 100.0, "this run used 100 J of 100 J per run"),
        (None, "50 J", "fail", "fail", 100.0, "this run used 100 J, over its limit of 50 J per run by 100 %"),
        (None, "50 J", "warn", "warn", 100.0, "this run used 100 J, over its limit of 50 J per run by 100 %"),
        (None, "99.99 J", "fail", "fail", 100.0,
         "this run used 100 J, over its limit of 99.99 J per run by less than 1 %"),
        (None, "1 g", "fail", "fail", 1.25, "this run used 1.25 g, over its limit of 1 g per run by 25 %"),
        ("checkout", "80 J", "fail", "pass", 40.0, "feature checkout used 40 J of 80 J per run"),
        ("checkout", "0.25 g", "warn", "warn", 0.5,
         "feature checkout used 500 mg, over its limit of 250 mg per run by 100 %"),
        (None, "60 J ref", "fail", "fail", 70.0,
         "this run used 70 J ref, over its limit of 60 J ref per run by 17 %"),
        ("checkout", "25 J ref", "fail", "pass", 20.0, "feature checkout used 20 J ref of 25 J ref per run"),
        ("search", "1 J", "fail", "pass", 0.0, "feature search used 0 J of 1 J per run"),
        ("search", "1 g", "fail", "pass", 0.0, "feature search used 0 g of 1 g per run"),
    ],
)  # fmt: skip
def test_verdict_on_known_figures(
    feature: str | None, limit: str, on_exceeded: str, state: str, used: float, reason: str
) -> None:
    """A run or feature is judged on its central figure, and the reason gives the numbers."""
    quantity = parse_quantity(limit)
    result = _judge(Budget(feature, quantity, "fail" if on_exceeded == "fail" else "warn"))
    assert (result.state, result.used, result.reason) == (state, used, reason)
    assert (result.feature, result.limit, result.limit_value, result.kind) == (
        feature, limit, quantity.value, quantity.kind,
    )  # fmt: skip


@pytest.mark.parametrize(("feature", "used"), [(None, 70.0), ("checkout", 20.0), ("search", 0.0)])
@pytest.mark.parametrize("grid", [GRID, WORLD])
def test_reference_energy_needs_no_grid(feature: str | None, used: float, grid: GridFactor) -> None:
    """A limit in reference joules compares reference joules only."""
    result = _judge(Budget(feature, parse_quantity("30 J ref"), "fail"), grid=grid)
    assert (result.used, result.state) == (used, "fail" if used > 30 else "pass")
    assert " of 30 J ref per run" in result.reason


def test_reference_energy_of_the_run_is_known_without_its_joules() -> None:
    """Without measured energy, the reference energy of the run is known, but not that of a feature."""
    nothing: dict[str, Range | None] = {"energy_j": None, "emissions_g": None}
    assert _judge(Budget(None, parse_quantity("60 J ref"), "fail"), **nothing).state == "fail"
    unknown = _judge(Budget("checkout", parse_quantity("1 J ref"), "fail"), features={}, **nothing)
    assert (unknown.state, unknown.used) == ("inconclusive", None)


def test_team_is_left_to_the_verdict() -> None:
    """A report has no teams, so the budget of a team has no result."""
    team = Budget(None, parse_quantity("1 J"), "fail", team="shop", children=("checkout",))
    assert judge_per_run_limits([team], FEATURES, USED, GRID) == []


@pytest.mark.parametrize(("limit", "state"), [("1 kJ", "inconclusive"), ("50 J", "fail"), ("1 kJ ref", "inconclusive")])
def test_limit_is_not_kept_by_a_run_without_tests(limit: str, state: str) -> None:
    """What pytest itself used can exceed a limit; that it does not says nothing about the tests."""
    budget = Budget(None, parse_quantity(limit), "fail")
    (result,) = judge_per_run_limits([budget], {}, USED, GRID, tests_ran=False)
    assert result.state == state
    if state == "inconclusive":
        assert result.reason == f"this run: no test ran, so its limit of {limit} was not judged"


def test_window_is_left_to_the_verdict() -> None:
    """A report has no other runs, so the budget of a window has no result."""
    assert (
        judge_per_run_limits([Budget("checkout", None, "fail", limit=parse_quantity("1 J"))], FEATURES, USED, GRID)
        == []
    )


@pytest.mark.parametrize("feature", [None, "checkout"])
def test_grams_on_an_assumed_grid_are_not_judged(feature: str | None) -> None:
    """Without a grid zone, a limit in grams is inconclusive and the reason says what to set."""
    result = _judge(Budget(feature, parse_quantity("1 mg"), "fail"), grid=WORLD)
    assert result.state == "inconclusive"
    assert (
        'needs a grid zone, and the policy sets no zone; set the zone of your machines, such as zone = "DE"'
        in result.reason
    )


def test_joules_on_an_assumed_grid_are_judged() -> None:
    """A limit in joules needs no grid."""
    assert _judge(Budget(None, parse_quantity("50 J"), "fail"), grid=WORLD).state == "fail"


@pytest.mark.parametrize(("feature", "limit"), [(None, "1 J"), (None, "1 g"), ("checkout", "1 J"), ("search", "1 g")])
def test_unknown_energy_is_not_judged(feature: str | None, limit: str) -> None:
    """Unknown energy is neither 0 nor over the limit: the result is inconclusive, without a figure."""
    result = _judge(Budget(feature, parse_quantity(limit), "fail"), energy_j=None, emissions_g=None, features={})
    assert (result.state, result.used) == ("inconclusive", None)
    assert f"its energy is not known, so its limit of {limit} was not judged" in result.reason


def test_every_budget_has_one_result_in_order() -> None:
    """The results come in the order of the budgets, one for each."""
    budgets = [Budget(name, parse_quantity("1 J"), "warn") for name in (None, "search", "checkout")]
    assert [r.feature for r in judge_per_run_limits(budgets, FEATURES, USED, GRID)] == [None, "search", "checkout"]
    assert judge_per_run_limits([], FEATURES, USED, GRID) == []


AMOUNTS = st.floats(1e-5, 1e9)
SEVERITY = {"pass": 0, "warn": 1, "fail": 2}


@LAW
@given(AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from(["fail", "warn"]), st.sampled_from(["energy", "mass"]))
def test_higher_limit_never_worsens_the_state(
    used: float, first: float, second: float, on_exceeded: str, kind: str
) -> None:
    """The state is monotone in the limit and in the use."""
    whole = Range(used, used, used)
    states = []
    for limit in sorted((first, second)):
        quantity = Quantity(limit, "energy" if kind == "energy" else "mass", "limit")
        result = _judge(
            Budget(None, quantity, "fail" if on_exceeded == "fail" else "warn"), energy_j=whole, emissions_g=whole
        )
        assert (result.state == "pass") == (used <= limit)
        states.append(SEVERITY[result.state])
    assert states[0] >= states[1]


@LAW
@given(AMOUNTS, st.sampled_from([-math.inf, math.inf]))
@example(513647.0, math.inf)
def test_reason_of_a_near_miss_shows_two_different_amounts(limit: float, towards: float) -> None:
    """However near a run is to its limit, the reason shows two different amounts, both with a unit."""
    used = math.nextafter(limit, towards)
    result = _judge(Budget(None, Quantity(limit, "energy", "limit"), "fail"), energy_j=Range(used, used, used))
    written, _, rest = result.reason.removeprefix("this run used ").partition(" of " if used < limit else ", over its")
    allowed = rest.removeprefix(" limit of ").split(" per run")[0]
    assert written != allowed
    assert written.endswith("J")
    assert allowed.endswith("J")


def test_names_of_holders() -> None:
    """A holder has the name by which overrides name it."""
    team = Budget(None, None, "fail", team="shop", children=("checkout", "search"))
    names = [holder_name(budget) for budget in (Budget("checkout", None, "fail"), team, Budget(None, None, "fail"))]
    assert names == ["checkout", "shop", "repository"]


OTHERS = "; other processes of the machine used 35 J more, which does not count"
RANGE = "; the range from {} to {} includes the limit"


@pytest.mark.parametrize(
    ("feature", "limit", "state", "reason"),
    [
        (None, "110 J", "pass", f"this run used 110 J of 110 J per run{RANGE.format('88 J', '165 J')}{OTHERS}"),
        (
            None,
            "88 J",
            "fail",
            f"this run used 110 J, over its limit of 88 J per run by 25 %{RANGE.format('88 J', '165 J')}{OTHERS}",
        ),
        (None, "1.1 g", "pass", f"this run used 1.1 g of 1.1 g per run{RANGE.format('880 mg', '1.7 g')}{OTHERS}"),
        (None, "60 J ref", "pass", "this run used 55 J ref of 60 J ref per run"),
        ("checkout", "50 J", "pass", f"feature checkout used 50 J of 50 J per run{RANGE.format('40 J', '75 J')}"),
        (
            "unattributed",
            "10 J",
            "pass",
            f"feature unattributed used 10 J of 10 J per run{RANGE.format('8 J', '15 J')}{OTHERS}",
        ),
        (
            "unattributed",
            "8 J",
            "fail",
            "feature unattributed used 10 J, over its limit of 8 J per run by 25 %"
            f"{RANGE.format('8 J', '15 J')}{OTHERS}",
        ),
        ("unattributed", "0.2 g", "pass", f"feature unattributed used 100 mg of 200 mg per run{OTHERS}"),
    ],
)
def test_other_processes_fail_no_limit(bench: Any, feature: str | None, limit: str, state: str, reason: str) -> None:
    """What other processes of the machine used does not count, and the sentence shows both."""
    report = bench.beside(bench.report(tests={"checkout": 25, "search": 25, "": 5}), 35.0)
    budget = Budget(feature, parse_quantity(limit), "fail")
    (result,) = judge_per_run_limits([budget], own_feature_uses(report), run_use(report), GRID)
    assert (result.state, result.reason) == (state, reason)


def test_few_joules_of_other_processes_are_not_worth_a_word(bench: Any) -> None:
    """Below 1 % of the run's own use, the sentence does not speak of other processes."""
    used = run_use(bench.beside(bench.report(), 0.9))
    (result,) = judge_per_run_limits([Budget(None, parse_quantity("1 kJ"), "fail")], {}, used, GRID)
    assert result.reason == "this run used 100 J of 1 kJ per run"


@given(background_j=st.floats(0.0, 1e6), cost=st.floats(0.001, 1e3))
@LAW
def test_other_processes_change_no_use(bench: Any, background_j: float, cost: float) -> None:
    """The use of a run and of each of its features is the same beside busy and idle neighbours."""
    alone = bench.report(tests={"checkout": 5, "": 2}, costs={"checkout": cost})
    busy = bench.beside(alone, background_j)
    near = {"rel": 1e-6, "abs": 1e-6}
    assert run_use(busy).energy_j == pytest.approx(run_use(alone).energy_j, **near)
    assert run_use(busy).emissions_g == pytest.approx(run_use(alone).emissions_g, **near)
    uses = own_feature_uses(busy)
    assert math.fsum(use.share for use in uses.values()) == pytest.approx(1.0, abs=1e-6)
    for name, use in alone.features.items():
        assert uses[name].energy_j == pytest.approx(use.energy_j, **near)
        assert uses[name].emissions_g == pytest.approx(use.emissions_g, **near)


def test_features_without_a_background_are_left_alone(bench: Any) -> None:
    """Without background, or without a report of features, nothing is taken off."""
    report = bench.report()
    assert own_feature_uses(report) == report.features
    assert own_feature_uses(replace(bench.beside(report, 5.0), features={})) == {}


@pytest.mark.parametrize(
    ("central", "low", "high", "bounds"),
    [
        (10.0, 5.0, 20.0, (0.5, 2.0)),
        (10.0, None, 20.0, None),
        (0.0, 0.0, 1.0, None),
        (1e-308, 1.0, 2.0, None),
    ],
    ids=["known", "unknown", "nothing used", "beyond all numbers"],
)
def test_bounds_as_multiples(
    central: float, low: float | None, high: float | None, bounds: tuple[float, float] | None
) -> None:
    """A ledger may hold any figure; what cannot be told as a multiple is not known."""
    assert bounds_of(central, low, high) == bounds

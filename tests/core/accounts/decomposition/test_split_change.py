"""The change of grams between two windows, by cause: parts that sum to it, for any runs."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.decomposition.split_change import Split, split_change
from pytest_carbon.core.accounts.decomposition.window_use import GramRule, sum_groups
from pytest_carbon.core.accounts.values.holder_shares import shares_by_feature

AMOUNT = st.one_of(st.none(), st.just(0.0), st.floats(0.001, 1e4))
RUN = st.fixed_dictionaries(
    {
        "job": st.sampled_from(["tests", "lint"]),
        "reference_j": AMOUNT,
        "energy_j": AMOUNT,
        "operational_g": AMOUNT,
        "embodied_g": AMOUNT,
        "grid_g_per_kwh": st.sampled_from([0.0, 100.0, 400.0]),
        "labels": st.sampled_from([(), ("feature:checkout",)]),
        "shares": st.sampled_from([{"checkout": 1.0}, {"checkout": 0.25, "search": 0.75}, {"search": 1.0}]),
    }
)
WINDOWS = st.tuples(st.lists(RUN, max_size=8), st.lists(RUN, max_size=8))
LOCATED = GramRule()
RULE = st.sampled_from([LOCATED, GramRule(300.0)])


def _split(bench: Any, windows: Any, rule: GramRule = LOCATED, feature: str | None = "checkout") -> Split:
    uses = []
    for runs in windows:
        entries = [bench.entry(n, ago=n * timedelta(hours=7), **run) for n, run in enumerate(runs)]
        shares = shares_by_feature(entries).get(feature, [])
        start = bench.now.toordinal() - 30
        uses.append(sum_groups(shares, start, rule, lambda entry: bool(entry.labels), whole=feature is None))
    return split_change(uses[0], uses[1], (30, 30), fixed_grid=rule.fixed_g_per_kwh is not None)


def _grams(amounts: Any) -> float:
    return float(amounts.operational_g + amounts.embodied_g)


@settings(max_examples=200, deadline=None)
@given(WINDOWS, RULE, st.sampled_from([None, "checkout"]))
def test_parts_sum_to_the_change_and_flip_with_the_windows(
    bench: Any, windows: Any, rule: GramRule, feature: str | None
) -> None:
    """Nothing is left over within 1e-9, zeros and unknowns included; swapped windows flip every sign."""
    split, back = _split(bench, windows, rule, feature), _split(bench, windows[::-1], rule, feature)
    scale = math.fsum(map(abs, split.parts.values())) + _grams(split.before) + _grams(split.after)
    change = _grams(split.after) - _grams(split.before)
    assert math.fsum(split.parts.values()) == pytest.approx(change, abs=1e-9 * scale)
    assert split.parts.keys() == back.parts.keys()
    for cause, grams in split.parts.items():
        assert grams == pytest.approx(-back.parts[cause], abs=1e-9 * scale)
    assert all(variance >= 0 for variance in split.variances.values())


def test_energy_that_one_window_does_not_know_divides_neither_way(bench: Any) -> None:
    """A run without work and grams before, and one of unknown energy after: the parts flip with the windows."""
    told = {"reference_j": 0.0, "energy_j": 1.0, "operational_g": 0.0, "embodied_g": 0.0}
    windows = ([told], [{"reference_j": 1.0, "energy_j": None, "operational_g": 1.0, "embodied_g": 0.0}])
    split, back = _split(bench, windows, feature=None), _split(bench, windows[::-1], feature=None)
    assert split.parts == {cause: -grams for cause, grams in back.parts.items()}
    assert split.parts["work"] == 1.0


def test_each_factor_is_one_cause(bench: Any) -> None:
    """Twice the runs, work, joules per work, or grams per joule: the whole change is that cause's."""
    usual = {"embodied_g": 0.5}
    doubled: dict[str, dict[str, Any]] = {
        "work": {"reference_j": 100.0, "energy_j": 200.0, "operational_g": 2.0, "embodied_g": 1.0},
        "machines": {"energy_j": 200.0, "operational_g": 2.0, "embodied_g": 0.5},
        "grid": {"operational_g": 2.0, "embodied_g": 0.5},
        "embodied": {"embodied_g": 1.0},
    }
    changes = {cause: _split(bench, ([usual] * 4, [run] * 4)).parts for cause, run in doubled.items()}
    changes["runs"] = _split(bench, ([usual] * 4, [usual] * 8)).parts
    for cause, parts in changes.items():
        assert {name: grams for name, grams in parts.items() if abs(grams) > 1e-9}.keys() == {cause}


def test_unknown_amounts_divide_nothing(bench: Any) -> None:
    """Work cannot be told from machines without reference joules, nor machines from the grid without joules."""
    usual, more = {"reference_j": None}, {"reference_j": None, "energy_j": 200.0, "operational_g": 2.0}
    parts = _split(bench, ([usual] * 4, [more] * 4)).parts
    assert {cause for cause, grams in parts.items() if abs(grams) > 1e-9} == {"undivided"}
    parts = _split(bench, ([{}] * 4, [{"energy_j": None, "operational_g": 2.0}] * 4)).parts
    assert {cause for cause, grams in parts.items() if abs(grams) > 1e-9} == {"undivided"}


def test_runs_of_unknown_grams_are_coverage(bench: Any) -> None:
    """The same runs, of which half become unknown, are not fewer runs."""
    parts = _split(bench, ([{}] * 8, [{}] * 4 + [{"operational_g": None}] * 4)).parts
    assert {cause: grams for cause, grams in parts.items() if abs(grams) > 1e-9} == {"coverage": pytest.approx(-4.0)}


def test_a_renamed_job_is_compared_with_itself(bench: Any) -> None:
    """A job that only one window has is not many fewer and many more runs."""
    old, new = {"job": "py312"}, {"job": "py313", "reference_j": 25.0, "energy_j": 50.0, "operational_g": 0.5}
    parts = _split(bench, ([old] * 4, [new] * 4)).parts
    assert {cause: grams for cause, grams in parts.items() if abs(grams) > 1e-9} == {"work": pytest.approx(-2.0)}


def test_a_larger_share_by_tests_is_work_and_by_label_is_runs(bench: Any) -> None:
    """Tests that do more have a larger share of each run; labels that name a feature more often give it more runs."""
    by_tests = ([{"shares": {"checkout": 0.2, "search": 0.8}}] * 4, [{"shares": {"checkout": 0.4, "search": 0.6}}] * 4)
    by_label = tuple([{**run, "labels": ("feature:checkout",)} for run in window] for window in by_tests)
    for windows, cause in ((by_tests, "work"), (by_label, "runs")):
        parts = _split(bench, windows).parts
        assert {name: grams for name, grams in parts.items() if abs(grams) > 1e-9} == {cause: pytest.approx(0.8)}
    assert not any(abs(grams) > 1e-9 for grams in _split(bench, by_tests, feature=None).parts.values())


def test_noise_is_how_days_and_weeks_differ(bench: Any) -> None:
    """Alike days have no noise; days that differ have some, in their own cause only."""
    steady = _split(bench, ([{}] * 24, [{}] * 24))
    assert max(steady.variances["work"], steady.variances["machines"]) == pytest.approx(0.0, abs=1e-12)
    uneven = [
        {"reference_j": 50.0 * times, "energy_j": 100.0 * times, "operational_g": times, "job": "tests"}
        for times in (1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0)
    ]
    noisy = _split(bench, (uneven, uneven))
    assert noisy.variances["work"] > 0.001
    assert noisy.variances["machines"] == pytest.approx(0.0, abs=1e-12)

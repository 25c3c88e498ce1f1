"""What runs of a window used, in groups."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.decomposition.window_use import (
    Group,
    GroupUse,
    gram_rule,
    kind_of_run,
    pool_unmatched,
    sum_groups,
)
from pytest_carbon.core.accounts.values.holder_shares import shares_by_feature
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.quantities import parse_quantity

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("limit", "counts", "own", "expected"),
    [
        ("2 kg", "work", None, 380.0), ("2 kg", "work", 50.0, 50.0), ("2 kg", "located", None, None),
        ("2 kJ", "work", None, None), (None, "work", None, None),
    ],
    ids=["work", "work at its own intensity", "located", "joules", "no budget"],
)  # fmt: skip
def test_grams_are_counted_as_the_budget_counts_them(limit: Any, counts: Any, own: Any, expected: Any) -> None:
    """At a fixed intensity for a budget of work in grams, located for all others."""
    quantity = limit and parse_quantity(limit)
    holder = Budget("checkout", None, "warn", limit=quantity, counts=counts, g_per_kwh=own)
    assert gram_rule(holder, 380.0).fixed_g_per_kwh == expected


def test_a_run_without_an_intensity_has_no_fixed_grams(bench: Any) -> None:
    """Grams cannot be scaled from a grid of nothing."""
    rule = gram_rule(Budget("checkout", None, "warn", limit=parse_quantity("2 kg")), 200.0)
    assert rule.operational_g(bench.entry()) == pytest.approx(0.5)
    assert rule.operational_g(bench.entry(grid_g_per_kwh=0.0)) is None
    assert rule.operational_g(bench.entry(operational_g=None)) is None


def test_kinds_of_runs(bench: Any) -> None:
    """A run is of the default branch, of another branch, or of another repository."""
    runs = (bench.entry(), bench.entry(branch="topic"), bench.entry(elsewhere=1))
    assert [kind_of_run(run, "main") for run in runs] == ["default branch", "other branches", "other repositories"]


def test_groups_and_days(bench: Any) -> None:
    """Runs of one job, payer and knowledge are a group; the runs of a day are one sum."""
    runs = [
        bench.entry(1, ago=2 * DAY, shares={"checkout": 0.5, "search": 0.5}),
        bench.entry(2, ago=2 * DAY), bench.entry(3, ago=DAY, operational_g=None),
        bench.entry(4, ago=DAY, labels=("x",), shares={"checkout": 0.5, "search": 0.5}),
        bench.entry(5, ago=DAY, reference_j=None, energy_j=None),
    ]  # fmt: skip
    start = (bench.now - 2 * DAY).toordinal()
    shares = shares_by_feature(runs)["checkout"]
    groups = sum_groups(shares, start, gram_rule(Budget("checkout", None, "warn"), None), lambda e: bool(e.labels),
                        whole=False)  # fmt: skip
    by_tests, by_label, other = Group("", False, True), Group("", True, True), Group("", False, False)
    assert groups[by_tests].days == {0: [2.0, 2.0, 75.0, 150.0, 1.5, 0.0], 1: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]}
    assert groups[by_label].days == {1: [0.5, 0.5, 25.0, 50.0, 0.5, 0.0]}
    assert (groups[other].energy_known, groups[by_tests].energy_known) == (False, True)
    assert groups[by_tests].total() == (3.0, 2.0, 75.0, 150.0, 1.5, 0.0)
    assert GroupUse().total() == (0.0,) * 6


def test_what_only_one_window_has_is_pooled() -> None:
    """Matched groups stay; jobs of one window only are one group of both."""
    same, old, new = Group("a", False, True), Group("b", False, True), Group("c", False, False)
    uses = {group: GroupUse({0: [1.0] * 6}) for group in (same, old, new)}
    pairs = pool_unmatched({same: uses[same], old: uses[old]}, {same: uses[same], new: uses[new]})
    assert [group for group, _, _ in pairs] == [same, Group(None, False, False)]
    assert [use.total().runs for use in pairs[1][1:]] == [1.0, 1.0]

"""What the runs of a ledger use of a budget."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.spending import run_amount, run_grams, share_of, spending_of, to_grams
from pytest_carbon.core.quantities import parse_quantity

LAW = settings(max_examples=100, deadline=None)
CHECKOUT = Budget("checkout", None, "fail", parse_quantity("120 g"))
LOCATED = replace(CHECKOUT, counts="located")
JOULES = replace(CHECKOUT, limit=parse_quantity("1 kJ"))
REFERENCE = replace(CHECKOUT, limit=parse_quantity("1 kJ ref"))
REPOSITORY = replace(CHECKOUT, feature=None)
TEAM = replace(REPOSITORY, team="shop", children=("checkout", "search"))
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None, "embodied_g": None}


@pytest.mark.parametrize(
    ("budget", "share"),
    [
        (CHECKOUT, 0.5),
        (replace(CHECKOUT, feature="search"), 0.25),
        (replace(CHECKOUT, feature="unattributed"), 0.25),
        (replace(CHECKOUT, feature="pay"), 0.0),
        (REPOSITORY, 1.0),
        (TEAM, 0.75),
        (replace(TEAM, children=("pay",)), 0.0),
    ],
)
def test_share_of_a_run(bench: Any, budget: Budget, share: float) -> None:
    """A feature pays its share, a team the shares of its features, the repository all; other features pay nothing."""
    entry = bench.entry(shares={"checkout": 0.5, "search": 0.25, "unattributed": 0.25})
    assert share_of(budget, entry) == share


@pytest.mark.parametrize(
    ("budget", "changes", "expected"),
    [
        (JOULES, {}, 100.0),
        (JOULES, {"grid_assumed": True, "operational_g": None}, 100.0),
        (JOULES, UNKNOWN, None),
        (REFERENCE, UNKNOWN, 50.0),
        (replace(CHECKOUT, limit=None), {}, 100.0),
        (CHECKOUT, {}, 0.5),
        (CHECKOUT, {"embodied_g": 0.25}, 0.75),
        (CHECKOUT, {"grid_assumed": True}, 0.5),
        (CHECKOUT, {"grid_g_per_kwh": 800.0, "operational_g": 2.0}, 0.5),
        (CHECKOUT, {"grid_g_per_kwh": 0.0, "operational_g": 0.0}, None),
        (CHECKOUT, UNKNOWN, None),
        (CHECKOUT, {"embodied_g": None}, None),
        (LOCATED, {}, 1.0),
        (LOCATED, {"embodied_g": 0.25}, 1.25),
        (LOCATED, {"grid_g_per_kwh": 800.0, "operational_g": 2.0}, 2.0),
        (LOCATED, {"grid_assumed": True}, None),
        (LOCATED, UNKNOWN, None),
    ],
)
def test_run_counts_in_the_unit_of_the_limit(
    bench: Any, budget: Budget, changes: dict[str, Any], expected: float | None
) -> None:
    """Grams count as work at the policy's 200 g/kWh or as located; an unknown use is None, not 0."""
    assert run_amount(budget, bench.entry(**changes), 200.0) == expected


@pytest.mark.parametrize(("budget", "known"), [(CHECKOUT, False), (LOCATED, True), (JOULES, True), (REFERENCE, True)])
def test_only_work_in_grams_needs_the_zone_of_the_policy(bench: Any, budget: Budget, known: bool) -> None:
    """Without the policy's zone only work in grams is unknown."""
    assert (run_amount(budget, bench.entry(), None) is not None) == known


@LAW
@given(st.floats(1.0, 2000.0), st.floats(0.0, 1e6), st.floats(1.0, 2000.0))
def test_grid_of_the_run_does_not_change_work(
    bench: Any, g_per_kwh: float, kwh: float, policy_g_per_kwh: float
) -> None:
    """The same work counts the same on every grid."""
    one = bench.entry(grid_g_per_kwh=400.0, operational_g=400.0 * kwh)
    other = bench.entry(grid_g_per_kwh=g_per_kwh, operational_g=g_per_kwh * kwh)
    assert run_grams(CHECKOUT, one, policy_g_per_kwh) == pytest.approx(run_grams(CHECKOUT, other, policy_g_per_kwh))


@pytest.mark.parametrize("g_per_kwh", [17.3, 381.0, 400.0, 1e-3, 0.0])
def test_work_on_the_grid_of_the_policy_is_as_located(bench: Any, g_per_kwh: float) -> None:
    """Both ways of counting agree to the last digit, so that a limit that is exactly met is met in both."""
    entry = bench.entry(grid_g_per_kwh=g_per_kwh, operational_g=0.1 + g_per_kwh / 3, embodied_g=0.7)
    assert run_grams(CHECKOUT, entry, g_per_kwh) == run_grams(LOCATED, entry, None)


def test_spends_are_shares_and_unknown_entries_are_kept(bench: Any) -> None:
    """Every run that a budget pays for is a spend or an unknown entry; other runs are left out."""
    half = bench.entry(1, shares={"checkout": 0.5, "search": 0.5})
    lost = bench.entry(2, **UNKNOWN)
    others = bench.entry(3, shares={"search": 1.0})
    result = spending_of(CHECKOUT, [half, lost, others], 400.0)
    assert [spend.amount for spend in result.spends] == [0.5]
    assert result.spends[0].at.isoformat() == half.started
    assert result.unknown_entries == (lost,)


@pytest.mark.parametrize(
    ("budget", "whole", "part", "other"),
    [(REPOSITORY, 1.0, 0.0, 0.0), (CHECKOUT, 0.0, 1.0, 0.0), (TEAM, 0.0, 1.0, 0.0)],
)
def test_summed_day_is_paid_once(bench: Any, budget: Budget, whole: float, part: float, other: float) -> None:
    """The repository pays the sums of whole runs; a feature and its team pay the sums of the feature."""
    rolled = [bench.entry(rolled="", shares={}), bench.entry(rolled="checkout"),
              bench.entry(rolled="pay", shares={"pay": 1.0})]  # fmt: skip
    assert [share_of(budget, entry) for entry in rolled] == [whole, part, other]


@pytest.mark.parametrize(
    ("kind", "changes", "g_per_kwh", "expected"),
    [
        ("mass", UNKNOWN, None, 10.0),
        ("energy", {}, 400.0, 0.1),
        ("reference", {}, 400.0, 0.2),
        ("reference", {}, 200.0, 0.1),
        ("reference", {"embodied_g": 99.0}, 400.0, 0.2),
        ("reference", {}, None, None),
        ("reference", {"reference_j": 0.0}, 400.0, None),
        ("energy", UNKNOWN, 400.0, None),
        ("energy", {"grid_g_per_kwh": 0.0}, 400.0, None),
    ],
)
def test_grams_of_an_amount(
    bench: Any, kind: str, changes: dict[str, Any], g_per_kwh: float | None, expected: float | None
) -> None:
    """Joules are converted to grams at the ratios of the entry; None if a ratio is not known."""
    result = to_grams(10.0, kind, bench.entry(**changes), g_per_kwh)
    assert result == (None if expected is None else pytest.approx(expected))

"""A policy as a value: who pays for a pull request, and whether the parts fit in the whole."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.policy.policy import Feature, Policy, overcommitted_budgets
from pytest_carbon.core.quantities import Quantity, parse_quantity

LAW = settings(max_examples=100, deadline=None)
SHOP = Policy({
    "checkout": Feature("checkout", ("feature:checkout", "cart"), (), 3.0),
    "search": Feature("search", ("feature:search",), (), 1.0),
    "free": Feature("free"),
})  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "payers"),
    [
        ((), {}),
        (("bug", "Feature:Checkout"), {}),
        (("feature:checkout",), {"checkout": 1.0}),
        (("feature:checkout", "cart", "cart"), {"checkout": 1.0}),
        (("feature:search", "bug", "cart"), {"checkout": 0.75, "search": 0.25}),
    ],
)
def test_labels_name_the_payers(labels: tuple[str, ...], payers: dict[str, float]) -> None:
    """The features that labels name share a pull request by their weight, each once; other labels name nobody."""
    assert SHOP.payers(labels) == payers


@LAW
@given(st.lists(st.floats(1e-6, 1e8), min_size=1, max_size=8))
def test_payers_pay_all_of_it(weights: list[float]) -> None:
    """Shares are above zero and sum to 1, whatever the weights."""
    policy = Policy({str(n): Feature(str(n), ("all",), (), weight) for n, weight in enumerate(weights)})
    shares = policy.payers(["all"])
    assert len(shares) == len(weights)
    assert all(share > 0 for share in shares.values())
    assert math.isclose(math.fsum(shares.values()), 1.0)


def _budget(limit: str | None, window: str = "28d", **who: Any) -> Budget:
    quantity = parse_quantity(limit) if limit else None
    return Budget(who.pop("feature", None), None, "warn", quantity, parse_window(window), **who)


def _team(limit: str | None, *children: str) -> Budget:
    return _budget(limit, team="shop", children=children)


CHECKOUT, SEARCH = _budget("80 g", feature="checkout"), _budget("50 g", feature="search")
OVER_TEAM = "the budgets below team shop come to 130 g in 28d, more than its own 120 g"
OVER_ALL = "the budgets below the repository come to 130 g in 28d, more than its own 120 g"


@pytest.mark.parametrize(
    ("budgets", "notes"),
    [
        ((), []),
        ((CHECKOUT, SEARCH), []),
        ((CHECKOUT, SEARCH, _team("130 g", "checkout", "search")), []),
        ((CHECKOUT, SEARCH, _team("120 g", "checkout", "search")), [OVER_TEAM]),
        ((CHECKOUT, SEARCH, _team("120 g", "checkout")), []),
        ((CHECKOUT, SEARCH, _budget("120 g")), [OVER_ALL]),
        ((CHECKOUT, SEARCH, _budget("120 g"), _team("70 g", "checkout", "search")),
         ["the budgets below team shop come to 130 g in 28d, more than its own 70 g"]),
        ((CHECKOUT, SEARCH, _budget("120 g"), _team("80 g", "checkout")), [OVER_ALL]),
        ((CHECKOUT, SEARCH, _budget("120 g"), _team(None, "checkout")), [OVER_ALL]),
        ((CHECKOUT, SEARCH, _budget("100 J")), []),
        ((CHECKOUT, SEARCH, _budget("120 g", "month")), []),
        ((CHECKOUT, SEARCH, _budget("120 g", "27d")), []),
        ((CHECKOUT, SEARCH, _budget("120 g", "4w")),
         ["the budgets below the repository come to 130 g in 4w, more than its own 120 g"]),
        ((CHECKOUT, SEARCH, _budget(None)), []),
        ((CHECKOUT, _budget("50 g", feature="unattributed"), _budget("120 g")), [OVER_ALL]),
        ((_budget("3 kJ ref", "month", feature="checkout"), _budget("2 kJ ref", "month")),
         ["the budgets below the repository come to 3 kJ ref this month, more than its own 2 kJ ref"]),
    ],
)  # fmt: skip
def test_children_above_their_parent_are_told(budgets: tuple[Budget, ...], notes: list[str]) -> None:
    """What a team's features, or everybody, may use together is compared where it can be added up."""
    assert overcommitted_budgets(Policy(budgets=budgets)) == notes


@LAW
@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20))
def test_parts_that_sum_to_the_whole_are_no_fault(limits: list[float]) -> None:
    """A repository whose limit is the sum of its features' is not told that they are more, for a last digit."""
    children = [Budget(str(n), None, "warn", Quantity(g, "mass", "some")) for n, g in enumerate(limits)]
    whole = Budget(None, None, "warn", Quantity(sum(limits), "mass", "all"))
    assert overcommitted_budgets(Policy(budgets=(*children, whole))) == []

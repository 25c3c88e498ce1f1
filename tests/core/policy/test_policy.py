"""A policy as a value, and budgets whose parts allow more than the whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.policy.policy import Policy, overcommitted_budgets
from pytest_carbon.core.quantities import Quantity, parse_quantity

LAW = settings(max_examples=100, deadline=None)


def _budget(limit: str | None, window: str = "28d", **holder: Any) -> Budget:
    quantity = parse_quantity(limit) if limit else None
    return Budget(holder.pop("feature", None), None, "warn", quantity, parse_window(window), **holder)


def _team(limit: str | None, *children: str) -> Budget:
    return _budget(limit, team="shop", children=children)


CHECKOUT, SEARCH = _budget("80 g", feature="checkout"), _budget("50 g", feature="search")
OVER_TEAM = "the budgets below team shop add up to 130 g in 28 days, more than its own limit of 120 g"
OVER_ALL = "the budgets below the repository add up to 130 g in 28 days, more than its own limit of 120 g"


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
         ["the budgets below team shop add up to 130 g in 28 days, more than its own limit of 70 g"]),
        ((CHECKOUT, SEARCH, _budget("120 g"), _team("80 g", "checkout")), [OVER_ALL]),
        ((CHECKOUT, SEARCH, _budget("120 g"), _team(None, "checkout")), [OVER_ALL]),
        ((CHECKOUT, SEARCH, _budget("100 J")), []),
        ((CHECKOUT, SEARCH, _budget("120 g", "month")), []),
        ((CHECKOUT, SEARCH, _budget("120 g", "27d")), []),
        ((CHECKOUT, SEARCH, _budget("120 g", "4w")),
         ["the budgets below the repository add up to 130 g in 4 weeks, more than its own limit of 120 g"]),
        ((CHECKOUT, SEARCH, _budget(None)), []),
        ((CHECKOUT, _budget("50 g", feature="unattributed"), _budget("120 g")), [OVER_ALL]),
        ((_budget("3 kJ ref", "month", feature="checkout"), _budget("2 kJ ref", "month")),
         ["the budgets below the repository add up to 3 kJ ref this month, more than its own limit of 2 kJ ref"]),
    ],
)  # fmt: skip
def test_children_above_their_parent_have_a_sentence(budgets: tuple[Budget, ...], notes: list[str]) -> None:
    """The children's limits are added up only if they are of the parent's kind and window."""
    assert overcommitted_budgets(Policy(budgets=budgets)) == notes


@LAW
@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20))
def test_children_that_sum_to_their_parent_are_no_fault(limits: list[float]) -> None:
    """A rounding error in the last digit of the sum does not make the children larger than their parent."""
    children = [Budget(str(n), None, "warn", Quantity(g, "mass", "some")) for n, g in enumerate(limits)]
    whole = Budget(None, None, "warn", Quantity(sum(limits), "mass", "all"))
    assert overcommitted_budgets(Policy(budgets=(*children, whole))) == []

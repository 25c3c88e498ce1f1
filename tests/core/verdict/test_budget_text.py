"""Sentences on the use of a budget and on why it is at risk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.burn_rate import BurnRate
from pytest_carbon.core.budget.spend_history import ProjectionBasis
from pytest_carbon.core.verdict.budget_text import pace_text, window_use_text
from tests.core.verdict.samples import STATUS

CALM = replace(STATUS, state="ok", burn=(), exhausted_in_s=None, p50=None, limit=100.0, kind="mass", pace_basis=None)
YOUNG = ProjectionBasis(7, 26 * 3600.0, is_enough=False)
OLD = ProjectionBasis(40, 14 * 86_400.0, is_enough=True)
FIRING = (BurnRate(86_400.0, 7200.0, 9.44, 9.0, 2.8, firing=True),)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, ""),
        ({"state": "watch", "exhausted_in_s": 9e5}, ""),
        ({"state": "critical", "exhausted_in_s": 3 * 86_400.0}, "; at this pace it is exhausted in 3 days"),
        (
            {"state": "at risk", "exhausted_in_s": 9 * 86_400.0, "pace_basis": YOUNG},
            "; at this pace it is exhausted in 9 days, told from 7 runs in 26 hours",
        ),
        (
            {"state": "at risk", "burn": FIRING, "pace_basis": OLD},
            "; the budget is used 9.4 times as fast as its window allows",
        ),
        ({"state": "at risk", "p50": 142.0}, "; at this pace 142 g will be used in a window"),
    ],
)
def test_why_a_budget_is_at_risk(changes: dict[str, Any], text: str) -> None:
    """The burn rate, the pace or the forecast is named; a pace of less than a week says what it is told from."""
    assert pace_text(replace(CALM, **changes)) == text


def test_use_of_a_window() -> None:
    """The use, the limit and the window are named, with the debt and the runs that are not counted."""
    status = replace(CALM, window="28d", consumed=25.0, used=0.25, remaining=75.0, debt=0.0, unknown_runs=0)
    assert (
        window_use_text(Budget("pay", None, "fail"), status) == "feature pay has used 25 g of 100 g in 28 days (25 %)"
    )
    text = window_use_text(Budget(None, None, "fail"), replace(status, debt=10.0, unknown_runs=2))
    assert "the limit is 10 g lower" in text
    assert text.endswith("not counting 2 runs whose use is not known")

"""The first limit per run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.proposal.first_limit import describe_limit, first_limit_j

SPARE, UNLESS = "and 600 mJ ref more for noise", "unless growth of [budget] sees it"


@pytest.mark.parametrize(
    ("measured_j", "limit_j", "said"),
    [
        (0.05, 0.65, f"50 mJ ref measured, {SPARE}: up to 13 times passes here, {UNLESS}"),
        (0.242, 0.85, f"242 mJ ref measured, {SPARE}: up to 3.5 times passes here, {UNLESS}"),
        (1.2, 1.8, "1.2 J ref measured, and a half more"),
        (6.78, 11.0, "6.78 J ref measured, and a half more"),
        (40.0, 60.0, "40 J ref measured, and a half more"),
        (123_456.0, 190_000.0, "123 kJ ref measured, and a half more"),
    ],
)
def test_limit_is_what_was_measured_and_room(measured_j: float, limit_j: float, said: str) -> None:
    """A half more, or 0.6 J where that is little; two digits are enough."""
    assert first_limit_j(measured_j) == limit_j
    assert describe_limit(measured_j) == said


@given(st.floats(1e-6, 1e12))
def test_room_is_never_less(measured_j: float) -> None:
    """Rounding only adds, and at most a tenth."""
    wanted = max(measured_j * 1.5, measured_j + 0.6)
    assert wanted * (1 - 1e-6) <= first_limit_j(measured_j) <= wanted * 1.1 + 1e-6

"""Equal but for rounding."""

from __future__ import annotations

import pytest

from pytest_carbon.core.evidence.close_figures import differ, exceeds


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(1.0, 1.0, False), (1.0, 1.00001, False), (0.0, 1e-12, False), (1.0, 1.001, True), (0.0, 1e-6, True)],
)
def test_figures_differ(first: float, second: float, expected: bool) -> None:
    """Seven significant digits are rounding, four are a difference."""
    assert differ(first, second) is differ(second, first) is expected
    assert exceeds(second, first) is expected
    assert not exceeds(first, second)

"""Ridge regression against what is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.forecast.ridge import fit_ridge

NUMBERS = st.floats(-100, 100)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=20)


def test_what_the_columns_make_exactly() -> None:
    """Without a pull, the coefficients are found; at a pull of 1, a column alone ends halfway."""
    columns = [[1.0, 2.0, 3.0, 5.0], [4.0, 1.0, -2.0, 0.0]]
    wanted = [2 * a - 3 * b for a, b in zip(*columns, strict=True)]
    assert fit_ridge(columns, wanted, [0.0, 0.0], 0.0) == pytest.approx([2.0, -3.0])
    assert fit_ridge([[1.0, 2.0]], [4.0, 8.0], [0.0], 1.0) == pytest.approx([2.0])


def test_what_nothing_is_known_of_stays() -> None:
    """A column of zeros keeps its given coefficient, and equal columns share what they explain."""
    assert fit_ridge([[0.0, 0.0], [1.0, 1.0]], [3.0, 3.0], [7.0, 0.0], 0.0) == pytest.approx([7.0, 3.0])
    twins = fit_ridge([[1.0, 2.0], [1.0, 2.0]], [2.0, 4.0], [0.0, 0.0], 1e-6)
    assert twins == pytest.approx([1.0, 1.0], rel=1e-3)


@given(ROWS, st.tuples(NUMBERS, NUMBERS))
def test_the_given_coefficients_stand_if_they_fit(rows: list[tuple[float, float, float]], towards: list[float]) -> None:
    """However strong the pull: what fits already is not changed."""
    columns = [[row[0] for row in rows], [row[1] for row in rows]]
    wanted = [row[0] * towards[0] + row[1] * towards[1] for row in rows]
    found = fit_ridge(columns, wanted, towards, 1.0)
    made = [row[0] * found[0] + row[1] * found[1] for row in rows]
    assert made == pytest.approx(wanted, rel=1e-6, abs=1e-6)

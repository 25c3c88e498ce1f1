"""What a list hides of a test or fixture that it lacks."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.left_lists import hidden_j
from tests.core.advice.sample_runs import run, window


@pytest.mark.parametrize(
    ("listed_j", "hidden"), [((), 1.0), ((9.0, 5.0), 1.0), ((9.0, 5.0, 7.0), 5.0)], ids=["none", "short", "full"]
)
def test_what_a_list_hides(bench: Any, listed_j: tuple[float, ...], hidden: float) -> None:
    """A full list of three hides what costs as much as its least; a shorter one 2 % of the run's 50 J."""
    (started,) = window(run(bench, 1)).runs
    assert hidden_j(started, listed_j, 3) == pytest.approx(hidden)

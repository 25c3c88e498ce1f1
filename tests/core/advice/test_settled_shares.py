"""Whether something is gone: by chance it would hardly be so rare, or so little."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.advice.finding import ALL_OF_IT, Finding
from pytest_carbon.core.advice.settled_shares import PastAdvice, chance_of_so_few, cost_of_runs_fell, is_gone
from pytest_carbon.core.advice.window_runs import WindowRuns
from pytest_carbon.core.model import Range
from tests.core.advice.sample_runs import run, window


def _window(bench: Any, flags: str, high: float = 1.0) -> tuple[WindowRuns, Finding | None]:
    """Return a window in which the runs with an x could be saved, and the finding; None without an x."""
    runs = window(*(run(bench, n, ago_h=100.0 - n) for n in range(len(flags))))
    savings = {f"run-{n}": Range(high, high, high) for n, flag in enumerate(flags) if flag == "x"}
    finding = Finding("docs", "tests", "", "", "a line", "", savings, frozenset({"tests"}))
    return runs, finding if savings else None


@pytest.mark.parametrize(
    ("before", "after", "saved"),
    [
        ("x." * 10, "." * 10, (10, 0.5)),
        ("x." * 10, "xx.x" + "." * 8, (8, 0.5)),
        ("x." * 10, "....x" * 8, (40, 0.3)),
        ("x." * 10, "x." * 10, None),
        ("x." * 10, "....", None),
        ("x" + "." * 19, "." * 20, None),
        ("x." * 10, "", None),
    ],
    ids=["gone", "gone since then", "rarer", "as before", "too few runs", "too rare", "no run"],
)
def test_followed(bench: Any, before: str, after: str, saved: tuple[int, float] | None) -> None:
    """What was saved is told for the runs since the last one, or of the whole window if it only became rarer."""
    (old, finding), (new, now) = _window(bench, before), _window(bench, after)
    assert finding is not None
    shares = cost_of_runs_fell(PastAdvice(finding, old, new, now))
    if saved is None:
        assert shares is None
    else:
        assert shares is not None
        assert [*shares.values()] == [pytest.approx(saved[1])] * saved[0]


def test_as_often_but_as_much(bench: Any) -> None:
    """Fewer of these runs that cost as much together are no saving, and unknown grams tell nothing."""
    (old, finding), (new, now) = _window(bench, "x." * 20, high=0.2), _window(bench, "xx........" * 4 + "x")
    assert finding is not None
    assert cost_of_runs_fell(PastAdvice(finding, old, new, now)) is None
    unknown = window(run(bench, 1, operational_g=None))
    assert cost_of_runs_fell(PastAdvice(finding, unknown, new, None)) is None


@pytest.mark.parametrize(("flags", "gone"), [("x." * 6 + "." * 8, True), ("x." * 6 + "." * 3, False), ("x", False)])
def test_gone_lately(bench: Any, flags: str, gone: bool) -> None:
    """Eight runs in a row without one, where every second had one, are no chance."""
    runs, finding = _window(bench, flags)
    assert finding is not None
    assert is_gone(finding, runs) is gone
    assert ALL_OF_IT.high == 1


@given(st.integers(0, 200), st.floats(0, 500))
def test_chance(number: int, expected: float) -> None:
    """It is a probability, falls with what is expected, and rises with what is there."""
    chance = chance_of_so_few(number, expected)
    assert 0 <= chance <= 1
    assert chance_of_so_few(number, expected + 1) <= chance + 1e-9
    assert chance_of_so_few(number + 1, expected) >= chance - 1e-9
    assert chance_of_so_few(0, 3.0) == pytest.approx(math.exp(-3))

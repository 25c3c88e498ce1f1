"""Cancelled runs: what they used before the newer commit, or before a person cancelled them."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.wasted.cancelled_runs import find
from tests.core.advice.sample_runs import run, window


def test_a_cancelled_run_counts_up_to_the_newer_commit(bench: Any) -> None:
    """The first run was superseded after a quarter of its time, the second was cancelled by somebody."""
    first = run(bench, 1, ago_h=10.0, conclusion="cancelled")
    alone = run(bench, 3, ago_h=5.0, pr=8, conclusion="cancelled")
    (finding,) = find(window(first, run(bench, 2, ago_h=10.0 - 150 / 3600), alone))
    assert finding.action == "Begin job tests later, so that half of its cancelled runs do not begin in vain"
    assert finding.evidence == "2 of 3 runs were cancelled after they had begun"
    assert finding.savings["run-1"] == pytest.approx((0.125, 0.0, 0.25))
    assert finding.savings["run-3"] == (0.5, 0.0, 1.0)


def test_no_cancelled_run(bench: Any) -> None:
    """A failed run is not a cancelled one."""
    assert not list(find(window(run(bench, 1, conclusion="failure"))))

"""Who pays for what could be saved."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.advice.holder_grams import NOTHING, of_holder, paid_grams, saved_grams
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.model import Range
from tests.core.advice.sample_runs import run, window

SHARES = {"checkout": 0.25, "search": 0.75}
TEAM = Budget(None, None, "warn", team="shop", children=("checkout", "search", "gone"))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.booleans())
def test_features_sum_to_the_repository(bench: Any, shares: list[float], labelled: bool) -> None:
    """A part of a run is divided as the run is; nobody saves more than was paid."""
    entries = [run(bench, n, shares=SHARES) for n in range(len(shares))]
    runs = window(*entries, labels_pay=frozenset({"run-0"}) if labelled else frozenset())
    saved = saved_grams({f"run-{n}": Range(share, 0.0, share) for n, share in enumerate(shares)}, None, runs)
    assert saved["checkout"].central + saved["search"].central == pytest.approx(saved[None].central)
    assert saved[None].central <= paid_grams(runs)[None].central + 1e-9
    assert of_holder(TEAM, saved).central == pytest.approx(saved[None].central)


def test_the_owner_pays_alone_but_never_more_than_its_share(bench: Any) -> None:
    """Of a test of checkout, which takes 0.4 of a run of 10 g, checkout paid at most its quarter."""
    runs = window(run(bench, 1, shares=SHARES), run(bench, 2, shares=SHARES), labels_pay=frozenset({"run-2"}))
    each = Range(0.4, 0.0, 0.4)
    alone = saved_grams({"run-1": each}, "checkout", runs)
    assert (alone["checkout"].central, "search" in alone) == (2.5, False)
    assert saved_grams({"run-2": each}, "checkout", runs)["search"].central == pytest.approx(3.0)
    assert of_holder(Budget("search", None, "warn"), alone) == NOTHING


def test_unknown_grams_are_in_no_sum(bench: Any) -> None:
    """A run of unknown grams saves nobody knows what; an unknown range is the figure itself."""
    known = run(bench, 1, emissions_low_g=None, emissions_high_g=None)
    runs = window(known, run(bench, 2, operational_g=None))
    assert paid_grams(runs)[None] == (10.0, 10.0, 10.0, 10.0)
    assert of_holder(TEAM, {}) == NOTHING

"""Wasted runs, each counted once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.findings.wasted_runs import find_wasted_runs, sum_wasted
from pytest_carbon.core.accounts.text import tables
from pytest_carbon.core.accounts.values.account import Wasted
from pytest_carbon.core.accounts.values.holder_shares import shares_by_feature

HOUR = timedelta(hours=1)
PULL: dict[str, Any] = {"pr": 7, "branch": "topic", "job": "tests", "wall_s": 3600.0}


def _runs(bench: Any, *runs: dict[str, Any]) -> list[Any]:
    """Return runs of a pull request that start half an hour apart."""
    return [bench.entry(n, ago=(len(runs) - n) * HOUR / 2, **{**PULL, **run}) for n, run in enumerate(runs)]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([{"conclusion": "cancelled"}, {"conclusion": "failure"}], {"run-0": "cancelled"}),
        ([{"commit": "a"}, {"commit": "b"}], {"run-0": "superseded"}),
        ([{"commit": "a"}, {"commit": "a"}, {"commit": "b"}], {"run-1": "superseded"}),
        ([{"commit": "a", "wall_s": 9000.0}, {"commit": "a"}, {"commit": "b"}],
         {"run-0": "superseded", "run-1": "superseded"}),
        ([{"commit": "a", "wall_s": 1800.0}, {"commit": "b"}], {}),
        ([{"commit": "a", "wall_s": None}, {"commit": "b"}], {}),
        ([{"commit": "a"}, {"commit": "b", "job": "lint"}], {}),
        ([{"commit": "a"}, {"commit": "b", "pr": 8}], {}),
        ([{"commit": "a", "branch": "main"}, {"commit": "b", "branch": "main"}], {}),
        ([{"commit": "a", "pr": None}, {"commit": "b", "pr": None}], {}),
        ([{}, {"attempt": 2}], {"run-0": "rerun"}),
        ([{}, {"attempt": 2}, {"attempt": 3}], {"run-0": "rerun", "run-1": "rerun"}),
        ([{}, {"attempt": 2, "job": "lint"}], {}),
        ([{}, {"attempt": 2, "commit": "c", "wall_s": 60.0}], {"run-0": "superseded"}),
        ([{"attempt": 2}], {}),
        ([{"branch": "main", "pr": None}, {"branch": "main", "pr": None}, {"branch": "main", "pr": None, "attempt": 2}],
         {"run-1": "rerun"}),
        ([{"conclusion": "cancelled", "commit": "a"}, {"commit": "b"}, {"commit": "b", "attempt": 2}],
         {"run-0": "cancelled", "run-1": "rerun"}),
        ([{"commit": None, "run": "r"}, {"commit": None, "run": "r", "attempt": 2}], {"run-0": "rerun"}),
    ],
)  # fmt: skip
def test_reasons_of_wasted_runs(bench: Any, runs: list[dict[str, Any]], expected: dict[str, str]) -> None:
    """A run is cancelled by CI, superseded by another commit of its job before its end, or rerun by a later attempt."""
    assert find_wasted_runs(_runs(bench, *runs), "main") == expected


def test_a_holder_has_its_share_of_wasted_runs(bench: Any) -> None:
    """Grams are summed by reason, and runs of unknown grams are counted."""
    unknown = {"operational_g": None, "energy_j": None}
    runs = _runs(
        bench,
        {"conclusion": "cancelled", "shares": {"checkout": 0.25, "search": 0.75}},
        {"conclusion": "cancelled", **unknown},
        {"commit": "a"},
        {"commit": "b"},
        {"commit": "b", "attempt": 2},
    )
    reasons, shares = find_wasted_runs(runs, "main"), shares_by_feature(runs)
    assert sum_wasted(shares["checkout"], reasons) == Wasted(0.25, 2, 1.0, 1, 1.0, 1, 1)
    assert sum_wasted(shares["search"], reasons) == Wasted(0.75, 1, 0.0, 0, 0.0, 0, 0)
    assert sum_wasted(shares[None], reasons) == Wasted(1.0, 2, 1.0, 1, 1.0, 1, 1)
    unknown_grams = sum_wasted(shares["checkout"][1:2], reasons)
    assert unknown_grams == Wasted(None, 1, 0.0, 0, 0.0, 0, 1)
    assert tables.waste_table(unknown_grams).rows == [
        ("Cancelled", "1", "not known"), ("Of these, in no total", "1", "not known"),
    ]  # fmt: skip

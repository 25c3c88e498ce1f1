"""The tables of runs and of tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.accounts.findings.test_costs import TestCostTrend
from pytest_carbon.reporters.site.page_tables import Cell
from pytest_carbon.reporters.site.run_tables import costs_table, risen_table, runs_table

COLUMNS = ("Run", "For", "Paid by", "Energy", "CO2e", "Tests", "Machine")


def _row(run: Any, address: str = "") -> dict[str, Any]:
    return dict(zip(COLUMNS, runs_table([run], address).rows[0], strict=True))


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({"energy_j": None}, "Energy", Cell("not known")),
        ({"energy_low_j": None}, "Energy", Cell("52 kJ")),
        ({"operational_g": None}, "CO2e", Cell("not known")),
        ({"emissions_low_g": None}, "CO2e", Cell("5.8 g")),
        ({"emissions_low_g": None, "grid_assumed": True}, "CO2e", Cell("5.8 g grid assumed")),
        ({"pr": None, "branch": None, "commit": None}, "For", Cell("not known")),
        ({"pr": None, "commit": "c" * 40}, "For", Cell("main", "c" * 9)),
        ({"shares": {"checkout": 1.0}}, "Paid by", "checkout"),
        ({"shares": {}}, "Paid by", ""),
    ],
    ids=["energy", "no range", "grams", "no range of grams", "assumed", "nothing", "branch", "one payer", "nobody"],
)
def test_a_cell_of_a_run(lab: Any, changes: dict[str, Any], column: str, expected: Any) -> None:
    """A value that is not known says so, and an assumed grid is named."""
    run = replace(lab.run(1), energy_j=52_000.0, grid_assumed=False)
    assert _row(replace(run, **changes))[column] == expected


def test_the_largest_payers_are_named_first(lab: Any) -> None:
    """Three payers are named with their shares, the others are counted."""
    assert _row(lab.run(1))["Paid by"] == "checkout 50 %, search 25 %, docs 12 % and 1 more"


def test_a_run_that_did_not_succeed_says_so(lab: Any) -> None:
    """The conclusion of CI stands beside the job, unless it is success."""
    assert _row(lab.run(7))["Run"].small.endswith(", cancelled")
    assert _row(lab.run(1))["Run"].small.endswith("tests (3.12, ubuntu-latest)")


def test_a_pull_request_links_to_a_known_repository(lab: Any) -> None:
    """Without the repository's address a pull request is a number only."""
    assert _row(lab.run(1), "https://example.org/shop")["For"].href == "https://example.org/shop/pull/401"
    assert _row(lab.run(1))["For"].href == ""


def test_costs_of_tests() -> None:
    """A test has its cost per run and its share; a costlier test has both medians, and none if it was free before."""
    steady = TestCostTrend("t.py::a", "checkout", 4.0, 0.8, 10, None, None, False)
    risen = TestCostTrend("t.py::b", None, 1.0, 0.2, 10, 1.0, 1.25, True)
    new = replace(risen, older_j=0.0, newer_j=1.0)
    assert costs_table([steady, risen], "").rows == [
        ["t.py::a", "4 J ref", "80 %", "10", "checkout"],
        ["t.py::b", "1 J ref", "20 %", "10", ""],
    ]
    assert risen_table([steady, risen, new], "").rows == [
        ["t.py::b", "1 J ref", "1.25 J ref", "+25 %", "250 mJ ref", ""],
        ["t.py::b", "0 J ref", "1 J ref", "from nothing", "1 J ref", ""],
    ]

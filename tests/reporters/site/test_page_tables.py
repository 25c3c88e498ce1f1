"""Key figures, and the tables that compare holders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.reporters.site.page_tables import (
    Cell,
    KeyFigure,
    holders_table,
    key_figures,
    objectives_table,
    window_name,
)


def test_key_figures_of_a_rolling_budget(lab: Any) -> None:
    """The forecast is of the next window; an exhausted budget never "lasts"."""
    rolling = replace(lab.account(), standing=lab.standing(1.2, window="28d"), exhausted_on=None)
    figures = {figure.name: (figure.value, figure.small) for figure in key_figures(rolling, "2026-11-18")}
    assert figures["In the next 28 days"][1] == "80 % likely, from how days differ"
    assert "At the window's end" not in figures
    assert figures["Exhausted"] == ("already", "nothing is left")


def test_unknown_use_has_no_figure(lab: Any) -> None:
    """A budget of unknown use has one key figure and an empty row; it is not shown as unused."""
    unmeasured = lab.account(standing=lab.standing(0.0, runs=0, unknown_runs=4, state="unknown"))
    assert key_figures(unmeasured, "2026-11-18") == [KeyFigure("Used", "not known", "4 runs of unknown use")]
    table = holders_table([unmeasured], ["x.html"], "2026-11-18", "", "Feature")
    assert table.rows[0][1:5] == ["not known", "", "", ""]


def test_key_figures_without_a_budget(lab: Any) -> None:
    """The last month with runs stands in for the budget; without a run there are no figures."""
    names = [figure.name for figure in key_figures(lab.account(used=None), "2026-11-18")]
    assert names == ["November 2026", "Runs", "Budget"]
    assert key_figures(lab.account(used=None, months=()), "2026-11-18") == []


def test_a_debt_is_a_key_figure(lab: Any) -> None:
    """A debt from overrides is shown, and a limit that debts took whole is used up."""
    owed = lab.account(standing=lab.standing(1.0, limit=0.0, debt=90.0, consumed=0.0))
    figures = {figure.name: (figure.value, figure.small) for figure in key_figures(owed, "2026-11-18")}
    assert figures["Debt"] == ("90 g", "from overrides, deducted from the limit")
    assert figures["Used"][0] == "all of it"


@pytest.mark.parametrize(
    ("window", "expected"),
    [("month", "November"), ("quarter", "Q4"), ("28d", "28 days"), ("1w", "1 week"), (None, "28 days")],
)
def test_name_of_a_window(lab: Any, window: str | None, expected: str) -> None:
    """A holder without a budget is shown over the default window."""
    account = lab.account(standing=None if window is None else lab.standing(window=window))
    assert window_name(account) == expected


def test_a_row_of_a_holder(lab: Any) -> None:
    """A row has the name with its link, the state in words, and the share used as a bar."""
    (row,) = holders_table([lab.account()], ["features/checkout.html"], "2026-11-18", "Budgets", "Feature").rows
    assert row[0] == Cell("checkout", "@checkout-team", "features/checkout.html")
    assert row[1] == Cell("watch", state="watch")
    assert row[2] == Cell("62 %", "1.24 of 2 kg CO2e", share=0.62)
    assert row[4] == "about 24 November"


def test_values_of_objectives(lab: Any) -> None:
    """A value is in the objective's unit, and a missing projection is not known."""
    rows = objectives_table(lab.accounts(()).objectives).rows
    assert [row[2:5] for row in rows] == [["1 kg", "1.71 kg", "1.24 kg"], ["80 %", "62 %", "not known"]]

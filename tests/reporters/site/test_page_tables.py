"""Key figures, and the tables that compare holders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.reporters.site.page_tables import KeyFigure, holders_table, key_figures, window_name


def test_facts_of_a_budget(lab: Any) -> None:
    """A rolling budget's outcome is that of the next window; what is exhausted is never said to last."""
    rolling = replace(lab.account(), standing=lab.standing(1.2, window="28d"), exhausted_on=None)
    told = {fact.name: (fact.value, fact.small) for fact in key_figures(rolling, "2026-11-18")}
    assert told["In the next 28 days"][1] == "eight outcomes in ten"
    assert "At the window's end" not in told
    assert told["Exhausted"] == ("already", "nothing is left")

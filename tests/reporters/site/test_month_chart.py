"""The bar chart of emissions by month and scope."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pytest_carbon.reporters.site.month_chart import MonthChart, draw_month_chart


def _chart(account: Any) -> MonthChart:
    chart = draw_month_chart(account)
    assert chart is not None
    return chart


def test_only_scopes_with_emissions_have_a_bar(lab: Any) -> None:
    """The legend names the scopes that are drawn, and no other one."""
    chart = _chart(lab.account())
    assert [scope for scope, _ in chart.legend] == ["scope-2", "scope-3", "unscoped", "budget"]
    hosted = [replace(month, scope_2_g=None, unscoped_g=0.0) for month in lab.months(100.0)]
    chart = _chart(lab.account(months=tuple(hosted)))
    assert [scope for scope, _ in chart.legend] == ["scope-3", "budget"]
    assert "scope-2" not in chart.svg


def test_months_of_zero_emissions_have_a_chart(lab: Any) -> None:
    """Months that emitted nothing are drawn without a scope."""
    month = lab.months(1.0)[-1]
    zero = replace(month, emissions_g=lab.Range(0.0, 0.0, 0.0), scope_2_g=0.0, scope_3_g=0.0, unscoped_g=0.0)
    assert [scope for scope, _ in _chart(lab.account(months=(zero,))).legend] == ["unscoped", "budget"]


def test_the_line_of_the_budget_says_what_it_counts(lab: Any) -> None:
    """A budget of located grams counts what the bars show, one of work does not; one in joules has no line."""
    months = lab.months(100.0)
    located = tuple(replace(month, consumed=month.emissions_g.central) for month in months)
    assert _chart(lab.account(months=located)).legend[-1] == ("budget", "line: the budget")
    assert "counts other grams" in _chart(lab.account(months=months)).legend[-1][1]
    for standing in (None, lab.standing(kind="energy")):
        assert "budget" not in dict(_chart(lab.account(months=months, standing=standing)).legend)


def test_unknown_months_have_no_chart(lab: Any) -> None:
    """Without a month, or without one of known emissions, there is nothing to draw."""
    assert draw_month_chart(lab.account(months=())) is None
    unknown = [replace(month, emissions_g=None) for month in lab.months(100.0)]
    assert draw_month_chart(lab.account(months=tuple(unknown))) is None


def test_the_title_is_the_latest_known_month(lab: Any) -> None:
    """A current month of unknown emissions leaves the title to the month before."""
    months = lab.months(2000.0)
    account = lab.account(months=(*months[:-1], replace(months[-1], emissions_g=None)))
    assert re.search(r'<title id="months-title">[^<]+ in October 2026</title>', _chart(account).svg)


def test_years_are_labelled_where_they_begin(lab: Any) -> None:
    """The first month and each January have their year."""
    labels = re.findall(r"<text[^>]*>([A-Z][a-z]{2}[^<]*)</text>", _chart(lab.account()).svg)
    assert labels[:4] == ["Nov 25", "Dec", "Jan 26", "Feb"]
    assert sum(" " in label for label in labels) == 2

"""Grams by month and feature, stacked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pytest_carbon.core.model import Range
from pytest_carbon.reporters.site.feature_chart import draw_feature_chart


def _months(lab: Any, each_g: float) -> Any:
    return tuple(replace(month, emissions_g=Range(each_g, each_g, each_g)) for month in lab.months(each_g))


def _account(lab: Any, name: str, each_g: float) -> Any:
    return lab.account(name, months=_months(lab, each_g))


def test_the_largest_features_and_all_others_sum_to_the_repository(lab: Any) -> None:
    """Four features have a part of their own, the rest is one; letters in the highest bar name them without colour."""
    features = [_account(lab, f"f{n}", 10.0 * n) for n in range(1, 7)]
    chart = draw_feature_chart(_account(lab, "repository", 250.0), features)
    assert chart is not None
    assert chart.legend == [
        ("feature-0", "A: f6"), ("feature-1", "B: f5"), ("feature-2", "C: f4"), ("feature-3", "D: f3"),
        ("unscoped", "E: all others"),
    ]  # fmt: skip
    assert re.findall(r'class="letter">(\w)<', chart.svg) == ["A", "B", "C", "D", "E"]
    assert chart.table.rows[0] == ["November 2026", "60 g", "50 g", "40 g", "30 g", "70 g", "250 g"]
    assert [title for title, _ in chart.table.columns] == [
        "Month", "f6", "f5", "f4", "f3", "all others", "Whole repository",
    ]  # fmt: skip


def test_a_feature_may_be_called_as_the_others_are(lab: Any) -> None:
    """Two parts of one name stay two parts."""
    features = [_account(lab, "all others", 20.0), _account(lab, "search", 30.0)]
    chart = draw_feature_chart(_account(lab, "repository", 60.0), features)
    assert chart is not None
    assert [name for _, name in chart.legend] == ["A: search", "B: all others", "C: all others"]


def test_unknown_grams_and_missing_months(lab: Any) -> None:
    """A month of unknown grams says so and has no bar; without two features there is no chart."""
    features = [_account(lab, "a", 20.0), _account(lab, "b", 30.0)]
    whole = _account(lab, "repository", 50.0)
    first, second, *rest = whole.months
    months = (replace(first, emissions_g=None), replace(second, emissions_g=None, runs=0), *rest)
    chart = draw_feature_chart(replace(whole, months=months), features)
    assert chart is not None
    assert [row[-1] for row in chart.table.rows][-2:] == ["no runs", "not known"]
    assert draw_feature_chart(whole, features[:1]) is None
    assert draw_feature_chart(replace(whole, months=()), features) is None

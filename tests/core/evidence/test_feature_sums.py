"""Features that do not follow from the rows of their tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.energy.feature_shares import feature_uses
from pytest_carbon.core.evidence.feature_sums import feature_contradictions
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.model import FeatureUse, Row
from pytest_carbon.core.report import Report
from tests.samples import make_report

BY_HAND = make_report()
MORE = (Row("idle", 40.0, 0.0, 1.0, 0.0), Row("background", 60.0, 0.0, 0.0, 0.0), Row("tool", 5.0, 0.0, 0.0, 0.0))
_TOTALS = replace(BY_HAND.totals, energy_j=4105.0)
MEASURED = replace(
    BY_HAND,
    rows=(*BY_HAND.rows, *MORE),
    totals=_TOTALS,
    features=feature_uses((*BY_HAND.rows, *MORE), 4105.0, _TOTALS.emissions_g or 0.0),
)
MERGED = merge_reports([("a", BY_HAND), ("b", make_report(2))])


def _feature(report: Report, name: str, **changes: Any) -> Report:
    return replace(report, features={**report.features, name: replace(report.features[name], **changes)})


def _grams_moved(report: Report, grams: float) -> Report:
    """Return the report with grams of checkout as those of search, but for their share and joules."""
    more = replace(report.features["search"], emissions_g=report.features["search"].emissions_g + grams)
    moved = _feature(report, "checkout", emissions_g=report.features["checkout"].emissions_g - grams)
    return replace(moved, features={**moved.features, "search": more})


def _moved(report: Report, joules: float) -> Report:
    """Return the report with joules of checkout, with their share and grams, as those of search."""
    uses = dict(report.features)
    whole_j, whole_g = report.totals.energy_j or 0.0, report.totals.emissions_g or 0.0
    for name, part_j in (("checkout", -joules), ("search", joules)):
        use = uses[name]
        energy_j = use.energy_j + part_j
        uses[name] = replace(use, energy_j=energy_j, share=energy_j / whole_j, emissions_g=whole_g * energy_j / whole_j)
    return replace(report, features=uses)


@pytest.mark.parametrize(
    "report", [BY_HAND, MEASURED, MERGED, replace(MEASURED, totals=replace(_TOTALS, energy_j=None))]
)
def test_features_of_their_rows_pass(report: Report) -> None:
    """Energy outside of tests goes to the features in proportion to their tests; without energy nothing is compared."""
    assert list(feature_contradictions(report)) == []


FORGED = {
    "share": (_feature(BY_HAND, "checkout", share=0.1), "its share is 0.1, but it has 2000 J of 4000 J"),
    "sum of shares": (_feature(BY_HAND, "checkout", share=0.1), "share of all features sums to 0.6, but the whole run"),
    "energy": (_feature(BY_HAND, "checkout", energy_j=1.0), "by its rows it used at least 2000 J, but it has 1 J"),
    "grams": (_feature(BY_HAND, "checkout", emissions_g=0.0), "emissions_g of all features sums to"),
    "grams moved": (
        _grams_moved(BY_HAND, 0.26),
        "feature checkout: its share of the emissions is 0.261667 g, but it has 0.00166667 g",
    ),
    "grams moved in merged parts": (
        _grams_moved(MERGED, 0.52),
        "feature checkout: its 4000 J emit at least 0.190556 g on this grid, but it has 0.00333",
    ),
    "tests": (_feature(BY_HAND, "search", tests=3), "feature search: it has the rows of 20 tests, but states 3"),
    "reference": (_feature(BY_HAND, "search", reference_j=9.0), "its rows sum to 1000 J ref, but it has 9 J ref"),
    "moved to another": (_moved(BY_HAND, 1999.0), "feature checkout: by its rows it used at least 2000 J, but it has"),
    "a little moved": (_moved(MEASURED, 2.0), "feature checkout: by its rows it used 2022.5 J, but it has 2020.5 J"),
    "taken out": (replace(BY_HAND, features={}), "do not name the same features: checkout, search"),
    "made up": (
        replace(BY_HAND, features={**BY_HAND.features, "basket": FeatureUse(0, 0.0, 0.0, 0.0, 0.0)}),
        "do not name the same features: basket",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("report", "complaint"), FORGED.values(), ids=FORGED)
def test_a_feature_that_does_not_follow_is_told(report: Report, complaint: str) -> None:
    """The figure of the feature and that of its rows are named."""
    found = list(feature_contradictions(report))
    assert any(complaint in sentence for sentence in found), found

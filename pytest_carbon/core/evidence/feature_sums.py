"""Whether the features of a report follow from the rows of their tests and from the totals of the run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from math import fsum

from pytest_carbon.core.evidence.close_figures import ROUNDING, differ, exceeds
from pytest_carbon.core.evidence.machine_limits import is_merged
from pytest_carbon.core.model import UNATTRIBUTED, FeatureUse, Row
from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.core.report import Report, Totals

_ROW_ROUNDING_J = 1e-12


def feature_contradictions(report: Report) -> Iterator[str]:
    """Compare the features with the rows of their tests and with the totals of a run of known energy."""
    uses, totals = report.features, report.totals
    if not totals.energy_j:
        return
    tests = [row for row in report.rows if row.kind in ("test", "command")]
    named = {row.feature for row in tests if row.feature}
    if named != uses.keys() - {UNATTRIBUTED}:
        only = sorted(named ^ (uses.keys() - {UNATTRIBUTED}))
        yield f"the rows and the features do not name the same features: {', '.join(only)[:200]}"
        return
    if not uses:
        return
    for field, whole in (("share", 1.0), ("energy_j", totals.energy_j or 0.0), ("emissions_g", totals.emissions_g)):
        summed = fsum(getattr(use, field) for use in uses.values())
        if whole is not None and differ(summed, whole):
            yield f"{field} of all features sums to {summed:g}, but the whole run has {whole:g}"
    own = {name: [row for row in tests if (row.feature or UNATTRIBUTED) == name] for name in uses}
    expected = _expected_energy(report, own)
    for name, use in uses.items():
        yield from (f"feature {name[:80]}: {what}" for what in _in_feature(use, own[name], expected[name], totals))
        yield from (f"feature {name[:80]}: {what}" for what in _in_grams(use, report))


def _expected_energy(report: Report, own: Mapping[str, Sequence[Row]]) -> dict[str, tuple[float, float]]:
    """Return for each feature the least and the most joules that follow from the rows.

    A run's energy outside of its tests goes to the features in proportion to their tests, part by part. So for merged
    parts, and for tests whose energy is lost in the rounding of the rows, the sum of the rows is the least.
    """
    tests_j = {name: fsum(_amortised_j(row) for row in rows) for name, rows in own.items()}
    whole_j, total_j = fsum(tests_j.values()), report.totals.energy_j or 0.0
    background_j = fsum(row.energy_j or 0.0 for row in report.rows if row.kind == "background")
    rounded_j = _ROW_ROUNDING_J * len(report.rows)
    if is_merged(report) or whole_j * ROUNDING <= rounded_j or sum(row.kind == "idle" for row in report.rows) != 1:
        scale, most_j = 1.0, math.inf
    else:
        scale, most_j = (total_j - background_j) / whole_j, 0.0
    expected = {}
    for name, energy_j in tests_j.items():
        least_j = energy_j * scale + (background_j if name == UNATTRIBUTED else 0.0)
        expected[name] = (least_j - rounded_j * scale, least_j + rounded_j * scale + most_j)
    return expected


def _in_grams(use: FeatureUse, report: Report) -> Iterator[str]:
    """Compare a feature's grams with its share of the run. Merged parts may have grids and machines of their own."""
    if report.totals.emissions_g is None:
        return
    share_g, least_g = use.share * report.totals.emissions_g, use.energy_j * report.grid.g_per_kwh.low / J_PER_KWH
    if not is_merged(report) and differ(use.emissions_g, share_g):
        yield f"its share of the emissions is {share_g:g} g, but it has {use.emissions_g:g} g"
    elif exceeds(least_g, use.emissions_g):
        yield f"its {use.energy_j:g} J emit at least {least_g:g} g on this grid, but it has {use.emissions_g:g} g"


def _amortised_j(row: Row) -> float:
    return (row.energy_j if row.amortised_j is None else row.amortised_j) or 0.0


def _in_feature(use: FeatureUse, rows: Sequence[Row], expected: tuple[float, float], totals: Totals) -> Iterator[str]:
    least_j, most_j = expected
    if differ(use.share, use.energy_j / (totals.energy_j or 1.0)):
        yield f"its share is {use.share:g}, but it has {use.energy_j:g} J of {totals.energy_j:g} J"
    if exceeds(least_j, use.energy_j) or exceeds(use.energy_j, most_j):
        at_least = "at least " if math.isinf(most_j) else ""
        yield f"by its rows it used {at_least}{least_j:g} J, but it has {use.energy_j:g} J"
    reference_j = fsum(row.reference_j for row in rows)
    if differ(reference_j, use.reference_j):
        yield f"its rows sum to {reference_j:g} J ref, but it has {use.reference_j:g} J ref"
    count = len({row.nodeid for row in rows})
    if count != use.tests:
        yield f"it has the rows of {count} tests, but states {use.tests}"

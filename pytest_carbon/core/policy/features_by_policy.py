"""Gives the tests of a report to the features of the policy that judges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from pytest_carbon.core.energy.feature_shares import feature_of_path, feature_uses
from pytest_carbon.core.report import Report


class ReportByPolicy(NamedTuple):
    """A report whose tests belong to the policy's features, and a note on how many were of others; empty if none."""

    report: Report
    note: str = ""


def features_by_policy(report: Report, paths: Mapping[str, Sequence[str]], source: str) -> ReportByPolicy:
    """Return a report divided by the features that the judging policy has; ``paths`` are by feature.

    A run is measured with the policy of its own commit. A change of that policy must not take a test out of its
    feature's limits. A marker wins over paths, so a test of a feature that the judging policy has stays there; every
    other test belongs to the feature that claims its file. ``source`` is the policy's file.
    """
    claimed = cache(lambda file: feature_of_path(file, paths))
    owners = {
        row.nodeid: owner
        for row in report.rows
        if row.kind == "test" and row.feature not in paths and (owner := claimed(row.nodeid.partition("::")[0]))
    }
    if not owners:
        return ReportByPolicy(report)
    rows = tuple(
        replace(row, feature=owners[row.nodeid]) if row.kind == "test" and row.nodeid in owners else row
        for row in report.rows
    )
    totals = report.totals
    features = feature_uses(rows, totals.energy_j or 0.0, totals.emissions_g or 0.0)
    tests = len({row.nodeid for row in rows if row.kind == "test"})
    note = f"{len(owners)} of {tests} tests were measured with other features, and belong to those of {source} here"
    return ReportByPolicy(replace(report, rows=rows, features=features), note)

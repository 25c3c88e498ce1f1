"""What the last report tells for a first policy: the reference energy of each file of tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.proposal.project_facts import MeasuredRun
from pytest_carbon.core.report import Report


def read_measured_run(report: Report, claims: Mapping[str, Sequence[str]]) -> MeasuredRun | str:
    """Return the figures of a run, or why no limit comes from it: only a whole suite that passed tells what it needs.

    ``claims`` are the path globs of the policy's features: a feature that they do not explain is a marker's.
    """
    tests = [row for row in report.rows if row.kind == "test"]
    if not tests:
        return "the last report has no tests"
    if report.run.selection:
        return "the last run chose some of the tests"
    if report.run.exit_status != 0:
        return f"the last run ended with exit code {report.run.exit_status}"
    joules: dict[tuple[str, bool], float] = defaultdict(float)
    nodeids: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for row in tests:
        file = row.nodeid.partition("::")[0]
        marked = row.feature is not None and row.feature != feature_of_path(file, claims)
        key = (row.feature if marked and row.feature else file, marked)
        joules[key] += row.reference_j
        nodeids[key].add(row.nodeid)
    figures = {key: (joules[key], len(nodeids[key])) for key in joules}
    return MeasuredRun(
        report.run.started,
        files={name: own for (name, marked), own in figures.items() if not marked},
        features={name: own for (name, marked), own in figures.items() if marked},
    )

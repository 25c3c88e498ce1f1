"""Appends runs to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.judge.verdict_inputs import with_payers
from pytest_carbon.core.records.ledger_records import Approval, Override
from pytest_carbon.core.records.outside_check import refuse_contradiction
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.records.run_measurements import RunMeasurements, measurements_of
from pytest_carbon.core.report import Report
from pytest_carbon.ledgers.ledger import Ledger


def append_run(config: Config, report: Report, source: RunSource, ledger: Ledger) -> list[str]:
    """Append a run to the ledger, and return the ids added.

    A run of the default branch also becomes a baseline, if the run had tests and its commit is known.
    """
    of_default_branch = (source.branch or report.run.branch) == default_branch(config) and source.pr is None
    return append_parts(config, [(source.job, report)], source, ledger, report if of_default_branch else None)


def append_parts(
    config: Config,
    parts: Sequence[tuple[str, Report]],
    source: RunSource,
    ledger: Ledger,
    baseline_report: Report | None,
    granted: Sequence[Override | Approval] = (),
) -> list[str]:
    """Append the jobs of one run, by name, and the overrides and approvals granted to it; return the ids added.

    ``baseline_report`` becomes a baseline, if the run had tests and its commit is known; None for a run that is not of
    the default branch. Raises ReportError for a report that contradicts what was counted from outside.
    """
    for job, report in parts:
        refuse_contradiction(report, job)
    entries = [make_entry(report, replace(with_payers(source, config.policy), job=job)) for job, report in parts]
    measurements: RunMeasurements | None = None
    if (
        baseline_report is not None
        and baseline_report.run.commit
        and any(row.kind == "test" for row in baseline_report.rows)
    ):
        measurements = replace(measurements_of(baseline_report), branch=default_branch(config))
    return ledger.append([*entries, *granted], measurements)

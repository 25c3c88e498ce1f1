"""Puts runs into the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.judge.verdict_inputs import with_payers
from pytest_carbon.core.report.ledger_records import (
    Approval,
    Override,
    RunSource,
    make_entry,
)
from pytest_carbon.core.report.report import Report
from pytest_carbon.core.report.run_measurements import RunMeasurements, measurements_of
from pytest_carbon.ledgers.file_layout import Ledger

if TYPE_CHECKING:
    pass


def append(config: Config, report: Report, source: RunSource, ledger: Ledger) -> list[str]:
    """Put a run into the ledger, and return the ids added.

    One of the default branch joins its baseline, if it had tests and its commit is known.
    """
    whole = report if (source.branch or report.run.branch) == default_branch(config) and source.pr is None else None
    return append_parts(config, [(source.job, report)], source, ledger, whole)


def append_parts(
    config: Config,
    parts: Sequence[tuple[str, Report]],
    source: RunSource,
    ledger: Ledger,
    whole: Report | None,
    granted: Sequence[Override | Approval] = (),
) -> list[str]:
    """Put the jobs of one run into the ledger, each by its name, and what was granted; return the ids added.

    ``whole`` is the run of the default branch that its baseline is to learn from, if it had tests and its commit is
    known; None where there is none.
    """
    entries = [make_entry(report, replace(with_payers(source, config.policy), job=job)) for job, report in parts]
    figures: RunMeasurements | None = None
    if whole is not None and whole.run.commit and any(row.kind == "test" for row in whole.rows):
        figures = replace(measurements_of(whole), branch=default_branch(config))
    return ledger.append([*entries, *granted], figures)

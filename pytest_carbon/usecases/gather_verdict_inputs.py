"""The second story as a straight line: report + ledger -> the inputs of the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.budget.needed_history import history_needed
from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.evidence.run_times import TrustedTimes, refuse_other_times
from pytest_carbon.core.judge.judge_holder import holder_statuses
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.policy.features_by_policy import features_by_policy
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.records.outside_check import refuse_contradiction
from pytest_carbon.core.records.paired_runs import from_json
from pytest_carbon.core.records.run_entry import RunSource, make_entry, refuse_other_run
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.verdict import HolderVerdict
from pytest_carbon.ledgers.ledger import KnowsItsPast, Ledger
from pytest_carbon.ledgers.lost_files import unreadable_runs
from pytest_carbon.usecases.configured_grid import grid_factor_to_judge
from pytest_carbon.usecases.ledger_history import counts_every_run, counts_on_ledger, read_history, skipped_note


def gather_inputs(config: Config, report: Report, source: RunSource, ledger: Ledger, now: datetime) -> VerdictInputs:
    """Return everything that ``evaluate`` needs to judge a report.

    Raises ReportError for a run that ended after ``now``, but for what clocks may differ, and for a report that
    contradicts what was counted from outside; LedgerError if the ledger has the run's id for another run.
    """
    refuse_contradiction(report)
    started = parse_time(report.run.started)
    refuse_other_times(report.run, TrustedTimes(None, now, f"it is judged as of {now.isoformat(timespec='seconds')}"))
    branch = default_branch(config)
    every_run = counts_every_run(config) or not config.ledger.organisation
    history = read_history(ledger, config.budgets, now, source.pr, started, every_run)
    refuse_other_run(make_entry(report, source), history.entries)
    baseline, skipped = ledger.baselines(branch, config.ledger.runs)
    since = (now - history_needed(config.budgets, now)).date()
    ledger_counts = counts_on_ledger(config)
    few = sum(other.run != report.run.id for other in baseline) < LEAST_BASELINE
    lost = ledger.find_loss(since) if ledger_counts and isinstance(ledger, KnowsItsPast) else None
    if ledger_counts and (lost is None or lost.doubtful):
        lost = unreadable_runs(ledger.where, history.skipped, skipped if few else ()) or lost
    judged, moved = features_by_policy(report, config.feature_paths, config.source)
    doubt = (f"{lost.seen}; {lost.remedy}",) if lost is not None and lost.doubtful else ()
    return VerdictInputs(
        report=judged,
        source=source,
        policy=config.policy,
        policy_source=config.source,
        grid=grid_factor_to_judge(config),
        default_branch=branch,
        now=now,
        entries=history.entries,
        overrides=history.overrides,
        selftests=history.selftests,
        baseline=tuple(baseline),
        pairs=from_json(report.pairs) if report.pairs is not None else None,
        notes=(*doubt, *filter(None, [moved]), *history.notes, *map(skipped_note, skipped)),
        lost_runs=None if doubt else lost,
        other_bases=_other_bases(ledger, baseline) if ledger_counts and few else (),
        entries_since=since if every_run else None,
    )


def gather_job_inputs(
    config: Config, report: Report, parts: Sequence[Report], source: RunSource, ledger: Ledger, now: datetime
) -> VerdictInputs:
    """Return the inputs to judge several runs by the report that they were merged to, as ``gather_inputs`` does.

    The ledger may have the single runs already: they do not count beside the merged one, and tell its labels.
    """
    inputs = gather_inputs(config, report, source, ledger, now)
    if len(parts) < 2:
        return inputs
    for part in parts:
        refuse_other_run(make_entry(part, source), inputs.entries)
    ids = {part.run.id for part in parts}
    recorded = [entry for entry in inputs.entries if entry.run in ids]
    if not source.labels and recorded:
        source = replace(source, labels=recorded[0].labels)
    entries = tuple(entry for entry in inputs.entries if entry.run not in ids)
    return replace(inputs, source=source, entries=entries, reported_parts=len(parts))


def _other_bases(ledger: Ledger, baseline: Sequence[RunMeasurements]) -> tuple[str, ...]:
    """Return the branches that have baselines beside the default branch: was it renamed?"""
    return tuple(sorted(set(ledger.baseline_paths()) - {str(other.branch) for other in baseline}))


def read_budget_statuses(config: Config, ledger: Ledger, now: datetime) -> tuple[list[HolderVerdict], tuple[str, ...]]:
    """Return the status of every budget, and notes on records that could not be read."""
    history = read_history(ledger, config.budgets, now, every_run=counts_every_run(config))
    grid = grid_factor_to_judge(config)
    branch = default_branch(config)
    statuses = holder_statuses(config.policy, history.entries, history.overrides, now, grid.known_g_per_kwh, branch)
    return statuses, history.notes

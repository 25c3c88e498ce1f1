"""Appends runs to the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.judge.verdict_inputs import with_payers
from pytest_carbon.core.policy.features_by_policy import features_by_policy
from pytest_carbon.core.records.entry_details.documentation import touches_only_documentation
from pytest_carbon.core.records.ledger_records import Approval, Entry, Override, parse_time
from pytest_carbon.core.records.outside_check import refuse_contradiction
from pytest_carbon.core.records.run_entry import RunSource, make_entry, refuse_other_run
from pytest_carbon.core.records.run_measurements import RunMeasurements, measurements_of
from pytest_carbon.core.report import Report
from pytest_carbon.git.branches import checked_out_branch, find_branch
from pytest_carbon.git.changed_paths import changed_paths
from pytest_carbon.git.refusal import why_git_refuses
from pytest_carbon.git.run_git import find_commit
from pytest_carbon.ledgers.ledger import Ledger
from pytest_carbon.meter.fingerprint import branch_of_pull_request, branch_of_run


def append_run(
    config: Config, report: Report, source: RunSource, ledger: Ledger, parts: Sequence[Report] = ()
) -> list[str]:
    """Append a run to the ledger, and return the ids added. If it was merged of ``parts``, each of them is an entry.

    A run of the default branch also becomes a baseline, if the run had tests, its commit is known, and no other branch
    is checked out. In the job of a pull request, a run is of that branch, whatever else names the default branch.
    """
    of_default_branch = (source.branch or report.run.branch) == default_branch(config) and source.pr is None
    if of_default_branch and (pull := branch_of_pull_request(config)):
        source, of_default_branch = replace(source, branch=pull), False
    of_default_branch = of_default_branch and not _other_branch(config, source)
    if report.run.commit:
        paths = changed_paths(report.run.commit, config.root, default_branch(config), config.ledger.remote)
        source = replace(source, docs_only=touches_only_documentation(paths))
    entries = [(source.job, part) for part in parts or (report,)]
    return append_parts(config, entries, source, ledger, report if of_default_branch else None)


def why_no_base(config: Config, report: Report, source: RunSource) -> str:
    """Return why a run cannot become a base although it may be one of the default branch; empty if nothing hinders it.

    A run of a pull request is never meant to be one, nor of another branch where the clone knows the default branch.
    """
    branch, default = source.branch or report.run.branch, default_branch(config)
    if source.pr is not None:
        return ""
    if branch is not None and branch != default:
        return _why_of_another_branch(config, branch, default)
    if branch is not None and (pull := branch_of_pull_request(config)):
        return (
            f"of the pull request of {pull}, as the variables of this job say, so no base of {branch}; append runs of "
            f"{branch} in a job of {branch}"
        )
    if branch is None:
        if report.run.commit is None and (refusal := why_git_refuses(config.root)):
            return f"of no branch, so no base; {refusal}; then measure again"
        return "of no branch, so no base; name the branch with --on"
    if other := _other_branch(config, source):
        return f"of {branch}, as its report says, but {other} is checked out, so no base; if it is, add --on {branch}"
    if report.run.commit is None and any(row.kind == "test" for row in report.rows):
        remedy = why_git_refuses(config.root) or "measure in a git repository"
        return f"of no known commit, so no base of {branch}; {remedy}"
    return ""


def _why_of_another_branch(config: Config, branch: str, default: str) -> str:
    checked_out, remote = checked_out_branch(config.root), branch.removesuffix(f"/{default}")
    if remote != branch and not checked_out and find_commit(f"refs/remotes/{branch}", config.root):
        step = f'write remote = "{remote}" below [ledger] in the policy, or add --on {default}'
        return f"of {branch}, so no base of {default}; if the remote {remote} is this project's own, {step}"
    set_up = config.policy.default_branch or find_branch(default, config.ledger.remote, config.root)
    if set_up or branch != checked_out:
        return ""
    step = f'if others start from {branch}, write default-branch = "{branch}" in the policy'
    return f"of {branch}, and this clone has no branch {default}, so no base; {step}"


def _other_branch(config: Config, source: RunSource) -> str:
    """Return the branch that is checked out, if nobody named the branch of the run and it is not the default branch."""
    checked_out = None if source.branch else branch_of_run(config.root, config)
    return checked_out if checked_out and checked_out != default_branch(config) else ""


def append_parts(
    config: Config,
    parts: Sequence[tuple[str, Report]],
    source: RunSource,
    ledger: Ledger,
    baseline_report: Report | None,
    granted: Sequence[Override | Approval] = (),
    attempts: Mapping[str, int] = {},
) -> list[str]:
    """Append the jobs of one run, by name, and the overrides and approvals granted to it; return the ids added.

    The policy divides the tests among the features, as where it judges. ``baseline_report`` becomes a baseline, if the
    run had tests and its commit is known; None for a run that is not of the default branch. ``attempts`` has the
    attempts of jobs that are not of the attempt of ``source``. Raises ReportError for a report that contradicts what
    was counted from outside.
    """
    for job, report in parts:
        refuse_contradiction(report, job)
    payers = with_payers(source, config.policy)
    entries = [
        make_entry(_divided(config, report), replace(payers, job=job, attempt=attempts.get(job, source.attempt)))
        for job, report in parts
    ]
    _refuse_other_runs(ledger, entries)
    measurements: RunMeasurements | None = None
    if (
        baseline_report is not None
        and baseline_report.run.commit
        and any(row.kind == "test" for row in baseline_report.rows)
    ):
        measurements = replace(measurements_of(_divided(config, baseline_report)), branch=default_branch(config))
    return ledger.append([*entries, *granted], measurements)


def notes_of_append(config: Config, report: Report, source: RunSource, ledger: Ledger) -> list[str]:
    """Return what a user should know of an appended run: that its tests were divided anew, and how young the base is.

    The base is told for its own runs, where the policy limits growth, until growth is judged.
    """
    notes = []
    if moved := features_by_policy(report, config.feature_paths, config.source).note:
        notes.append(f"{moved}: the policy changed after the run")
    branch = default_branch(config)
    of_branch = source.pr is None and (source.branch or report.run.branch) == branch
    is_base = of_branch and not why_no_base(config, report, source)
    if is_base and any(budget.growth is not None for budget in config.budgets):
        runs = len(ledger.baselines(branch, LEAST_BASELINE)[0])
        if 0 < runs < LEAST_BASELINE:
            notes.append(f"growth is judged from {LEAST_BASELINE} runs of {branch} on; the ledger has {runs}")
    return notes


def _divided(config: Config, report: Report) -> Report:
    return features_by_policy(report, config.feature_paths, config.source).report


def _refuse_other_runs(ledger: Ledger, entries: Sequence[Entry]) -> None:
    """Raise LedgerError if the ledger has the id of one of these runs, around its day, for another run."""
    starts = [parse_time(entry.started).date() for entry in entries]
    days = {day + timedelta(days=number) for day in starts for number in (-1, 0, 1)}
    recorded = [record for record in ledger.read(min(days), max(days), days).records if isinstance(record, Entry)]
    for entry in entries:
        refuse_other_run(entry, recorded)

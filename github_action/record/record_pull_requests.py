"""Puts what pull requests have measured into the ledger, from the artifacts of their runs, so that their cost is told.

An entry does not say which of GitHub's runs it was, so both are counted: where the ledger has as many entries of a
commit, branch, part and attempt as there are artifacts, nothing is fetched.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from github_action.event.inputs import ARTIFACT_PREFIX
from github_action.judge.judge_context import JudgeContext
from github_action.reports.download_artifacts import download_reports
from github_action.reports.find_pull_request import Subject
from github_action.reports.pull_request_runs import PullRequestRun, find_ended_runs
from github_action.reports.report_parts import check_parts, part_name
from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.judge.verdict_inputs import with_payers
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.report import Report

DAYS, MOST_RUNS, MOST_S = 7, 50, 60.0
_DAY = timedelta(days=1)
_Key = tuple[str | None, str | None, str, int]


def record_pull_requests(judge: JudgeContext, clock: Callable[[], float] = time.monotonic) -> list[str]:
    """Append what pull requests of the last days have measured and the ledger lacks; say what was added.

    Never a base for comparisons. A run of a fork is not taken in, for nobody here has measured it. At most 50 runs or
    60 seconds at a time, those of the newest merged pull requests first; the others wait for the next time. CarbonError
    where the lists, the policy or the ledger cannot be read.
    """
    end_s, since = clock() + MOST_S, judge.now - timedelta(days=DAYS)
    found = find_ended_runs(judge.client, judge.context.repository, f"{since:%Y-%m-%dT%H:%M:%SZ}")
    said, waiting = _add_missing(judge, found.runs, since, lambda: clock() >= end_s) if found.runs else ([], 0)
    counts = {
        "wait for the next time": waiting,
        "are of forks and not in the ledger, for nobody here has measured them": found.forks,
        "are not in the ledger, for of which pull request they are is not clear": found.unclear,
    }
    return said + [f"of the runs of pull requests, {count} {what}" for what, count in counts.items() if count]


def _add_missing(
    judge: JudgeContext, runs: Sequence[PullRequestRun], since: datetime, is_late: Callable[[], bool]
) -> tuple[list[str], int]:
    """Add what is lacking, all at once; return what is to be said, and how many runs were left for lack of time."""
    config = judge.config_on_branch(judge.context.sha, judge.context.branch)
    ledger = judge.ledger(replace(config, ledger=replace(config.ledger, organisation=False)))
    records = ledger.read((since - _DAY).date(), (judge.now + _DAY).date()).records
    there = [record for record in records if isinstance(record, Entry)]
    lacking, taken = _find_missing(runs, there, config), 0
    said: list[str] = []
    entries: list[Entry] = []
    for run in lacking[:MOST_RUNS]:
        if is_late():
            break
        entries += _make_entries(judge, config, run, said)
        taken += 1
    known = {(entry.run, entry.job) for entry in there}
    new = [entry for entry in entries if (entry.run, entry.job) not in known]
    if new:
        said.append(f"added to the {ledger.where}, as pull requests measured it: {', '.join(ledger.append(new))}")
    return said, len(lacking) - taken


def _find_missing(runs: Sequence[PullRequestRun], entries: Sequence[Entry], config: Config) -> list[PullRequestRun]:
    """Return the runs of which the ledger has fewer entries than there are artifacts."""
    have: Counter[_Key] = Counter((entry.commit, entry.branch, entry.job, entry.attempt) for entry in entries)
    want = Counter(key for run in runs for key in _entry_keys(run, config))
    return [run for run in runs if any(have[key] < want[key] for key in _entry_keys(run, config))]


def _entry_keys(run: PullRequestRun, config: Config) -> set[_Key]:
    branch = _branch_to_record(run, config)
    return {(run.head_sha, branch, part_name(str(one["name"])), run.attempt) for one in run.artifacts}


def _branch_to_record(run: PullRequestRun, config: Config) -> str:
    """Return the branch to note: never the default branch, whose runs are those that others are compared with."""
    branch = run.pull.head_ref
    return f"pull/{run.pull.number}" if branch == config.policy.default_branch else branch


def _make_entries(judge: JudgeContext, config: Config, run: PullRequestRun, notes: list[str]) -> Iterator[Entry]:
    """Yield what a run measured, a part each, paid by what the labels of its pull request name by now."""
    pull, branch = run.pull, _branch_to_record(run, config)
    parts = download_reports(judge.client, judge.context.repository, run.artifacts, ARTIFACT_PREFIX)
    found = check_parts(parts, (), Subject(run.head_sha, pull.base_sha, branch, (pull,), run.id))
    source = with_payers(
        RunSource(branch, pull.number, pull.labels, run.attempt, conclusion=run.conclusion), config.policy
    )
    notes += [f"run {run.id} of pull request #{pull.number}: {note}" for note in found.notes]
    for job, report in found.reports:
        try:
            _refuse_other_times(report, run)
            yield make_entry(report, replace(source, job=job))
        except LedgerError as error:
            notes.append(f"part {job} of run {run.id} of pull request #{pull.number} is not in the ledger: {error}")


def _refuse_other_times(report: Report, run: PullRequestRun) -> None:
    """Raise LedgerError for a report that is not of the time of its run, as GitHub knows it; a day off is a clock's."""
    latest = max(str(one.get("created_at")) for one in run.artifacts)
    if not parse_time(run.created_at) - _DAY <= parse_time(report.run.started) <= parse_time(latest) + _DAY:
        raise LedgerError(
            f"its report says that it began at {report.run.started}, and the run at {run.created_at}; is a clock wrong?"
        )

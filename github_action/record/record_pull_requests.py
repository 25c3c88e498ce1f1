"""Records what pull requests measured, from the artifacts of their runs, so that accounts include their cost.

An entry does not name its GitHub run. So both sides are counted: if the ledger has as many entries of a commit, branch,
part and attempt as there are artifacts, nothing is downloaded.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from github_action.event.inputs import ARTIFACT_PREFIX
from github_action.judge.judge_context import JudgeContext
from github_action.record.docs_only import docs_only
from github_action.reports.download_artifacts import CiTimes, download_reports
from github_action.reports.find_pull_request import Subject
from github_action.reports.pull_request_runs import PullRequestRun, find_ended_runs
from github_action.reports.report_parts import check_parts, part_name
from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import LedgerError, ReportError
from pytest_carbon.core.judge.verdict_inputs import with_payers
from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.core.records.outside_check import refuse_contradiction
from pytest_carbon.core.records.run_entry import RunSource, make_entry, refuse_other_run
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.ledgers.file_contents import record_bytes

DAYS, MOST_RUNS, MOST_S = 7, 50, 60.0
_DAY = timedelta(days=1)
_Key = tuple[str | None, str | None, str, int]


def record_pull_requests(judge: JudgeContext, clock: Callable[[], float] = time.monotonic) -> list[str]:
    """Record the runs of pull requests of the last seven days that the ledger lacks. Return notes on what was added.

    These runs never become baselines. Runs of forks are left out, because nobody in this repository measured them. One
    call records at most 50 runs and starts none after 60 seconds; runs of the latest merged pull requests come first.
    Raises CarbonError if the lists, the policy or the ledger cannot be read.
    """
    end_s, since = clock() + MOST_S, judge.now - timedelta(days=DAYS)
    ended = find_ended_runs(judge.client, judge.context.repository, f"{since:%Y-%m-%dT%H:%M:%SZ}")
    notes, waiting = _add_missing(judge, ended.runs, since, lambda: clock() >= end_s) if ended.runs else ([], 0)
    not_recorded = {
        "left for the next time": waiting,
        "from forks, because nobody in this repository measured them": ended.forks,
        "because it is not clear which pull request ran": ended.ambiguous,
    }
    return notes + [
        f"not recorded: {count_text(count, 'run')} of pull requests, {reason}"
        for reason, count in not_recorded.items()
        if count
    ]


def _add_missing(
    judge: JudgeContext, runs: Sequence[PullRequestRun], since: datetime, is_late: Callable[[], bool]
) -> tuple[list[str], int]:
    """Append all missing entries at once. Return notes on them, and how many runs are left for the next time."""
    config = judge.config_on_branch(judge.context.sha, judge.context.branch)
    ledger = judge.ledger(replace(config, ledger=replace(config.ledger, organisation=False)))
    records = ledger.read((since - _DAY).date(), (judge.now + _DAY).date()).records
    recorded = [record for record in records if isinstance(record, Entry)]
    missing, done = _find_missing(runs, recorded, config), 0
    notes: list[str] = []
    entries: list[Entry] = []
    for run in missing[:MOST_RUNS]:
        if is_late():
            break
        entries += _make_entries(judge, config, run, [*recorded, *entries], notes)
        done += 1
    known = {(entry.run, entry.job) for entry in recorded}
    new = [entry for entry in entries if (entry.run, entry.job) not in known]
    if new:
        notes.append(f"added to the {ledger.where}, measured by pull requests: {', '.join(ledger.append(new))}")
    return notes, len(missing) - done


def _find_missing(runs: Sequence[PullRequestRun], entries: Sequence[Entry], config: Config) -> list[PullRequestRun]:
    """Return the runs for which the ledger has fewer entries than there are artifacts."""
    recorded: Counter[_Key] = Counter((entry.commit, entry.branch, entry.job, entry.attempt) for entry in entries)
    expected = Counter(key for run in runs for key in _entry_keys(run, config))
    return [run for run in runs if any(recorded[key] < expected[key] for key in _entry_keys(run, config))]


def _entry_keys(run: PullRequestRun, config: Config) -> set[_Key]:
    branch = _branch_to_record(run, config)
    return {(run.head_sha, branch, part_name(str(artifact["name"])), run.attempt) for artifact in run.artifacts}


def _branch_to_record(run: PullRequestRun, config: Config) -> str:
    """Return the branch for the entry: never the default branch, whose runs are the base of comparisons."""
    branch = run.pull.branch
    return f"pull/{run.pull.number}" if branch == config.policy.default_branch else branch


def _make_entries(
    judge: JudgeContext, config: Config, run: PullRequestRun, recorded: Sequence[Entry], notes: list[str]
) -> Iterator[Entry]:
    """Yield an entry for each part of a run. The features that the pull request's labels name now pay for it."""
    pull, branch = run.pull, _branch_to_record(run, config)
    times = CiTimes(run.created_at, run.attempt_started_at)
    files = download_reports(judge.client, judge.context.repository, run.artifacts, ARTIFACT_PREFIX, times)
    parts = check_parts(files, (), Subject(run.head_sha, pull.base_sha, branch, (pull,), run.id))
    source = RunSource(branch, pull.number, pull.labels, run.attempt, conclusion=run.conclusion)
    only_docs = docs_only(judge.client, judge.context.repository, pull.base_sha, run.head_sha)
    source = replace(with_payers(source, config.policy), docs_only=only_docs)
    notes += [f"run {run.id} of pull request #{pull.number}: {note}" for note in parts.notes]
    for job, report in parts.reports:
        try:
            refuse_contradiction(report)
            entry = make_entry(report, replace(source, job=job))
            refuse_other_run(entry, recorded)
            record_bytes(entry, judge.now)  # one that cannot be stored must not keep the others out
            yield entry
        except (LedgerError, ReportError) as error:
            notes.append(f"part {job} of run {run.id} of pull request #{pull.number} is not recorded: {error}")

"""Puts what the default branch measured into the ledger, paid by the pull requests that brought the commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from github_action.judge.dropped_devices import DroppedDevices
from github_action.judge.judge_context import JudgeContext
from github_action.judge.judge_subject import judge_subject, run_source
from github_action.reports.find_pull_request import Subject, find_commit_to_record
from github_action.reports.pull_request import PullRequest
from github_action.reports.report_parts import download_parts, find_parts
from github_action.repository.open_ledger import unused_url_notes
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.records.ledger_records import Approval, Override
from pytest_carbon.usecases.record_run import append_parts


def record_run(judge: JudgeContext, report: Path | None) -> list[str]:
    """Append a run of the default branch, job by job, and what was decided for its pull requests; say what was added.

    A run of another branch is appended as well, but is no base for comparisons.
    """
    subject = find_commit_to_record(judge.client, judge.context)
    parts = find_parts(judge.client, judge.context, judge.inputs, subject, report)
    attempt = 1 if report is None else judge.context.attempt  # however often we read what others have uploaded
    if not parts.reports:
        raise ReportError(f"there is no carbon report of {subject.head_sha[:12]} to record. {' '.join(parts.notes)}")
    config = judge.config_on_branch(subject.head_sha, subject.branch)
    ledger = judge.ledger(config)
    source = replace(run_source(config.policy, subject, judge.context), attempt=attempt)
    base = subject.branch == config.policy.default_branch and not parts.missing
    said = [*unused_url_notes(config, judge.secrets), *parts.notes]
    for pull in subject.pulls:
        said.append(f"paid by pull request #{pull.number} ({', '.join(pull.labels) or 'without a label'})")
    granted = [one for pull in subject.pulls for one in _exemptions_of(judge, pull, said)]
    added = append_parts(config, parts.reports, source, ledger, merge_reports(parts.reports) if base else None, granted)
    said.append(f"added to the {ledger.where}: {', '.join(added) or 'nothing that was not there'}")
    if parts.missing:
        said.append(f"not taken as a base for comparisons, for parts are missing: {', '.join(parts.missing)}")
    return said


def _exemptions_of(judge: JudgeContext, pull: PullRequest, notes: list[str]) -> Iterator[Override | Approval]:
    """Yield what somebody let a merged pull request do: overrides, which become debts, and to drop devices."""
    head = Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), None)
    try:
        policy = judge.config_at(pull.base_sha).policy
    except CarbonError as error:
        notes.append(f"what pull request #{pull.number} was granted could not be recorded: {error}")
        return
    if policy.override_label in pull.labels:
        try:
            yield from _overrides_of(judge, head)
        except CarbonError as error:
            notes.append(f"the override of pull request #{pull.number} could not be recorded: {error}")
    if policy.devices.approval_label in pull.labels:
        found = DroppedDevices(judge, head).verdict(policy.devices)
        if found and found.approval:
            yield found.approval
        elif found and (found.inconclusive_reason or found.refusal):
            why = found.refusal or found.inconclusive_reason
            notes.append(f"no approval of what pull request #{pull.number} drops could be recorded: {why}")


def _overrides_of(judge: JudgeContext, head: Subject) -> tuple[Override, ...]:
    """Judge a merged pull request's head once more, so that its overrides become debts."""
    parts = download_parts(judge.client, judge.context, judge.inputs, head)
    if not parts.reports:
        raise ReportError(f"there is no carbon report of {head.head_sha[:12]} any more")
    return judge_subject(judge, head, parts).overrides

"""Records a run of the default branch in the ledger; the pull requests that brought the commit pay for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from github_action.judge.dropped_devices import DroppedDevices
from github_action.judge.judge_context import JudgeContext
from github_action.judge.judge_subject import judge_subject, run_source
from github_action.record.measured_attempts import measured_attempts
from github_action.reports.find_pull_request import Subject, find_commit_to_record
from github_action.reports.pull_request import PullRequest
from github_action.reports.report_parts import download_parts, find_parts
from github_action.repository.open_ledger import unused_url_notes
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.policy.label_names import find_label
from pytest_carbon.core.records.ledger_records import Approval, Override
from pytest_carbon.usecases.append_run import append_parts


def record_run(judge: JudgeContext, report: Path | None) -> list[str]:
    """Append a run, an entry for each part, and the overrides and approvals of its pull requests. Return notes.

    A run of another branch than the default branch is appended too, but never becomes a baseline. Raises ReportError
    if there is no report, and CarbonError if GitHub, the policy or the ledger cannot be read or written.
    """
    subject = find_commit_to_record(judge.client, judge.context)
    parts, *_ = find_parts(judge.client, judge.context, judge.inputs, subject, report)
    if not parts.reports:
        raise ReportError(parts.why_no_report(subject))
    config = judge.config_on_branch(subject.head_sha, subject.branch)
    ledger = judge.ledger(config)
    source = run_source(config.policy, subject, judge.context)
    attempts: dict[str, int] = {}
    if report is None:  # reading uploads again is no new attempt at measuring
        source, attempts = replace(source, attempt=1), measured_attempts(judge.client, judge.context)
    is_baseline = subject.branch == config.policy.default_branch and not parts.missing
    notes = [*unused_url_notes(config, judge.secrets), *parts.notes]
    for pull in subject.pulls:
        notes.append(f"paid by pull request #{pull.number} ({', '.join(pull.labels) or 'no label'})")
    exemptions = [record for pull in subject.pulls for record in _exemptions_of(judge, pull, notes)]
    baseline = merge_reports(parts.reports) if is_baseline else None
    added = append_parts(config, parts.reports, source, ledger, baseline, exemptions, attempts)
    notes.append(f"added to the {ledger.where}: {', '.join(added) or 'nothing; it has all of it'}")
    if parts.missing:
        notes.append(f"not used as a baseline, because parts are missing: {', '.join(parts.missing)}")
    return notes


def _exemptions_of(judge: JudgeContext, pull: PullRequest, notes: list[str]) -> Iterator[Override | Approval]:
    """Yield what was granted to a merged pull request: overrides, which become debts, and an approval of its drops."""
    head = Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), None)
    try:
        policy = judge.config_at(pull.base_sha).policy
    except CarbonError as error:
        notes.append(f"the overrides and approvals of pull request #{pull.number} could not be recorded: {error}")
        return
    if find_label(policy.override_label, pull.labels):
        try:
            yield from _overrides_of(judge, head)
        except CarbonError as error:
            notes.append(f"the override of pull request #{pull.number} could not be recorded: {error}")
    if find_label(policy.devices.approval_label, pull.labels):
        verdict = DroppedDevices(judge, head).verdict(policy)
        if verdict and verdict.approval:
            yield verdict.approval
        elif verdict and (verdict.inconclusive_reason or verdict.refusal):
            why = verdict.refusal or verdict.inconclusive_reason
            notes.append(f"the approval of what pull request #{pull.number} drops could not be recorded: {why}")


def _overrides_of(judge: JudgeContext, head: Subject) -> tuple[Override, ...]:
    """Judge the head of a merged pull request again, to record its accepted overrides as debts."""
    parts, *_ = download_parts(judge.client, judge.context, judge.inputs, head)
    if not parts.reports:
        raise ReportError(parts.why_no_report(head))
    return judge_subject(judge, head, parts).overrides

"""Checks the labels that override a verdict or approve dropped devices: who added one, to which commit, and why."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from github_action.api.client import ApiError, Client, quote_path_part
from github_action.event.github_context import GitHubContext
from github_action.judge.judge_context import JudgeContext
from github_action.reports.pull_request import PullRequest
from pytest_carbon.core.budget.overrides import LONGEST_OVERRIDE, normalise_person
from pytest_carbon.core.records import ledger_records
from pytest_carbon.core.records.ledger_records import Override, parse_time
from pytest_carbon.core.verdict.verdict import HolderVerdict, Verdict

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

Topic = Literal["override", "devices"]
COMMIT_STATUS = "carbon/override"
"""The context of the commit status that binds a label to a commit."""
_WRITE_PERMISSIONS = ("admin", "write")
_MOST_DROPS = 1000  # the limit of an approval record
_REASON_LINES = {
    topic: re.compile(rf"^[ \t]*carbon[ -]{topic}:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
    for topic in ("override", "devices")
}


@dataclass(frozen=True, slots=True)
class LabelApproval:
    """A label that counts: another person with write permission added it to this commit and gave a reason."""

    approver: str
    granted: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefusedLabel:
    """A label that does not count. ``why`` is a sentence."""

    reason: str


def check_label(
    client: Client, context: GitHubContext, pull: PullRequest, label: str, login: str, topic: Topic = "override"
) -> LabelApproval | RefusedLabel | None:
    """Check whether a label counts for the head of a pull request. Return None if the pull request does not have it.

    GitHub keeps a label when new commits are pushed. The run that the label's event starts therefore writes the number
    of the event into a status of the head commit. On a commit without this status the label does not count.

    Raises ApiError if GitHub cannot be asked, or the status cannot be written.
    """
    if label not in pull.labels:
        return None
    event = _newest_label_event(client, context.repository, pull.number, label)
    if event is None:
        return RefusedLabel(f"GitHub does not say who added the label {label}; remove it and add it again")
    number, approver, granted = event
    if not approver:
        return RefusedLabel(f"the label {label} was not added by a person with an account; a person must add it")
    if approver == pull.author:
        return RefusedLabel(f"the label {label} was added by the author; somebody else must add it")
    path = f"repos/{context.repository}/collaborators/{quote_path_part(approver)}/permission"
    if client.get(path).get("permission") not in _WRITE_PERMISSIONS:
        return RefusedLabel(f"the label {label} was added by {approver}, who may not write to this repository")
    if _runs_for_label_event(context, pull, label, approver):
        body = {"state": "success", "context": COMMIT_STATUS, "description": f"label event {number}"}
        client.post(f"repos/{context.repository}/statuses/{pull.head_sha}", body)
    elif not _bound_to_commit(client, context.repository, pull.head_sha, number, login):
        return RefusedLabel(f"the label {label} was added for an earlier commit; remove it and add it again")
    reason = _reason_in_comments(client, context.repository, pull.number, approver, topic)
    if reason is None:
        comment = f"carbon {topic}: REASON"
        return RefusedLabel(f"the label {label} has no reason; {approver} must give a reason in a comment: {comment}")
    return LabelApproval(approver, granted, reason)


def _newest_label_event(client: Client, repository: str, number: int, label: str) -> tuple[int, str, str] | None:
    """Return the newest event that added the label: its number, the login of the person, and the time.

    The login is empty for a deleted account and for an app. Return None if there is no event.
    """
    newest = None
    for event in client.list_items(f"repos/{repository}/issues/{number}/events"):
        if event.get("event") == "labeled" and (event.get("label") or {}).get("name") == label:
            actor = event.get("actor") or {}
            person = str(actor.get("login") or "") if actor.get("type") == "User" else ""
            newest = int(event["id"]), person, str(event["created_at"])
    return newest


def _runs_for_label_event(context: GitHubContext, pull: PullRequest, label: str, approver: str) -> bool:
    """Return whether the label's event started this run, and its commit is still the head."""
    event = context.payload
    return (
        context.action == "labeled"
        and (event.get("label") or {}).get("name") == label
        and (event.get("sender") or {}).get("login") == approver
        and context.head_sha == pull.head_sha
    )


def _bound_to_commit(client: Client, repository: str, sha: str, event: int, login: str) -> bool:
    """Return whether a status of the commit that our own account wrote names the label's event."""
    return any(
        status.get("context") == COMMIT_STATUS
        and status.get("description") == f"label event {event}"
        and (status.get("creator") or {}).get("login") == login
        for status in client.list_items(f"repos/{repository}/commits/{sha}/statuses")
    )


def _reason_in_comments(client: Client, repository: str, number: int, approver: str, topic: Topic) -> str | None:
    """Return the reason in the newest of the approver's comments that has one, at most 300 characters."""
    reason = None
    for comment in client.list_items(f"repos/{repository}/issues/{number}/comments"):
        if (comment.get("user") or {}).get("login") == approver:
            match = _REASON_LINES[topic].search(str(comment.get("body") or ""))
            reason = match[1].strip()[:300] if match else reason
    return reason


def make_overrides(approval: LabelApproval, pull: PullRequest, verdict: Verdict) -> tuple[Override, ...]:
    """Return an override for each holder that the verdict fails. Its amount is the pull request's cost."""
    expires = (parse_time(approval.granted) + LONGEST_OVERRIDE - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return tuple(_make_override(approval, pull, holder, expires) for holder in verdict.judged if holder.state == "fail")


def _make_override(approval: LabelApproval, pull: PullRequest, holder: HolderVerdict, expires: str) -> Override:
    status = holder.standing
    if status is not None:
        amount, kind = status.sunk + max(status.recurring or 0.0, 0.0), status.kind
    else:
        amount, kind = holder.reference_j or 0.0, "reference"
    digest = hashlib.sha256(holder.name.encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return Override(
        id=f"override-pr{pull.number}-{pull.head_sha[:12]}-{digest}",
        feature=holder.name,
        granted=approval.granted,
        expires=expires,
        reason=approval.reason,
        author=pull.author,
        approver=approval.approver,
        amount=amount,
        kind=kind,
        commit=pull.head_sha,
        pr=pull.number,
    )


def apply_device_label(judge: JudgeContext, pulls: Sequence[PullRequest], verdict: DevicesVerdict) -> DevicesVerdict:
    """Apply the first label that approves the drops; without one, note in the verdict why each label is refused.

    In a merge queue a label of any pull request counts: each pull request was judged alone before it was queued.
    """
    from pytest_carbon.core.devices.judge_drops import apply_approval

    refusals = []
    for pull in pulls:
        label = _check_device_label(judge, pull, verdict.rule.approval_label, verdict.rule.approvers)
        drops = [name for judged in verdict.judged_drops if judged.state != "pass" for name in judged.drop.names]
        if isinstance(label, LabelApproval) and drops:
            return apply_approval(verdict, _make_record(label, pull, drops))
        refusals += [label.reason] if isinstance(label, RefusedLabel) else []
    return replace(verdict, refusal="; ".join(refusals))


def _check_device_label(
    judge: JudgeContext, pull: PullRequest, label: str, approvers: Sequence[str]
) -> LabelApproval | RefusedLabel | None:
    """Check the label as ``check_label`` does; refuse an approver whom the policy does not list, and any API error."""
    try:
        approval = check_label(judge.client, judge.context, pull, label, judge.inputs.login, "devices")
    except ApiError as error:
        return RefusedLabel(f"could not tell whether the label {label} counts: {error}")
    if (
        isinstance(approval, LabelApproval)
        and approvers
        and normalise_person(approval.approver) not in map(normalise_person, approvers)
    ):
        listed = ", ".join(approvers)
        return RefusedLabel(f"{approval.approver} added the label {label}, but is not an approver: {listed}")
    return approval


def _make_record(label: LabelApproval, pull: PullRequest, drops: Sequence[str]) -> ledger_records.Approval:
    return ledger_records.Approval(
        id=f"devices-pr{pull.number}-{pull.head_sha[:12]}",
        granted=label.granted,
        reason=label.reason,
        author=pull.author,
        approver=label.approver,
        drops=tuple(drops)[:_MOST_DROPS],
        commit=pull.head_sha,
        pr=pull.number,
    )

"""The labels by which somebody lets a pull request pass: who put one there, on which commit, and why."""

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
from github_action.reports.pull_request import Pull
from pytest_carbon.core.budget.overrides import LONGEST_OVERRIDE, normalise_person
from pytest_carbon.core.records import ledger_records
from pytest_carbon.core.records.ledger_records import Override, parse_time
from pytest_carbon.core.verdict.verdict import HolderVerdict, Verdict

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

Topic = Literal["override", "devices"]
COMMIT_STATUS = "carbon/override"
_WRITE_PERMISSIONS = ("admin", "write")
_MOST_DROPS = 1000  # as many as a record takes
_REASON_LINES = {
    topic: re.compile(rf"^[ \t]*carbon[ -]{topic}:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
    for topic in ("override", "devices")
}
_REASON_HINTS = {"override": "why it cannot wait", "devices": "why they need not be kept"}


@dataclass(frozen=True, slots=True)
class LabelApproval:
    """A label that counts: put there by somebody else who may write, for this commit, with a reason."""

    approver: str
    granted: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefusedLabel:
    """Why a label does not count, as a sentence."""

    why: str


def check_label(
    client: Client, context: GitHubContext, pull: Pull, label: str, login: str, topic: Topic = "override"
) -> LabelApproval | RefusedLabel | None:
    """Return what a label for an override, or for dropped devices, is worth; None where a pull request has none.

    A label stays when new commits are pushed. The run that its event started therefore writes the event's number into
    a status of the commit that was the head just then; without that status the label counts for nothing.
    """
    if label not in pull.labels:
        return None
    event = _newest_label_event(client, context.repository, pull.number, label)
    if event is None:
        return RefusedLabel(f"nobody is known to have put the label {label} there; take it off and put it on again")
    number, approver, granted = event
    if not approver:
        return RefusedLabel(f"the label {label} was put there by nobody who is a person with an account")
    if approver == pull.author:
        return RefusedLabel(f"the label {label} was put there by the author; somebody else must do that")
    path = f"repos/{context.repository}/collaborators/{quote_path_part(approver)}/permission"
    if client.get(path).get("permission") not in _WRITE_PERMISSIONS:
        return RefusedLabel(f"the label {label} was put there by {approver}, who may not write to this repository")
    if _runs_for_label_event(context, pull, label, approver):
        body = {"state": "success", "context": COMMIT_STATUS, "description": f"label event {number}"}
        client.post(f"repos/{context.repository}/statuses/{pull.head_sha}", body)
    elif not _bound_to_commit(client, context.repository, pull.head_sha, number, login):
        return RefusedLabel(f"the label {label} was put there for an earlier commit; take it off and put it on again")
    reason = _reason_in_comments(client, context.repository, pull.number, approver, topic)
    if reason is None:
        asked = f"{approver} must give one in a comment: carbon {topic}: {_REASON_HINTS[topic]}"
        return RefusedLabel(f"the label {label} has no reason; {asked}")
    return LabelApproval(approver, granted, reason)


def _newest_label_event(client: Client, repository: str, number: int, label: str) -> tuple[int, str, str] | None:
    """Return the newest event that put the label there: its number, which person did it, and when."""
    found = None
    for event in client.list_items(f"repos/{repository}/issues/{number}/events"):
        if event.get("event") == "labeled" and (event.get("label") or {}).get("name") == label:
            actor = event.get("actor") or {}
            person = str(actor.get("login") or "") if actor.get("type") == "User" else ""
            found = int(event["id"]), person, str(event["created_at"])
    return found


def _runs_for_label_event(context: GitHubContext, pull: Pull, label: str, approver: str) -> bool:
    """Say whether this run was started by the label's event, for the commit that is still the head."""
    told = context.payload
    return (
        context.action == "labeled"
        and (told.get("label") or {}).get("name") == label
        and (told.get("sender") or {}).get("login") == approver
        and context.head_sha == pull.head_sha
    )


def _bound_to_commit(client: Client, repository: str, sha: str, event: int, login: str) -> bool:
    return any(
        status.get("context") == COMMIT_STATUS
        and status.get("description") == f"label event {event}"
        and (status.get("creator") or {}).get("login") == login
        for status in client.list_items(f"repos/{repository}/commits/{sha}/statuses")
    )


def _reason_in_comments(client: Client, repository: str, number: int, approver: str, topic: Topic) -> str | None:
    found = None
    for comment in client.list_items(f"repos/{repository}/issues/{number}/comments"):
        if (comment.get("user") or {}).get("login") == approver:
            match = _REASON_LINES[topic].search(str(comment.get("body") or ""))
            found = match[1].strip()[:300] if match else found
    return found


def make_overrides(approval: LabelApproval, pull: Pull, verdict: Verdict) -> tuple[Override, ...]:
    """Return an override for everyone whom the verdict fails, of what this pull request costs him."""
    expires = (parse_time(approval.granted) + LONGEST_OVERRIDE - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return tuple(_make_override(approval, pull, one, expires) for one in verdict.judged if one.state == "fail")


def _make_override(approval: LabelApproval, pull: Pull, judged: HolderVerdict, expires: str) -> Override:
    standing = judged.standing
    if standing is not None:
        amount, kind = standing.sunk + max(standing.recurring or 0.0, 0.0), standing.kind
    else:
        amount, kind = judged.reference_j or 0.0, "reference"
    mark = hashlib.sha256(judged.name.encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return Override(
        id=f"override-pr{pull.number}-{pull.head_sha[:12]}-{mark}",
        feature=judged.name,
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


def apply_device_label(judge: JudgeContext, pulls: Sequence[Pull], verdict: DevicesVerdict) -> DevicesVerdict:
    """Let a label count by which somebody approves what is dropped, or say why it does not.

    In a merge queue that of any pull request counts: each was judged by itself before it came there.
    """
    from pytest_carbon.core.devices.judge_drops import apply_approval

    refused = []
    for pull in pulls:
        given = _check_device_label(judge, pull, verdict.rule.approval_label, verdict.rule.approvers)
        drops = [name for one in verdict.judged_drops if one.state != "pass" for name in one.drop.names]
        if isinstance(given, LabelApproval) and drops:
            return apply_approval(verdict, _make_record(given, pull, drops))
        refused += [given.why] if isinstance(given, RefusedLabel) else []
    return replace(verdict, refusal="; ".join(refused))


def _check_device_label(judge: JudgeContext, pull: Pull, label: str, approvers: Sequence[str]) -> LabelApproval | RefusedLabel | None:
    try:
        given = check_label(judge.client, judge.context, pull, label, judge.inputs.login, "devices")
    except ApiError as error:
        return RefusedLabel(f"whether the label {label} counts could not be told: {error}")
    if (
        isinstance(given, LabelApproval)
        and approvers
        and normalise_person(given.approver) not in map(normalise_person, approvers)
    ):
        return RefusedLabel(f"{given.approver} put the label {label} there, and is no approver: {', '.join(approvers)}")
    return given


def _make_record(label: LabelApproval, pull: Pull, drops: Sequence[str]) -> ledger_records.Approval:
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

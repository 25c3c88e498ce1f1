"""The labels by which somebody lets a pull request pass: who put one there, on which commit, and why."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from github_action.api.client import ApiError, Client, quoted
from github_action.event.github_context import Context
from github_action.judge.judge_context import JudgeContext
from github_action.reports.pull_request import Pull
from pytest_carbon.core.budget.overrides import LONGEST_OVERRIDE, normalise_person
from pytest_carbon.core.report import ledger_records
from pytest_carbon.core.report.ledger_records import Override, parse_time
from pytest_carbon.core.verdict.verdict import HolderVerdict, Verdict

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

Topic = Literal["override", "devices"]
STATUS = "carbon/override"
_MAY = ("admin", "write")
_MOST_DROPS = 1000  # as many as a record takes
_REASONS = {
    topic: re.compile(rf"^[ \t]*carbon[ -]{topic}:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
    for topic in ("override", "devices")
}
_ASKED = {"override": "why it cannot wait", "devices": "why they need not be kept"}


@dataclass(frozen=True, slots=True)
class Approval:
    """A label that counts: put there by somebody else who may write, for this commit, with a reason."""

    approver: str
    granted: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a label does not count, as a sentence."""

    why: str


def approval_of(
    client: Client, context: Context, pull: Pull, label: str, login: str, topic: Topic = "override"
) -> Approval | Refused | None:
    """Return what a label for an override, or for dropped devices, is worth; None where a pull request has none.

    A label stays when new commits are pushed. The run that its event started therefore writes the event's number into
    a status of the commit that was the head just then; without that status the label counts for nothing.
    """
    if label not in pull.labels:
        return None
    event = _labelled(client, context.repository, pull.number, label)
    if event is None:
        return Refused(f"nobody is known to have put the label {label} there; take it off and put it on again")
    number, approver, granted = event
    if not approver:
        return Refused(f"the label {label} was put there by nobody who is a person with an account")
    if approver == pull.author:
        return Refused(f"the label {label} was put there by the author; somebody else must do that")
    path = f"repos/{context.repository}/collaborators/{quoted(approver)}/permission"
    if client.get(path).get("permission") not in _MAY:
        return Refused(f"the label {label} was put there by {approver}, who may not write to this repository")
    if _is_its_event(context, pull, label, approver):
        body = {"state": "success", "context": STATUS, "description": f"label event {number}"}
        client.post(f"repos/{context.repository}/statuses/{pull.head_sha}", body)
    elif not _bound(client, context.repository, pull.head_sha, number, login):
        return Refused(f"the label {label} was put there for an earlier commit; take it off and put it on again")
    reason = _reason(client, context.repository, pull.number, approver, topic)
    if reason is None:
        asked = f"{approver} must give one in a comment: carbon {topic}: {_ASKED[topic]}"
        return Refused(f"the label {label} has no reason; {asked}")
    return Approval(approver, granted, reason)


def _labelled(client: Client, repository: str, number: int, label: str) -> tuple[int, str, str] | None:
    """Return the newest event that put the label there: its number, which person did it, and when."""
    found = None
    for event in client.pages(f"repos/{repository}/issues/{number}/events"):
        if event.get("event") == "labeled" and (event.get("label") or {}).get("name") == label:
            actor = event.get("actor") or {}
            person = str(actor.get("login") or "") if actor.get("type") == "User" else ""
            found = int(event["id"]), person, str(event["created_at"])
    return found


def _is_its_event(context: Context, pull: Pull, label: str, approver: str) -> bool:
    """Say whether this run was started by the label's event, for the commit that is still the head."""
    told = context.payload
    return (
        context.action == "labeled"
        and (told.get("label") or {}).get("name") == label
        and (told.get("sender") or {}).get("login") == approver
        and context.head_sha == pull.head_sha
    )


def _bound(client: Client, repository: str, sha: str, event: int, login: str) -> bool:
    return any(
        status.get("context") == STATUS
        and status.get("description") == f"label event {event}"
        and (status.get("creator") or {}).get("login") == login
        for status in client.pages(f"repos/{repository}/commits/{sha}/statuses")
    )


def _reason(client: Client, repository: str, number: int, approver: str, topic: Topic) -> str | None:
    found = None
    for comment in client.pages(f"repos/{repository}/issues/{number}/comments"):
        if (comment.get("user") or {}).get("login") == approver:
            match = _REASONS[topic].search(str(comment.get("body") or ""))
            found = match[1].strip()[:300] if match else found
    return found


def overrides_of(approval: Approval, pull: Pull, verdict: Verdict) -> tuple[Override, ...]:
    """Return an override for everyone whom the verdict fails, of what this pull request costs him."""
    expires = (parse_time(approval.granted) + LONGEST_OVERRIDE - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return tuple(_override(approval, pull, one, expires) for one in verdict.judged if one.state == "fail")


def _override(approval: Approval, pull: Pull, judged: HolderVerdict, expires: str) -> Override:
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


def decided(desk: JudgeContext, pulls: Sequence[Pull], found: DevicesVerdict) -> DevicesVerdict:
    """Let a label count by which somebody approves what is dropped, or say why it does not.

    In a merge queue that of any pull request counts: each was judged by itself before it came there.
    """
    from pytest_carbon.core.devices.judge_drops import apply_approval

    refused = []
    for pull in pulls:
        given = _of_devices(desk, pull, found.rule.approval_label, found.rule.approvers)
        drops = [name for one in found.judged_drops if one.state != "pass" for name in one.drop.names]
        if isinstance(given, Approval) and drops:
            return apply_approval(found, _record(given, pull, drops))
        refused += [given.why] if isinstance(given, Refused) else []
    return replace(found, refusal="; ".join(refused))


def _of_devices(desk: JudgeContext, pull: Pull, label: str, approvers: Sequence[str]) -> Approval | Refused | None:
    try:
        given = approval_of(desk.client, desk.context, pull, label, desk.inputs.login, "devices")
    except ApiError as error:
        return Refused(f"whether the label {label} counts could not be told: {error}")
    if (
        isinstance(given, Approval)
        and approvers
        and normalise_person(given.approver) not in map(normalise_person, approvers)
    ):
        return Refused(f"{given.approver} put the label {label} there, and is no approver: {', '.join(approvers)}")
    return given


def _record(given: Approval, pull: Pull, drops: Sequence[str]) -> ledger_records.Approval:
    return ledger_records.Approval(
        id=f"devices-pr{pull.number}-{pull.head_sha[:12]}",
        granted=given.granted,
        reason=given.reason,
        author=pull.author,
        approver=given.approver,
        drops=tuple(drops)[:_MOST_DROPS],
        commit=pull.head_sha,
        pr=pull.number,
    )

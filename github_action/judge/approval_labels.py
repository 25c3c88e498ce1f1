"""Checks the labels that excuse something.

They override a verdict, approve dropped devices, name a security fix, or let other features pay for a run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from github_action.api.client import ApiError, Client
from github_action.api.whole_list import read_whole_list
from github_action.judge.judge_context import JudgeContext, Topic
from github_action.judge.label_rule import AddedLabel, RefusedLabel, check_added_label
from github_action.reports.pull_request import PullRequest
from github_action.reports.pull_request_events import read_events
from pytest_carbon.core.budget.overrides import LONGEST_OVERRIDE, normalise_person
from pytest_carbon.core.budget.spending import share_of
from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.policy.label_names import find_label
from pytest_carbon.core.policy.labels_to_payers import payers_of_labels
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records import ledger_records
from pytest_carbon.core.records.ledger_records import Override, parse_time
from pytest_carbon.core.verdict.verdict import HolderVerdict, State, Verdict

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

MOST_COMMENTS = 3000
_MOST_DROPS = 1000  # the limit of an approval record
_REASON_LINES = {
    topic: re.compile(rf"^[ \t]*carbon[ -]{topic}:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
    for topic in ("override", "devices")
}


@dataclass(frozen=True, slots=True)
class LabelApproval:
    """A label that counts by the rule of all labels, and whose approver has also given a reason."""

    approver: str
    granted: str
    reason: str


def check_label(
    judge: JudgeContext, pull: PullRequest, label: str, topic: Topic = "override"
) -> LabelApproval | RefusedLabel | None:
    """Check whether a label with a reason counts for the head of a pull request. None if the pull request lacks it.

    Raises ApiError if GitHub cannot be asked.
    """
    added = check_added_label(judge.client, judge.context.repository, pull, label)
    if not isinstance(added, AddedLabel):
        return added
    reason = read_reason(judge.client, judge.context.repository, pull.number, added.person, topic)
    judge.reasons[pull.number, added.person, topic] = reason
    if reason is None:
        comment = f"carbon {topic}: REASON"
        return RefusedLabel(
            f"the label {added.label} has no reason; {added.person} must give a reason in a comment: {comment}"
        )
    return LabelApproval(added.person, added.added, reason)


def read_reason(client: Client, repository: str, number: int, approver: str, topic: Topic) -> str | None:
    """Return the reason in the newest of the approver's comments that has one, at most 300 characters."""
    reason = None
    for comment in read_whole_list(client, f"repos/{repository}/issues/{number}/comments", MOST_COMMENTS):
        if (comment.get("user") or {}).get("login") == approver:
            match = _REASON_LINES[topic].search(str(comment.get("body") or ""))
            reason = match[1].strip()[:300] if match else reason
    return reason


def make_overrides(approval: LabelApproval, pull: PullRequest, verdict: Verdict, head_sha: str) -> tuple[Override, ...]:
    """Return an override for each holder that fails or lost its tests. Its amount is the pull request's cost.

    ``head_sha`` is the commit that is judged: the pull request's, or that of the merge queue.
    """
    expires = (parse_time(approval.granted) + LONGEST_OVERRIDE - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return tuple(
        _make_override(approval, pull, holder, expires, head_sha)
        for holder in verdict.judged
        if holder.state == "fail" or any(check.rule == "tests" for check in holder.checks)
    )


def _make_override(
    approval: LabelApproval, pull: PullRequest, holder: HolderVerdict, expires: str, head_sha: str
) -> Override:
    status = holder.standing
    if status is not None:
        amount, kind = status.change_cost, status.kind
    else:
        amount, kind = holder.reference_j or 0.0, "reference"
    digest = hashlib.sha256(holder.name.encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return Override(
        id=f"override-pr{pull.number}-{head_sha[:12]}-{digest}",
        feature=holder.name,
        granted=approval.granted,
        expires=expires,
        reason=approval.reason,
        author=pull.author,
        approver=approval.approver,
        amount=amount,
        kind=kind,
        commit=head_sha,
        pr=pull.number,
    )


def drop_refused_labels(judge: JudgeContext, pulls: Sequence[PullRequest], inputs: VerdictInputs) -> VerdictInputs:
    """Apply the rule of all labels to those that need no reason: security labels, and labels that say who pays.

    A label that says who pays excuses if a budget of a feature whose tests ran would fail otherwise. Who pays stays as
    the labels say, but without somebody else's label that budget is judged as well.
    """
    if not pulls or all(share_of(budget, inputs.own_entry) > 0 for budget in inputs.policy.budgets):
        return _drop_refused_security_labels(judge, pulls, inputs)
    judged = _drop_refused_security_labels(judge, pulls, replace(inputs, judge_unpaid=True))
    excused = replace(judged, judge_unpaid=False)
    pairs = zip(_budget_states(judged), _budget_states(excused), strict=True)
    if not any(one != other and one in ("fail", "inconclusive") for one, other in pairs):
        return excused
    refusals = [reason for pull in pulls if (reason := _why_payers_excuse_nothing(judge, pull, inputs, len(pulls)))]
    notes = [f"a budget is judged although others pay: {reason}" for reason in refusals]
    return replace(judged, notes=(*notes, *judged.notes)) if refusals else excused


def _budget_states(inputs: VerdictInputs) -> list[State]:
    checks = [check for holder in evaluate(inputs).judged for check in holder.checks]
    return [check.state for check in checks if check.rule == "budget"]


def _why_payers_excuse_nothing(judge: JudgeContext, pull: PullRequest, inputs: VerdictInputs, group: int) -> str:
    """Return why a pull request's labels may not let others pay; empty if they may, or if it was judged without any.

    A larger group of a merge queue has only pull requests that were judged alone, but for forks that wait for it.
    """
    policy = inputs.policy
    if group > 1 and pull.from_fork and policy.forks == "queue":
        return f"#{pull.number} of a fork is judged only here; merge it alone"
    labels = [label for label in pull.labels if payers_of_labels([label], policy)]
    if not labels:
        return "" if group > 1 else f"#{pull.number} has no label now that says who pays"
    refusals = []
    for label in labels:
        found = _check_added_label(judge, pull, label)
        if isinstance(found, AddedLabel):
            return _removed_since(judge, pull, found, policy)
        refusals += [found.reason] if found else []
    return "; ".join(refusals)


def _removed_since(judge: JudgeContext, pull: PullRequest, added: AddedLabel, policy: Policy) -> str:
    """Return which label of another payer somebody else has removed since a label was added; empty if nobody has."""
    for event in read_events(judge.client, judge.context.repository, pull.number):
        name, actor = (
            (event.get(key) or {}).get(field) or "" for key, field in (("label", "name"), ("actor", "login"))
        )
        if (
            event.get("event") == "unlabeled"
            and payers_of_labels([name], policy)
            and not find_label(name, pull.labels)
            and parse_time(str(event.get("created_at"))) >= parse_time(added.added)
            and normalise_person(actor) != normalise_person(added.person)
        ):
            return f"the label {name} was removed by {actor or 'nobody known'} after {added.person} added {added.label}"
    return ""


def _check_added_label(judge: JudgeContext, pull: PullRequest, label: str) -> AddedLabel | RefusedLabel | None:
    try:
        return check_added_label(judge.client, judge.context.repository, pull, label)
    except ApiError as error:
        return RefusedLabel(f"could not tell whether the label {label} counts: {error}")


def _drop_refused_security_labels(
    judge: JudgeContext, pulls: Sequence[PullRequest], inputs: VerdictInputs
) -> VerdictInputs:
    """Leave out of the run's labels the security labels that do not count, and note why.

    They are checked only if they excuse something, so that nobody else waits for more calls of the API.
    """
    wanted = [label for label in inputs.source.labels if find_label(label, inputs.policy.security_labels)]
    others = tuple(label for label in inputs.source.labels if label not in wanted)
    without = replace(inputs, source=replace(inputs.source, labels=others))
    if not wanted or evaluate(without).judged == evaluate(inputs).judged:
        return inputs
    counted, refusals = [], []
    for pull in pulls:
        for label in wanted:
            found = _check_added_label(judge, pull, label)
            counted += [found.label] if isinstance(found, AddedLabel) else []
            refusals += [found.reason] if isinstance(found, RefusedLabel) else []
    source = replace(inputs.source, labels=(*others, *counted))
    return replace(inputs, source=source, notes=(*refusals, *inputs.notes))


def apply_device_label(
    judge: JudgeContext, pulls: Sequence[PullRequest], verdict: DevicesVerdict, *, forks_wait: bool
) -> DevicesVerdict:
    """Apply the first label that approves the drops; without one, note in the verdict why each label is refused.

    In a merge queue a label of any pull request counts: each pull request was judged alone before it was queued. If
    ``forks_wait``, nothing was decided about those of forks, so no label counts in a larger group with one of them.
    """
    from pytest_carbon.core.devices.judge_drops import apply_approval

    wanted, unjudged = verdict.rule.approval_label, [pull for pull in pulls if pull.from_fork and forks_wait]
    if len(pulls) > 1 and unjudged:
        named = ", ".join(f"#{pull.number}" for pull in unjudged)
        why = f"the label {wanted} counts for no group with {named}: a fork's is judged only here; merge it alone"
        return replace(verdict, refusal=why if any(find_label(wanted, pull.labels) for pull in pulls) else "")
    refusals = []
    for pull in pulls:
        label = _check_device_label(judge, pull, wanted, verdict.rule.approvers)
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
        approval = check_label(judge, pull, label, "devices")
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

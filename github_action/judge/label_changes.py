"""Tells whether labels or their reasons were changed since they were read: perhaps nobody else judges by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from github_action.api.client import Client
from github_action.judge.approval_labels import read_reason
from github_action.judge.judge_context import JudgeContext, Topic
from github_action.judge.label_rule import AddedLabel, check_added_label
from github_action.reports.find_pull_request import Subject
from github_action.reports.pull_request import PullRequest, get_pull_request
from pytest_carbon.core.policy.label_names import label_key
from pytest_carbon.core.policy.policy import Policy


def labels_changed(client: Client, repository: str, subjects: Sequence[Subject]) -> bool:
    """Return whether a pull request of the subjects has other labels now. Raises ApiError if GitHub cannot tell."""
    pulls = {pull.number: pull for subject in subjects for pull in subject.pulls}
    return any(_keys(pull) != _keys(get_pull_request(client, repository, number)) for number, pull in pulls.items())


def reasons_changed(judge: JudgeContext) -> bool:
    """Return whether a reason that was looked for is another one now. Raises ApiError if GitHub cannot tell."""
    repository = judge.context.repository
    return any(read_reason(judge.client, repository, *asked) != reason for asked, reason in judge.reasons.items())


def reason_withdrawn(judge: JudgeContext, policy: Policy, pull: PullRequest, since: str) -> bool:
    """Return whether a label that counts, and was there at a time, has no reason: it may have had one then.

    Raises ApiError if GitHub cannot tell.
    """
    repository = judge.context.repository
    labels: dict[Topic, str] = {"override": policy.override_label, "devices": policy.devices.approval_label}
    for topic, label in labels.items():
        added = check_added_label(judge.client, repository, pull, label)
        if (
            isinstance(added, AddedLabel)
            and added.added <= since
            and read_reason(judge.client, repository, pull.number, added.person, topic) is None
        ):
            return True
    return False


def _keys(pull: PullRequest | None) -> frozenset[str]:
    labels: Iterable[str] = pull.labels if pull else ()
    return frozenset(map(label_key, labels))

"""Which features pay for a pull request: the labels of the pull request decide."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pytest_carbon.core.errors import did_you_mean
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.label_names import label_key
from pytest_carbon.core.policy.policy import Policy

_MOST_NAMED = 20


def payers_of_labels(labels: Sequence[str], policy: Policy) -> dict[str, float]:
    """Return the share (0..1, summing to 1) of each feature that a pull request's labels name.

    Several features share by their weight. The result is empty if no feature claims any of the labels: then the
    features of the tests that ran pay.
    """
    keys = set(map(label_key, labels))
    named = [feature for feature in policy.features.values() if keys & set(map(label_key, feature.labels))]
    total_weight = math.fsum(feature.weight for feature in named)
    return {feature.name: feature.weight / total_weight for feature in named}


def payers_of_pull_requests(labels: Sequence[Sequence[str]], policy: Policy) -> Mapping[str, float]:
    """Return the shares of the features that pay for a run of several pull requests, such as a merge queue's.

    ``labels`` has the labels of each pull request. Every pull request pays an equal part of the run. A pull request
    whose labels name no feature pays its part as unattributed.
    """
    shares: dict[str, float] = {}
    for own_labels in labels:
        for feature, share in (payers_of_labels(own_labels, policy) or {UNATTRIBUTED: 1.0}).items():
            shares[feature] = shares.get(feature, 0.0) + share / len(labels)
    return shares


def unclaimed_text(labels: Sequence[str], policy: Policy, source: str, *, only_similar: bool = False) -> str:
    """Return a sentence on labels that somebody gave in vain, with the labels that there are; empty if there are none.

    Beside a label that counts, only a label that is similar to one of a feature was given in vain: other labels have
    other readers. ``only_similar`` says that it is so anyway, as for all labels of a pull request. ``source`` names the
    policy.
    """
    claimed = [label for feature in policy.features.values() for label in feature.labels]
    others = (*policy.security_labels, policy.override_label, policy.devices.approval_label)
    known = set(map(label_key, [*claimed, *others]))
    unknown = [label for label in dict.fromkeys(labels) if label_key(label) not in known]
    if only_similar or len(unknown) < len(dict.fromkeys(labels)):
        unknown = [label for label in unknown if did_you_mean(label, claimed)]
    if not unknown:
        return ""
    near = did_you_mean(unknown[0], claimed) if len(unknown) == 1 else ""
    more = f" and {len(claimed) - _MOST_NAMED} more" if len(claimed) > _MOST_NAMED else ""
    there_are = f" (its features have these: {', '.join(claimed[:_MOST_NAMED])}{more})"
    next_step = there_are if claimed else '; give a feature labels = ["feature:checkout"]'
    noun = "label" if len(unknown) == 1 else "labels"
    return f"no feature of {source} claims the {noun} {', '.join(unknown)}{near}{next_step}"

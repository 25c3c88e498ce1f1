"""The rule on devices in a policy (``[devices]``), and what a change of the rule newly allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

APPROVAL_LABEL = "carbon/devices-approved"


@dataclass(frozen=True, slots=True)
class DevicesRule:
    """The ``[devices]`` of a policy. ``mode`` is what happens if a drop breaks ``level``.

    A drop passes if one of ``maintained_branches`` still supports what is dropped. ``dependencies`` are the Python
    versions that a package needs, from a version of the package on: ``{"numpy": {"2.1": ">=3.10"}}``. A pull request
    may also drop support if somebody other than its author adds ``approval_label``; if ``approvers`` are named, only an
    approver may.
    """

    mode: Literal["off", "warn", "fail"] = "warn"
    level: Literal[4, 5] = 4
    maintained_branches: tuple[str, ...] = ()
    dependencies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    approval_label: str = APPROVAL_LABEL
    approvers: tuple[str, ...] = ()


def describe_loosening(old: DevicesRule, new: DevicesRule) -> list[str]:
    """Return one clause for each thing, other than its label, that the new rule allows and the old rule does not."""
    clauses = []
    order = ("off", "warn", "fail")
    if order.index(new.mode) < order.index(old.mode):
        now = {"off": "is no longer checked", "warn": "only warns"}[new.mode]
        before = {"warn": "warned", "fail": "failed"}[old.mode]
        clauses.append(f"a change that strands devices {now}; before: it {before}")
    if new.level < old.level:
        clauses.append("a change may strand devices older than ten years; before: no device")
    for branch in sorted({*new.maintained_branches} - {*old.maintained_branches}):
        clauses.append(f"the branch {branch} counts as keeping devices alive")
    if new.dependencies != old.dependencies:
        clauses.append("the Python versions that dependencies need are declared differently")
    if old.approvers and not new.approvers:
        clauses.append(f"anybody may approve that devices are dropped; before: only {', '.join(old.approvers)}")
    elif old.approvers:
        added = sorted({*new.approvers} - {*old.approvers})
        clauses += [f"{name} may approve that devices are dropped" for name in added]
    return clauses

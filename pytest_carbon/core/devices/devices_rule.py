"""A policy's ``[devices]`` as a value, and what a change of it would allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

APPROVAL_LABEL = "carbon/devices-approved"


@dataclass(frozen=True, slots=True)
class DevicesRule:
    """A policy's ``[devices]``: what a drop that breaks the level does, and what keeps alive what is dropped.

    ``dependencies`` says from which version on a package needs which Python: ``{"numpy": {"2.1": ">=3.10"}}``.
    ``approval_label`` lets a pull request drop all the same, where somebody other than its author gave it; only one of
    ``approvers``, where these are named.
    """

    mode: Literal["off", "warn", "fail"] = "warn"
    level: Literal[4, 5] = 4
    maintained_branches: tuple[str, ...] = ()
    dependencies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    approval_label: str = APPROVAL_LABEL
    approvers: tuple[str, ...] = ()


def describe_loosening(old: DevicesRule, new: DevicesRule) -> list[str]:
    """Return a sentence for everything that a new rule allows and the old one does not."""
    found = []
    order = ("off", "warn", "fail")
    if order.index(new.mode) < order.index(old.mode):
        does = {"off": "is not looked at any more", "warn": "only warns"}[new.mode]
        before = {"warn": "warned", "fail": "failed"}[old.mode]
        found.append(f"a change that strands devices {does}, it {before} before")
    if new.level < old.level:
        found.append("a change may strand devices older than ten years, none before")
    for branch in sorted({*new.maintained_branches} - {*old.maintained_branches}):
        found.append(f"the branch {branch} counts as keeping devices alive")
    if new.dependencies != old.dependencies:
        found.append("what dependencies are said to need is changed")
    if old.approvers and not new.approvers:
        found.append(f"anybody may approve that devices are dropped, only {', '.join(old.approvers)} before")
    elif old.approvers:
        more = sorted({*new.approvers} - {*old.approvers})
        found += [f"{name} may approve that devices are dropped" for name in more]
    if new.approval_label != old.approval_label:
        found.append(f"the label {new.approval_label} approves that devices are dropped, {old.approval_label} before")
    return found

"""Judges drops by the level that the ``[devices]`` of a policy sets.

Source of the levels: the Green Software Foundation's maturity matrix, axis "End-user devices". Level 4: all devices of
up to ten years are supported. Level 5: all devices get security patches, and no working device is ever killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.find_drops import FAMILIES_BY_MINIMUM, SupportChanges, find_drops
from pytest_carbon.core.devices.support_values import (
    LAST_SOLD,
    Declarations,
    DeviceFacts,
    DeviceGroup,
    Drop,
    newest_first,
)
from pytest_carbon.core.devices.wording import age_text, join_words, years_between

if TYPE_CHECKING:
    from pytest_carbon.core.records.ledger_records import Approval

DropState = Literal["pass", "overridden", "inconclusive", "warn", "fail"]
WORST_FIRST: tuple[DropState, ...] = ("fail", "warn", "inconclusive", "overridden", "pass")
LEVEL_4_YEARS = 10
MAINTAINED_DAYS = 365
"""A branch whose last commit is older than this is not maintained."""
OLD_FACTS_DAYS, UNRELIABLE_FACTS_DAYS = 180, 400
"""Older facts ask to be refreshed; still older facts no longer prove that a drop strands nothing."""


@dataclass(frozen=True, slots=True)
class MaintainedBranch:
    """A branch that the policy calls maintained, what it declares, and the time of its last commit."""

    name: str
    declarations: Declarations
    last_commit: datetime


@dataclass(frozen=True, slots=True)
class JudgedDrop:
    """A drop and its outcome under the rule; ``reason`` is a sentence."""

    drop: Drop
    state: DropState
    reason: str


@dataclass(frozen=True, slots=True)
class DevicesVerdict:
    """The verdict on everything that a change drops; the worst drop comes first.

    ``as_of`` and ``source`` are those of the facts. ``inconclusive_reason`` says why some drops may be missing.
    ``approval`` is the approval that let the drops pass; ``refusal`` says why an approval label does not count.
    """

    judged_drops: tuple[JudgedDrop, ...]
    changes: SupportChanges
    rule: DevicesRule
    today: date
    as_of: date
    source: str
    inconclusive_reason: str = ""
    approval: Approval | None = None
    refusal: str = ""

    @property
    def state(self) -> DropState:
        """Return the worst state of all drops; at best "inconclusive" if drops may be missing."""
        states: list[DropState] = [judged.state for judged in self.judged_drops]
        states += ["inconclusive"] if self.inconclusive_reason else []
        return min(states, key=WORST_FIRST.index, default="pass")

    @property
    def state_under_rule(self) -> DropState:
        """Return the state for the verdict on a whole change: a rule that only warns turns "inconclusive" to "warn"."""
        return "warn" if self.state == "inconclusive" and self.rule.mode == "warn" else self.state

    @property
    def exit_code(self) -> int:
        """Return 1 for a failure, else 0."""
        return 1 if self.state == "fail" else 0

    @property
    def facts_age_days(self) -> int:
        """Return the age of the facts in days."""
        return (self.today - self.as_of).days


def judge_drops(
    changes: SupportChanges,
    base: Declarations,
    rule: DevicesRule,
    branches: Sequence[MaintainedBranch],
    facts: DeviceFacts,
    now: datetime,
) -> DevicesVerdict:
    """Judge every drop; nothing is judged if the mode of the rule is "off".

    ``base`` is what the project declared before the change, ``branches`` are the maintained branches of the policy.
    """
    changes = changes if rule.mode != "off" else SupportChanges()
    judged = [
        _judge_drop(drop, rule, _find_keeping_branch(drop, base, branches, facts, now), facts, now.date())
        for drop in changes.drops
    ]
    judged.sort(key=lambda judged_drop: WORST_FIRST.index(judged_drop.state))
    unreadable = "; ".join(
        f"{file.path} declares something in the base, but cannot be read in the head ({file.why})"
        for file in changes.newly_unreadable
    )
    return DevicesVerdict(tuple(judged), changes, rule, now.date(), facts.as_of, facts.source, unreadable)


def apply_approval(verdict: DevicesVerdict, approval: Approval) -> DevicesVerdict:
    """Return the verdict with every drop that does not pass by itself overridden by an approval."""
    judged = [drop if drop.state == "pass" else replace(drop, state="overridden") for drop in verdict.judged_drops]
    return replace(verdict, judged_drops=tuple(judged), approval=approval, refusal="")


def _judge_drop(drop: Drop, rule: DevicesRule, branch: str | None, facts: DeviceFacts, today: date) -> JudgedDrop:
    """Judge one drop; ``branch`` is the maintained branch that still supports what is dropped."""
    if branch:
        return JudgedDrop(drop, "pass", f"The branch {branch} is maintained and still supports what is dropped.")
    forbidden = [group for group in drop.stranded if _breaks_level(group, rule.level, today)]
    if forbidden:
        newest = newest_first(forbidden)[0]
        state: DropState = "fail" if rule.mode == "fail" else "warn"
        return JudgedDrop(drop, state, _explain_broken_level(newest, rule.level, today))
    gaps = list(drop.unknown)
    undated = [group.name for group in drop.stranded if group.newest is None] if rule.level == 4 else []
    if undated:
        gaps.append(f"the age of the newest {join_words(undated)} is unknown")
    if (today - facts.as_of).days > UNRELIABLE_FACTS_DAYS:
        gaps.append(f"the facts of {facts.as_of} are too old to prove that nothing else is stranded")
    if gaps:
        return JudgedDrop(
            drop,
            "inconclusive",
            f"Could not tell whether level {rule.level} of [devices] allows this drop: {'; '.join(gaps)}.",
        )
    if not drop.stranded:
        return JudgedDrop(drop, "pass", "Level 4 and level 5 of [devices] allow this drop.")
    certain = all(group.how == LAST_SOLD for group in drop.stranded)
    known = "" if certain else ", as far as is known,"
    return JudgedDrop(
        drop,
        "pass",
        f"Level 4 of [devices] allows this drop: all stranded devices{known} are older than {LEVEL_4_YEARS} years.",
    )


def _breaks_level(group: DeviceGroup, level: int, today: date) -> bool:
    """Return whether a level forbids stranding a group: level 5 any, level 4 those known to be under ten years old."""
    if level == 5:
        return True
    return group.newest is not None and years_between(group.newest, today) < LEVEL_4_YEARS


def _explain_broken_level(newest: DeviceGroup, level: int, today: date) -> str:
    protected = (
        f"devices younger than {LEVEL_4_YEARS} years"
        if level == 4
        else "every working device that no maintained branch supports"
    )
    return f"The policy ([devices] level = {level}) protects {protected}: {newest.name} ({age_text(newest, today)})."


def _find_keeping_branch(
    drop: Drop, base: Declarations, branches: Sequence[MaintainedBranch], facts: DeviceFacts, now: datetime
) -> str | None:
    """Return the name of a maintained branch that still supports everything that is dropped; None without a branch."""
    for branch in branches:
        maintained = (now - branch.last_commit).days <= MAINTAINED_DAYS
        declares = any(statement.family == drop.family for statement in branch.declarations.statements)
        branch_drops = [d for d in find_drops(base, branch.declarations, facts, now) if d.family == drop.family]
        lost = any({*d.names} & {*drop.names} or d.family in FAMILIES_BY_MINIMUM for d in branch_drops)
        if maintained and declares and not lost:
            return branch.name
    return None

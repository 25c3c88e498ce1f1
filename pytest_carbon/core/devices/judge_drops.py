"""May a change drop what it drops? The two levels of the maturity matrix, as a policy's ``[devices]`` has them.

Source of the levels: the Green Software Foundation's maturity matrix, axis "End-user devices". Level 4: hardware of ten
years is supported, all devices. Level 5: security patches for all devices, no working device is ever killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.find_drops import FAMILIES_BY_MINIMUM, SupportChanges, find_drops
from pytest_carbon.core.devices.values import LAST_SOLD, Declarations, DeviceFacts, DeviceGroup, Drop
from pytest_carbon.core.devices.wording import age_text, join_words, years_between

if TYPE_CHECKING:
    from pytest_carbon.core.report.ledger_records import Approval

DropState = Literal["pass", "overridden", "inconclusive", "warn", "fail"]
WORST_FIRST: tuple[DropState, ...] = ("fail", "warn", "inconclusive", "overridden", "pass")
LEVEL_4_YEARS = 10
MAINTAINED_DAYS = 365
"""A branch without a commit for so long is not called maintained."""
OLD_FACTS_DAYS, UNRELIABLE_FACTS_DAYS = 180, 400
"""From these ages on, facts are said to be old, and what rests on their silence could not be told."""


@dataclass(frozen=True, slots=True)
class MaintainedBranch:
    """A branch that the policy calls maintained: what it declares, and when its last commit was made."""

    name: str
    declarations: Declarations
    last_commit: datetime


@dataclass(frozen=True, slots=True)
class JudgedDrop:
    """A drop and what the rule says of it; ``why`` is a whole sentence."""

    drop: Drop
    state: DropState
    why: str


@dataclass(frozen=True, slots=True)
class DevicesVerdict:
    """What a change does to devices, judged. ``as_of`` and ``source`` are of the facts.

    ``untold`` says in a sentence why not all could be told. ``approval`` is who let the drops pass, and ``refused`` why
    a label that asks for that does not count.
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
        """Return the worst state of all drops; what could not be told is at the best inconclusive."""
        states: list[DropState] = [one.state for one in self.judged_drops]
        return min(
            states + (["inconclusive"] if self.inconclusive_reason else []), key=WORST_FIRST.index, default="pass"
        )

    @property
    def state_under_rule(self) -> DropState:
        """Return what the state is worth in a verdict on all: a rule that only warns lets nothing be worse."""
        return "warn" if self.state == "inconclusive" and self.rule.mode == "warn" else self.state

    @property
    def exit_code(self) -> int:
        """Return 1 for a failure, else 0."""
        return 1 if self.state == "fail" else 0

    @property
    def facts_age_days(self) -> int:
        """Return how old the facts are."""
        return (self.today - self.as_of).days


def judge_drops(
    findings: SupportChanges,
    base: Declarations,
    rule: DevicesRule,
    branches: Sequence[MaintainedBranch],
    facts: DeviceFacts,
    now: datetime,
) -> DevicesVerdict:
    """Judge every drop. ``branches`` are those of the policy, as they stand; ``base`` is what was supported."""
    found = findings if rule.mode != "off" else SupportChanges()
    judged = [
        _judge_drop(drop, rule, _find_keeping_branch(drop, base, branches, facts, now), facts, now.date())
        for drop in found.drops
    ]
    judged.sort(key=lambda one: WORST_FIRST.index(one.state))
    untold = "; ".join(
        f"{one.path} declared something before, and cannot be read now ({one.why})" for one in found.newly_unreadable
    )
    return DevicesVerdict(tuple(judged), found, rule, now.date(), facts.as_of, facts.source, untold)


def apply_approval(verdict: DevicesVerdict, approval: Approval) -> DevicesVerdict:
    """Let every drop pass that is not allowed anyway, because somebody decided so."""
    judged = [one if one.state == "pass" else replace(one, state="overridden") for one in verdict.judged_drops]
    return replace(verdict, judged_drops=tuple(judged), approval=approval, refusal="")


def _judge_drop(drop: Drop, rule: DevicesRule, keeper: str | None, facts: DeviceFacts, today: date) -> JudgedDrop:
    if keeper:
        return JudgedDrop(drop, "pass", f"The branch {keeper} still supports it and is maintained.")
    young = [one for one in drop.stranded if _breaks_level(one, rule.level, today)]
    if young:
        newest = max(young, key=lambda one: one.newest or date.min)
        return JudgedDrop(
            drop, "fail" if rule.mode == "fail" else "warn", _explain_broken_level(newest, rule.level, today)
        )
    gaps = list(drop.unknown)
    undated = [one.name for one in drop.stranded if one.newest is None] if rule.level == 4 else []
    if undated:
        gaps.append(f"how old the newest of {join_words(undated)} is, is not known")
    if (today - facts.as_of).days > UNRELIABLE_FACTS_DAYS:
        gaps.append(f"the facts are of {facts.as_of}, too old to rely on what they do not say")
    if gaps:
        return JudgedDrop(drop, "inconclusive", f"Whether that is allowed could not be told: {'; '.join(gaps)}.")
    if not drop.stranded:
        return JudgedDrop(drop, "pass", "Every level allows that.")
    sure = all(one.how == LAST_SOLD for one in drop.stranded)
    known = "" if sure else ", as far as is known,"
    return JudgedDrop(drop, "pass", f"All it strands{known} is older than {LEVEL_4_YEARS} years, which level 4 allows.")


def _breaks_level(holder: DeviceGroup, level: int, today: date) -> bool:
    """Say whether to strand these breaks a level: any at level 5, those of less than ten years at level 4."""
    if level == 5:
        return True
    return holder.newest is not None and years_between(holder.newest, today) < LEVEL_4_YEARS


def _explain_broken_level(newest: DeviceGroup, level: int, today: date) -> str:
    asks = "nothing younger than ten years" if level == 4 else "no working device without a maintained branch"
    return f"Level {level} strands {asks}: {newest.name} ({age_text(newest, today)})."


def _find_keeping_branch(
    drop: Drop, base: Declarations, branches: Sequence[MaintainedBranch], facts: DeviceFacts, now: datetime
) -> str | None:
    """Return the maintained branch that still supports all that is dropped."""
    for branch in branches:
        alive = (now - branch.last_commit).days <= MAINTAINED_DAYS
        speaks = any(one.family == drop.family for one in branch.declarations.statements)
        lost = [other for other in find_drops(base, branch.declarations, facts, now) if other.family == drop.family]
        gone = any({*other.names} & {*drop.names} or other.family in FAMILIES_BY_MINIMUM for other in lost)
        if alive and speaks and not gone:
            return branch.name
    return None

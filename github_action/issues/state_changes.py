"""Finds changes of a holder's state that are worth a comment, and what the issue must remember to find the next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.budget.budget_status import StatusState
from pytest_carbon.core.records.ledger_records import Override

LEVELS: Mapping[StatusState, int] = {"at risk": 75, "critical": 90, "exhausted": 100}
"""The states of a budget that are reported, with the keys that the hidden state of an issue has for them."""
_CALENDAR = ("month", "quarter")
_CALENDAR_WINDOW = re.compile(r"(month|quarter) \d{4}-(0[1-9]|1[0-2])-01", re.ASCII)
_MOST_OVERRIDES = 50


@dataclass(frozen=True, slots=True)
class IssueMemory:
    """What the hidden state of an issue remembers. The names of the fields are keys of that state.

    ``level`` is that of the state at the last update. ``told`` holds the day on which each level, or ``recovered``, was
    reported in this window; each is reported once, and with it all levels below. ``overrides`` are ids.
    """

    window: str = ""
    level: int = 0
    told: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StateChange:
    """A change of state. ``key`` identifies the change in comments. ``window`` is the window that has closed.

    ``threshold`` is the level of a state that became worse.
    """

    kind: Literal["closed", "crossed", "recovered", "override"]
    key: str
    threshold: int = 0
    window: str = ""
    override: Override | None = None


def find_changes(account: Account, before: IssueMemory | None, day: str) -> tuple[tuple[StateChange, ...], IssueMemory]:
    """Return the changes to report on a day, and what to remember. Without a memory there is nothing to report."""
    window, level = window_name(account), _level(account)
    overrides = tuple(override.id for override in account.overrides)
    if before is None:
        return (), IssueMemory(window, level, _levels_up_to(level, day), overrides)
    changes, told, last_level = _compare_windows(account, before, window)
    if account.standing and account.standing.unmeasured and last_level is not None:
        level = last_level  # runs without a known use do not lower the level
    if last_level is None:
        told = _levels_up_to(level, day)
    elif last_level < level and str(level) not in told:
        changes = (*changes, StateChange("crossed", f"{window}:{level}", level))
        told = {**_levels_up_to(level, day), **told}
    elif level < 100 <= last_level and "recovered" not in told:
        changes = (*changes, StateChange("recovered", f"{window}:recovered"))
        told = {**told, "recovered": day}
    new = [override for override in account.overrides if override.id not in before.overrides]
    changes = (*changes, *(StateChange("override", f"override:{grant.id}", override=grant) for grant in new))
    remembered = tuple(dict.fromkeys((*before.overrides, *overrides)))[-_MOST_OVERRIDES:]
    return changes, IssueMemory(window, level, told, remembered)


def _compare_windows(
    account: Account, before: IssueMemory, window: str
) -> tuple[tuple[StateChange, ...], Mapping[str, str], int | None]:
    """Return the change that a new window brings, what was reported in the window, and the level at the last update.

    The level is None if the policy now has another kind of window, which does not compare with the last one.
    """
    if before.window == window:
        since = window_start(account)
        return (), {event: day for event, day in before.told.items() if day >= since}, before.level
    kind = window.partition(" ")[0]
    if kind in _CALENDAR and kind == before.window.partition(" ")[0]:
        return (StateChange("closed", f"{before.window}:closed", window=before.window),), {}, 0
    return (), {}, None


def window_name(account: Account) -> str:
    """Return the name of a holder's window, of a calendar window with its first day: ``month 2026-11-01``."""
    if account.standing is None:
        return ""
    text = account.standing.window
    return f"{text} {account.window_days[0]}" if text in _CALENDAR else text


def window_start(account: Account) -> str:
    """Return the first day of a rolling window: older reports were about an earlier window.

    Empty for a calendar window. Its reports name the window, which may begin a day earlier or later than in UTC.
    """
    return "" if account.standing is None or account.standing.window in _CALENDAR else account.window_days[0]


def months_in_window(window: str) -> list[str]:
    """Return the months of a calendar window: ``quarter 2026-04-01`` has ``2026-04`` to ``2026-06``."""
    kind, _, first = window.partition(" ")
    year, month = int(first[:4]), int(first[5:7])
    return [f"{year}-{month + step:02d}" for step in range(3 if kind == "quarter" else 1)]


def _level(account: Account) -> int:
    return LEVELS.get(account.standing.state, 0) if account.standing else 0


def _levels_up_to(level: int, day: str) -> dict[str, str]:
    return {str(lower): day for lower in LEVELS.values() if lower <= level}


def memory_to_state(memory: IssueMemory) -> dict[str, Any]:
    """Return the memory as values for the JSON state of an issue."""
    return asdict(memory)


def memory_from_state(state: Mapping[str, Any]) -> IssueMemory | None:
    """Read the memory from the state of an issue; None without a memory, and if a person made it invalid."""
    window, level = state.get("window"), state.get("level")
    told, overrides = state.get("told"), state.get("overrides")
    if not (isinstance(window, str) and isinstance(level, int) and isinstance(told, dict)):
        return None
    if window.startswith(_CALENDAR) and not _CALENDAR_WINDOW.fullmatch(window):
        return None
    if not (isinstance(overrides, list) and all(isinstance(value, str) for value in (*overrides, *told.values()))):
        return None
    return IssueMemory(window, level, told, tuple(overrides))

"""What has changed with a holder since its issue was last written, and is worth a comment; and what is remembered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.records.ledger_records import Override

THRESHOLDS = (50, 75, 90, 100)
"""Per cent of a budget. Of those that are reached at once, only the highest is told."""
_CALENDAR = ("month", "quarter")
_CALENDAR_WINDOW = re.compile(r"(month|quarter) \d{4}-(0[1-9]|1[0-2])-01", re.ASCII)
_MOST_OVERRIDES = 50


@dataclass(frozen=True, slots=True)
class IssueMemory:
    """What an issue remembers. ``level`` is the highest threshold that was reached when it was last written.

    ``told`` holds the day on which each threshold, or ``recovered``, was told in this window; each is told once.
    """

    window: str = ""
    level: int = 0
    told: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StateChange:
    """A change of state. ``key`` is the same whenever it is found again; ``window`` is the one that has closed."""

    kind: Literal["closed", "crossed", "recovered", "override"]
    key: str
    threshold: int = 0
    window: str = ""
    override: Override | None = None


def find_changes(account: Account, before: IssueMemory | None, day: str) -> tuple[tuple[StateChange, ...], IssueMemory]:
    """Return what is to be told on a day, and what to remember then; nothing is told where nothing is remembered."""
    window, level = window_name(account), _highest_threshold(account)
    overrides = tuple(one.id for one in account.overrides)
    if before is None:
        return (), IssueMemory(window, level, _thresholds_up_to(level, day), overrides)
    found, told, last = _compare_windows(account, before, window)
    if account.standing and account.standing.unmeasured and last is not None:
        level = last  # what nobody knows is no change
    if last is None:
        told = _thresholds_up_to(level, day)
    elif last < level and str(level) not in told:
        found = (*found, StateChange("crossed", f"{window}:{level}", level))
        told = {**_thresholds_up_to(level, day), **told}
    elif level < 100 <= last and "recovered" not in told:
        found = (*found, StateChange("recovered", f"{window}:recovered"))
        told = {**told, "recovered": day}
    new = [one for one in account.overrides if one.id not in before.overrides]
    found = (*found, *(StateChange("override", f"override:{one.id}", override=one) for one in new))
    seen = tuple(dict.fromkeys((*before.overrides, *overrides)))[-_MOST_OVERRIDES:]
    return found, IssueMemory(window, level, told, seen)


def _compare_windows(
    account: Account, before: IssueMemory, window: str
) -> tuple[tuple[StateChange, ...], Mapping[str, str], int | None]:
    """Return what a new window brings, what was told in this one, and the level before; None if they do not compare."""
    if before.window == window:
        since = window_start(account)
        return (), {what: day for what, day in before.told.items() if day >= since}, before.level
    kind = window.partition(" ")[0]
    if kind in _CALENDAR and kind == before.window.partition(" ")[0]:
        return (StateChange("closed", f"{before.window}:closed", window=before.window),), {}, 0
    return (), {}, None


def window_name(account: Account) -> str:
    """Name a holder's window: a calendar's with its first day, ``month 2026-11-01``; empty without a budget."""
    if account.standing is None:
        return ""
    text = account.standing.window
    return f"{text} {account.window_days[0]}" if text in _CALENDAR else text


def window_start(account: Account) -> str:
    """Return the day from which on what was told is of this window.

    Empty for a calendar's, which names itself in what is told: it may begin a day before or after that day in UTC.
    """
    return "" if account.standing is None or account.standing.window in _CALENDAR else account.window_days[0]


def months_in_window(window: str) -> list[str]:
    """Return the months of a calendar window: of ``quarter 2026-04-01`` from ``2026-04`` to ``2026-06``."""
    kind, _, first = window.partition(" ")
    year, month = int(first[:4]), int(first[5:7])
    return [f"{year}-{month + step:02d}" for step in range(3 if kind == "quarter" else 1)]


def _highest_threshold(account: Account) -> int:
    used = account.standing.used if account.standing else 0.0
    return max((limit for limit in THRESHOLDS if used >= limit / 100), default=0)


def _thresholds_up_to(level: int, day: str) -> dict[str, str]:
    return {str(limit): day for limit in THRESHOLDS if limit <= level}


def memory_to_state(memory: IssueMemory) -> dict[str, Any]:
    """Return it as JSON values."""
    return asdict(memory)


def memory_from_state(state: Mapping[str, Any]) -> IssueMemory | None:
    """Read what an issue remembers; None where it does not, or somebody has changed it into something else."""
    window, level = state.get("window"), state.get("level")
    told, overrides = state.get("told"), state.get("overrides")
    if not (isinstance(window, str) and isinstance(level, int) and isinstance(told, dict)):
        return None
    if window.startswith(_CALENDAR) and not _CALENDAR_WINDOW.fullmatch(window):
        return None
    if not (isinstance(overrides, list) and all(isinstance(one, str) for one in (*overrides, *told.values()))):
        return None
    return IssueMemory(window, level, told, tuple(overrides))

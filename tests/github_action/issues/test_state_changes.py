"""Changes of state: the highest new threshold, each once in a window, however a budget moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_action.issues.state_changes import LEVELS, IssueMemory, find_changes, memory_from_state, memory_to_state
from pytest_carbon.core.budget.budget_status import StatusState
from tests.github_action.issues.samples import OVERRIDE, account

DAYS = [f"2026-06-{day:02d}" for day in range(1, 31)]


def _told(*used: float, window: str = "month") -> list[str]:
    """Return the reported changes of one update a day."""
    memory, keys = None, []
    for day, part in zip(DAYS, used, strict=False):
        changes, memory = find_changes(account(used=part, window=window), memory, day)
        keys.append(" ".join(change.key.rpartition(":")[2] for change in changes))
    return keys


@pytest.mark.parametrize(
    ("used", "told"),
    [
        ([0.1, 0.49, 0.5], ["", "", ""]),
        ([0.1, 0.2, 0.3], ["", "", ""]),
        ([0.8, 0.8], ["", ""]),
        ([0.1, 0.95, 0.96], ["", "90", ""]),
        ([0.1, 2.0], ["", "100"]),
        ([0.7, 0.76, 0.74, 0.76, 0.74, 0.9], ["", "75", "", "", "", "90"]),
        ([0.9, 1.0, 0.99, 1.01, 0.98], ["", "100", "recovered", "", ""]),
        ([1.2, 0.8], ["", "recovered"]),
        ([0.4, 0.76, 0.4, 0.6], ["", "75", "", ""]),
    ],
)
@pytest.mark.parametrize("window", ["month", "28d"])
def test_thresholds(used: list[float], told: list[str], window: str) -> None:
    """Only the highest threshold crossed upwards is reported; a recovery from 100 % is reported once."""
    assert _told(*used, window=window) == told


@given(used=st.lists(st.sampled_from([0.0, 0.4, 0.5, 0.6, 0.75, 0.8, 0.9, 0.99, 1.0, 1.5]), max_size=20))
@settings(max_examples=200, deadline=None)
def test_nothing_is_reported_twice_in_a_window(used: Sequence[float]) -> None:
    """Each threshold and the recovery are reported at most once, and 100 % is never missed."""
    keys = [key for key in _told(*used) if key]
    assert len(keys) == len(set(keys))
    first = next((n for n, part in enumerate(used) if part >= 1), None)
    if first:
        assert "100" in keys


@pytest.mark.parametrize(
    ("used", "state", "reported"),
    [
        (0.86, "ok", []),
        (0.97, "watch", []),
        (0.3, "at risk", ["75"]),
        (0.6, "critical", ["90"]),
        (1.0, "exhausted", ["100"]),
    ],
)
def test_mails_follow_the_state_not_the_share(used: float, state: StatusState, reported: list[str]) -> None:
    """A budget that is used much and slowly gives no mail; one that is used fast gives one early."""
    _, memory = find_changes(account(used=0.1), None, "2026-06-10")
    later = account(used=used)
    assert later.standing is not None
    later = replace(later, standing=replace(later.standing, state=state))
    changes, _ = find_changes(later, memory, "2026-06-11")
    assert [change.key.rpartition(":")[2] for change in changes] == reported


def test_unknown_use_is_no_recovery() -> None:
    """If only runs without a known use are left in the window, the state has not changed."""
    over = account(used=1.2, window="28d")
    assert over.standing is not None
    _, memory = find_changes(over, None, "2026-06-10")
    silent = replace(over, standing=replace(over.standing, used=0.0, runs=0, unknown_runs=3, state="unknown"))
    assert find_changes(silent, memory, "2026-06-11") == ((), memory)
    assert [change.key for change in find_changes(account(used=0.1, window="28d"), memory, "2026-06-12")[0]] == [
        "28d:recovered"
    ]


def test_new_month() -> None:
    """The last month is reported as closed, and thresholds may be reported again."""
    _, memory = find_changes(account(used=0.95), None, "2026-06-30")
    july = account(used=0.8, first="2026-07-01")
    changes, memory = find_changes(july, memory, "2026-07-01")
    assert [change.key for change in changes] == ["month 2026-06-01:closed", "month 2026-07-01:75"]
    assert find_changes(july, memory, "2026-07-02")[0] == ()


def test_rolling_window_reports_again_after_its_length() -> None:
    """A threshold may be reported again after its last report has left the window."""
    low, high = (account(used=used, window="28d", first="2026-05-20") for used in (0.4, 0.8))
    _, memory = find_changes(low, None, "2026-06-16")
    reported = []
    for day, one in (("2026-06-17", high), ("2026-06-18", low), ("2026-06-19", high)):
        changes, memory = find_changes(one, memory, day)
        reported += [change.key for change in changes]
    later = [account(used=used, window="28d", first="2026-06-18") for used in (0.4, 0.8)]
    for day, one in zip(("2026-07-15", "2026-07-16"), later, strict=True):
        changes, memory = find_changes(one, memory, day)
        reported += [change.key for change in changes]
    assert reported == ["28d:75", "28d:75"]


@pytest.mark.parametrize("before", ["28d", "quarter", ""])
def test_another_window_in_the_policy(before: str) -> None:
    """A budget whose kind of window changed is not compared with its last state."""
    _, memory = find_changes(account(used=0.1, window=before), None, "2026-06-01")
    changes, after = find_changes(account(used=0.95), memory, "2026-06-02")
    assert changes == ()
    assert after.level == 90


def test_override_is_reported_once() -> None:
    """A new override is reported, also without a budget window, and not again after it was out of sight."""
    with_it, without = account(overrides=(OVERRIDE,)), account()
    _, memory = find_changes(without, None, "2026-06-01")
    reported = []
    for day, one in zip(DAYS, (with_it, with_it, without, with_it), strict=False):
        changes, memory = find_changes(one, memory, day)
        reported.append([change.key for change in changes])
    assert reported == [[f"override:{OVERRIDE.id}"], [], [], []]


def test_memory_comes_back_from_the_issue() -> None:
    """The memory is the same after it was written to the state and read again."""
    _, memory = find_changes(account(used=0.8, overrides=(OVERRIDE,)), None, "2026-06-01")
    assert memory == IssueMemory("month 2026-06-01", 75, {"75": "2026-06-01"}, (OVERRIDE.id,))
    state = memory_to_state(memory)
    assert memory_from_state({**state, "overrides": list(state["overrides"])}) == memory


@pytest.mark.parametrize(
    "change",
    [
        {"window": 5},
        {"window": "month x"},
        {"window": "quarter 2026-13-01"},
        {"level": "x"},
        {"told": []},
        {"told": {"50": 1}},
        {"overrides": [1]},
        {"overrides": "x"},
        {"level": None},
    ],
)
def test_invalid_memory(change: dict[str, object]) -> None:
    """A state that a person made invalid counts as no memory, and nothing fails."""
    good = {"window": "month 2026-06-01", "level": 50, "told": {"50": "2026-06-01"}, "overrides": []}
    assert memory_from_state(good) is not None
    assert memory_from_state({**good, **change}) is None
    assert tuple(LEVELS.values()) == (75, 90, 100)

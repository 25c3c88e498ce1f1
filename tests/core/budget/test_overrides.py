"""Overrides: refused with a reason, in force for a time, and debt afterwards."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.overrides import (
    MOST_OVERRIDES,
    AcceptedOverrides,
    accept_overrides,
    debt,
    override_in_force,
    refusal_reason,
    why_no_override,
)
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.quantities import Quantity, parse_quantity
from pytest_carbon.core.records.ledger_records import Override

LAW = settings(max_examples=150, deadline=None)
GRANTED = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOUND = Override(
    "o-1", "checkout", "2026-11-20T12:00:00Z", "2026-11-27T12:00:00Z", "a fix that cannot wait", "ann", "@Bob",
    10.0, "mass",
)  # fmt: skip
ROLLING = parse_window("28d")
CHECKOUT = Budget("checkout", None, "fail", parse_quantity("120 g"))
MONTH = replace(CHECKOUT, window=parse_window("month", "Europe/Berlin"))
TEAM = replace(CHECKOUT, feature=None, team="shop", children=("checkout", "search"))


def _refusal(approvers: tuple[str, ...] = (), debts: float = 0.0, limit: float = 100.0, **changes: Any) -> str | None:
    return refusal_reason(replace(SOUND, **changes), Quantity(limit, "mass", f"{limit} g"), approvers, debts)


@pytest.mark.parametrize("approvers", [(), ("bob",), ("ann", "@BOB"), (" @bob ",)])
def test_sound_override_is_accepted(approvers: tuple[str, ...]) -> None:
    """Seven days and a tenth of the limit, approved by an approver, is the most that is accepted."""
    assert _refusal(approvers) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reason": ""}, "gives no reason; say why it cannot wait"),
        ({"reason": " \n\t"}, "gives no reason; say why it cannot wait"),
        ({"author": ""}, "names no author; say who asks for it"),
        ({"approver": " "}, "names no approver; ask somebody to approve it"),
        ({"approver": "@"}, "names no approver; ask somebody to approve it"),
        ({"approver": "ann"}, "was approved by ann, who asked for it; ask somebody else to approve it"),
        ({"approver": "@ANN "}, "was approved by @ANN , who asked for it; ask somebody else to approve it"),
        ({"approver": "eve"}, "was approved by eve, who is not an approver; ask one of bob, @carol"),
        ({"expires": "soon"}, "has a time that cannot be read: 'soon' is not a time"),
        ({"expires": "2026-11-21T12:00:00"}, "has a time that cannot be read: '2026-11-21T12:00:00' has no time zone"),
        ({"expires": "2026-11-20T12:00:00Z"}, "expires at 2026-11-20T12:00:00Z, not after its grant"),
        ({"expires": "2026-11-20T12:30:00+01:00"}, "expires at 2026-11-20T12:30:00+01:00, not after its grant"),
        ({"expires": "2026-11-27T12:00:01Z"}, "expires at 2026-11-27T12:00:01Z, more than 7 days after its grant"),
        ({"amount": 0.0}, "is for an amount of 0.0; it must be more than zero and finite"),
        ({"amount": -1.0}, "is for an amount of -1.0; it must be"),
        ({"amount": math.nan}, "is for an amount of nan; it must be"),
        ({"amount": math.inf}, "is for an amount of inf; it must be"),
        ({"kind": "energy"}, "is in joules and the limit in grams of CO2e; give its amount in the limit's unit"),
        ({"amount": 10.01}, "is for 10.01 g, and 10 g is left of the 10 g that overrides may take (10 % of the limit)"),
        ({"amount": 7.0, "debts": 4.0}, "is for 7 g, and 6 g is left of the 10 g that overrides may take"),
        ({"amount": 1.0, "debts": 25.0}, "is for 1 g, and 0 g is left of the 10 g that overrides may take"),
    ],
)
def test_invalid_override_is_refused(changes: dict[str, Any], why: str) -> None:
    """The reason names the override, what is wrong with it and the next step."""
    reason = _refusal(("bob", "@carol") if changes.get("approver") == "eve" else (), **changes)
    assert reason is not None
    assert reason.startswith(f"override o-1 of checkout {why}")


def test_without_a_window_nothing_is_borrowed() -> None:
    """Without a limit the amount does not matter; author, approver and duration still do."""
    assert refusal_reason(replace(SOUND, amount=1e9), None, (), 0.0) is None
    reason = refusal_reason(replace(SOUND, approver="ann"), None, (), 0.0)
    assert reason is not None
    assert "who asked for it" in reason


@LAW
@given(st.floats(1e-3, 1e9), st.floats(0, 0.1), st.floats(0, 0.2))
def test_overrides_never_borrow_more_than_a_tenth(limit: float, owed: float, asked: float) -> None:
    """An amount is accepted if it and the debts are at most a tenth of the limit, but for the last digits."""
    accepted = _refusal(debts=owed * limit, limit=limit, amount=asked * limit or 1e-12) is None
    if abs(owed + asked - 0.1) > 1e-8:
        assert accepted == (owed + asked < 0.1)


def test_amount_rounded_up_by_a_ledger_is_accepted() -> None:
    """A ledger keeps nine digits, so an amount of exactly a tenth may be slightly larger in it."""
    assert _refusal(limit=20 / 3, amount=0.666666667) is None
    assert _refusal(limit=20 / 3, amount=0.66666667) is not None


@pytest.mark.parametrize(
    ("at", "feature", "commit", "holds"),
    [
        (GRANTED - timedelta(microseconds=1), "checkout", None, False),
        (GRANTED, "checkout", None, True),
        (GRANTED.astimezone(ZoneInfo("Asia/Kathmandu")), "checkout", None, True),
        (GRANTED, "search", None, False),
        (GRANTED, "checkout", "abc", True),
        (GRANTED + timedelta(days=7, microseconds=-1), "checkout", None, True),
        (GRANTED + timedelta(days=7), "checkout", None, False),
    ],
)
def test_override_is_in_force_from_grant_to_expiry(at: datetime, feature: str, commit: str | None, holds: bool) -> None:
    """An override is in force for its feature, from its grant up to its expiry, for every commit if it names none."""
    assert override_in_force([SOUND], feature, at, commit) == (SOUND if holds else None)


@pytest.mark.parametrize(("commit", "holds"), [("abc", True), ("abcd", False), ("", False), (None, False)])
def test_override_of_a_commit_is_in_force_for_that_commit_only(commit: str | None, holds: bool) -> None:
    """A push after the approval needs another approval."""
    bound = replace(SOUND, commit="abc")
    assert override_in_force([bound], "checkout", GRANTED, commit) == (bound if holds else None)


def test_override_that_expires_last_is_returned() -> None:
    """Of several overrides in force, the one that expires last is returned, in whatever order they come."""
    others = [
        replace(SOUND, id="o-0"),
        SOUND,
        replace(SOUND, id="o-9", expires="2026-11-21T12:00:00Z"),
        replace(SOUND, id="o-8", expires="2026-11-27T12:30:00+01:00"),
    ]
    assert (
        override_in_force(others, "checkout", GRANTED) == override_in_force(others[::-1], "checkout", GRANTED) == SOUND
    )


@pytest.mark.parametrize(
    ("window", "now", "owed"),
    [
        ("28d", "2026-11-20T12:00:00Z", 0.0),
        ("28d", "2026-11-20T12:00:00.000001Z", 10.0),
        ("28d", "2026-12-18T12:00:00Z", 10.0),
        ("28d", "2026-12-18T12:00:00.000001Z", 0.0),
        ("month", "2026-11-30T23:59:59Z", 0.0),
        ("month", "2026-12-01T00:00:00Z", 10.0),
        ("month", "2026-12-31T23:59:59Z", 10.0),
        ("month", "2027-01-01T00:00:00Z", 0.0),
        ("quarter", "2026-12-31T23:59:59Z", 0.0),
        ("quarter", "2027-03-31T23:59:59Z", 10.0),
        ("quarter", "2027-04-01T00:00:00Z", 0.0),
    ],
)
def test_override_is_debt_in_the_next_window(window: str, now: str, owed: float) -> None:
    """The debt is on the next month or quarter, and on a rolling window for its length after the grant."""
    result = debt(
        [SOUND, replace(SOUND, feature="search")], "checkout", parse_window(window), datetime.fromisoformat(now)
    )
    assert result == owed


def test_debts_add_up() -> None:
    """The debts of all accepted overrides of the feature add up; without overrides the debt is 0."""
    overrides = [replace(SOUND, id=f"o-{index}", amount=0.1) for index in range(10)]
    now = GRANTED + timedelta(days=1)
    assert debt(overrides, "checkout", ROLLING, now) == 1.0
    assert debt([], "checkout", ROLLING, now) == 0.0


@LAW
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["month", "quarter"]),
    st.sampled_from(["UTC", "America/New_York", "Pacific/Chatham"]),
)
def test_calendar_debt_counts_in_exactly_one_window(granted: datetime, period: str, zone: str) -> None:
    """The debt is in the window after the window of the grant, and in no other."""
    window = parse_window(period, zone)
    override = replace(SOUND, granted=granted.isoformat())
    now, owed = granted, []
    for _ in range(4):
        owed.append(debt([override], "checkout", window, now))
        now = window.bounds(now)[1]
    assert owed == [0.0, 10.0, 0.0, 0.0]


def test_invalid_times_raise_errors() -> None:
    """A moment without a time zone raises ValueError, a grant that is not a time LedgerError."""
    with pytest.raises(ValueError, match="has no time zone"):
        override_in_force([SOUND], "checkout", datetime(2026, 11, 21))
    with pytest.raises(LedgerError, match="'yesterday' is not a time"):
        debt([replace(SOUND, granted="yesterday")], "checkout", ROLLING, GRANTED)


# -- which overrides a budget accepts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reason": " "}, "gives no reason"),
        ({"approver": "ann"}, "ask somebody else"),
        ({"approver": "eve"}, "who is not an approver"),
        ({"amount": 12.5}, "12 g is left of the 12 g"),
        ({"kind": "energy"}, "give its amount in the limit's unit"),
        ({"expires": "2026-03-27T12:00:00Z"}, "more than 7 days after its grant"),
        ({"expires": "2026-03-19T11:00:00Z"}, "not after its grant"),
    ],
)
def test_refused_override_is_not_accepted(bench: Any, changes: dict[str, Any], why: str) -> None:
    """A refused override is not accepted, and its refusal gives the reason."""
    result = accept_overrides(replace(CHECKOUT, approvers=("bob",)), [bench.override(**changes)])
    assert result.overrides == ()
    (refusal,) = result.refusals
    assert refusal.startswith("override o-1 of checkout ")
    assert why in refusal


def test_overrides_are_accepted_in_the_order_of_their_grant(bench: Any) -> None:
    """Overrides together may take a tenth of the limit; a later grant gets what is left, in any order."""
    first = bench.override(id="o-9", granted="2026-03-18T12:00:00Z", expires="2026-03-25T12:00:00Z")
    second, third = bench.override(id="o-1", amount=2.0), bench.override(id="o-2", amount=1.0)
    for overrides in ([first, second, third], [third, second, first]):
        result = accept_overrides(CHECKOUT, overrides)
        assert result.overrides == (first, second)
        assert [refusal.split(" is for")[0] for refusal in result.refusals] == ["override o-2 of checkout"]


def test_overrides_of_one_month_share_its_cap(bench: Any) -> None:
    """The overrides of one calendar window share its cap; overrides of the window before do not count."""
    before = bench.override(id="o-0", granted="2026-02-27T00:00:00Z", expires="2026-02-28T00:00:00Z")
    one, other = bench.override(id="o-1"), bench.override(id="o-2", amount=3.0)
    assert accept_overrides(MONTH, [before, one, other]).overrides == (before, one)


def test_override_of_another_repository_is_debt(bench: Any) -> None:
    """An override given elsewhere needs no approver from here, and its refusal is not reported here."""
    guarded = replace(CHECKOUT, approvers=("@carol",))
    elsewhere = bench.override(approver="bob", elsewhere=True)
    assert accept_overrides(guarded, [elsewhere]) == AcceptedOverrides((elsewhere,), ())
    assert accept_overrides(guarded, [replace(elsewhere, elsewhere=False)]).overrides == ()
    assert accept_overrides(guarded, [replace(elsewhere, reason="")]) == AcceptedOverrides((), ())


def test_override_of_another_holder_is_ignored(bench: Any) -> None:
    """Only overrides that name the holder are accepted or refused."""
    result = accept_overrides(CHECKOUT, [bench.override(feature="search", reason="")])
    assert (result.overrides, result.refusals) == ((), ())
    assert accept_overrides(TEAM, [bench.override(feature="shop")]).overrides != ()


def test_only_so_many_overrides_count() -> None:
    """Thousands of tiny overrides take no long time; those after the first thousand are refused."""
    many = [replace(SOUND, id=f"o-{number:05}", amount=1e-6) for number in range(3000)]
    result = accept_overrides(CHECKOUT, many)
    assert len(result.overrides) == MOST_OVERRIDES
    assert result.refusals[0].endswith("comes after 1,000 others, as many as count")


NAMELESS = "the override of @Bob names no pull request, so it excuses only a limit over a window: grant one with --pr N"
OF_ANOTHER = "the override of @Bob is for pull request 7: give check --pr 7 for it"


@pytest.mark.parametrize(
    ("changes", "pr", "why"),
    [
        ({}, None, NAMELESS),
        ({}, 7, NAMELESS),
        ({"pr": 7}, None, OF_ANOTHER),
        ({"pr": 7}, 8, ""),
        ({"feature": "search"}, None, ""),
        ({"commit": "b" * 40}, None, ""),
        ({"expires": "2026-11-20T13:00:00Z"}, None, ""),
    ],
)
def test_an_override_that_excuses_no_other_limit_says_why(changes: dict[str, Any], pr: int | None, why: str) -> None:
    """It, or the run, names no pull request; what is not in force, or of another pull request, is not told."""
    now = GRANTED + timedelta(days=1)
    said = why_no_override([replace(SOUND, **changes)], "checkout", now, "a" * 40, pr=pr)
    assert said.startswith(why) if why else said == ""

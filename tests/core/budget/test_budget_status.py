"""Where a budget stands: spends, debt, what a pull request costs, and why it changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget, holder_name
from pytest_carbon.core.budget.budget_status import BudgetStatus, budget_status, fits
from pytest_carbon.core.budget.change_cost import expected_runs, recurring_cost
from pytest_carbon.core.budget.overrides import AcceptedOverrides, accept_overrides
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.quantities import parse_quantity

LAW = settings(max_examples=60, deadline=None)
LIMIT = parse_quantity("120 g")
CHECKOUT = Budget("checkout", None, "fail", LIMIT)
MONTH = replace(CHECKOUT, window=parse_window("month", "Europe/Berlin"))
TEAM = replace(CHECKOUT, feature=None, team="shop", children=("checkout", "search"))
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None, "embodied_g": None}
DAY = timedelta(days=1)


def _stand(bench: Any, runs: Any, budget: Budget = CHECKOUT, **options: Any) -> BudgetStatus:
    overrides, pr, own = options.get("overrides", ()), options.get("pr"), options.get("own")
    found = budget_status(budget, runs, overrides, bench.now, options.get("g_per_kwh", 400.0), pr, own)
    assert found is not None
    return found


def test_names_of_holders() -> None:
    """A holder is called as an override names it."""
    names = [holder_name(budget) for budget in (CHECKOUT, TEAM, replace(CHECKOUT, feature=None))]
    assert names == ["checkout", "shop", "repository"]


def test_no_limit_no_window(bench: Any) -> None:
    """A budget with no limit for a window stands nowhere."""
    assert budget_status(replace(CHECKOUT, limit=None), bench.spent(10), (), bench.now, 400.0, None, None) is None


def test_consumed_is_what_the_window_holds(bench: Any) -> None:
    """Runs before the window, after now and of others are nothing to it; the unknown are counted apart."""
    runs = [
        bench.entry(1),
        bench.entry(2, ago=28 * DAY),
        bench.entry(3, ago=28 * DAY - timedelta(seconds=1)),
        bench.entry(4, ago=-timedelta(seconds=1)),
        bench.entry(5, shares={"search": 1.0}),
        bench.entry(6, **UNKNOWN),
        bench.entry(7, ago=30 * DAY, **UNKNOWN),
    ]
    found = _stand(bench, runs)
    assert (found.consumed, found.remaining, found.runs, found.unknown_runs) == (2.0, 118.0, 2, 1)
    assert (found.limit, found.debt, found.kind, found.window) == (120.0, 0.0, "mass", "28d")


def test_state_of_a_window_of_which_nobody_told(bench: Any) -> None:
    """Runs that did not tell what they used are not a budget that is well; one that did gives it a state."""
    silent = [bench.entry(1, **UNKNOWN), bench.entry(2, **UNKNOWN)]
    found = _stand(bench, silent)
    assert (found.state, found.unmeasured, found.unknown_runs) == ("unknown", True, 2)
    found = _stand(bench, silent, overrides=(bench.override(amount=200.0),))
    assert (found.limit, found.state, found.unmeasured) == (0.0, "exhausted", False)
    for runs in ([], [*silent, bench.entry(3)]):
        found = _stand(bench, runs)
        assert (found.state, found.unmeasured) == ("ok", False)


def test_month_starts_where_its_clock_says(bench: Any) -> None:
    """The first instant of March in Berlin is an hour before that in UTC."""
    start = bench.now - parse_window("month", "Europe/Berlin").bounds(bench.now)[0]
    runs = [bench.entry(1, ago=start), bench.entry(2, ago=start + timedelta(seconds=1))]
    assert _stand(bench, runs, MONTH, own="run-1").sunk == _stand(bench, runs, MONTH).consumed == 1.0


def test_intensity_of_the_budget_wins(bench: Any) -> None:
    """A budget's own g-per-kwh counts before that of the policy's zone."""
    assert _stand(bench, [bench.entry()], replace(CHECKOUT, g_per_kwh=200.0)).consumed == 0.5
    assert _stand(bench, [bench.entry()], replace(CHECKOUT, g_per_kwh=200.0), g_per_kwh=None).consumed == 0.5


@pytest.mark.parametrize(
    ("pr", "own", "sunk"), [(None, "run-3", 1.0), (7, "run-9", 2.0), (7, "run-3", 3.0), (None, None, 0.0)]
)
def test_sunk_is_what_a_change_has_used(bench: Any, pr: int | None, own: str | None, sunk: float) -> None:
    """All runs of its pull request and this one, also where it does not say its number, are what a change has cost."""
    runs = [bench.entry(1, pr=7), bench.entry(2, pr=7), bench.entry(3), bench.entry(4, pr=8)]
    assert _stand(bench, runs, pr=pr, own=own).sunk == sunk


def test_sunk_is_part_of_what_is_consumed(bench: Any) -> None:
    """A run on the edge of the window is in neither."""
    runs = [bench.entry(1, pr=7, ago=28 * DAY), bench.entry(2, pr=7)]
    found = _stand(bench, runs, pr=7)
    assert found.sunk == found.consumed == 1.0


def test_debt_is_off_the_limit(bench: Any) -> None:
    """What overrides took weighs on the windows after their grant."""
    found = _stand(bench, bench.spent(30), overrides=(bench.override(),))
    assert (found.limit, found.debt, found.used) == (110.0, 10.0, pytest.approx(30 / 110))
    month = _stand(bench, bench.spent(30), MONTH, overrides=(bench.override(),))
    assert (month.limit, month.debt) == (120.0, 0.0)
    earlier = bench.override(granted="2026-02-10T00:00:00Z", expires="2026-02-12T00:00:00Z")
    assert _stand(bench, [], MONTH, overrides=(earlier,)).limit == 110.0


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
def test_override_that_may_not_be_is_refused(bench: Any, changes: dict[str, Any], why: str) -> None:
    """A refused override is no debt, and it is said why."""
    found = accept_overrides(replace(CHECKOUT, approvers=("bob",)), [bench.override(**changes)])
    assert found.overrides == ()
    (refusal,) = found.refusals
    assert refusal.startswith("override o-1 of checkout ")
    assert why in refusal


def test_overrides_are_accepted_in_the_order_of_their_grant(bench: Any) -> None:
    """Together they may take a tenth of the limit; who comes later gets what is left, whatever the order told."""
    first = bench.override(id="o-9", granted="2026-03-18T12:00:00Z", expires="2026-03-25T12:00:00Z")
    second, third = bench.override(id="o-1", amount=2.0), bench.override(id="o-2", amount=1.0)
    for overrides in ([first, second, third], [third, second, first]):
        found = accept_overrides(CHECKOUT, overrides)
        assert found.overrides == (first, second)
        assert [refusal.split(" is for")[0] for refusal in found.refusals] == ["override o-2 of checkout"]


def test_overrides_of_one_month_share_its_cap(bench: Any) -> None:
    """By calendar the debts of one window add up, and those of the one before are their own."""
    before = bench.override(id="o-0", granted="2026-02-27T00:00:00Z", expires="2026-02-28T00:00:00Z")
    one, other = bench.override(id="o-1"), bench.override(id="o-2", amount=3.0)
    assert accept_overrides(MONTH, [before, one, other]).overrides == (before, one)


def test_override_of_another_repository_is_debt(bench: Any) -> None:
    """Whoever approved it there, and nobody here is told why one was refused."""
    guarded = replace(CHECKOUT, approvers=("@carol",))
    theirs = bench.override(approver="bob", elsewhere=True)
    assert accept_overrides(guarded, [theirs]) == AcceptedOverrides((theirs,), ())
    assert accept_overrides(guarded, [replace(theirs, elsewhere=False)]).overrides == ()
    assert accept_overrides(guarded, [replace(theirs, reason="")]) == AcceptedOverrides((), ())


def test_override_of_another_is_nothing_to_it(bench: Any) -> None:
    """Only overrides that name the holder are looked at, and refused."""
    found = accept_overrides(CHECKOUT, [bench.override(feature="search", reason="")])
    assert (found.overrides, found.refusals) == ((), ())
    assert accept_overrides(TEAM, [bench.override(feature="shop")]).overrides != ()


@pytest.mark.parametrize(
    ("ages_h", "expected"),
    [
        ((), None),
        ((1, 2, 3, 4), None),
        ((1, 2, 3, 4, 5), 140.0),
        ((1, 2, 3, 4, 240), 14.0),
        ((1, 2, 3, 4, 5, 24 * 28, 24 * 40), 6.0),
        ((-1, 1, 2, 3, 4), None),
    ],
)
def test_runs_of_a_window(bench: Any, ages_h: tuple[float, ...], expected: float | None) -> None:
    """What was seen, stretched to the window; fewer than five runs tell nothing."""
    runs = [bench.entry(n, ago=timedelta(hours=age)) for n, age in enumerate(ages_h)]
    assert expected_runs(runs, CHECKOUT, bench.now) == (None if expected is None else pytest.approx(expected))


def test_runs_of_other_repositories_are_not_ours(bench: Any) -> None:
    """A change of our tests costs nothing there: neither single runs nor those in a sum are counted."""
    ours = [bench.entry(n, ago=timedelta(hours=n)) for n in range(1, 6)]
    theirs = [replace(bench.entry(n, ago=timedelta(hours=24 * n)), elsewhere=1) for n in range(6, 20)]
    sums = [replace(bench.entry(99, ago=timedelta(days=14)), rolled="", runs=30, elsewhere=25)]
    assert expected_runs([*ours, *theirs], CHECKOUT, bench.now) == expected_runs(ours, CHECKOUT, bench.now) == 140.0
    assert expected_runs([*ours, *theirs, *sums], CHECKOUT, bench.now) == pytest.approx(10 * 28 / 14)


@pytest.mark.parametrize(
    ("limit", "counts", "changes", "expected"),
    [
        ("1 g", "work", {}, 40.0),
        ("1 g", "located", {"grid_g_per_kwh": 800.0, "operational_g": 2.0}, 80.0),
        ("1 g", "work", {"grid_g_per_kwh": 800.0, "operational_g": 2.0}, 40.0),
        ("1 g", "located", {"grid_assumed": True}, None),
        ("1 J", "work", {}, 4000.0),
        ("1 J", "work", UNKNOWN, None),
        ("1 g", "work", UNKNOWN, None),
        ("1 J ref", "work", {}, 2000.0),
        ("1 J ref", "work", {"reference_j": 0.0}, None),
    ],
)
def test_what_a_change_adds_in_a_window(
    bench: Any, limit: str, counts: Any, changes: dict[str, Any], expected: float | None
) -> None:
    """Twenty reference joules more in each of a hundred runs, in the unit of the limit."""
    budget = replace(CHECKOUT, limit=parse_quantity(limit), counts=counts)
    found = recurring_cost(budget, 20.0, bench.entry(**changes), 400.0, 100.0)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("consumed", "adds", "fitting"),
    [(0.0, None, True), (119.0, 1.0, True), (119.0, 1.01, False), (119.0, -5.0, True), (120.0, None, False),
     (120.0, -5.0, False), (0.0, 121.0, False)],
)  # fmt: skip
def test_what_is_used_and_added_must_fit(bench: Any, consumed: float, adds: float | None, fitting: bool) -> None:
    """A window that is used up has no room; one that is not has room for what is left."""
    assert fits(replace(_stand(bench, []), consumed=consumed, recurring=adds)) == fitting


@pytest.mark.parametrize(
    ("energy", "intensity", "cause"),
    [(3.0, 1.0, "more or less work"), (1.0, 3.0, "a cleaner or dirtier grid"), (1.0, 1.0, "")],
)
def test_cause_is_work_or_grid(bench: Any, energy: float, intensity: float, cause: str) -> None:
    """What changed most between this window and the last is named; nothing where nothing did."""
    before = bench.entry(1, ago=40 * DAY)
    after = bench.entry(2, energy_j=100.0 * energy, operational_g=energy * intensity)
    assert _stand(bench, [before, after]).cause == cause
    assert _stand(bench, [after]).cause == ""


@LAW
@given(
    st.lists(st.tuples(st.floats(0.1, 40.0), st.floats(0.0, 5.0)), min_size=1, max_size=25),
    st.floats(0.0, 1.0), st.floats(0.0, 30.0), st.sampled_from([CHECKOUT, MONTH]),
)  # fmt: skip
def test_spending_more_never_improves_a_budget(
    bench: Any, spends: list[tuple[float, float]], when: float, more: float, budget: Budget
) -> None:
    """One run more, not before the first, leaves a budget where it stood or worse."""
    states = ["ok", "watch", "at risk", "critical", "exhausted"]
    runs = [bench.entry(n, ago=age * DAY, operational_g=g) for n, (age, g) in enumerate(spends)]
    extra = bench.entry(99, ago=when * max(age for age, _ in spends) * DAY, operational_g=more)
    before, after = _stand(bench, runs, budget), _stand(bench, [*runs, extra], budget)
    assert states.index(after.state) >= states.index(before.state)
    assert after.consumed >= before.consumed

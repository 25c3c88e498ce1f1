"""The bridge from one month to the next, as steps and as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_carbon.core.accounts.text.bridge import MOST_STEPS, bridge_steps, change_table
from pytest_carbon.core.accounts.values.window_change import ChangeTerm
from tests.core.accounts.sample_accounts import CASES


def test_steps_lead_from_one_total_to_the_other(bench: Any) -> None:
    """Each step begins where the one before ended, and the last ends at the later month."""
    steps = bridge_steps(CASES["healthy"](bench)[0])
    assert [step.label for step in (steps[0], steps[-1])] == ["February, the same days", "March, so far"]
    reached = steps[0].emissions_g
    for step in steps[1:-1]:
        assert abs(step.start_g - reached) < 1e-9
        reached += step.emissions_g
    assert abs(reached - steps[-1].emissions_g) < 1e-9


def test_what_is_small_or_too_much_is_one_step(bench: Any) -> None:
    """At most six causes have a step of their own; a whole month has no other words beside it."""
    account = CASES["healthy"](bench)[0]
    assert account.change is not None
    terms = tuple(ChangeTerm("pull request", 9.0 - n, 0.1, True, 100 + n) for n in range(8))
    many = replace(account, change=replace(account.change, terms=terms, so_far=False))
    steps = bridge_steps(many)
    assert len(steps) == MOST_STEPS + 3
    assert [steps[0].label, steps[-2].label, steps[-1].label] == ["February", "All other causes", "March"]


def test_the_table_has_signs(bench: Any) -> None:
    """The totals have none, the causes have one; without a change there are no rows."""
    titles, rows = change_table(CASES["healthy"](bench)[0])
    assert titles == ("Why it changed", "CO2e")
    assert rows[:2] == [("February, the same days", "39 g"), ("Each run costs more since #993", "+3.3 g")]
    assert change_table(CASES["no data"](bench)[0])[1] == []

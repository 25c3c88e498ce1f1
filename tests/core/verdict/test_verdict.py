"""The verdict as a value: exit codes, the worst state, and its JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.verdict.verdict import WORST_FIRST, State, TestChange, to_json, worst_state
from tests.core.verdict.samples import CHECKOUT, GROWTH, VERDICT


@pytest.mark.parametrize(
    ("state", "on_warn", "on_fail"),
    [
        ("pass", 0, 0), ("warn", 0, 0), ("overridden", 0, 0), ("inconclusive", 0, 3), ("not-measured", 0, 3),
        ("fail", 1, 1), ("error", 1, 1),
    ],
)  # fmt: skip
def test_exit_code_follows_the_state_and_the_policy(state: State, on_warn: int, on_fail: int) -> None:
    """Only a failure always fails; "could not tell" fails if the policy says so; an advisory verdict never fails."""
    warns, fails = (replace(VERDICT, state=state, on_inconclusive=choice) for choice in ("warn", "fail"))
    assert (warns.exit_code, fails.exit_code) == (on_warn, on_fail)
    assert replace(fails, advisory="The merge queue decides.").exit_code == 0


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ([], "pass"), (["pass"], "pass"), (["pass", "warn"], "warn"), (["warn", "overridden"], "overridden"),
        (["overridden", "inconclusive"], "inconclusive"), (["inconclusive", "not-measured"], "not-measured"),
        (["fail", "not-measured", "pass"], "fail"), (["fail", "error"], "error"),
    ],
)  # fmt: skip
def test_whole_has_the_worst_state_of_its_parts(states: list[State], worst: State) -> None:
    """The order of the parts does not matter; no parts pass."""
    assert worst_state(states) == worst_state(states[::-1]) == worst
    assert worst in WORST_FIRST


@pytest.mark.parametrize(
    ("base_j", "head_j", "difference_j"), [(2.0, 3.0, 1.0), (None, 3.0, 3.0), (2.0, None, -2.0), (None, None, 0.0)]
)
def test_difference_counts_a_missing_side_as_nothing(
    base_j: float | None, head_j: float | None, difference_j: float
) -> None:
    """A new test adds all of its cost, a gone test takes all of it away."""
    assert TestChange("t", "same", base_j, head_j, None, None).difference_j == difference_j


@pytest.mark.parametrize(
    ("changes", "blind"),
    [
        ({}, True), ({"smallest": 0.1}, False), ({"smallest": 0.101}, True), ({"high": 0.05}, False),
        ({"allowed": None}, False), ({"allowed": 0.0, "smallest": 0.02, "high": 0.01}, True),
        ({"state": "cheaper"}, False), ({"state": "could not tell"}, False), ({"smallest": None}, False),
        ({"high": None}, False),
    ],
)  # fmt: skip
def test_no_change_is_blind_if_twice_the_allowed_growth_would_not_be_seen(changes: dict[str, Any], blind: bool) -> None:
    """Bounds that stay within what is allowed are an answer whatever would have been seen."""
    seen = replace(GROWTH, state="no change", allowed=0.05, low=-0.2, high=0.3, smallest=0.56)
    assert replace(seen, **changes).is_blind is blind


def test_json_has_the_totals_among_the_keys_of_the_growth() -> None:
    """The JSON format of a growth is flat, in a fixed order, and other programs rely on its keys."""
    growth = replace(GROWTH, totals=replace(GROWTH.totals, new_tests=2, new_j=0.5))
    (judged,) = to_json(replace(VERDICT, judged=(replace(CHECKOUT, growth=growth),)))["judged"]
    assert list(judged["growth"]) == [
        "state", "stage", "change", "low", "high", "smallest", "allowed", "coverage", "tests", "base_j", "head_j",
        "new_tests", "gone_tests", "changed_tests", "new_j", "gone_j", "changed_j", "per_run_j", "why",
    ]  # fmt: skip
    assert (judged["growth"]["new_tests"], judged["growth"]["new_j"]) == (2, 0.5)


def test_json_of_a_holder_without_growth_is_null() -> None:
    """A holder that was not compared has no growth; a verdict that did not look for drops has no devices."""
    values = to_json(VERDICT)
    assert values["judged"][0]["growth"] is None
    assert values["devices"] is None
    assert (values["schema"], values["exit_code"]) == ("pytest-carbon/verdict/1", 0)

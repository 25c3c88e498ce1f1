"""A run in few words: the headline, what it counts, the line of a quiet pytest, the next step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.model import BudgetResult, BudgetState, Row
from pytest_carbon.core.report import Totals
from pytest_carbon.reporters.run.headline import headline, parts_text, short_line, step_text
from tests.core.test_report_lines import REPORT, TOTALS

UNKNOWN = replace(TOTALS, energy_j=None, emissions_g=None)


def _result(state: BudgetState, feature: str | None = "pay") -> BudgetResult:
    return BudgetResult(feature, "1 J", 1.0, "energy", 2.0, state, "")


@pytest.mark.parametrize(
    ("totals", "duration_s", "expected"),
    [
        (TOTALS, 12.3, "100 J and 1 g CO2e (between 400 mg and 2.5 g) in 12 s"),
        (replace(TOTALS, emissions_g=1.2345), 1.26, "100 J and 1.23 g CO2e (between 400 mg and 2.5 g) in 1.3 s"),
        (TOTALS, 600.0, "100 J and 1 g CO2e (between 400 mg and 2.5 g) in 10 min"),
        (UNKNOWN, 9.0, "energy unknown; 50 J of reference energy in 9 s"),
    ],
)
def test_headline(totals: Totals, duration_s: float, expected: str) -> None:
    """The line has energy, grams with their range, and time; without energy it has reference energy."""
    report = replace(REPORT, totals=totals, run=replace(REPORT.run, duration_s=duration_s))
    assert headline(report) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("test", 60.0), ("idle", 39.0), ("tool", 1.0)], "tests 99 J, pytest-carbon 1 J"),
        ([("test", 60.0), ("background", 39.0), ("tool", 1.0)],
         "tests 60 J, pytest-carbon 1 J; other processes used 39 J more, which no budget counts"),
        ([("command", 98.0), ("tool", 2.0)], "the command 98 J, pytest-carbon 2 J"),
    ],
)  # fmt: skip
def test_the_headline_counts_the_runs_own_energy(rows: list[tuple[str, float]], expected: str) -> None:
    """What tests and pytest-carbon took is the headline; what others took is told apart, and all sum to the session."""
    report = replace(REPORT, rows=tuple(Row(kind, j, 1.0, 1.0, 0.0) for kind, j in rows))  # type: ignore[arg-type]
    assert parts_text(report) == expected
    own_j = 100.0 - sum(j for kind, j in rows if kind == "background")
    assert headline(report).startswith(f"{own_j:g} J and ")
    assert parts_text(replace(report, totals=UNKNOWN)) == ""


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((), "no limit"),
        (("pass", "pass"), "within limits per run"),
        (("pass", "warn"), "warning"),
        (("warn", "inconclusive"), "inconclusive"),
        (("inconclusive", "fail", "pass"), "fail"),
    ],
)
def test_a_quiet_pytest_gets_one_line(states: tuple[BudgetState, ...], expected: str) -> None:
    """Joules, grams, and the worst state of the limits per run."""
    report = replace(REPORT, budgets=tuple(map(_result, states)))
    assert short_line(report) == f"carbon: 100 J, 1 g CO2e, {expected}"
    unknown = replace(report, totals=UNKNOWN)
    assert short_line(unknown) == f"carbon: energy unknown; 50 J of reference energy; {expected}"


ROWS = (
    Row("test", 5.0, 1.0, 1.0, 1.0, "a", "call", feature="pay"),
    Row("test", 3.0, 1.0, 1.0, 1.0, "b", "setup", feature="pay"),
    Row("test", 3.0, 1.0, 1.0, 1.0, "b", "call", feature="pay"),
    Row("test", 9.0, 1.0, 1.0, 1.0, "c", "call"),
)


@pytest.mark.parametrize(
    ("feature", "step"),
    [
        ("pay", "feature pay is over its limit; begin with b, which took most: 6 J"),
        ("unattributed", "feature unattributed is over its limit; begin with c, which took most: 9 J"),
        (None, "this run is over its limit; begin with c, which took most: 9 J"),
        ("find", ""),
    ],
)
def test_over_a_limit_the_costliest_test_is_named(feature: str | None, step: str) -> None:
    """It is the costliest test of the holder of the limit, with its setup."""
    report = replace(REPORT, rows=ROWS, budgets=(_result("pass"), _result("warn", feature)))
    assert step_text(report, has_policy=True, has_ledger=False) == step


@pytest.mark.parametrize(
    ("has_policy", "has_ledger", "step"),
    [
        (False, False, "to begin a policy: pytest-carbon init"),
        (False, True, "to begin a policy: pytest-carbon init"),
        (True, False, "to keep this run: pytest-carbon ledger append"),
        (True, True, "to judge this run: pytest-carbon check"),
    ],
)
def test_one_next_step_fits(has_policy: bool, has_ledger: bool, step: str) -> None:
    """A policy comes first, then a ledger, then the verdict, unless a gate judges the run."""
    report = replace(REPORT, rows=ROWS, budgets=(_result("pass"), _result("inconclusive")))
    assert step_text(report, has_policy=has_policy, has_ledger=has_ledger) == step
    gated = step_text(report, has_policy=has_policy, has_ledger=has_ledger, gated=True)
    assert gated == ("" if has_policy and has_ledger else step)


def test_a_step_names_a_report_in_another_place() -> None:
    """The verbs read the usual place unless another is named; a command alone has no tests to judge."""
    report = replace(REPORT, rows=ROWS)
    assert step_text(report, has_policy=True, has_ledger=False, place="'a b'").endswith("ledger append 'a b'")
    assert step_text(report, has_policy=True, has_ledger=True, place="c.json").endswith("pytest-carbon check c.json")
    command = replace(REPORT, rows=(Row("command", 1.0, 1.0, 1.0, 0.0),))
    assert step_text(command, has_policy=True, has_ledger=True) == ""

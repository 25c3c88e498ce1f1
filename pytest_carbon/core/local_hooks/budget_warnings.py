"""Warnings before a push: budgets near their end, limits that the last run broke, and the costliest tests."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pytest_carbon.core.budget.budget import Budget, holder_phrase, judge_per_run_limits, own_feature_uses, run_use
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.quantities import format_amount, format_number
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.verdict import CostliestTest
from pytest_carbon.core.verdict.wording import (
    budget_use_text,
    count_text,
    duration_text,
    exhaustion_text,
    remaining_text,
)

NEAR_THE_END = ("at risk", "critical", "exhausted")
MOST_TESTS_SHOWN = 3


def budget_warning(budget: Budget, status: BudgetStatus, now: datetime) -> str | None:
    """Say how much of a budget remains, how fast it burns and when it is exhausted; None if it is far from its end."""
    if status.state not in NEAR_THE_END:
        return None
    remaining = remaining_text(status) + ("" if status.remaining < 0 else " left")
    used = f"{budget_use_text(status)} used, {remaining}" if status.limit > 0 else budget_use_text(status)
    line = f"{holder_phrase(budget.feature, budget.team)}: its budget is {status.state}, {used}"
    burn = max(
        status.burn, key=lambda pair: (pair.firing, pair.long_rate if pair.firing else pair.long_s), default=None
    )
    if burn is not None and burn.long_rate > 0:
        rate = format_number(burn.long_rate, 2)
        line += (
            f"; in the last {duration_text(burn.long_s)} the budget was used {rate} times as fast as its window allows"
        )
    if status.exhausted_in_s:
        day = now + timedelta(seconds=status.exhausted_in_s)
        line += f"; at this pace it is exhausted {exhaustion_text(status)}, on {day:%Y-%m-%d}"
    if status.unknown_runs:
        line += f"; the use of {count_text(status.unknown_runs, 'more run')} is unknown"
    return line


def broken_limits(budgets: Iterable[Budget], report: Report) -> list[str]:
    """Return a sentence for each limit per run that a run broke."""
    judged = judge_per_run_limits(list(budgets), own_feature_uses(report), run_use(report), report.grid)
    return [f"last run: {result.reason}" for result in judged if result.state in ("warn", "fail")]


def costliest_test_lines(tests: Sequence[CostliestTest], run: RunMeasurements) -> list[str]:
    """Return lines with the costliest tests that a change touches: their reference energy and their share of a run."""
    run_j = math.fsum(test.reference_j for test in run.tests.values())
    if not tests or run_j <= 0:
        return []
    lines = [
        f"    {format_amount(test.reference_j, 'reference')}, {percent_text(test.reference_j / run_j)} of the run: "
        f"{test.nodeid}"
        for test in tests[:MOST_TESTS_SHOWN]
    ]
    return [f"the costliest tests that this change touches, in the run of {run.started[:10]}:", *lines]

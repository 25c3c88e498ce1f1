"""How much of a budget is used, and why it is at risk, as sentences."""

from __future__ import annotations

from pytest_carbon.core.budget.budget import Budget, holder_phrase
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.percentages import percent_text, window_text
from pytest_carbon.core.quantities import format_amount, format_number, format_value_and_limit
from pytest_carbon.core.verdict.wording import count_text, exhaustion_text


def window_use_text(budget: Budget, status: BudgetStatus) -> str:
    """Say how much of a budget is used, and what is not counted."""
    used, limit = format_value_and_limit(status.consumed, status.limit, status.kind)
    share = percent_text(status.used)
    holder = holder_phrase(budget.feature, budget.team)
    text = f"{holder} has used {used} of {limit} {window_text(status.window)} ({share})"
    if status.debt:
        text += f"; the limit is {format_amount(status.debt, status.kind)} lower, because of overrides"
    if status.unknown_runs:
        text += f", not counting {count_text(status.unknown_runs, 'run')} whose use is not known"
    return text


def pace_text(status: BudgetStatus) -> str:
    """Say why a budget that still fits is at risk: its burn rate or its forecast; empty for neither."""
    basis = status.pace_basis
    told = f", {basis.text}" if basis is not None and not basis.is_enough else ""
    firing = [rate.long_rate for rate in status.burn if rate.firing]
    if firing:
        return f"; the budget is used {format_number(max(firing), 2)} times as fast as its window allows{told}"
    if status.state in ("at risk", "critical") and status.exhausted_in_s is not None:
        return f"; at this pace it is exhausted {exhaustion_text(status)}{told}"
    if status.p50 is not None and status.p50 >= status.limit:
        outcome, _ = format_value_and_limit(status.p50, status.limit, status.kind)
        return f"; at this pace {outcome} will be used in a window"
    return ""

"""Where a holder stands, in the one sentence that a product manager reads."""

from __future__ import annotations

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.wording import (
    amount_of_limit,
    amount_text,
    budget_name,
    capitalised,
    day_text,
    holder_in_sentence,
    month_name,
)
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.verdict.wording import count, share, spread, used_text

_FINE = ("ok", "watch")


def write_headline(account: Account, made: str) -> str:
    """Say what a holder used of its budget, or in this month, and how that goes; ``made`` is the day of telling."""
    if not any(month.runs for month in account.months):
        return _no_data(account)
    if account.standing is None:
        return _without_budget(account)
    return _with_budget(account, account.standing, made)


def _no_data(account: Account) -> str:
    name, standing = holder_in_sentence(account.name, account.level), account.standing
    told = f"Nothing is known of {name} yet: no run in the ledger was paid by it."
    if standing is None:
        return f"{told} It has no budget."
    budget = budget_name(standing.window, account.window_days[0])
    return f"{told} Its {budget} is {amount_text(standing.limit, standing.kind)}."


def _without_budget(account: Account) -> str:
    name, month = holder_in_sentence(account.name, account.level), account.months[-1]
    when = month_name(month.month)
    if not month.runs:
        return f"{capitalised(name)} had no run in {when}; it has no budget."
    if month.emissions_g is None:
        return f"It is not known what {name} used in {when}; it has no budget."
    least = "at least " if month.unknown_runs else ""
    return f"{capitalised(name)} used {least}{spread(month.emissions_g, 'mass')[0]} CO2e in {when}; it has no budget."


def _with_budget(account: Account, standing: BudgetStatus, made: str) -> str:
    name, budget = holder_in_sentence(account.name, account.level), budget_name(standing.window, account.window_days[0])
    whole = amount_text(standing.limit, standing.kind)
    if standing.unmeasured:
        runs = count(standing.unknown_runs, "run")
        return f"It is not known how much of its {budget} of {whole} {name} used: {runs} did not tell."
    if not standing.runs:
        return f"{capitalised(name)} used nothing of its {budget} of {whole}: it had no run."
    amounts = amount_of_limit(standing.consumed, standing.limit, standing.kind)
    if standing.state == "exhausted":
        since = f", exhausted since {day_text(account.exhausted_on, made)}" if account.exhausted_on else ""
        return f"{capitalised(name)} used up its {budget}: {amounts} ({share(standing.used)}){since}."
    used, outlook = used_text(standing), _outlook(account, standing, made)
    return f"{capitalised(name)} used {used} of its {budget}: {amounts}, {outlook}."


def _outlook(account: Account, standing: BudgetStatus, made: str) -> str:
    if standing.state in _FINE:
        return "on track"
    if account.exhausted_on:
        return f"at risk, and will likely be exhausted on {day_text(account.exhausted_on, made)}"
    if standing.p50 is not None and standing.p50 >= standing.limit:
        rolling = standing.window not in ("month", "quarter")
        return f"at risk, and will likely {'be too small for the next window' if rolling else 'not last'}"
    if any(burn.firing for burn in standing.burn):
        return "at risk, as it is used unusually fast"
    return f"{share(1 - standing.used)} is left, which will last at this pace"

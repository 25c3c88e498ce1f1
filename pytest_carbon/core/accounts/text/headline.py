"""The headline of an account: one sentence on what a holder used of its budget and where that leads."""

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
from pytest_carbon.core.budget.budget_status import WATCHED_SHARE, BudgetStatus
from pytest_carbon.core.quantities import format_number
from pytest_carbon.core.verdict.wording import amount_with_range, count_text, share_text, used_share_text


def write_headline(account: Account, made: str) -> str:
    """Return one sentence on a holder's use of its budget, or of the current month; ``made`` is today's date."""
    if not any(month.runs for month in account.months):
        return _no_data(account)
    if account.standing is None:
        return _without_budget(account)
    return _with_budget(account, account.standing, made)


def _no_data(account: Account) -> str:
    name, status = holder_in_sentence(account.name, account.level), account.standing
    no_data = f"No data for {name} yet: the ledger has no run that counts for it."
    if status is None:
        return f"{no_data} {capitalised(_no_window(account))}."
    budget = budget_name(status.window, account.window_days[0])
    return f"{no_data} Its {budget} is {amount_text(status.limit, status.kind)}."


def _without_budget(account: Account) -> str:
    name, month = holder_in_sentence(account.name, account.level), account.months[-1]
    when = month_name(month.month)
    if not month.runs:
        return f"{capitalised(name)} had no run in {when}; {_no_window(account)}."
    if month.emissions_g is None:
        return f"The use of {name} in {when} is not known; {_no_window(account)}."
    least = "at least " if month.unknown_runs else ""
    grams, _ = amount_with_range(month.emissions_g, "mass")
    return f"{capitalised(name)} used {least}{grams} CO2e in {when}; {_no_window(account)}."


def _no_window(account: Account) -> str:
    """Say that a holder has no budget, or only limits that count no window."""
    limits = account.other_limits
    return f"it has no budget over a window, and a limit of {limits}" if limits else "it has no budget"


def _with_budget(account: Account, status: BudgetStatus, made: str) -> str:
    name, budget = holder_in_sentence(account.name, account.level), budget_name(status.window, account.window_days[0])
    limit = amount_text(status.limit, status.kind)
    if status.unmeasured:
        runs = count_text(status.unknown_runs, "run")
        return f"{capitalised(name)} used an unknown part of its {budget} of {limit}: the use of {runs} is not known."
    if not status.runs:
        return f"{capitalised(name)} used nothing of its {budget} of {limit}: it had no run."
    amounts = amount_of_limit(status.consumed, status.limit, status.kind)
    if status.state == "exhausted":
        since = f", exhausted since {day_text(account.exhausted_on, made)}" if account.exhausted_on else ""
        return f"{capitalised(name)} used up its {budget}: {amounts} ({share_text(status.used)}){since}."
    used, outlook = used_share_text(status), _outlook(account, status, made)
    return f"{capitalised(name)} used {used} of its {budget}: {amounts}, {outlook}."


def _outlook(account: Account, status: BudgetStatus, made: str) -> str:
    if status.state in ("ok", "watch") and status.used < WATCHED_SHARE:
        return "on track"
    if account.exhausted_on:
        return f"{status.state}: likely exhausted on {day_text(account.exhausted_on, made)}"
    if status.p50 is not None and status.p50 >= status.limit:
        rolling = status.window not in ("month", "quarter")
        end = "too small for the next window" if rolling else "exhausted before the window ends"
        return f"{status.state}: likely {end}"
    firing = [burn.long_rate for burn in status.burn if burn.firing]
    if firing:
        return f"{status.state}: used {format_number(max(firing), 2)} times as fast as the window allows"
    return f"{share_text(1 - status.used)} left, which will last at this pace"

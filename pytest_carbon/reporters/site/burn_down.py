"""The burn-down of a budget: what remains at the end of each day of the window, as a chart and a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pytest_carbon.core.accounts.values.account import Account, Day
from pytest_carbon.core.accounts.values.wording import capitalised, month_name
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.budget.window import DAY_S, time_zone
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.quantities import Kind, format_amount
from pytest_carbon.core.verdict import wording as words
from pytest_carbon.core.verdict.wording import UNKNOWN, used_share_text
from pytest_carbon.reporters.site import svg_charts
from pytest_carbon.reporters.site.page_tables import CALENDAR, FORECAST_NEEDS, PageTable, window_name


@dataclass(frozen=True, slots=True)
class BurnDown:
    """A chart as SVG, with its title, a longer description, and its figures as a table."""

    svg: str
    title: str
    description: str
    table: PageTable


def draw_burn_down(account: Account, now: datetime) -> BurnDown | None:
    """Draw a budget's burn-down; return None without a budget, without known use, or if debts took the whole limit.

    The x axis counts days from the window's start. What remains at the end of a day is counted back from now.
    """
    status = account.standing
    if status is None or status.limit <= 0 or status.unmeasured:
        return None
    first, last = (date.fromisoformat(day) for day in account.window_days)
    calendar = status.window in CALENDAR
    remaining = _remaining_by_day(account, status)
    local = now.astimezone(time_zone(account.zone))
    today = (local.date() - first).days + (local.hour * 3600 + local.minute * 60 + local.second) / DAY_S
    length = float((last - first).days + calendar)
    ends = [float((date.fromisoformat(day) - first).days + 1) for day, _ in remaining[:-1]] + [today]
    points = [(0.0, 1.0)]
    if remaining:
        points.append((float((date.fromisoformat(remaining[0][0]) - first).days), 1.0))
    shares = [amount / status.limit for _, amount in remaining] or [status.remaining / status.limit]
    points += zip(ends, shares, strict=True)
    title = _title(status, account, 1 - today / length if calendar and length else None)
    description = _description(status, account)
    end = length if calendar else today + length
    labels = {float(n): _day_label(first + timedelta(days=n)) for n in range(int(end) + 1)}
    svg = svg_charts.draw_burn_down(
        "burn", (title, description), points, _projected_shares(status), (length if calendar else today, end), labels
    )
    return BurnDown(svg, title, description, _days_table(account, status, remaining))


def _remaining_by_day(account: Account, status: BudgetStatus) -> list[tuple[str, float]]:
    """Return what remained of the limit at the end of each day of the window, oldest first."""
    amount = status.remaining
    remaining = []
    for day in reversed([day for day in account.days if day.day >= account.window_days[0]]):
        remaining.append((day.day, amount))
        amount += day.consumed or 0.0
    return remaining[::-1]


def _projected_shares(status: BudgetStatus) -> tuple[float, float, float] | None:
    if status.p10 is None or status.p50 is None or status.p90 is None:
        return None
    low, middle, high = (1 - used / status.limit for used in (status.p90, status.p50, status.p10))
    return low, middle, high


def _title(status: BudgetStatus, account: Account, time_left: float | None) -> str:
    used = f"{capitalised(used_share_text(status))} used"
    if time_left is None:
        return f"{used} in the last {window_name(account)}"
    return f"{used} with {words.share_text(max(time_left, 0.0))} of {window_name(account)} left"


def _description(status: BudgetStatus, account: Account) -> str:
    if status.p10 is None or status.p90 is None:
        return f"There is no forecast yet: {FORECAST_NEEDS}."
    window = window_name(account) if status.window in CALENDAR else f"the next {window_name(account)}"
    low, high = (percent_text(used / status.limit) for used in (status.p10, status.p90))
    return f"At the recent pace, {window} will use between {low} and {high} of the budget (80 % likely)."


def _day_label(day: date) -> str:
    return f"{day.day} {month_name(day.isoformat())[:3]}"


def _days_table(account: Account, status: BudgetStatus, remaining: list[tuple[str, float]]) -> PageTable:
    days = {day.day: day for day in account.days}
    columns = (("Day", "tight"), ("Used", "n"), ("Left", "n"), ("Runs", "n"))
    rows = [
        [day, _used(days[day], status.kind), format_amount(amount, status.kind), str(days[day].runs)]
        for day, amount in reversed(remaining)
    ]
    return PageTable("Left: what remained at the end of the day; today, what remains now.", columns, rows)


def _used(day: Day, kind: Kind) -> str:
    return UNKNOWN if day.consumed is None else format_amount(day.consumed, kind)

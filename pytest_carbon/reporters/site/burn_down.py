"""What is left of a budget, day by day of its window: the points of the chart, what it finds, and its table's rows."""

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
from pytest_carbon.reporters.site.page_tables import CALENDAR, PageTable, window_name


@dataclass(frozen=True, slots=True)
class BurnDown:
    """A chart with what it finds, in a short and a longer sentence, and its figures as a table."""

    svg: str
    title: str
    description: str
    table: PageTable


def draw_burn_down(account: Account, now: datetime) -> BurnDown | None:
    """Draw how a budget goes; None without one, where nothing is known, or where overrides took all of it beforehand.

    Days are counted from the window's first. What is left at the end of each is counted back from what is left now.
    """
    standing = account.standing
    if standing is None or standing.limit <= 0 or standing.unmeasured:
        return None
    first, last = (date.fromisoformat(day) for day in account.window_days)
    calendar = standing.window in CALENDAR
    left = _remaining_by_day(account, standing)
    clock = now.astimezone(time_zone(account.zone))
    at = (clock.date() - first).days + (clock.hour * 3600 + clock.minute * 60 + clock.second) / DAY_S
    length = float((last - first).days + calendar)
    ends = [float((date.fromisoformat(day) - first).days + 1) for day, _ in left[:-1]] + [at]
    points = [(0.0, 1.0)]
    if left:
        points.append((float((date.fromisoformat(left[0][0]) - first).days), 1.0))
    rests = [rest / standing.limit for _, rest in left] or [standing.remaining / standing.limit]
    points += zip(ends, rests, strict=True)
    finding = _title(standing, account, 1 - at / length if calendar and length else None)
    about = _description(standing)
    end_at = length if calendar else at + length
    labels = {float(n): _day_label(first + timedelta(days=n)) for n in range(int(end_at) + 1)}
    svg = svg_charts.draw_burn_down(
        "burn", (finding, about), points, _projected_shares(standing), (length if calendar else at, end_at), labels
    )
    return BurnDown(svg, finding, about, _days_table(account, standing, left))


def _remaining_by_day(account: Account, standing: BudgetStatus) -> list[tuple[str, float]]:
    """Return what was left at the end of each day of the window, the oldest first."""
    rest = standing.remaining
    found = []
    for day in reversed([day for day in account.days if day.day >= account.window_days[0]]):
        found.append((day.day, rest))
        rest += day.consumed or 0.0
    return found[::-1]


def _projected_shares(standing: BudgetStatus) -> tuple[float, float, float] | None:
    if standing.p10 is None or standing.p50 is None or standing.p90 is None:
        return None
    low, middle, high = (1 - used / standing.limit for used in (standing.p90, standing.p50, standing.p10))
    return low, middle, high


def _title(standing: BudgetStatus, account: Account, time_left: float | None) -> str:
    used = f"{capitalised(used_share_text(standing))} used"
    if time_left is None:
        return f"{used} in the last {window_name(account)}"
    return f"{used} with {words.share_text(max(time_left, 0.0))} of {window_name(account)} left"


def _description(standing: BudgetStatus) -> str:
    if standing.p10 is None or standing.p90 is None:
        return "Where the window will end cannot be told yet."
    which = "this window" if standing.window in CALENDAR else "the next window"
    low, high = (percent_text(used / standing.limit) for used in (standing.p10, standing.p90))
    return f"As the days before went, {which} will use between {low} and {high}, in eight outcomes of ten."


def _day_label(day: date) -> str:
    return f"{day.day} {month_name(day.isoformat())[:3]}"


def _days_table(account: Account, standing: BudgetStatus, left: list[tuple[str, float]]) -> PageTable:
    known = {day.day: day for day in account.days}
    columns = (("Day", "tight"), ("Used", "n"), ("Left", "n"), ("Runs", "n"))
    rows = [
        [day, _used(known[day], standing.kind), format_amount(rest, standing.kind), str(known[day].runs)]
        for day, rest in reversed(left)
    ]
    return PageTable("What is left is that at the end of the day, and now.", columns, rows)


def _used(day: Day, kind: Kind) -> str:
    return UNKNOWN if day.consumed is None else format_amount(day.consumed, kind)

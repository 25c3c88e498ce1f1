"""The words and small drawings of a verdict: amounts, changes, ages and trends as a reader needs them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.budget.burn_rate import BurnRate
from pytest_carbon.core.model import Range
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.quantities import Kind, format_amount
from pytest_carbon.core.report.report_lines import whole_percent
from pytest_carbon.core.verdict.verdict import Growth, State

STATE_WORDS: dict[State, str] = {
    "pass": "fine",
    "warn": "warning",
    "fail": "failed",
    "overridden": "overridden",
    "inconclusive": "unclear",
    "not-measured": "not measured",
    "error": "error",
}
NAME_CELLS, TEST_CELLS, TEXT_CELLS = 60, 120, 500
"""Names and sentences that are longer are cut in their middle: some come from a stranger."""
TREND_CELLS = 12
UNKNOWN = "not known"
_LEVELS = "▁▂▃▄▅▆▇█"
_FLAT = "▄"
_SIGMAS = 3.92  # a range of 95 % is so many standard errors wide


def sparkline(values: Sequence[float]) -> str:
    """Draw the latest values as blocks from 0 to the largest, so that twice as much is twice as high.

    Values that differ by less than one of the eight steps are drawn flat in the middle: noise is no mountain.
    Nothing for fewer than two.
    """
    latest = values[-TREND_CELLS:]
    if len(latest) < 2:
        return ""
    top = max(latest)
    if top <= 0 or top - min(latest) < top / len(_LEVELS):
        return _FLAT * len(latest)
    return "".join(_LEVELS[max(0, round(value / top * (len(_LEVELS) - 1)))] for value in latest)


def duration_text(seconds: float) -> str:
    """Write seconds in the largest unit of which there are two: ``3 days``, ``47 hours``; never rounded up."""
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return "less than 2 minutes"


def count_text(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shorten(text: str, cells: int) -> str:
    """Cut a long text in its middle: the beginning and the end tell most."""
    if len(text) <= cells:
        return text
    head = (cells - 1) // 3
    return f"{text[:head]}…{text[len(text) - (cells - 1 - head) :]}"


def amount_with_range(amount: Range, kind: Kind) -> tuple[str, str]:
    """Write an amount with the digits that its range supports, and the range."""
    low, high = (format_amount(value, kind, 2) for value in amount[1:])
    return format_amount(amount.central, kind, _digits(amount)), f"({low} … {high})"


def _digits(amount: Range) -> int:
    half = (amount.high - amount.low) / 2
    if amount.central <= 0 or half <= 0:
        return 3
    return min(3, max(1, math.floor(math.log10(amount.central)) - math.floor(math.log10(half)) + 1))


def change_with_bounds(growth: Growth) -> tuple[str, str]:
    """Write a change in per cent and its bounds: ``+8.2 %``, ``(+6 … +11)``; the two texts are empty without one.

    The digits are those that the standard error supports, as the Particle Data Group rounds. More are
    written where a change would else look like none, or like the change that is allowed.
    """
    if growth.change is None or growth.low is None or growth.high is None:
        return "", ""
    whole, fine = _decimals((growth.high - growth.low) * 100 / _SIGMAS)
    seen = growth.low > 0 or growth.high < 0
    apart = ([0.0] if seen else []) + ([] if growth.allowed is None else [growth.allowed])
    low, high = (distinct_percent(bound, whole, [0.0]) for bound in (growth.low, growth.high))
    return f"{distinct_percent(growth.change, fine, apart)} %", f"({low} … {high})"


def _decimals(sigma: float) -> tuple[int, int]:
    """Return the decimals of the standard error's first digit, and those of the last that a value may have."""
    if not sigma > 0:
        return 1, 1
    power = math.floor(math.log10(sigma))
    second = sigma / 10**power < 3.55
    return min(2, max(0, -power)), min(2, max(0, -power + second))


def distinct_percent(ratio: float, decimals: int, apart: Sequence[float] = ()) -> str:
    """Write a ratio in per cent with its sign, with as many decimals as keep it apart from the other ratios."""
    for digits in range(decimals, 18):
        text = f"{ratio * 100:+.{digits}f}"
        if not any(ratio != other and float(text) == float(f"{other * 100:.{digits}f}") for other in apart):
            break
    return text if float(text) else "0"


def smallest_change_text(growth: Growth) -> str:
    """Say which change would have been seen; empty where that is not known."""
    return "" if growth.smallest is None else f"a change of {growth.smallest * 100:.2g} % or more would be seen"


def budget_use_text(standing: BudgetStatus) -> str:
    """Write how much of a budget is used: ``62 % of 120 g in 28d``; what is not all of it is never 100 %."""
    if standing.limit <= 0:
        return f"nothing left in {standing.window}, all of it is owed"
    comma = "," if standing.unmeasured else ""
    return f"{used_share_text(standing)}{comma} of {format_amount(standing.limit, standing.kind)} in {standing.window}"


def used_share_text(standing: BudgetStatus) -> str:
    """Write which share of a budget is used: at least so much, where the use of some runs is not known."""
    return UNKNOWN if standing.unmeasured else least_share_text(standing.used, standing.unknown_runs)


def least_share_text(value: float, unknown_runs: int) -> str:
    """Write a share: at least so much, where some runs are not in it."""
    text = percent_text(value) if unknown_runs and 0 < value < 0.01 else share_text(value)
    return f"at least {text}" if unknown_runs and not text.startswith(">") else text


def share_text(value: float) -> str:
    """Write a share that may be more than all: only exactly all is 100 %."""
    return ">100 %" if 1 < value < 1.005 else whole_percent(value)


def remaining_text(standing: BudgetStatus) -> str:
    """Write what is left of a budget, or by how much it is exceeded; a bound where runs did not tell their use."""
    if standing.unmeasured:
        return UNKNOWN
    least, most = ("at least ", "at most ") if standing.unknown_runs else ("", "")
    if standing.remaining < 0:
        return f"{least}{format_amount(-standing.remaining, standing.kind, 2)} over"
    return f"{most}{format_amount(standing.remaining, standing.kind, 2)}"


def exhaustion_text(standing: BudgetStatus) -> str:
    """Say when a budget will be exhausted at its present pace."""
    if standing.unmeasured:
        return UNKNOWN
    if standing.exhausted_in_s is None:
        return "not at this pace"
    return f"in {duration_text(standing.exhausted_in_s)}" if standing.exhausted_in_s > 0 else "already"


def burn_rate_text(pairs: Sequence[BurnRate]) -> tuple[str, str]:
    """Write how fast a budget goes and over which time: the fastest alarm, or else the longest window.

    At ``1x`` a budget lasts exactly its window. The two texts are empty where nothing is known.
    """
    if not pairs:
        return "", ""
    firing = [pair for pair in pairs if pair.firing]
    pair = max(firing, key=lambda p: p.long_rate) if firing else max(pairs, key=lambda p: p.long_s)
    return f"{pair.long_rate:.1f}x" + (", alarm" if firing else ""), f"in {duration_text(pair.long_s)}"


def forecast_text(standing: BudgetStatus) -> str:
    """Write where the window may end: between the tenth and the ninetieth of a hundred outcomes."""
    if standing.p10 is None or standing.p90 is None:
        return ""
    return f"{format_amount(standing.p10, standing.kind, 2)} … {format_amount(standing.p90, standing.kind, 2)}"

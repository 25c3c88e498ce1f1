"""The wording of a verdict: amounts, changes, shares, ages and trends as short texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_carbon.core.percentages import percent_text, signed_percent, window_text
from pytest_carbon.core.quantities import BOUND_DIGITS, Kind, format_amount
from pytest_carbon.core.report_lines import whole_percent

if TYPE_CHECKING:  # every measured run loads this module for its short texts, and needs no verdict
    from pytest_carbon.core.budget.budget_status import BudgetStatus
    from pytest_carbon.core.budget.burn_rate import BurnRate
    from pytest_carbon.core.model import Range
    from pytest_carbon.core.verdict.verdict import Growth, HolderVerdict, State, Verdict

STATE_WORDS: dict[State, str] = {
    "pass": "pass",
    "warn": "warning",
    "fail": "fail",
    "overridden": "overridden",
    "inconclusive": "inconclusive",
    "not-measured": "not measured",
    "error": "error",
}
NOT_JUDGED, NO_LIMIT = "not judged", "no limit"
"""The words for a pass without an answer: of what could not be judged, and of a holder without a limit."""
NAME_CELLS, TEST_CELLS, TEXT_CELLS = 60, 120, 500
"""The most characters of a name, a nodeid and a sentence. Longer texts are cut in their middle: a stranger may have
written them."""
TREND_CELLS = 12
UNKNOWN = "not known"
_LEVELS = "▁▂▃▄▅▆▇█"
_FLAT = "▄"
_SIGMAS_OF_95 = 3.92  # the width of a 95 % range in standard errors


def verdict_word(verdict: Verdict) -> str:
    """Return the state of a verdict in a word; a pass that judged nothing is called so."""
    return NOT_JUDGED if verdict.judges_nothing else STATE_WORDS[verdict.state]


def holder_word(holder: HolderVerdict) -> str:
    """Return the state of a holder in a word; a pass without a limit, or without an answer, is called so."""
    if holder.state != "pass" or any(not check.not_judged for check in holder.checks):
        return STATE_WORDS[holder.state]
    return NOT_JUDGED if holder.checks else NO_LIMIT


def sparkline(values: Sequence[float]) -> str:
    """Draw the latest values as blocks on a scale from 0 to the largest value.

    Values that differ by less than one of the eight steps are noise and drawn flat. Fewer than two values give an
    empty text.
    """
    latest = values[-TREND_CELLS:]
    if len(latest) < 2:
        return ""
    top = max(latest)
    if top <= 0 or top - min(latest) < top / len(_LEVELS):
        return _FLAT * len(latest)
    return "".join(_LEVELS[max(0, round(value / top * (len(_LEVELS) - 1)))] for value in latest)


def duration_text(seconds: float) -> str:
    """Return a duration, rounded down, in the largest unit of which there are two: ``3 days``, ``47 hours``."""
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return "less than 2 minutes"


def count_text(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 run``, ``2 runs``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shorten(text: str, cells: int) -> str:
    """Cut a text to ``cells`` characters in its middle, because its beginning and end say most."""
    if len(text) <= cells:
        return text
    head = (cells - 1) // 3
    return f"{text[:head]}…{text[len(text) - (cells - 1 - head) :]}"


def amount_with_range(amount: Range, kind: Kind) -> tuple[str, str]:
    """Return an amount and its range, with the digits that they have wherever they stand.

    No measurement is exact: where both bounds are the amount itself, nobody told the range.
    """
    if amount.low == amount.high == amount.central != 0:
        return format_amount(amount.central, kind), "(range not known)"
    low, high = (format_amount(value, kind, BOUND_DIGITS) for value in amount[1:])
    return format_amount(amount.central, kind), f"({low} … {high})"


def change_with_bounds(growth: Growth) -> tuple[str, str]:
    """Return a change in per cent and its bounds: ``+8.2 %``, ``(+6 … +11)``. Without a change both are empty.

    The digits are those that the standard error supports, by the rounding rule of the Particle Data Group. More
    digits are written if the change would otherwise look like 0 or like the allowed change.
    """
    if growth.change is None or growth.low is None or growth.high is None:
        return "", ""
    bound_decimals, decimals = _decimals((growth.high - growth.low) * 100 / _SIGMAS_OF_95)
    seen = growth.low > 0 or growth.high < 0
    apart = ([0.0] if seen else []) + ([] if growth.allowed is None else [growth.allowed])
    low, high = (distinct_percent(bound, bound_decimals, [0.0]) for bound in (growth.low, growth.high))
    return f"{distinct_percent(growth.change, decimals, apart)} %", f"({low} … {high})"


def _decimals(sigma: float) -> tuple[int, int]:
    """Return the decimals of the bounds and of the value, given the standard error in per cent.

    The bounds end at the first digit of the standard error; the value has one more if that digit is below 3.55.
    """
    if not sigma > 0:
        return 1, 1
    power = math.floor(math.log10(sigma))
    one_more = sigma / 10**power < 3.55
    return min(2, max(0, -power)), min(2, max(0, -power + one_more))


def distinct_percent(ratio: float, decimals: int, others: Sequence[float] = ()) -> str:
    """Return a ratio in per cent with its sign, with as many decimals as tell it from the other ratios."""
    for digits in range(decimals, 18):
        text = f"{ratio * 100:+.{digits}f}"
        if not any(ratio != other and float(text) == float(f"{other * 100:.{digits}f}") for other in others):
            break
    return text if float(text) else "0"


def smallest_change_text(growth: Growth) -> str:
    """Return which change would have been seen; empty if that is unknown."""
    if growth.smallest is None:
        return ""
    return f"a change of {percent_text(growth.smallest)} or more would have been noticed"


def growth_range_text(growth: Growth) -> str:
    """Say that the range of a growth includes its limit, as the end of a sentence; empty if it does not."""
    if (
        growth.allowed is None
        or growth.low is None
        or growth.high is None
        or not growth.low <= growth.allowed < growth.high
    ):
        return ""
    low, high = signed_percent(growth.low), signed_percent(growth.high)
    return f"; the range from {low} to {high} includes the limit of {percent_text(growth.allowed)}"


def unseen_text(growths: Sequence[Growth]) -> str:
    """Return between which bounds the changes may be that noise hides."""
    lows = [growth.low for growth in growths if growth.low is not None]
    highs = [growth.high for growth in growths if growth.high is not None]
    return f"it may be anything from {signed_percent(min(lows))} to {signed_percent(max(highs))}"


def budget_use_text(status: BudgetStatus) -> str:
    """Return how much of a budget is used: ``62 % of 120 g in 28 days``. Only a budget used exactly has 100 %."""
    if status.limit <= 0:
        return f"nothing left {window_text(status.window)}: the whole limit is debt"
    comma = "," if status.unmeasured else ""
    return (
        f"{used_share_text(status)}{comma} of {format_amount(status.limit, status.kind)} {window_text(status.window)}"
    )


def used_share_text(status: BudgetStatus) -> str:
    """Return the used share of a budget; a lower bound (``at least``) if the use of some runs is unknown."""
    return UNKNOWN if status.unmeasured else least_share_text(status.used, status.unknown_runs)


def least_share_text(value: float, unknown_runs: int) -> str:
    """Return a share; a lower bound (``at least``) if ``unknown_runs`` are not in it."""
    text = percent_text(value) if unknown_runs and 0 < value < 0.01 else share_text(value)
    return f"at least {text}" if unknown_runs and not text.startswith(">") else text


def share_text(value: float) -> str:
    """Return a share that may exceed 1 as a whole per cent; only exactly 1 is 100 %."""
    return ">100 %" if 1 < value < 1.005 else whole_percent(value)


def remaining_text(status: BudgetStatus) -> str:
    """Return what is left of a budget, or by how much it is exceeded; a bound if the use of some runs is unknown."""
    if status.unmeasured:
        return UNKNOWN
    least, most = ("at least ", "at most ") if status.unknown_runs else ("", "")
    if status.remaining < 0:
        return f"{least}{format_amount(-status.remaining, status.kind, 2)} over"
    return f"{most}{format_amount(status.remaining, status.kind, 2)}"


def exhaustion_text(status: BudgetStatus) -> str:
    """Return when a budget will be exhausted at its present pace."""
    if status.unmeasured:
        return UNKNOWN
    if status.exhausted_in_s is None:
        return "not at the present pace"
    return f"in {duration_text(status.exhausted_in_s)}" if status.exhausted_in_s > 0 else "already"


def burn_rate_text(pairs: Sequence[BurnRate]) -> tuple[str, str]:
    """Return the burn rate and the time over which it was measured: the fastest alarm, or else the longest window.

    At ``1x`` a budget lasts exactly its window. Without burn rates both texts are empty.
    """
    if not pairs:
        return "", ""
    firing = [pair for pair in pairs if pair.firing]
    pair = max(firing, key=lambda p: p.long_rate) if firing else max(pairs, key=lambda p: p.long_s)
    return f"{pair.long_rate:.1f}x" + (", alarm" if firing else ""), f"in {duration_text(pair.long_s)}"


def forecast_text(status: BudgetStatus) -> str:
    """Return the forecast for the end of the window, P10 to P90; empty without a forecast."""
    if status.p10 is None or status.p90 is None:
        return ""
    return f"{format_amount(status.p10, status.kind, 2)} … {format_amount(status.p90, status.kind, 2)}"

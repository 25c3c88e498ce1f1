"""``grid forecast`` by the grid's own past, where no source publishes one, and ``grid score``."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_carbon.cli.shared import output

if TYPE_CHECKING:
    from pytest_carbon.core.forecast.score import Score
    from pytest_carbon.grid.forecast.own_forecast import OwnForecast
    from pytest_carbon.grid.live.chain import Chain


def print_own_forecast(arguments: argparse.Namespace, own: OwnForecast, now: datetime) -> None:
    """Print our forecast with its P10 and P90, who made it and of what."""
    from pytest_carbon.core.signals.signal_json import to_json
    from pytest_carbon.reporters.run.grid_table import signal_lines

    if arguments.json:
        ranges = [[round(point.p10, 3), round(point.p90, 3)] for point in own.points]
        output.print_json({**to_json(own.signals), "p10_p90": ranges, "faults": list(own.faults)})
        return
    ranges_by_row = {f"{s.start:%Y-%m-%d %H:%M}": p for s, p in zip(own.signals, own.points, strict=True)}
    span = (max(now, own.signals[0].start), own.signals[-1].end)
    for line in signal_lines(own.signals, None, own.faults, now, span=span):
        point = ranges_by_row.get(line[:16])
        output.print_line(f"{line} {point.p10:.0f} to {point.p90:.0f}" if point else line)
    output.print_line(
        "made by  pytest-carbon from the last 28 days; of ten figures, eight should be in the range shown"
    )


def print_scores(arguments: argparse.Namespace, chain: Chain, zone: str, now: datetime) -> int:
    """Print how good the forecasts of each source, and ours by its past, were in the last 60 days; return the code."""
    from pytest_carbon.grid.forecast.own_forecast import NAME, own_score, published_score
    from pytest_carbon.grid.forecast.zone_history import histories

    scores: list[tuple[str, str, Score]] = []
    faults: list[str] = []
    for past in histories(chain, zone, now):
        faults += past.faults
        if past.history is not None:
            scores += [(past.source, past.source, published_score(past)), (past.source, NAME, own_score(past.history))]
    if arguments.json:
        output.print_json({"zone": zone, "scores": [_as_json(*row) for row in scores], "faults": faults})
    else:
        output.print_line(f"{'by the past of':<18} {'forecast of':<18} {'decisions':>9} {'saved':>6} {'worse':>6}")
        for source, maker, one in scores:
            output.print_line(f"{source:<18} {maker:<18} {one.decisions:>9} {_share(one.saved)} {_share(one.worse)}")
            if one.reason_to_abstain:
                output.print_line(f"  not trusted: {one.reason_to_abstain}")
        for fault in faults:
            output.print_line(f"not used {fault}")
    return 0 if scores else 1


def _share(value: float | None) -> str:
    return f"{'-' if value is None else f'{value:.0%}':>6}"


def _as_json(source: str, maker: str, one: Score) -> dict[str, Any]:
    return {
        "history": source,
        "forecast": maker,
        "decisions": one.decisions,
        "saved": one.saved,
        "worse": one.worse,
        "reason_to_abstain": one.reason_to_abstain or None,
    }

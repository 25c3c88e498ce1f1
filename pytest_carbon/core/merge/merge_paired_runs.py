"""Base and head measured in turns by several jobs of one run, as if by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_carbon.core.merge.merge_machines import (
    joined,
    merged_code,
    merged_fingerprint,
    merged_speed,
    scaled,
    speed_factor,
)
from pytest_carbon.core.report.paired_runs import Pairs, Side, from_json, to_json
from pytest_carbon.core.report.run_measurements import Figure, RunMeasurements
from pytest_carbon.core.verdict.wording import count


def merged_pairs(measured: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, list[str]]:
    """Return the pairs of all parts that have some, by the part's name, as JSON values, and what was left out.

    The first pair is made of each part's first, and so on; there are as many as every one of these parts has, so
    that none is believed after fewer than the rule asks for. Raises ReportError for pairs that are not whole.
    """
    if len(measured) < 2:
        return next(iter(measured.values()), None), []
    parts = {name: from_json(data) for name, data in measured.items()}
    who = ", ".join(parts)
    if len({(pairs.base, pairs.head) for pairs in parts.values()}) > 1:
        return None, [f"base and head in turns were other commits in each of {who}, so nothing is confirmed"]
    numbers = {name: len(pairs.runs) // 2 for name, pairs in parts.items()}
    least = min(numbers.values())
    gaps = []
    if len(set(numbers.values())) > 1:
        each = ", ".join(f"{count(number, 'pair')} in part {name}" for name, number in numbers.items())
        gaps.append(f"base and head were measured in turns: {each}; the first {least} of each are compared")
    return to_json(_together(list(parts.values()), least)), gaps


def _together(parts: Sequence[Pairs], number: int) -> Pairs:
    first = parts[0]
    runs = [
        Side(side.side, _figures([pairs.figures_of(side.side)[place // 2] for pairs in parts]))
        for place, side in enumerate(first.runs[: 2 * number])
    ]
    everything = any(not pairs.asked for pairs in parts)
    return Pairs(
        base=first.base,
        head=first.head,
        runs=tuple(runs),
        asked=() if everything else tuple(sorted({nodeid for pairs in parts for nodeid in pairs.asked})),
        stopped=joined(pairs.stopped for pairs in parts),
        took_s=max(pairs.took_s for pairs in parts),
        gaps=tuple(dict.fromkeys(gap for pairs in parts for gap in pairs.gaps)),
    )


def _figures(runs: Sequence[RunMeasurements]) -> RunMeasurements:
    """Return the tests of several parts as of one run; a test that ran in more than one is summed."""
    full_speed = merged_speed([run.full_speed for run in runs])
    tests: dict[str, Figure] = {}
    for run in runs:
        factor = speed_factor(run.full_speed, full_speed)
        for nodeid, figure in run.tests.items():
            own = figure._replace(slowdown=scaled(figure.slowdown, factor))
            tests[nodeid] = _sum(tests[nodeid], own) if nodeid in tests else own
    return replace(
        runs[0],
        fingerprint=merged_fingerprint([run.fingerprint for run in runs]),
        full_speed=full_speed,
        tests=tests,
        code=merged_code([run.code for run in runs]),
        features={nodeid: feature for run in runs for nodeid, feature in run.features.items()},
    )


def _sum(one: Figure, other: Figure) -> Figure:
    unknown = one.slowdown is None or other.slowdown is None
    slowdown = None if unknown else max(one.slowdown or 0.0, other.slowdown or 0.0)
    outcome = one.outcome if one.outcome != "passed" else other.outcome
    return Figure(one.reference_j + other.reference_j, slowdown, outcome)

"""Base and head measured in turns by several jobs of one run, as if by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_carbon.core.merge.merge_machines import (
    join_texts,
    mean_full_speed,
    merge_code,
    merge_fingerprints,
    scale_slowdown,
    speed_factor,
)
from pytest_carbon.core.report.paired_runs import PairedRuns, SideRun, from_json, to_json
from pytest_carbon.core.report.run_measurements import MeasuredTest, RunMeasurements
from pytest_carbon.core.verdict.wording import count_text


def merge_paired_runs(measured: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, list[str]]:
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
        each = ", ".join(f"{count_text(number, 'pair')} in part {name}" for name, number in numbers.items())
        gaps.append(f"base and head were measured in turns: {each}; the first {least} of each are compared")
    return to_json(_merge_in_order(list(parts.values()), least)), gaps


def _merge_in_order(parts: Sequence[PairedRuns], number: int) -> PairedRuns:
    first = parts[0]
    runs = [
        SideRun(side.side, _merge_measurements([pairs.measurements_of(side.side)[place // 2] for pairs in parts]))
        for place, side in enumerate(first.runs[: 2 * number])
    ]
    everything = any(not pairs.selected_tests for pairs in parts)
    return PairedRuns(
        base=first.base,
        head=first.head,
        runs=tuple(runs),
        selected_tests=()
        if everything
        else tuple(sorted({nodeid for pairs in parts for nodeid in pairs.selected_tests})),
        stop_reason=join_texts(pairs.stop_reason for pairs in parts),
        took_s=max(pairs.took_s for pairs in parts),
        gaps=tuple(dict.fromkeys(gap for pairs in parts for gap in pairs.gaps)),
    )


def _merge_measurements(runs: Sequence[RunMeasurements]) -> RunMeasurements:
    """Return the tests of several parts as of one run; a test that ran in more than one is summed."""
    full_speed = mean_full_speed([run.full_speed for run in runs])
    tests: dict[str, MeasuredTest] = {}
    for run in runs:
        factor = speed_factor(run.full_speed, full_speed)
        for nodeid, figure in run.tests.items():
            own = figure._replace(slowdown=scale_slowdown(figure.slowdown, factor))
            tests[nodeid] = _sum_tests(tests[nodeid], own) if nodeid in tests else own
    return replace(
        runs[0],
        fingerprint=merge_fingerprints([run.fingerprint for run in runs]),
        full_speed=full_speed,
        tests=tests,
        code=merge_code([run.code for run in runs]),
        features={nodeid: feature for run in runs for nodeid, feature in run.features.items()},
    )


def _sum_tests(first: MeasuredTest, second: MeasuredTest) -> MeasuredTest:
    unknown = first.slowdown is None or second.slowdown is None
    slowdown = None if unknown else max(first.slowdown or 0.0, second.slowdown or 0.0)
    outcome = first.outcome if first.outcome != "passed" else second.outcome
    return MeasuredTest(first.reference_j + second.reference_j, slowdown, outcome)

"""Merges the paired runs that several jobs of one CI run measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_carbon.core.merge.merge_run_facts import (
    join_texts,
    mean_full_speed,
    merge_code,
    merge_fingerprints,
    scale_slowdown,
    speed_factor,
)
from pytest_carbon.core.records.paired_runs import PairedRuns, SideRun, from_json, to_json
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements
from pytest_carbon.core.verdict.wording import count_text


def merge_paired_runs(measured: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, list[str]]:
    """Return the merged paired runs as JSON values (None if no part has any), and sentences about what was left out.

    ``measured`` has the paired runs of each part, as JSON values, by the part's name. The first merged pair is made of
    the first pair of each part, and so on. The part with the fewest pairs limits their number, so that no part counts
    with fewer pairs than the rule asks for. Raises ReportError for incomplete paired runs.
    """
    if len(measured) < 2:
        return next(iter(measured.values()), None), []
    parts = {name: from_json(data) for name, data in measured.items()}
    names = ", ".join(parts)
    if len({(pairs.base, pairs.head) for pairs in parts.values()}) > 1:
        return None, [f"the parts {names} measured different commits as base and head, so nothing is confirmed"]
    pair_counts = {name: len(pairs.runs) // 2 for name, pairs in parts.items()}
    fewest = min(pair_counts.values())
    gaps = []
    if len(set(pair_counts.values())) > 1:
        listed = ", ".join(f"{count_text(number, 'pair')} in part {name}" for name, number in pair_counts.items())
        gaps.append(f"the parts measured different numbers of pairs: {listed}; the first {fewest} of each are compared")
    return to_json(_merge_in_order(list(parts.values()), fewest)), gaps


def _merge_in_order(parts: Sequence[PairedRuns], number: int) -> PairedRuns:
    first = parts[0]
    runs = [
        SideRun(run.side, _merge_measurements([pairs.measurements_of(run.side)[position // 2] for pairs in parts]))
        for position, run in enumerate(first.runs[: 2 * number])
    ]
    measured_all = any(not pairs.selected_tests for pairs in parts)
    selected = {nodeid for pairs in parts for nodeid in pairs.selected_tests}
    return PairedRuns(
        base=first.base,
        head=first.head,
        runs=tuple(runs),
        selected_tests=() if measured_all else tuple(sorted(selected)),
        stop_reason=join_texts(pairs.stop_reason for pairs in parts),
        took_s=max(pairs.took_s for pairs in parts),
        gaps=tuple(dict.fromkeys(gap for pairs in parts for gap in pairs.gaps)),
        spoiled=join_texts(filter(None, (pairs.spoiled for pairs in parts))),
    )


def _merge_measurements(runs: Sequence[RunMeasurements]) -> RunMeasurements:
    """Return the tests of several parts as one run; a test that ran in several parts is summed."""
    full_speed = mean_full_speed([run.full_speed for run in runs])
    tests: dict[str, MeasuredTest] = {}
    for run in runs:
        factor = speed_factor(run.full_speed, full_speed)
        for nodeid, test in run.tests.items():
            scaled = test._replace(slowdown=scale_slowdown(test.slowdown, factor))
            tests[nodeid] = _sum_tests(tests[nodeid], scaled) if nodeid in tests else scaled
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

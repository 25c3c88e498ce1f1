"""The gaps of a report: what could not be measured, or was disturbed, as by CPU time that the hypervisor took away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from pytest_carbon.core.budget.budget import NO_ZONE_SET
from pytest_carbon.core.energy.attribution import own_totals
from pytest_carbon.core.energy.counted_work.instruction_counts import CountedRun
from pytest_carbon.core.energy.power_windows import counter_stands_still
from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO, SpeedTrack
from pytest_carbon.core.energy.report_rows import probes_of
from pytest_carbon.core.model import OWN_WORK, GridFactor, Measurement, WorkerTrace
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.report import MachineInfo
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.grid.world_average import WORLD
from pytest_carbon.processes.left_behind import LeftBehind

LARGEST_STEAL_RATIO = 0.05
"""Share of the machine's CPU time; a larger share makes wall times longer than usual."""
LEFT_RUNNING_S = 1.0
"""CPU seconds of processes that outlive the tests; fewer are not worth a sentence."""
LONG_WITHOUT_PROBE_S = 1.0
"""CPU seconds; speed probes that find a moment come five to ten times as often."""
LARGEST_SHARE_WITHOUT_PROBE = 0.2
"""Share of the CPU time of the run's own work; a larger share is worth a sentence."""
_NAMES_CHARACTERS = 100


def find_gaps(
    measurement: Measurement,
    counter: bool,
    grid: GridFactor,
    machine: MachineInfo,
    energy_known: bool,
    zone_option: str = "--carbon-zone",
) -> list[str]:
    """Return a sentence for each thing that was not measured as usual: energy, counters, grid, stolen CPU time.

    ``zone_option`` is the option by which the user sets the zone.
    """
    gaps = []
    if not energy_known:
        gaps.append("the energy of this run is unknown; its reference energy is known, from the CPU time of the tests")
    if counter:
        seen_s = measurement.codecarbon_readings[-1].at_s - measurement.codecarbon_readings[0].at_s
        duration_s = measurement.end_s - measurement.start_s
        if duration_s - seen_s > 0.5:
            gaps.append(
                f"the counters were read for {seen_s:.1f} s of {duration_s:.1f} s (CodeCarbon needs about half a "
                "second to start); the rest is extrapolated from them"
            )
    if counter_stands_still(measurement):
        gaps.append("the energy counter of the CPU can be read and stands still, so the energy is modelled")
    if grid.assumed and grid.source != WORLD.source:
        gaps.append(
            "a grid zone is set, and no provider could give its factor: grams are for the world average, and no limit "
            "in grams is judged; see the extension that failed"
        )
    elif grid.assumed:
        gaps.append(
            f"{NO_ZONE_SET}, and no limit in grams is judged; "
            f'set the zone of your machines, such as zone = "DE", or {zone_option}'
        )
    if machine.steal_ratio is not None and machine.steal_ratio > LARGEST_STEAL_RATIO:
        gaps.append(
            f"the hypervisor took {machine.steal_ratio:.0%} of the CPU time away: wall times are longer than usual"
        )
    return gaps


def describe_left_running(running: Sequence[tuple[str, float]]) -> list[str]:
    """Return a sentence on child processes, by name and CPU seconds, that still run when the tests have ended."""
    cpu_s = sum(seconds for _, seconds in running)
    if cpu_s < LEFT_RUNNING_S:
        return []
    names = shorten(", ".join(sorted({name for name, _ in running})), _NAMES_CHARACTERS)
    return [
        f"{cpu_s:.1f} s of CPU time are of processes that still ran when the tests had ended ({names}), and are in no "
        "test but in pytest itself; close pools and servers in the test or fixture that starts them"
    ]


def describe_left_behind(left: Sequence[LeftBehind]) -> list[str]:
    """Return a sentence on processes that tests started and left, which no process of the run waits for."""
    if not left:
        return []
    names = sorted({f"{process.name} of {process.nodeid}" if process.nodeid else process.name for process in left})
    return [
        f"{sum(process.cpu_s for process in left):.1f} s of CPU time are of processes that tests started and left "
        f"({shorten(', '.join(names), _NAMES_CHARACTERS)}): they are in background, and no test and no limit of a test "
        "counts them; end them in the test or fixture that starts them"
    ]


def describe_unseen_tests(tests: Collection[str], traces: Sequence[WorkerTrace]) -> list[str]:
    """Return a sentence on tests without figures, and one on tests that ran at the same time in one process.

    ``tests`` are the nodeids of all tests that had a report.
    """
    recorded = [span for trace in traces for span in trace.spans if span.kind == "test"]
    together = {span.nodeid for span in recorded if span.info and "together" in span.info}
    sentences = []
    if unseen := {*tests} - {span.nodeid for span in recorded}:
        sentences.append(
            f"{_tests(unseen)} ran where pytest-carbon sees no process: what they used is in pytest itself or in "
            "background, no feature pays for it, and their limits were not judged"
        )
    if together:
        sentences.append(
            f"{_tests(together)} ran at the same time as others in one process, which has one clock: what they used "
            "together is split evenly among them, and their limits were not judged"
        )
    return sentences


def describe_long_without_probe(traces: Sequence[WorkerTrace]) -> list[str]:
    """Return a sentence on tests, fixtures and imports that ran for long without a moment for a speed probe.

    The CPU time of each is taken to be spread evenly over its time. A command's is not looked at: it is probed once a
    second.
    """
    names: list[str] = []
    long_s = work_s = 0.0
    changed = 0
    for trace in traces:
        probes = probes_of([trace])
        track = SpeedTrack(probes)
        for span, cpu_s in zip(trace.spans, own_totals(trace.spans, [s.cpu_s for s in trace.spans]), strict=True):
            if span.kind not in OWN_WORK:
                continue
            work_s += cpu_s
            wall_s = span.end_s - span.start_s
            if cpu_s <= LONG_WITHOUT_PROBE_S or wall_s <= 0 or span.kind == "command":
                continue
            busy = cpu_s / wall_s
            inside = sorted(probe.at_s for probe in probes if span.start_s < probe.at_s < span.end_s)
            stretches = pairwise([span.start_s, *inside, span.end_s])
            long = [(a, b) for a, b in stretches if busy * (b - a) > LONG_WITHOUT_PROBE_S]
            if long:
                names.append(span.nodeid or "collection and imports")
                long_s += busy * sum(b - a for a, b in long)
                changed += any(_differ(*track.slowdowns_around(a, b)) for a, b in long)
    if long_s <= LARGEST_SHARE_WITHOUT_PROBE * work_s:
        return []
    changes = f"; in {changed} of them it changed by more than {CLEAN_RATIO - 1:.0%}" if changed else ""
    return [
        f"{percent_text(long_s / work_s)} of the CPU time of tests, fixtures and imports was used for more than "
        f"{LONG_WITHOUT_PROBE_S:g} s at a time without a moment for a speed probe "
        f"({shorten(', '.join(dict.fromkeys(names)), _NAMES_CHARACTERS)}): how fast the machine was is known before "
        f"and after, not in between{changes}"
    ]


def describe_lost_counts(traces: Sequence[WorkerTrace]) -> list[str]:
    """Return a sentence on a counter of instructions that did not count all tests."""
    if not CountedRun(traces).is_broken:
        return []
    return [
        "the CPU's counter of instructions did not count all tests (others needed it, too, or the tests closed its "
        "file), so reference energy comes from the speed probes, and is not compared with runs that were counted"
    ]


def _differ(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and max(before, after) > CLEAN_RATIO * min(before, after)


def _tests(nodeids: Collection[str]) -> str:
    names = shorten(", ".join(sorted(nodeids)), _NAMES_CHARACTERS)
    return f"{len(nodeids)} test{'s' if len(nodeids) > 1 else ''} ({names})"

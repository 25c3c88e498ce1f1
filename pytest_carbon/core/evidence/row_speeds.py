"""Whether the speeds and the reference energy of a report's rows follow from the speed probes that it has.

A test's speeds are those at its beginning and end, by the probes before and after it (``SpeedTrack``). Its CPU time was
corrected by their mean, unless probes ran inside of it. So rows cannot say that the machine was slow where no probe
says so: tests that are said to be slow would not be compared.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import fsum

from pytest_carbon.core.energy.reference_energy import (
    ELASTICITY,
    PROBE_REFERENCE_S,
    REFERENCE_J_PER_CPU_S,
    SpeedTrack,
    probe_cpu_s,
)
from pytest_carbon.core.evidence.close_figures import ROUNDING
from pytest_carbon.core.evidence.counted_rows import has_counted_part
from pytest_carbon.core.evidence.machine_limits import is_merged, number_of_parts
from pytest_carbon.core.model import Probe, Row
from pytest_carbon.core.report import Report

_Speeds = tuple[str, float | None, float | None]
SPEED_ROUNDING = 10 * ROUNDING
_MERGED_SPEEDS = 100.0
"""Merging scales probes to the mean full speed, and keeps the reference energy that they had corrected: a part may have
been much faster than the mean, and as many times slower as there are parts."""
_FASTEST, _SLOWEST, _TINY_J = 1e-6, 1e15, 1e-6
_TINY_SPEED = 1e-4
_MOST_PROBES_APART = 425
"""CPU time between two probes, in multiples of the slowest; the recorder leaves 170, by a clock of its own."""
_LONG_CPU_S = 0.02
"""A test of this CPU time (s) has its speed from its own probes; of a shorter one, a small setup may have another."""


def speed_contradictions(report: Report) -> Iterator[str]:
    """Yield a sentence for each row that no speed of a probe explains, and on speeds that no probe has.

    A worker without probes may have the speeds of all others. A report without probes and speeds claims nothing of that
    kind: its tests are not compared. If the CPU counted the work, speeds decide nothing.
    """
    if has_counted_part(report):
        return
    merged = is_merged(report)
    probes = _probes_by_worker(report)
    probed = {worker: _speeds_of(own) for worker, own in probes.items()}
    slowdowns = sorted(speed for speeds in probed.values() for speed in speeds) or [1.0]
    workers = probed.keys() | {row.worker for row in report.rows}
    slower = min(number_of_parts(report), len(workers) or 1) if merged else 1
    faster = _MERGED_SPEEDS if merged else 1 + SPEED_ROUNDING
    least = REFERENCE_J_PER_CPU_S / (max(*slowdowns, _FASTEST) * slower * (1 + SPEED_ROUNDING)) ** ELASTICITY
    most = REFERENCE_J_PER_CPU_S / (max(min(slowdowns), _FASTEST) / faster) ** ELASTICITY
    by_speeds: dict[_Speeds, float] = {}  # worker, speed before and after -> J ref for a CPU second
    unknown_s: dict[str, list[float]] = {worker: [] for worker in probed}
    inside: Counter[str] = Counter()
    for row in report.rows:
        speeds = row.worker, row.speed_before, row.speed_after
        expected_j = (by_speeds.get(speeds) or by_speeds.setdefault(speeds, _per_cpu_s(speeds))) * row.cpu_s
        if None in speeds and row.kind == "test" and row.worker in probed:
            unknown_s[row.worker].append(row.cpu_s)
        if abs(row.reference_j - expected_j) <= 2 * SPEED_ROUNDING * expected_j + _TINY_J:
            continue
        if row.kind == "test" and row.worker in probed and not merged:
            inside[row.worker] += _least_inside(row, probed[row.worker])
        fits = least * row.cpu_s - _TINY_J <= row.reference_j <= most * row.cpu_s + _TINY_J
        if not fits and (row.energy_j is not None or row.worker in probed):  # other machines' probes are not here
            yield (
                f"{row.nodeid[:80] or row.kind} took {row.cpu_s:g} s of CPU time, "
                f"which at no speed of a probe are {row.reference_j:g} J ref"
            )
    here = {row.worker for row in report.rows if row.kind == "test" and row.energy_j is not None}
    yield from _of_no_probe({**dict.fromkeys(here, slowdowns if report.probes else []), **probed}, by_speeds)
    yield from _between_no_probes(report, unknown_s, _MOST_PROBES_APART * slower)
    for worker, needed in inside.items():
        if needed > len(probes[worker]):
            yield (
                "by their reference energy, tests ran at another speed than that of the probes beside them, "
                f"and {len(probes[worker])} probes are too few to have run inside of them"
            )


def _probes_by_worker(report: Report) -> dict[str, list[Probe]]:
    probes: dict[str, list[Probe]] = {}
    for probe in report.probes:
        probes.setdefault(probe.worker, []).append(probe)
    return probes


def _speeds_of(probes: Sequence[Probe]) -> list[float]:
    """Return the speeds that rows of a worker may have at their beginning and end, the fastest first."""
    track = SpeedTrack(probes)
    return sorted([*track.befores, *track.afters])


def _around(speeds: _Speeds) -> list[float]:
    return [speed for speed in speeds[1:] if speed is not None]


def _per_cpu_s(speeds: _Speeds) -> float:
    around = _around(speeds)
    return REFERENCE_J_PER_CPU_S / max(fsum(around) / len(around), _FASTEST) ** ELASTICITY if around else math.nan


def _of_no_probe(probed: Mapping[str, Sequence[float]], speeds: Iterable[_Speeds]) -> Iterator[str]:
    own = {(worker, speed) for worker, *around in speeds if worker in probed for speed in around if speed is not None}
    for worker, speed in sorted(own):
        if not _is_one_of(speed, probed[worker]):
            yield f"a row has the speed {speed:g}, which no probe of its worker {worker[:80]} has"


def _between_no_probes(report: Report, unknown_s: Mapping[str, Sequence[float]], most_apart: float) -> Iterator[str]:
    """Look at tests without a speed: they came after the last probe, and a probe comes soon.

    The last probe may have run inside of a test, so the longest of these tests does not count.
    """
    for worker, each_s in unknown_s.items():
        longest_s = max(probe_cpu_s(probe) for probe in report.probes if probe.worker == worker)
        most_s = most_apart * max(PROBE_REFERENCE_S, longest_s)
        cpu_s = fsum(sorted(each_s)[:-1])
        if cpu_s > most_s:
            yield f"tests of {cpu_s:g} s of CPU time have no probe beside them, but at most {most_s:g} s may"


def _is_one_of(speed: float, slowdowns: Sequence[float]) -> bool:
    rounding = SPEED_ROUNDING * speed + _TINY_SPEED
    place = bisect_left(slowdowns, speed - rounding)
    return place < len(slowdowns) and slowdowns[place] <= speed + rounding


def _least_inside(row: Row, slowdowns: Sequence[float]) -> int:
    """Return how many probes must have run inside of a test, at least, to give its reference energy."""
    around = _around((row.worker, row.speed_before, row.speed_after))
    if row.cpu_s < _LONG_CPU_S or row.reference_j <= 0 or not around:
        return 1
    speed = min(REFERENCE_J_PER_CPU_S * row.cpu_s / row.reference_j, _SLOWEST) ** (1 / ELASTICITY)
    beyond = speed - fsum(around) / len(around)  # what the probes inside must make up for
    room = slowdowns[-1] - speed if beyond > 0 else speed - slowdowns[0]
    needed = abs(beyond) / max(room, SPEED_ROUNDING * speed)
    if len(around) == 1:  # without a probe at one end, one inside stands for that end, too
        needed = (needed - 1) / 2
    return max(1, int(needed))

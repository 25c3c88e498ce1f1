"""Whether the speeds and the reference energy of a report's rows follow from the speed probes that it has.

A test's speeds are those of the probes before and after it. Its CPU time was corrected by their mean, unless probes ran
inside of it. So rows cannot say that the machine was slow where no probe says so: tests that are said to be slow would
not be compared.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import fsum

from pytest_carbon.core.energy.reference_energy import ELASTICITY, PROBE_REFERENCE_S, REFERENCE_J_PER_CPU_S
from pytest_carbon.core.evidence.close_figures import ROUNDING
from pytest_carbon.core.evidence.machine_limits import is_merged
from pytest_carbon.core.model import Row
from pytest_carbon.core.report import Report

SPEED_ROUNDING = 10 * ROUNDING
_MERGED_SPEEDS = 100.0  # merging scales probes to one machine, and keeps the reference energy that they had corrected
_FASTEST, _TINY_J = 1e-6, 1e-6
_TINY_SPEED = 1e-4
_MOST_PROBES_APART = 200
"""CPU time between two probes, in multiples of the slowest; the recorder leaves 80, and counts it a little otherwise."""
_LONG_CPU_S = 0.02
"""A test of this CPU time (s) has its speed from its own probes; of a shorter one, a small setup may have another."""


def speed_contradictions(report: Report) -> Iterator[str]:
    """Yield a sentence for each row that no speed of a probe explains, and on speeds that no probe has."""
    slowdowns = [probe.slowdown for probe in report.probes] or [1.0]
    merged = is_merged(report)
    widen = _MERGED_SPEEDS if merged else 1 + SPEED_ROUNDING
    least = REFERENCE_J_PER_CPU_S / (max(slowdowns) * widen) ** ELASTICITY
    most = REFERENCE_J_PER_CPU_S / (max(min(slowdowns), _FASTEST) / widen) ** ELASTICITY
    probed = _probes_by_worker(report)
    at: dict[tuple[str, float | None, float | None], list[Row]] = {}
    for row in report.rows:
        if row.kind == "test" and row.worker in probed:
            at.setdefault((row.worker, row.speed_before, row.speed_after), []).append(row)
        fits = least * row.cpu_s - _TINY_J <= row.reference_j <= most * row.cpu_s + _TINY_J
        if not fits and (row.energy_j is not None or row.worker in probed):  # other machines' probes are not here
            yield (
                f"{row.nodeid[:80] or row.kind} took {row.cpu_s:g} s of CPU time, "
                f"which at no speed of a probe are {row.reference_j:g} J ref"
            )
    yield from _of_no_probe(probed, at)
    if not merged:
        yield from _of_another_mean(probed, at)


_RowsAt = Mapping[tuple[str, float | None, float | None], Sequence[Row]]


def _probes_by_worker(report: Report) -> dict[str, list[float]]:
    """Return the slowdowns of each worker's probes, the fastest first."""
    probed: dict[str, list[float]] = {}
    for probe in report.probes:
        probed.setdefault(probe.worker, []).append(probe.slowdown)
    return {worker: sorted(slowdowns) for worker, slowdowns in probed.items()}


def _of_no_probe(probed: Mapping[str, Sequence[float]], at: _RowsAt) -> Iterator[str]:
    """Compare the speeds with those of the worker's probes. Only tests after the last probe have no speed after them.

    The last probe may have run inside of a test, so the longest of these tests does not count.
    """
    unknown_s: dict[str, list[float]] = {worker: [] for worker in probed}
    for (worker, before, after), rows in at.items():
        slowdowns = probed[worker]
        for speed in (before, after):
            if speed is None:
                unknown_s[worker] += [row.cpu_s for row in rows]
            elif not _is_one_of(speed, slowdowns):
                yield f"{rows[0].nodeid[:80]} ran at the speed {speed:g}, which no probe of its worker has"
    for worker, each_s in unknown_s.items():
        most_s = _MOST_PROBES_APART * PROBE_REFERENCE_S * max(1.0, probed[worker][-1])
        cpu_s = fsum(sorted(each_s)[:-1])
        if cpu_s > most_s:
            yield f"tests of {cpu_s:g} s of CPU time have no probe beside them, but at most {most_s:g} s lie between two"


def _is_one_of(speed: float, slowdowns: Sequence[float]) -> bool:
    place = bisect_left(slowdowns, speed)
    near = slowdowns[max(0, place - 1) : place + 1]
    return any(abs(speed - slowdown) <= SPEED_ROUNDING * speed + _TINY_SPEED for slowdown in near)


def _of_another_mean(probed: Mapping[str, Sequence[float]], at: _RowsAt) -> Iterator[str]:
    """Count the probes inside of tests that it takes to explain their reference energy: each is inside of one test."""
    inside: Counter[str] = Counter()
    for (worker, before, after), rows in at.items():
        around = [speed for speed in (before, after) if speed]
        if not around:
            continue
        mean = fsum(around) / len(around)
        by_mean = REFERENCE_J_PER_CPU_S / mean**ELASTICITY
        for row in rows:
            expected_j = by_mean * row.cpu_s
            if abs(row.reference_j - expected_j) > 2 * SPEED_ROUNDING * expected_j + _TINY_J:
                inside[worker] += _least_inside(row, around, probed[worker])
    for worker, needed in inside.items():
        if needed > len(probed[worker]):
            yield (
                f"by their reference energy, the tests ran at another speed than they say; that takes {needed} probes "
                f"inside of them, but there were {len(probed[worker])}"
            )


def _least_inside(row: Row, around: Sequence[float], slowdowns: Sequence[float]) -> int:
    """Return how many probes must have run inside of a test, at least, to give its reference energy."""
    if row.cpu_s < _LONG_CPU_S or row.reference_j <= 0:
        return 1
    speed = (REFERENCE_J_PER_CPU_S * row.cpu_s / row.reference_j) ** (1 / ELASTICITY)
    beyond = fsum(speed - slowdown for slowdown in around)  # what the probes inside must make up for
    room = slowdowns[-1] - speed if beyond > 0 else speed - slowdowns[0]
    return max(1, int(abs(beyond) / max(room, SPEED_ROUNDING * speed)))

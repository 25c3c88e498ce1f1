"""The usual power curve against RAPL readings of four CPUs, each left out in turn.

A machine is described by its idle and full watts, as in a user's [machine]. The shape between the ends is the mean over
the other CPUs and two published curves, made as the shipped one is made from all. The highest clock is the CPU's turbo,
as the kernel tells it. Where some CPUs work all of the time, their own clock was not recorded; it is taken as the full.
One of the machines had a smart plug, too: the same is asked of its watts at the socket. Last, a curve that was measured
while some CPUs worked is held against readings while all worked for a part of the time.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from _bench import Table

from pytest_carbon.core.energy.machine_choice import (
    GIVEN_ENDS_SPREAD,
    MEASURED_SPREAD,
    USUAL_SHAPE,
    usual_curve,
)
from pytest_carbon.core.energy.power_windows import curve_watts, machine_watts
from pytest_carbon.core.model import MachineSpec, Range

Shape = Sequence[tuple[float, float]]
RATED_W = {
    "AMD EPYC 8024P": 90.0,
    "AMD Ryzen Threadripper 1950X": 180.0,
    "Intel Xeon E3-1240 v2": 69.0,
    "Intel Xeon E5-2620 v3, two": 170.0,
}
TURBO_MHZ = {
    "AMD EPYC 8024P": 3000,
    "AMD Ryzen Threadripper 1950X": 4000,
    "Intel Xeon E3-1240 v2": 3800,
    "Intel Xeon E5-2620 v3, two": 3200,
}
"""By the makers' data sheets."""
PUBLISHED: tuple[Shape, ...] = (
    tuple(
        (percent / 100, (watts - 1.759) / (8.180 - 1.759))
        for percent, watts in (
            (0, 1.759), (10, 3.617), (20, 3.925), (30, 4.236), (40, 4.659), (50, 5.164),
            (60, 5.699), (70, 6.288), (80, 6.969), (90, 7.757), (100, 8.180),
        )
    ),
    ((0, 0), (0.1, 20 / 90), (0.5, 63 / 90), (1, 1)),
)  # fmt: skip
"""SPECpower of an EPYC 7763 (Eco CI v5.3), and Teads: 12, 32, 75, 102 % of rated power at 0, 10, 50, 100 %."""
NOTHING = Range(1.0, 1.0, 1.0)


class Reading(NamedTuple):
    """One step of load: utilisation (0..1), watts, MHz, and whether only some CPUs worked, all of the time."""

    utilisation: float
    watts: float
    mhz: float
    some: bool


class Readings(NamedTuple):
    """The steps of one machine, from idle to full load."""

    cpu: str
    name: str
    steps: tuple[Reading, ...]

    def share(self, utilisation: float) -> float:
        """Return the share of the way from idle to full watts."""
        idle_w, full_w = self.steps[0].watts, self.steps[-1].watts
        points = [(0.0, 0.0), *((s.utilisation, (s.watts - idle_w) / (full_w - idle_w)) for s in self.steps[1:])]
        return curve_watts(points, utilisation)


def read_sets(file: str = "rapl.csv") -> list[Readings]:
    """Return all sets of readings: by RAPL, or of the ``socket.csv``, which has no clocks."""
    path = Path(__file__).parent / "data" / file
    rows = csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#"))
    found: dict[tuple[str, str], list[Reading]] = {}
    for row in rows:
        step = Reading(
            float(row["load_percent"]) / 100, float(row["watts"]), float(row.get("mhz") or 0), row["load"] == "some"
        )
        found.setdefault((row["cpu"], f"{row['set']}, {row['load']} CPUs"), []).append(step)
    return [Readings(cpu, name, tuple(sorted(steps))) for (cpu, name), steps in found.items()]


def mean_shape(sets: Iterable[Readings]) -> Shape:
    """Return the mean shape: of the sets of a CPU, then of the CPUs and the published curves. It never falls."""
    by_cpu: dict[str, list[Readings]] = {}
    for one in sets:
        by_cpu.setdefault(one.cpu, []).append(one)
    highest, points = 0.0, []
    for u, _ in USUAL_SHAPE:
        of_cpus = [statistics.mean(one.share(u) for one in its) for its in by_cpu.values()]
        highest = max(highest, min(1.0, statistics.mean([*of_cpus, *(curve_watts(p, u) for p in PUBLISHED)])))
        points.append((u, highest))
    return (*points[:-1], (1.0, 1.0))


def modelled_watts(one: Readings, shape: Shape, *, with_clock: bool) -> list[float]:
    """Return the watts that the model gives for each step of a machine with known ends."""
    curve = usual_curve(one.steps[0].watts, one.steps[-1].watts, shape)
    spec = MachineSpec(one.name, curve, (1, 1), NOTHING, NOTHING, "", "", scales_with_frequency=True)
    clocks = [1.0 if s.some else s.mhz / TURBO_MHZ[one.cpu] for s in one.steps]
    return [
        machine_watts(spec, s.utilisation, clock if with_clock else None)
        for s, clock in zip(one.steps, clocks, strict=True)
    ]


def at_the_socket(rapl: Sequence[Readings]) -> list[Readings]:
    """Return the sets of watts at the socket, with the clocks of the same steps in the sets by RAPL."""
    clocks = {(one.name, step.utilisation): step.mhz for one in rapl for step in one.steps}
    return [
        one._replace(steps=tuple(s._replace(mhz=clocks[one.name, s.utilisation]) for s in one.steps))
        for one in read_sets("socket.csv")
    ]


def outside_percent(ratios: Sequence[float], spread: Sequence[float]) -> float:
    """Return how many of the ratios of true to modelled watts lie outside of a range."""
    low, high = spread
    return 100 * sum(not low <= ratio <= high for ratio in ratios) / len(ratios)


def given_curve_ratios(sets: Sequence[Readings]) -> list[float]:
    """Return the ratios for curves that were measured while some CPUs worked, and loads of both kinds."""
    by_load = {one.name: one for one in sets}
    ratios = []
    for one in sets:
        if not one.steps[-1].some:
            measured = by_load[one.name.replace("all CPUs", "some CPUs")].steps
            rising = accumulate((s.watts for s in measured), max)
            curve = [(s.utilisation, w) for s, w in zip(measured, rising, strict=True)]
            ratios += [s.watts / curve_watts(curve, s.utilisation) for s in (*measured, *one.steps)]
    return ratios


def error_percent(one: Readings, watts: Sequence[float]) -> float:
    """Return the mean absolute percentage error."""
    return 100 * statistics.mean(abs(w - s.watts) / s.watts for s, w in zip(one.steps, watts, strict=True))


def main() -> None:
    """Print the error of each set with its CPU left out, and the share of readings inside of the stated range."""
    table = Table("power curve against RAPL, each CPU left out in turn")
    sets = read_sets()
    shipped = max(abs(share - ours) for (_, share), (_, ours) in zip(mean_shape(sets), USUAL_SHAPE, strict=True))
    table.row("the shipped shape against the mean of all", shipped, 0.001)
    errors, ratios = [], []
    for one in sets:
        shape = mean_shape(other for other in sets if other.cpu != one.cpu)
        watts = modelled_watts(one, shape, with_clock=True)
        without = error_percent(one, modelled_watts(one, shape, with_clock=False))
        cubic = error_percent(one, [RATED_W[one.cpu] * (0.1 + 0.9 * s.utilisation**3) for s in one.steps])
        errors.append(error_percent(one, watts))
        ratios += [s.watts / w for s, w in zip(one.steps, watts, strict=True)]
        table.row(one.name, errors[-1], 30, "%", f"without the clock {without:.1f} %, CodeCarbon's curve {cubic:.1f} %")
    table.row("mean of all sets", statistics.mean(errors), 20, "%")
    low, high = GIVEN_ENDS_SPREAD
    outside = outside_percent(ratios, GIVEN_ENDS_SPREAD)
    table.row(f"readings outside of the stated range, {low:g} to {high:g} times", outside, 10, "%")
    for one in at_the_socket(sets):
        watts = modelled_watts(one, mean_shape(other for other in sets if other.cpu != one.cpu), with_clock=True)
        outside = outside_percent([s.watts / w for s, w in zip(one.steps, watts, strict=True)], GIVEN_ENDS_SPREAD)
        error = f"mean error {error_percent(one, watts):.1f} %"
        table.row(f"{one.name}, watts at the socket: outside of that range", outside, 10, "%", error)
    low, high = MEASURED_SPREAD
    outside = outside_percent(given_curve_ratios(sets), MEASURED_SPREAD)
    table.row(f"a given curve: readings of both kinds of load outside of {low:g} to {high:g} times", outside, 10, "%")
    table.end()


if __name__ == "__main__":
    main()

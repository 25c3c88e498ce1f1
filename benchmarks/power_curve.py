"""The power curve against RAPL readings of three real machines, none of which its shape was made from.

A machine is described by its idle and full watts and its highest clock, as in a user's [machine]; the shape between and
the exponent of the clock are the ones shipped. CodeCarbon's cubic curve has the rated power it would look up.
"""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

from _bench import Table

from pytest_carbon.core.energy.machine_choice import usual_curve
from pytest_carbon.core.energy.power_windows import machine_watts
from pytest_carbon.core.model import MachineSpec, Range

RATED_W = {"AMD EPYC 8024P": 90.0, "AMD Ryzen Threadripper 1950X": 180.0, "Intel Xeon E3-1240 v2": 69.0}
NOTHING = Range(1.0, 1.0, 1.0)


def machines() -> dict[str, list[tuple[float, float, float]]]:
    """Return each machine's readings: utilisation, watts, MHz."""
    path = Path(__file__).parent / "data" / "rapl.csv"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    found: dict[str, list[tuple[float, float, float]]] = {}
    for row in csv.DictReader(lines):
        reading = float(row["load_percent"]) / 100, float(row["watts"]), float(row["mhz"])
        found.setdefault(row["machine"], []).append(reading)
    return found


def main() -> None:
    """Print the mean absolute percentage error by machine and over all."""
    table = Table("power curve against RAPL")
    ours, theirs, no_clock = [], [], []
    for name, readings in machines().items():
        highest = max(mhz for _, _, mhz in readings)
        spec = MachineSpec(
            name,
            usual_curve(readings[0][1], readings[-1][1]),
            (1, 1),
            NOTHING,
            NOTHING,
            "",
            "",
            scales_with_frequency=True,
        )
        errors = [abs(machine_watts(spec, u, mhz / highest) - w) / w for u, w, mhz in readings]
        without = [abs(machine_watts(spec, u, None) - w) / w for u, w, _ in readings]
        cubic = [abs(RATED_W[name] * (0.1 + 0.9 * u**3) - w) / w for u, w, _ in readings]
        for errors_of, sums in ((errors, ours), (without, no_clock), (cubic, theirs)):
            sums.append(100 * statistics.mean(errors_of))
        table.say(f"{name}: {ours[-1]:.1f} % (without the clock {no_clock[-1]:.1f} %, CodeCarbon {theirs[-1]:.1f} %)")
    table.row("mean absolute percentage error", statistics.mean(ours), 20, "%")
    table.say(f"CodeCarbon's cubic curve on the same readings: {statistics.mean(theirs):.1f} %")
    table.end()


if __name__ == "__main__":
    main()

"""Bare machines of which only the CPU's rated power, or nothing, is known, against RAPL readings of four CPUs.

The shares of rated power are the mean over the CPUs, as the shipped ones are. Each CPU is then left out in turn, and
the shipped range must hold its readings. RAPL counts the CPU alone, so what the table adds for the rest is taken off.
One of the machines had a smart plug, too: its watts at the socket must be in the range as they are.

Where the table does not list a machine's CPU or board, it has an entry for all. That is held against those it lists: a
cloud's CPU, or a board, as if it were not listed. No reading of a virtual machine's own power exists.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from _bench import Table
from power_curve import RATED_W, Readings, outside_percent, read_sets

from pytest_carbon.core.energy.machine_choice import choose_machine, usual_curve
from pytest_carbon.core.energy.power_windows import curve_watts
from pytest_carbon.core.model import MachineFacts
from pytest_carbon.meter.machine_table import read_machine_table

RATED, UNKNOWN = "machine with a CPU of known rated power", "machine of your own, not known to the table"
UNLISTED_CPU = "virtual machine with a processor that the table does not list"
UNLISTED_BOARD = "single-board computer that the table does not list"
THREADS = {
    "AMD EPYC 8024P": 16,
    "AMD Ryzen Threadripper 1950X": 32,
    "Intel Xeon E3-1240 v2": 8,
    "Intel Xeon E5-2620 v3, two": 24,
}
REST = 1.33
"""What is not the CPU, as a factor; the table's entries contain it (Boavizta)."""
_COUNTED_TWICE = "(E5-1240)"
"""One set names the same CPU as another, and has twice its watts: more than the CPU is rated for."""


def mean_ends(sets: Sequence[Readings], units: Mapping[str, float]) -> tuple[float, float]:
    """Return idle and full watts per unit (a rated watt, or a thread): the mean over the CPUs."""
    by_cpu: dict[str, list[Readings]] = {}
    for one in sets:
        by_cpu.setdefault(one.cpu, []).append(one)
    idle, full = (
        statistics.mean(
            statistics.mean(one.steps[end].watts for one in its) / units[cpu] for cpu, its in by_cpu.items()
        )
        for end in (0, -1)
    )
    return idle, full


def left_out_ratios(
    sets: Sequence[Readings],
    units: Mapping[str, float],
    of: Sequence[Readings] | None = None,
    rest: float = 1.0,
) -> dict[str, list[float]]:
    """Return by CPU the true watts of its readings, divided by those of a curve that is made from the other CPUs.

    ``of`` are the readings, if they are not ``sets`` themselves; ``rest`` is a factor for what ``sets`` do not count.
    """
    ratios: dict[str, list[float]] = {}
    for one in sets if of is None else of:
        ends = mean_ends([other for other in sets if other.cpu != one.cpu], units)
        curve = usual_curve(*(rest * end * units[one.cpu] for end in ends))
        found = [step.watts / curve_watts(curve, step.utilisation) for step in one.steps]
        ratios.setdefault(one.cpu, []).extend(found)
    return ratios


def check_entry(table: Table, name: str, keys: tuple[str, str], units: Mapping[str, float], most: float) -> None:
    """Print how far the shipped ends are from the mean of all CPUs, and how many readings lie outside of the range.

    ``most`` is the largest difference of an end, in per cent.
    """
    entry = next(entry for entry in read_machine_table() if entry["name"] == name)
    sets = [one for one in read_sets() if _COUNTED_TWICE not in one.name]
    for key, found in zip(keys, mean_ends(sets, units), strict=True):
        table.row(
            f"{name}: {key}", 100 * abs(entry[key] / (REST * found) - 1), most, "%", f"{REST * found:.3f} by the data"
        )
    low, high = entry["spread"]
    for cpu, ratios in left_out_ratios(sets, units).items():
        text = f"{cpu} left out: readings outside of {low:g} to {high:g} times"
        table.row(text, outside_percent(ratios, (low, high)), 10, "%")
    for cpu, ratios in left_out_ratios(sets, units, read_sets("socket.csv"), REST).items():
        text = f"{cpu} left out: watts at the socket outside of {low:g} to {high:g} times"
        table.row(text, outside_percent(ratios, (low, high)), 10, "%", f"{min(ratios):.2f} to {max(ratios):.2f} times")


def check_unlisted(table: Table, name: str, key: str) -> None:
    """Print how many watts of the listed machines lie outside of the range of the entry for those not listed.

    Listed machines have ``key`` among the conditions of their match.
    """
    entries = read_machine_table()
    general = next(entry for entry in entries if entry["name"] == name)
    listed = [e for e in entries if key in e["match"] and e is not general and "runner" not in e["match"]]
    ratios = [
        curve_watts(_curve(entry), percent / 100) / curve_watts(_curve(general), percent / 100)
        for entry in listed
        for percent in range(0, 101, 10)
    ]
    low, high = general["spread"]
    text = f"{name}: watts of the listed ones outside of {low:g} to {high:g} times"
    table.row(text, outside_percent(ratios, (low, high)), 10, "%", f"{min(ratios):.2f} to {max(ratios):.2f} times")


def _curve(entry: Mapping[str, object]) -> Sequence[tuple[float, float]]:
    facts = MachineFacts("", vcpus=4, virtual=None, vendor="", runner="")
    return choose_machine(facts, [{**entry, "match": {}}]).watts


def main() -> None:
    """Print the kinds of entries for machines that are not listed."""
    table = Table("bare machines against RAPL, each CPU left out in turn")
    check_entry(table, RATED, ("idle-share-of-rated", "full-share-of-rated"), RATED_W, 1)
    check_entry(table, UNKNOWN, ("idle-w-per-vcpu", "full-w-per-vcpu"), THREADS, 1)
    check_unlisted(table, UNLISTED_CPU, "cpu")
    check_unlisted(table, UNLISTED_BOARD, "board")
    table.end()


if __name__ == "__main__":
    main()

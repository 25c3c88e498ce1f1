"""Steadiness of reference energy on recorded runs of real suites: python benchmarks/recorded.py [PACK]

The recordings are those of ``record.py``, made with the probes that ship; those of other probes are refused. The
figures are the package's own. Disturbed runs are held against the calm ones, and so is what a report says of them: a
run is told as at full speed if most of its probes are.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from _bench import Table, variation
from recordings import PACK, Recording, read_pack

from pytest_carbon.core.energy.reference_energy import clean_share
from pytest_carbon.core.energy.report_rows import probes_of

NEAR = 0.5
"""A run with so many of its probes at full speed is told as at full speed."""
SLOWED = 1.05


class Figures(NamedTuple):
    """CPU seconds and reference joules of a run's tests, and whether it is told as at full speed."""

    cpu_s: float
    reference_j: float
    is_near: bool


def figures_of(recording: Recording) -> Figures:
    """Return the figures of a run."""
    rows = [row for row in recording.rows() if row.kind in ("test", "fixture")]
    share = clean_share(probes_of([recording.trace])) or 0.0
    return Figures(sum(row.cpu_s for row in rows), sum(row.reference_j for row in rows), share >= NEAR)


def medians(runs: list[Figures]) -> tuple[float, float]:
    """Return the median CPU seconds and reference joules."""
    return statistics.median(run.cpu_s for run in runs), statistics.median(run.reference_j for run in runs)


def disturbed(sets: dict[str, list[Figures]]) -> Iterator[tuple[str, float, float, list[Figures]]]:
    """Yield neighbours, how much slower the work was and how far its reference energy is from the calm runs, ratios."""
    calm_s, calm_j = medians(sets["none"])
    for beside, runs in sets.items():
        if beside != "none":
            own_s, own_j = medians(runs)
            yield beside, own_s / calm_s, abs(own_j / calm_j - 1), runs


def main() -> None:
    """Compare the variations of CPU seconds and of reference energy, suite by suite and neighbours by neighbours."""
    table = Table("recorded runs of real suites")
    suites: dict[str, dict[str, list[Figures]]] = {}
    for recording in read_pack(Path(sys.argv[1]) if len(sys.argv) > 1 else PACK):
        suites.setdefault(recording.suite, {}).setdefault(recording.neighbours, []).append(figures_of(recording))
    calm: list[Figures] = []
    slowed: list[Figures] = []
    for suite, sets in sorted(suites.items()):
        for beside, runs in sets.items():
            raw, steady = (100 * variation([run[column] for run in runs]) for column in (0, 1))
            note = f"(CPU seconds: {raw:.1f} %, {len(runs)} runs)"
            table.row(f"{suite} beside {beside}: variation of reference energy", steady, max(raw / 2, 2.0), "%", note)
        mixed = [run for runs in sets.values() for run in runs]
        raw, steady = (100 * variation([run[column] for run in mixed]) for column in (0, 1))
        note = f"(CPU seconds: {raw:.1f} %)"
        table.row(f"{suite} beside all: variation of reference energy", steady, max(raw / 2, 2.0), "%", note)
        calm += sets["none"]
        for beside, slower, moved, runs in disturbed(sets):
            told = sum(not run.is_near for run in runs) / len(runs) > NEAR
            note = f"(CPU seconds: {slower - 1:+.1%}{', told as disturbed' if told else ''})"
            what = f"{suite} beside {beside}: the median against the calm one"
            if told:
                table.say(f"{what}: {moved:.1%} {note}")
            else:
                table.row(what, 100 * moved, 6.0, "%", note)
            slowed += runs if slower > SLOWED else []
    near = sum(run.is_near for run in slowed) / max(1, len(slowed))
    table.row("runs told as at full speed where the work had slowed by 5 %", 100 * near, 5.0, "%", f"of {len(slowed)}")
    far = sum(not run.is_near for run in calm) / len(calm)
    table.row("calm runs told as disturbed", 100 * far, 10.0, "%", f"of {len(calm)}")
    table.end()


if __name__ == "__main__":
    main()

"""Steadiness of reference energy on recorded runs of a noisy machine: python benchmarks/recorded.py FOLDER

A run is a JSON file KIND_SUITE_NUMBER.json with ``tests`` = [nodeid, own CPU ns, children's CPU ns, wall ns] in
order and ``probes`` = [time ns, CPU ns, wall ns, number of tests before it] of a fixed loop of about a millisecond.
Kind A is the same code again and again, N the same beside a busy loop on the other core. The correction is the
package's own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from _bench import Table, variation

from pytest_carbon.core.energy.reference_energy import PROBE_REFERENCE_S, SpeedTrack, reference_j
from pytest_carbon.core.model import Probe


def energies(path: Path) -> tuple[float, float]:
    """Return a run's CPU seconds and its reference joules; tests are placed in time by their number."""
    run = json.loads(path.read_text())
    probes = [Probe(before - 0.5, cpu_ns / 1e9 / PROBE_REFERENCE_S, "") for _, cpu_ns, _, before in run["probes"]]
    track = SpeedTrack(probes)
    cpu_s = [(own_ns + children_ns) / 1e9 for _, own_ns, children_ns, _ in run["tests"]]
    joules = [reference_j(s, track.mean_slowdown(number - 0.25, number + 0.25)) for number, s in enumerate(cpu_s)]
    return sum(cpu_s), sum(joules)


def main() -> None:
    """Compare the variations, suite by suite."""
    table = Table("recorded runs of a noisy machine")
    runs: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for path in sorted(Path(sys.argv[1]).glob("[AN]_*.json")):
        kind, suite, _ = path.stem.split("_")
        runs.setdefault((suite, kind), []).append(energies(path))
    for (suite, kind), figures in sorted(runs.items()):
        raw, reference = variation([cpu_s for cpu_s, _ in figures]), variation([joules for _, joules in figures])
        note = f"({100 * reference:.1f} % against {100 * raw:.1f} %, {len(figures)} runs)"
        beside = "beside a busy loop" if kind == "N" else "alone"
        table.row(f"{suite}, {beside}: variation against that of CPU seconds", reference / raw, 0.5, "", note)
    table.end()


if __name__ == "__main__":
    main()

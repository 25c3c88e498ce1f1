"""Steadiness of reference energy on recorded runs of real suites: python benchmarks/recorded.py [PACK]

The recordings are those of ``record.py``, made with the probes that ship; those of other probes are refused. The
figures are the package's own.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from _bench import Table, variation
from recordings import PACK, read_pack


def main() -> None:
    """Compare the variations of CPU seconds and of reference energy, suite by suite and neighbours by neighbours."""
    table = Table("recorded runs of real suites")
    runs: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for recording in read_pack(Path(sys.argv[1]) if len(sys.argv) > 1 else PACK):
        rows = [row for row in recording.rows() if row.kind in ("test", "fixture")]
        figures = sum(row.cpu_s for row in rows), sum(row.reference_j for row in rows)
        runs.setdefault(recording.suite, {}).setdefault(recording.neighbours, []).append(figures)
    for suite, sets in sorted(runs.items()):
        calm_j = statistics.median(joules for _, joules in sets["none"]) if "none" in sets else None
        for neighbours, figures in sets.items():
            raw, steady = (100 * variation(values) for values in zip(*figures, strict=True))
            note = f"(CPU seconds: {raw:.1f} %, {len(figures)} runs)"
            table.row(
                f"{suite} beside {neighbours}: variation of reference energy", steady, max(raw / 2, 2.0), "%", note
            )
            if calm_j:
                moved = 100 * abs(statistics.median(joules for _, joules in figures) / calm_j - 1)
                table.row(f"{suite} beside {neighbours}: the median against the calm one", moved, 6.0, "%")
    table.end()


if __name__ == "__main__":
    main()

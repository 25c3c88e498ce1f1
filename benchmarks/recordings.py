"""Recorded runs of real suites, as ``record.py`` makes them: reading them, and their figures by the code that ships.

A pack is a file of JSON lines, compressed with xz. The first line tells the version of the probes; each other is a run:
suite, neighbours, number, nodeids, and spans with the position of their nodeid. Recordings of other probes are refused.
The neighbours ``host`` of our pack were found, not made: nothing ran beside the suites, but the host of the virtual
machine was so busy for half an hour that copying 64 MB took 45 to 85 ms.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pytest_carbon.core.energy.reference_energy import PROBES, clean_share, full_speed_of_run
from pytest_carbon.core.energy.report_rows import make_rows, probes_of
from pytest_carbon.core.model import Row, Span, WorkerTrace
from pytest_carbon.core.records.run_measurements import (
    RunMeasurements,
    outside_of_rows,
    tests_of_rows,
)

PACK = Path(__file__).parent / "data" / "recordings.jsonl.xz"


class Recording(NamedTuple):
    """One run of a suite beside some neighbours."""

    suite: str
    neighbours: str
    number: int
    trace: WorkerTrace

    def rows(self) -> list[Row]:
        """Return the rows of the run's report, without energy."""
        return make_rows([self.trace], None, {}, {})

    def measurements(self) -> RunMeasurements:
        """Return what a comparison needs of the run."""
        probes, rows = probes_of([self.trace]), self.rows()
        name, share = f"{self.suite}-{self.neighbours}-{self.number}", clean_share(probes) or 0.0
        return RunMeasurements(
            name, None, "main", f"{share:.2f}", {}, full_speed_of_run(probes), tests_of_rows(rows),
            outside_j=outside_of_rows(rows),
        )  # fmt: skip


def to_line(suite: str, neighbours: str, number: int, recorded: dict[str, Any]) -> str:
    """Return a recording as a line of a pack. Raises ValueError for recordings of other probes."""
    if recorded["probes"] != PROBES:
        raise ValueError(f"the recording was made with probes {recorded['probes']}, and these are {PROBES}")
    places: dict[str, int] = {}
    spans = []
    for kind, nodeid, *rest in recorded["spans"]:
        spans.append([kind, places.setdefault(nodeid, len(places)), *rest])
    run = {"suite": suite, "neighbours": neighbours, "number": number, "nodeids": [*places], "spans": spans}
    run["background_cpu_s"] = recorded["background_cpu_s"]
    return json.dumps(run, separators=(",", ":"))


def write_pack(lines: Iterable[str], path: Path = PACK) -> None:
    """Write a pack."""
    with lzma.open(path, "wt", encoding="utf-8", preset=9) as file:
        file.write(json.dumps({"probes": PROBES}) + "\n")
        file.writelines(line + "\n" for line in lines)


def read_pack(path: Path = PACK) -> Iterator[Recording]:
    """Yield the recordings of a pack. Ends the program without a pack, or for one of other probes than ship."""
    if not path.exists():
        sys.exit(f"{path} is not there: nothing was recorded with the probes that ship; run record.py")
    with lzma.open(path, "rt", encoding="utf-8") as file:
        probes = json.loads(next(file))["probes"]
        if probes != PROBES:
            sys.exit(f"{path} was recorded with probes {probes}; the probes that ship are {PROBES}: run record.py")
        for line in file:
            yield _read(json.loads(line))


def _read(run: dict[str, Any]) -> Recording:
    spans = []
    for kind, place, phase, begin_us, end_us, cpu_us, *told in run["spans"]:
        info = {"walking_s": told[0] / 1e6, "waiting": told[1]} if told else None
        spans.append(Span(kind, run["nodeids"][place], phase, begin_us / 1e6, end_us / 1e6, cpu_us / 1e6, info))
    end_s = max(span.end_s for span in spans)
    trace = WorkerTrace("", 0.0, end_s, sum(span.cpu_s for span in spans), tuple(spans))
    return Recording(run["suite"], run["neighbours"], run["number"], trace)

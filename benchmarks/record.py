"""Records runs of real suites beside chosen neighbours, with the probes that ship: python benchmarks/record.py FOLDER

Each suite is run again and again as it is, in random order of suites and neighbours. A run that is recorded already is
not made again, so a recording can go on later. ``--pack`` puts what is there into the file that ``recorded.py`` and
``decide.py`` read. A machine that is otherwise idle is needed: hours of it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from _bench import SPIN, THRASH, neighbours
from recordings import PACK, to_line, write_pack
from suites import NEEDED, ROOT, unpack

ORDINARY = """
import json
text = json.dumps([{"key %d" % n: [n, str(n), n / 3] for n in range(50)} for _ in range(200)])
while True:
    values = json.loads(text)
    table = {}
    for row in values:
        for key, value in row.items():
            table.setdefault(key, []).append(value)
    sorted(table, key=str)
"""
"""Makes and drops objects, as most programs in Python do."""
COMES_AND_GOES = """
import os, random, subprocess, sys, time
while True:
    process = subprocess.Popen([sys.executable, "-c", sys.argv[random.randrange(1, len(sys.argv))]])
    time.sleep(random.uniform(0.5, 4.0))
    process.kill()
    process.wait()
    time.sleep(random.uniform(0.0, 2.0))
"""
NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "none": (),
    "compute1": (SPIN,),
    "compute2": (SPIN,) * 2,
    "copy1": (THRASH,),
    "copy2": (THRASH,) * 2,
    "copy4": (THRASH,) * 4,
    "ordinary3": (ORDINARY,) * 3,
    "ordinary8": (ORDINARY,) * 8,
    "mixed": (COMES_AND_GOES,) * 2,
}


class Recorded(NamedTuple):
    """A suite: its package, whether its tests are in the source distribution only, and pytest's arguments."""

    pin: str
    source: bool
    arguments: tuple[str, ...]


SUITES = {
    "click": Recorded("click==8.3.1", True, ("tests",)),
    "jinja2": Recorded("jinja2==3.1.6", True, ("tests",)),
    "attrs": Recorded("attrs==26.1.0", True, ("tests/test_make.py", "tests/test_slots.py", "tests/test_setattr.py")),
    "networkx": Recorded(
        "networkx==3.6.1", True, ("networkx/algorithms/centrality", "networkx/algorithms/shortest_paths")
    ),
    "sympy": Recorded(
        "sympy==1.14.0",
        False,
        ("--pyargs", "sympy.core.tests.test_function", "sympy.core.tests.test_facts"),
    ),
    "pandas": Recorded(
        "pandas==2.3.3",
        False,
        ("--pyargs", "pandas.tests.reshape.merge.test_merge", "pandas.tests.reshape.merge.test_join"),
    ),
}


def prepare(folder: Path) -> Path:
    """Make an environment with this project and the suites; return its Python."""
    python = folder / "venv" / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        pins = [suite.pin for suite in SUITES.values()]
        subprocess.run([python, "-m", "pip", "install", "-q", "-e", str(ROOT), *NEEDED, *pins], check=True)
        for suite in SUITES.values():
            if suite.source:
                unpack(folder, python, suite.pin)
        (folder / "ready").touch()
    return python


def record(folder: Path, python: Path, name: str) -> dict[str, object] | None:
    """Run a suite once; return what was recorded, or None if the run failed to start."""
    suite = SUITES[name]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "recording.json"
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=", "--carbon"]
        command += ["-p", "recording_plugin", f"--carbon-report={scratch}/report.json", *suite.arguments]
        done = subprocess.run(
            command,
            cwd=folder / name if suite.source else scratch,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parent),
                "PYTHONHASHSEED": "0",
                "CARBON_RECORDING": str(path),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1) or not path.exists():
            print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
            return None
        found: dict[str, object] = json.loads(path.read_text())
        rows = json.loads(Path(scratch, "report.json").read_text())["rows"]
        return {**found, "background_cpu_s": sum(row["cpu_s"] for row in rows if row["kind"] == "background")}


def planned(suites: list[str], beside: list[str], runs: int) -> Iterator[tuple[str, str, int]]:
    """Yield suite, neighbours and number of all runs: every round has each once, in another order."""
    chance = random.Random(1)
    for number in range(runs):
        some = [(suite, name, number) for suite in suites for name in beside]
        chance.shuffle(some)
        yield from some


def main() -> None:
    """Record, or pack what was recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="keeps the environment, the suites and the recordings")
    parser.add_argument("--suites", default=",".join(SUITES), help="names, with commas")
    parser.add_argument("--neighbours", default=",".join(NEIGHBOURS), help="names, with commas")
    parser.add_argument(
        "--runs", type=int, default=12, help="of each suite beside each of the neighbours (default: 12)"
    )
    parser.add_argument("--minutes", type=float, default=600.0, help="begin no run after this time (default: 600)")
    parser.add_argument("--pack", action="store_true", help=f"write {PACK.name} of what is recorded")
    options = parser.parse_args()
    folder: Path = options.folder.resolve()
    runs = folder / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    if options.pack:
        write_pack(path.read_text() for path in sorted(runs.glob("*.json")))
        print(f"{len([*runs.glob('*.json')])} runs, {PACK.stat().st_size / 1e6:.1f} MB")
        return
    python = prepare(folder)
    until = time.monotonic() + 60 * options.minutes
    for suite, name, number in planned(options.suites.split(","), options.neighbours.split(","), options.runs):
        path = runs / f"{suite}-{name}-{number:02}.json"
        if path.exists() or time.monotonic() > until:
            continue
        with beside(name):
            began = time.monotonic()
            recorded = record(folder, python, suite)
        print(f"{path.stem}: {time.monotonic() - began:.1f} s", flush=True)
        if recorded is not None:
            path.write_text(to_line(suite, name, number, recorded))


@contextmanager
def beside(name: str) -> Iterator[None]:
    """Keep the neighbours running; they get half a second to begin."""
    programs = [[code, SPIN, THRASH, ORDINARY] if code is COMES_AND_GOES else code for code in NEIGHBOURS[name]]
    with neighbours(*programs):
        time.sleep(0.5)
        yield


if __name__ == "__main__":
    main()

"""Real suites: same outcomes with and without --carbon, conservation, overhead; with --repeat N, steadiness.

Downloads the source distributions of some well-known projects from PyPI into a folder of its own (--keep DIR keeps it)
and runs the projects' own tests on them.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from _bench import THRASH, Done, Table, neighbours, run_pytest, variation

ROOT = Path(__file__).parent.parent
SUITES: dict[str, tuple[str, tuple[str, ...]]] = {
    "packaging": ("packaging==25.0", ("tests",)),
    "click": ("click==8.3.1", ("tests",)),
    "attrs": ("attrs==26.1.0", ("tests", "--ignore=tests/test_pyright.py", "--ignore=tests/test_mypy.yml")),
    "jinja2": ("jinja2==3.1.6", ("tests",)),
    "networkx": ("networkx==3.6.1", ("networkx/algorithms/centrality", "networkx/classes")),
}
NOISY = 0.05
NEEDED = ("pytest<9", "pretend", "hypothesis", "cloudpickle", "pympler", "trio", "numpy", "tomli_w")


def prepare(folder: Path) -> Path:
    """Make an environment with pytest-carbon and what the suites need; return its Python."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        pins = [pin for pin, _ in SUITES.values()]
        subprocess.run([python, "-m", "pip", "install", "-q", str(ROOT), *NEEDED, *pins], check=True)
    for pin, _ in SUITES.values():
        unpack(folder, python, pin)
    return python


def unpack(folder: Path, python: Path, pin: str) -> None:
    """Put the source distribution of a project below the folder, under the project's name, unless it is there."""
    name = pin.partition("==")[0]
    if (folder / name).exists():
        return
    command = [python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary"]
    subprocess.run([*command, name, "-d", str(folder / "sdists"), pin], check=True)
    (archive,) = (folder / "sdists").glob(f"{name}-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
        top = tar.getnames()[0].split("/")[0]
    (folder / top).rename(folder / name)


def outcomes(folder: Path) -> dict[tuple[str, str], str]:
    """Return what became of each test, from JUnit XML."""
    found = {}
    for case in ET.parse(folder / "junit.xml").iter("testcase"):
        kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        found[case.get("classname", ""), case.get("name", "")] = kinds[0] if kinds else "passed"
    return found


def run(folder: Path, python: Path, paths: tuple[str, ...], *extra: str) -> tuple[Done, dict[tuple[str, str], str]]:
    """Run a suite once."""
    plain = ("-q", "-p", "no:cacheprovider", "--junit-xml=junit.xml", "-o", "addopts=")
    done = run_pytest(folder, *paths, *extra, plain=plain, python=str(python))
    return done, outcomes(folder)


def main() -> None:
    """Run every suite both ways, then the steadiness trial."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder to keep downloads and environment in")
    parser.add_argument("--repeat", type=int, default=0, help="runs of click and jinja2 for the steadiness trial")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = (options.keep or Path(name)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        python = prepare(folder)
        table = Table("real suites")
        for suite, (pin, paths) in SUITES.items():
            both(table, suite, pin, folder / suite, python, paths)
        for suite in ("click", "jinja2") if options.repeat else ():
            steadiness(table, suite, folder / suite, python, options.repeat)
    table.end()


def both(table: Table, suite: str, pin: str, folder: Path, python: Path, paths: tuple[str, ...]) -> None:
    """Run a suite with and without --carbon."""
    run(folder, python, paths)  # fills caches of bytecode
    off, plain = run(folder, python, paths)
    on, measured = run(folder, python, paths, "--carbon")
    table.row(f"{suite}, could not be collected", off.code not in (0, 1), 0)
    different = sum(plain.get(k) != measured.get(k) for k in plain.keys() | measured.keys())
    table.say(f"{pin}: {len(plain)} tests, exit {off.code} and {on.code}, {off.wall_s:.1f} and {on.wall_s:.1f} s")
    table.row(f"{suite}, tests with another outcome, exit code included", different + (off.code != on.code), 0)
    if on.report is None:
        table.row(f"{suite}, reports missing", 1, 0, note=on.output[-500:])
        return
    total = on.report["totals"]["energy_j"]
    rows_j = sum(row["energy_j"] for row in on.report["rows"])
    table.row(f"{suite}, rows against total", abs(rows_j / total - 1), 1e-6)
    table.say(f"{suite}: CPU {off.cpu_s:.2f} s off, {on.cpu_s:.2f} s on; added wall {on.wall_s - off.wall_s:+.2f} s")


def steadiness(table: Table, suite: str, folder: Path, python: Path, repeat: int) -> None:
    """Run the same code again and again: reference energy must vary at most half as much as CPU seconds.

    Beside it, by turns, none, one or two programs that fight for memory: a machine with changing neighbours.
    """
    raw, reference = [], []
    for number in range(repeat):
        with neighbours(*[THRASH] * (number % 3)):
            done, _ = run(folder, python, SUITES[suite][1], "--carbon")
        assert done.report is not None
        rows = [row for row in done.report["rows"] if row["kind"] in ("test", "fixture")]
        raw.append(sum(row["cpu_s"] for row in rows))
        reference.append(sum(row["reference_j"] for row in rows))
    table.say(f"{suite}, {repeat} runs: CPU {min(raw):.2f} to {max(raw):.2f} s, median {statistics.median(raw):.2f} s")
    note = f"({100 * variation(reference):.1f} % against {100 * variation(raw):.1f} %)"
    if variation(raw) < NOISY:
        table.say(f"{suite}: {note}: this machine is calm, there is nothing to correct; see recorded.py")
        table.row(f"{suite}, variation of reference energy", 100 * variation(reference), 100 * NOISY, "%")
        return
    ratio = variation(reference) / variation(raw)
    table.row(f"{suite}, variation of reference energy against CPU seconds", ratio, 0.5, "", note)


if __name__ == "__main__":
    main()

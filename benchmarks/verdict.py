"""What a verdict costs: python benchmarks/verdict.py

A report of 20,000 tests in 20 features is judged against a baseline of 10 runs, as ``pytest-carbon check --json``
does it: report and ledger are read from files, in a process of its own. Time is that process's CPU and wall time,
memory its largest. The yardstick is a process that loads the JSON of the same files and does nothing with it.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from _bench import READ_JSON, Table, Yardstick, median_s, python

from pytest_carbon.core.energy.feature_shares import feature_uses
from pytest_carbon.core.model import GridFactor, Probe, Range, Row
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals
from pytest_carbon.reporters.run import report_file

TESTS, FEATURES, BASELINE = 20_000, 20, 10
POLICY = 'zone = "DE"\ndefault-branch = "main"\n[budget]\ngrowth = "5 %"\nlimit = "1 kg"\n' + "".join(
    f'[features.f{n}]\npaths = ["tests/test_f{n}.py"]\n[features.f{n}.budget]\nlimit = "100 g"\ngrowth = "5 %"\n'
    for n in range(FEATURES)
)
JUDGE = """
import resource, sys, time
from pytest_carbon.cli.main import main
code = main(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF)
print(peak.ru_maxrss * 1024, peak.ru_utime + peak.ru_stime, file=sys.stderr)
sys.exit(code)
"""


def report(number: int, started: datetime, chance: random.Random, tests: int = TESTS) -> Report:
    """Return a run of so many tests of about a millisecond."""
    rows = []
    for test in range(tests):
        feature = f"f{test % FEATURES}"
        joules = 0.002 * (1 + test % 7) * chance.lognormvariate(0.0, 0.04)
        nodeid = f"tests/test_{feature}.py::test_{test}[case-{test}]"
        rows.append(
            Row("test", joules * 2, joules / 2.045, joules / 2.045, joules, nodeid, "call", "", feature, "passed",
                speed_before=1.0, speed_after=1.0)
        )  # fmt: skip
    whole_j = sum(row.energy_j or 0.0 for row in rows)
    grams = whole_j / 3.6e6 * 380
    emissions = (grams, 0.1, grams + 0.1, grams, grams * 2 + 0.1)
    functions = {f"tests/test_f{test % FEATURES}.py::test_{test}": f"{test:012x}" for test in range(tests)}
    return Report(
        {"name": "pytest-carbon", "version": "0", "codecarbon": None},
        RunInfo(f"run-{number}", started.isoformat(), 60.0, ("pytest",), 0, f"{number:040x}", 1, "main"),
        MachineInfo("a machine", "a CPU", 2, "modelled", "-", "-", {"cpu": "a CPU"}, 0.0, 0.5, 1.0, 1.0),
        GridFactor("DE", Range(380.0, 200.0, 600.0), "by hand", 2024, False),
        Totals(whole_j, whole_j / 2, whole_j * 2, whole_j / 2, *emissions, None, None, ""),
        tuple(rows), feature_uses(rows, whole_j, grams + 0.1), (), (Probe(0.0, 1.0, ""),), (), functions,
    )  # fmt: skip


def main() -> None:
    """Make the files, judge three times, hold the best against the limits."""
    from pytest_carbon.config.load import load_config
    from pytest_carbon.usecases.append_run import append_run
    from pytest_carbon.usecases.open_ledger import open_ledger

    table = Table(f"a verdict on {TESTS} tests against {BASELINE} runs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "carbon.toml").write_text(POLICY)
        config, now, chance = load_config(folder), datetime.now(UTC), random.Random(0)
        ledger = open_ledger(config, now, folder=str(folder / ".carbon/ledger"))
        for number in range(BASELINE):
            append_run(config, report(number, now - timedelta(hours=BASELINE - number), chance), RunSource(), ledger)
        path = folder / ".carbon/report.json"
        last = report(BASELINE, now - timedelta(minutes=5), chance)
        report_file.write(replace(last, run=replace(last.run, branch="change")), path)
        read_s: list[float] = []
        best: tuple[float, float, float] | None = None
        for _ in range(3):
            read_s += median_s(python(READ_JSON, folder / ".carbon"), times=1)
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", JUDGE, "check", "--json"],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "CI": ""},
            )
            wall_s = time.perf_counter() - start
            if done.returncode not in (0, 1):
                sys.exit(done.stderr)
            peak, cpu_s = map(float, done.stderr.split()[-2:])
            best = min(best or (wall_s, cpu_s, peak), (wall_s, cpu_s, peak))
        verdict = json.loads(done.stdout)
        table.say(
            f"report {path.stat().st_size / 1e6:.1f} MB; the answer: {verdict['state']}; {len(done.stdout)} bytes"
        )
        yardstick = Yardstick("loading the JSON of the same files", min(read_s))
        table.time("wall time of pytest-carbon check", best[0], yardstick, 7.5, f"({best[1]:.2f} s of CPU)")
        table.row("memory", best[2] / 1e6, 250.0, "MB")
    table.end()


if __name__ == "__main__":
    main()

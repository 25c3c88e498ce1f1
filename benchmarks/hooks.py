"""What the local hooks cost: python benchmarks/hooks.py

Each runs as pre-commit starts it, in ten fresh processes, in a repository of 5,000 files, 20 features, 1,000 tests, a
report, and a ledger of four weeks with 200 runs of this machine and 10 baselines. The change touches one feature. Times
are medians, from the start of the process to its end. The yardstick is what every hook must do: start Python, import
a YAML and a template library, and let git look at the 5,000 files.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from _bench import Table, Yardstick, median_s, process, python
from verdict import FEATURES, POLICY, report

from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, load_config
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.reporters.run import report_file
from pytest_carbon.usecases.open_ledger import open_ledger

FILES, TESTS, RUNS, BASELINE, TIMES, LIMIT = 5_000, 1_000, 200, 10, 10, 3.8
HOOK = Path(sys.executable).with_name("pytest-carbon-hook")
WORKFLOW = """on:
  pull_request:
jobs:
  test-{n}:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
        python-version: ["3.11", "3.12", "3.13", "3.14"]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
      - run: pip install tox && tox
"""


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody."""
    subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *arguments], cwd=folder, check=True)


def repository(folder: Path) -> None:
    """Make the files, commit them, and change one feature's tests and the policy on a branch."""
    (folder / "carbon.toml").write_text(POLICY)
    (folder / ".gitignore").write_text(".carbon\n")
    (folder / "pyproject.toml").write_text('[project]\nname = "a"\nrequires-python = ">=3.8"\n')
    for number in range(FILES):
        test = f"tests/test_f{number}.py" if number < FEATURES else f"source/part_{number % 100}/module_{number}.py"
        (folder / test).parent.mkdir(parents=True, exist_ok=True)
        (folder / test).write_text(f"number = {number}\n")
    (folder / ".github/workflows").mkdir(parents=True)
    for number in range(20):
        (folder / f".github/workflows/test-{number}.yml").write_text(WORKFLOW.replace("{n}", str(number)))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")
    git(folder, "checkout", "-q", "-b", "change")
    (folder / "tests/test_f0.py").write_text("changed = 1\n")
    (folder / "pyproject.toml").write_text('[project]\nname = "a"\nrequires-python = ">=3.11"\n')
    (folder / "carbon.toml").write_text(POLICY.replace('growth = "5 %"', 'growth = "6 %"', 1))
    git(folder, "commit", "-q", "-a", "-m", "a change")


def history(folder: Path, branch: str | None) -> None:
    """Fill the ledger, and leave the report of one more run."""
    config, now, chance = load_config(folder), datetime.now(UTC), random.Random(0)
    ledger = open_ledger(config, now, branch=branch, folder=None if branch else str(folder / ".carbon/ledger"))
    runs = [report(n, now - timedelta(hours=3 * n + 1), chance, TESTS) for n in range(BASELINE)]
    for run in runs:
        ledger.append([], replace(measurements_of(run), branch="main"))
    entries = [make_entry(runs[0], RunSource(branch="main"))]
    for number in range(1, RUNS):
        started = (now - timedelta(hours=3 * number + 1)).isoformat()
        entries.append(replace(entries[0], id=f"run-{number}", run=f"run-{number}", started=started))
    ledger.append(entries)
    last = report(BASELINE, now - timedelta(minutes=5), chance, TESTS)
    report_file.write(replace(last, run=replace(last.run, branch="change")), folder / ".carbon/report.json")


def compare(table: Table, folder: Path, what: str, hook: str) -> None:
    """Run a hook and the yardstick in turn, ten times each, and print the hook's row."""

    def run_hook() -> None:
        done = subprocess.run([HOOK, hook], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr)

    def run_yardstick() -> None:
        python("import yaml, jinja2", cwd=folder)()
        process("git", "status", cwd=folder)()

    hook_s, yardstick_s = median_s(run_hook, run_yardstick, times=TIMES)
    table.time(what, hook_s, Yardstick("`import yaml, jinja2` and `git status`", yardstick_s), LIMIT)


def main() -> None:
    """Print every figure against its limit."""
    os.environ.pop("CI", None)
    os.environ |= {"PRE_COMMIT_FROM_REF": "main", "PRE_COMMIT_TO_REF": "change"}  # as pre-commit tells of a push
    table = Table(f"local hooks on {FILES} files, {TESTS} tests, {RUNS} runs")
    for where, branch in (("folder", None), ("branch", DEFAULT_LEDGER_BRANCH)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            repository(folder)
            history(folder, branch)
            compare(table, folder, f"carbon-budget, ledger in a {where}", "carbon-budget")
            for hook in ("carbon-policy", "carbon-workflows", "carbon-devices") if branch is None else ():
                compare(table, folder, hook, hook)
    table.end()


if __name__ == "__main__":
    main()

"""What init takes in a large project: python benchmarks/init.py

It runs in five fresh processes, in a repository of 5,000 files, of which 1,000 are tests in 60 folders, with a
CODEOWNERS of 200 lines and the report of a run of 20,000 tests; and again with the policy that it wrote. Nothing is
written (``--dry-run``). The yardstick is what it must do at least: start Python, import a YAML and a template library,
let git look at the files, and load the JSON of the report.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from _bench import READ_JSON, Table, Yardstick, median_s, process, python
from verdict import report

from pytest_carbon.reporters.run import report_file

FILES, TEST_FILES, FOLDERS, OWNED, TESTS, TIMES, LIMIT = 5_000, 1_000, 60, 200, 20_000, 5, 7
PROGRAM = Path(sys.executable).with_name("pytest-carbon")


def project(folder: Path) -> None:
    """Make the files, and let git track them."""
    for number in range(FILES):
        part = f"part_{number % FOLDERS}"
        file = f"tests/{part}/test_{number}.py" if number < TEST_FILES else f"source/{part}/module_{number}.py"
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    owners = "".join(f"/tests/part_{number}/ @team-{number}\n" for number in range(OWNED))
    (folder / "CODEOWNERS").write_text(f"* @all\n{owners}")
    (folder / ".gitignore").write_text(".carbon\n")
    for command in ("init -q -b main", "add -A", "remote add origin https://github.com/acme/shop.git"):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)


def compare(table: Table, folder: Path, what: str) -> None:
    """Run init and the yardstick in turn, and print their row."""
    init = process(PROGRAM, "init", "--dry-run", cwd=folder)
    read, status = python(f"import yaml, jinja2\n{READ_JSON}", folder / ".carbon"), process("git", "status", cwd=folder)
    init_s, yardstick_s = median_s(init, lambda: (read(), status()), times=TIMES)
    yardstick = Yardstick("`import yaml, jinja2`, loading the report's JSON, and `git status`", yardstick_s)
    table.time(what, init_s, yardstick, LIMIT)


def main() -> None:
    """Print every figure against its limit."""
    os.environ.pop("CI", None)
    table = Table(f"init on {FILES} files, {TEST_FILES} of them tests, and the report of {TESTS} tests")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder)
        compare(table, folder, "a project that was never measured")
        report_file.write(
            report(0, datetime.now(UTC) - timedelta(minutes=5), random.Random(0), TESTS), folder / ".carbon/report.json"
        )
        compare(table, folder, "a project with a report")
        process(PROGRAM, "init", "--zone", "DE", cwd=folder)()
        compare(table, folder, "a project with a report and a policy")
    table.end()


if __name__ == "__main__":
    main()

"""run: the exit code, the report, the progress line, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.process import read_report, run_cli, run_in_terminal

BURN = "import time\nwhile time.process_time() < {}: pass"


def test_run_measures_a_command(tmp_path: Path) -> None:
    """The command's output stays its own, its CPU time is a row, and the table goes to standard error."""
    code = "print('hello')\n" + BURN.format(0.5)
    done = run_cli("run", "--zone", "SE", "--", sys.executable, "-c", code, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == "hello\n"
    assert "the command" in done.stderr
    report = read_report(tmp_path)
    (row,) = [r for r in report["rows"] if r["kind"] == "command"]
    assert row["cpu_s"] == pytest.approx(0.5, abs=0.1)
    assert row["outcome"] == "passed"
    rows_j = sum(r["energy_j"] for r in report["rows"])
    assert rows_j == pytest.approx(report["totals"]["energy_j"], rel=1e-6)
    assert report["grid"]["zone"] == "SE"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("import sys; sys.exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137), ("pass", 0)],
    ids=["its own code", "killed", "fine"],
)
def test_run_returns_the_commands_exit_code(tmp_path: Path, code: str, expected: int) -> None:
    """run ends with the exit code of the command; for a signal that is 128 plus its number."""
    done = run_cli("run", "--", sys.executable, "-c", code, cwd=tmp_path)
    assert done.returncode == expected
    assert read_report(tmp_path)["run"]["exit_status"] == expected


def test_run_fails_if_a_budget_is_exceeded(tmp_path: Path) -> None:
    """A command that succeeds and exceeds a limit per run fails with the figures; --feature names who pays."""
    (tmp_path / "carbon.toml").write_text(
        '[budget]\nper-run = "1 mJ"\non-exceeded = "fail"\n[features.docs.budget]\nper-run = "1 kJ"\n'
    )
    done = run_cli("run", "--feature", "docs", "--", sys.executable, "-c", "pass", cwd=tmp_path)
    assert done.returncode == 1
    assert "carbon budget exceeded: this run used" in done.stderr
    assert read_report(tmp_path)["features"]["docs"]["energy_j"] > 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_long_run_shows_its_progress_on_a_terminal(tmp_path: Path) -> None:
    """After two seconds a line shows seconds, watts and joules so far; at the end it is wiped."""
    code, shown = run_in_terminal(["run", "--", "sleep", "4"], tmp_path)
    assert code == 0
    assert " W  " in shown
    assert " so far" in shown
    assert "\x1b[" in shown.split("so far")[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_reach_the_command(tmp_path: Path, number: signal.Signals) -> None:
    """The command receives Ctrl-C and a request to end; its exit code is the result, and the report is written."""
    code = (
        "import signal, sys, time\n"
        "for n in (signal.SIGINT, signal.SIGTERM): signal.signal(n, lambda *_: sys.exit(9))\n"
        "open('ready', 'w').close()\n"
        "time.sleep(30)"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest_carbon.cli", "run", "--", sys.executable, "-c", code],
        cwd=tmp_path, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while not (tmp_path / "ready").exists():
        time.sleep(0.05)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does it
    else:
        process.send_signal(number)
    assert process.wait(timeout=30) == 9
    assert read_report(tmp_path)["run"]["exit_status"] == 9

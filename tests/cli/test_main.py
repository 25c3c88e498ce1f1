"""The command line, run for real: exit codes, reports, help, and what a terminal shows."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

BURN = "import time\nwhile time.process_time() < {}: pass"


def _carbon(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest_carbon.cli", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "COLUMNS": "100", **environment},
    )  # fmt: skip


def _report(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / ".carbon" / "report.json").read_text())
    return report


def test_run_measures_a_command(tmp_path: Path) -> None:
    """The command's output is its own, its CPU time a row, and the table goes to standard error."""
    code = "print('hello')\n" + BURN.format(0.5)
    done = _carbon("run", "--zone", "SE", "--", sys.executable, "-c", code, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == "hello\n"
    assert "the command" in done.stderr
    report = _report(tmp_path)
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
    """Like env or time, run ends as the command ended; a signal is 128 and its number."""
    done = _carbon("run", "--", sys.executable, "-c", code, cwd=tmp_path)
    assert done.returncode == expected
    assert _report(tmp_path)["run"]["exit_status"] == expected


def test_run_judges_the_projects_budget(tmp_path: Path) -> None:
    """A command that succeeds over the run's budget fails, with the figures; --feature names who pays."""
    (tmp_path / "carbon.toml").write_text(
        '[budget]\nper-run = "1 mJ"\non-exceeded = "fail"\n[features.docs.budget]\nper-run = "1 kJ"\n'
    )
    done = _carbon("run", "--feature", "docs", "--", sys.executable, "-c", "pass", cwd=tmp_path)
    assert done.returncode == 1
    assert "carbon budget exceeded: this run used" in done.stderr
    assert _report(tmp_path)["features"]["docs"]["energy_j"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run",), "nothing to run"),
        (("run", "--", "no-such-command-anywhere"), "could not be started (No such file or directory)"),
        (("run", "--zone", "Atlantis", "--", "true"), "no grid zone is called 'Atlantis'"),
        (("report",), "there is no carbon report at"),
        (("report", "broken.json"), "is not complete JSON"),
        (("report", "other.json"), "is not a carbon report of this version"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """What cannot be done is said in a line, without a traceback."""
    (tmp_path / "broken.json").write_text('{"schema": "pytest-')
    (tmp_path / "other.json").write_text('{"schema": "something else"}')
    done = _carbon(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_report_prints_the_table_again(tmp_path: Path) -> None:
    """report shows what run showed, from the file alone, also from a folder below."""
    run = _carbon("run", "--", sys.executable, "-c", "pass", cwd=tmp_path)
    again = _carbon("report", cwd=tmp_path)
    assert again.returncode == 0
    assert again.stdout == run.stderr
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "below").mkdir()
    assert _carbon("report", cwd=tmp_path / "below").stdout == run.stderr


def test_schema_is_a_json_schema(tmp_path: Path) -> None:
    """schema prints the schema that the reports of run satisfy."""
    _carbon("run", "--", "true", cwd=tmp_path)
    schema = json.loads(_carbon("schema", cwd=tmp_path).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(_report(tmp_path))


def test_doctor_explains_the_machine(tmp_path: Path) -> None:
    """doctor names method, machine and why, grid, CodeCarbon, and what to do."""
    done = _carbon("doctor", cwd=tmp_path)
    assert done.returncode == 0
    for word in ("method", "machine", "power", "PUE", "embodied", "grid", "CodeCarbon", "how to measure better"):
        assert word in done.stdout
    assert "set the grid zone of the machine" in done.stdout


@pytest.mark.parametrize("verb", ["", "run", "report", "doctor", "schema"])
def test_help_teaches(tmp_path: Path, verb: str) -> None:
    """Every verb has a help text that says what it does."""
    done = _carbon(*([verb] if verb else []), "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout) > 150


def test_output_into_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    """pytest-carbon schema | head -1 ends without a traceback."""
    command = f"{sys.executable} -m pytest_carbon.cli schema | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "{\n"
    assert "Traceback" not in done.stderr


def _in_a_terminal(arguments: list[str], cwd: Path, **environment: str) -> tuple[int, str]:
    """Run in a pseudo-terminal and return the exit code and all that it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI")}
        os.execve(  # noqa: S606
            sys.executable, [sys.executable, "-m", "pytest_carbon.cli", *arguments],
            {**kept, "TERM": "xterm", "COLUMNS": "100", **environment},
        )  # fmt: skip
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_long_run_shows_its_progress(tmp_path: Path) -> None:
    """On a terminal, from two seconds on, a line tells seconds, watts and joules so far, and is then wiped."""
    code, shown = _in_a_terminal(["run", "--", "sleep", "4"], tmp_path)
    assert code == 0
    assert " W  " in shown
    assert " so far" in shown
    assert "\x1b[" in shown.split("so far")[-1]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_colour_respects_no_color(tmp_path: Path) -> None:
    """A terminal gets colour, unless NO_COLOR is set; a pipe never does."""
    _carbon("run", "--", "true", cwd=tmp_path)
    assert "\x1b[32m" in _in_a_terminal(["report"], tmp_path)[1]
    assert "\x1b[3" not in _in_a_terminal(["report"], tmp_path, NO_COLOR="1")[1]
    assert "\x1b" not in _carbon("report", cwd=tmp_path).stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_the_commands_to_handle(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and a request to end reach the command; what it says is the result, and the report is there."""
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
    assert _report(tmp_path)["run"]["exit_status"] == 9

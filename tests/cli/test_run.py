"""run: the exit code, the report, the progress line, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.process import read_report, run_cli, run_in_terminal
from tests.git.small_repository import git

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


def test_the_report_of_tests_stays(tmp_path: Path) -> None:
    """A command writes beside it, and says so; where a report is of a command, or is named, it is replaced."""
    (tmp_path / "carbon.toml").write_text("")
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n")
    command = ("run", "--", sys.executable, "-c", "pass")
    run_cli(*command, cwd=tmp_path)
    first = read_report(tmp_path)["run"]["id"]
    run_cli(*command, cwd=tmp_path)
    assert read_report(tmp_path)["run"]["id"] != first
    assert not (tmp_path / ".carbon" / "command.json").exists()
    tests = [sys.executable, "-m", "pytest", "--carbon", "-q", "-p", "no:cacheprovider"]
    subprocess.run(tests, cwd=tmp_path, check=True, capture_output=True)
    of_tests = (tmp_path / ".carbon" / "report.json").read_bytes()
    done = run_cli(*command, cwd=tmp_path)
    assert ".carbon/command.json; that of the tests stays" in done.stderr
    assert (tmp_path / ".carbon" / "report.json").read_bytes() == of_tests
    assert '"command"' in (tmp_path / ".carbon" / "command.json").read_text()
    run_cli("run", "--output", ".carbon/report.json", *command[1:], cwd=tmp_path)
    assert (tmp_path / ".carbon" / "report.json").read_bytes() != of_tests


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_long_run_shows_its_progress_on_a_terminal(tmp_path: Path) -> None:
    """If asked for, a line shows seconds, watts and joules after two seconds; at the end it is wiped."""
    code, shown = run_in_terminal(["run", "--progress", "--", "sleep", "4"], tmp_path)
    assert code == 0
    assert " W  " in shown
    assert " so far" in shown
    assert "\x1b[" in shown.split("so far")[-1]


@pytest.mark.parametrize("to_the_group", [False, True], ids=["to run alone", "to the group"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_signals_reach_the_command_once(tmp_path: Path, number: signal.Signals, to_the_group: bool) -> None:
    """The command receives Ctrl-C and a request to end; its exit code is the result, and the report is written."""
    code = (
        "import signal, sys, time\n"
        "def receive(n, _):\n    with open('received', 'a') as file: print(n, end=' ', file=file)\n"
        "for n in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM): signal.signal(n, receive)\n"
        "open('ready', 'w').close()\n"
        "signal.pause()\ntime.sleep(0.5)\nsys.exit(9)"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest_carbon.cli", "run", "--", sys.executable, "-c", code],
        cwd=tmp_path, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while not (tmp_path / "ready").exists():
        time.sleep(0.05)
    if to_the_group:
        os.killpg(process.pid, number)  # as a terminal does it
    else:
        process.send_signal(number)
    assert process.wait(timeout=30) == 9
    assert (tmp_path / "received").read_text() == f"{int(number)} "
    assert read_report(tmp_path)["run"]["exit_status"] == 9


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_run_spoils_no_line_of_the_command(tmp_path: Path) -> None:
    """A prompt stays, what follows it follows it, and the table begins on a line of its own."""
    code, shown = run_in_terminal(["run", "--", "sh", "-c", "printf 'Password: '; sleep 2.2; printf ok"], tmp_path)
    assert code == 0
    assert shown.startswith("Password: ok\r\n")


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("no-such-command-anywhere", 127, "could not be started (No such file or directory); is it spelt right"),
        ("./plain", 126, "could not be started (Permission denied); is it a program, and executable?"),
        ("./folder", 126, "could not be started (Permission denied)"),
        ("./no-program", 126, "could not be started (Exec format error)"),
    ],
)
def test_a_command_that_does_not_start_ends_as_in_a_shell(tmp_path: Path, command: str, code: int, words: str) -> None:
    """127: there is no such command; 126: it cannot be executed. The error is one line."""
    (tmp_path / "plain").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "no-program").write_text("words")
    (tmp_path / "no-program").chmod(0o755)
    done = run_cli("run", "--", command, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_messages_of_run_name_its_own_options(tmp_path: Path) -> None:
    """The report, the zone and a misspelt feature."""
    (tmp_path / "carbon.toml").write_text('[features.checkout]\npaths = ["**"]\n')
    done = run_cli("run", "--report", "/proc/no/r.json", "--", "true", cwd=tmp_path)
    assert "choose another path with --output\n" in done.stderr
    assert 'such as zone = "DE", or --zone\n' in run_cli("run", "--", "true", cwd=tmp_path, COLUMNS="300").stderr
    done = run_cli("run", "--feature", "chekout", "--", "true", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--feature: no feature is called 'chekout'; did you mean \"checkout\"?" in done.stderr
    done = run_cli("run", "--feature", "docs", "--", "true", cwd=tmp_path, COLUMNS="300")
    assert done.returncode == 0
    assert "no feature of carbon.toml is called 'docs', so the command has no feature's budget" in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_with_closed_streams_is_as_without_run(tmp_path: Path, closed: str) -> None:
    """It finds them closed, and its exit code is the result; no report is written into another file."""
    command = f"sh -c 'echo out && echo error >&2; exit 5' {closed}"
    done = [
        subprocess.run(["bash", "-c", f"{before} {command}"], cwd=tmp_path, capture_output=True, check=False)
        for before in ("", f"{sys.executable} -m pytest_carbon.cli run --")
    ]
    assert done[0].returncode == done[1].returncode == 5
    assert done[0].stdout == done[1].stdout
    assert read_report(tmp_path)["run"]["exit_status"] == 5


def test_kind_14_a_repository_of_another_user_is_a_gap(tmp_path: Path, dubious_git: Callable[[], None]) -> None:
    """The report and the table say why git tells nothing, also if variables of the CI name the commit."""
    git(tmp_path, "init", "-q", "-b", "main")
    dubious_git()
    done = run_cli("run", "--", sys.executable, "-c", "pass", cwd=tmp_path, GITHUB_REF_NAME="main", GITHUB_SHA="e" * 40)
    report = read_report(tmp_path)
    assert (report["run"]["branch"], report["run"]["commit"]) == ("main", "e" * 40)
    (gap,) = [gap for gap in report["gaps"] if "another user owns it" in gap]
    assert gap.endswith(f"git config --global --add safe.directory '{tmp_path}'")
    assert "safe.directory" in done.stderr

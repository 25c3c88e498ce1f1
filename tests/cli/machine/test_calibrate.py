"""calibrate: what it refuses at once, what it prints and writes, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import psutil
import pytest

from pytest_carbon.core.calibration.load_steps import plan_steps
from pytest_carbon.core.energy.machine_choice import read_configured_machine
from tests.cli.process import run_cli

CPUS = os.cpu_count() or 1
SHORTEST_S = str(len(plan_steps(CPUS, 3600)[0]))
NOISE = ("the machine was equally busy in all steps", "the machine was only")
"""What is refused even with --force, and may happen beside other tests."""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seconds", "0.5"], "steps of load need at least"),
        (["--seconds", "nan"], "steps of load need at least"),
        (["--seconds", SHORTEST_S, "--watts-command", "echo on"], "printed 'on'; it must print one number of watts"),
        (["--seconds", SHORTEST_S, "--watts-command", "no-such-plug"], "could not start 'no-such-plug'"),
        (["--watts-command", ""], "--watts-command is empty"),
    ],
)
def test_wrong_use_is_refused(tmp_path: Path, arguments: list[str], message: str) -> None:
    """With exit code 2, before two minutes are over, and without a file."""
    done = run_cli("calibrate", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_machine_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    """It is said before anything is measured."""
    policy = "[machine]\nidle-w = 1\nfull-w = 2\n"
    (tmp_path / "carbon.toml").write_text(policy)
    done = run_cli("calibrate", "--write", "--watts-command", "echo 42", cwd=tmp_path)
    assert done.returncode == 2
    assert "carbon.toml has a [machine] already; give --force to replace its watts" in done.stderr
    assert (tmp_path / "carbon.toml").read_text() == policy


def test_short_calibration_of_this_machine(tmp_path: Path) -> None:
    """The table is printed and written below what was there; a machine that is too busy for it writes nothing."""
    policy = 'zone = "DE"  # ours\n'
    (tmp_path / "carbon.toml").write_text(policy)
    done = run_cli(
        "calibrate", "--write", "--force", "--name", "desk", "--seconds", SHORTEST_S, "--watts-command", "echo 42.5 W",
        cwd=tmp_path,
    )  # fmt: skip
    written = (tmp_path / "carbon.toml").read_text()
    if done.returncode == 2:
        assert any(words in done.stderr for words in NOISE)
        assert written == policy
        return
    assert done.returncode == 0, done.stderr
    assert written == f"{policy}\n{done.stdout}"
    spec = read_configured_machine(tomllib.loads(written)["machine"], "carbon.toml: [machine]")
    assert spec.name == "desk"
    assert {watts for _, watts in spec.watts} == {42.5}
    assert "against the command echo; not seen: what is not behind that meter" in spec.source
    for words in (
        "meter: the command echo; it sees",
        "not seen: ",
        "error: repeated steps",
        "hardly rise",
        "wrote [machine]",
    ):
        assert words in done.stderr


def test_interrupt_leaves_nothing_running(tmp_path: Path) -> None:
    """Ctrl-C ends the load, and is exit code 130."""
    with subprocess.Popen(
        [sys.executable, "-m", "pytest_carbon.cli", "calibrate", "--force", "--seconds", SHORTEST_S,
         "--watts-command", "echo 42"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        own = psutil.Process(process.pid)
        until = time.monotonic() + 60
        loads: list[psutil.Process] = []
        while not loads and process.poll() is None and time.monotonic() < until:
            loads = [child for child in own.children() if "busy_cpus" in " ".join(child.cmdline())]
            time.sleep(0.05)
        assert loads
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 130
    _, alive = psutil.wait_procs(loads, timeout=10)
    assert alive == []

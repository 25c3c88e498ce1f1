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
from tests.attack import Attack
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
    assert "carbon.toml has a [machine] already; give --replace to replace its watts" in done.stderr
    assert (tmp_path / "carbon.toml").read_text() == policy


@pytest.mark.parametrize(
    "policy",
    [
        "machine = { idle-w = 1, full-w = 2 }\n",
        "machine.watts = [[0, 1], [100, 2]]\n",
        '["machine"]\nidle-w = 1\nfull-w = 2\n',
        "[machine]\nidle-w = 1\nfull-w = 2\npue = [\n1.2,\n1.1,\n1.4,\n]\n",
    ],
    ids=["inline", "dotted", "quoted", "value of several lines"],
)
def test_what_cannot_be_written_is_said_before_it_is_measured(tmp_path: Path, policy: str) -> None:
    """Nobody waits two minutes for it: the command of the watts is not even started."""
    (tmp_path / "carbon.toml").write_text(policy)
    done = run_cli(
        "calibrate", "--write", "--replace", "--beside-others", "--watts-command", "touch measured", cwd=tmp_path
    )
    assert done.returncode == 2
    assert "[machine] could not be put into the file" in done.stderr
    assert (tmp_path / "carbon.toml").read_text() == policy
    assert not (tmp_path / "measured").exists()


@pytest.mark.attack("lost-base")
def test_new_policy_hides_no_policy_above(tmp_path: Path, attack: Attack) -> None:
    """A carbon.toml that holds a machine alone would be the whole policy of a package, and judge nothing."""
    package = tmp_path / "packages/a"
    package.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "carbon.toml").write_text('[budget]\nper-run = "1 J"\n')
    (package / "pyproject.toml").write_text('[project]\nname = "a"\n')
    done = run_cli("calibrate", "--write", "--force", "--watts-command", "touch measured", cwd=package)
    assert "../../carbon.toml is not read" in done.stderr
    assert [path.name for path in package.iterdir()] == ["pyproject.toml"]
    attack.ended(done.returncode, done.stderr)


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


def _is_load(process: psutil.Process) -> bool:
    try:
        return "busy_cpus" in " ".join(process.cmdline())
    except psutil.Error:  # the command of the watts has just ended
        return False


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
            loads = [child for child in own.children() if _is_load(child)]
            time.sleep(0.05)
        assert loads
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 130
    _, alive = psutil.wait_procs(loads, timeout=10)
    assert alive == []

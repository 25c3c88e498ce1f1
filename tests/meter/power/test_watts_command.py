"""A command of the user that prints watts: what is taken, what is refused, and what is left running."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.meter.power.watts_command import WattsCommand


@pytest.mark.parametrize(
    ("printed", "watts"),
    [
        ("42", 42.0),
        ("42.5", 42.5),
        (" 42.50 W\\n", 42.5),
        ("7W", 7.0),
        ("13 watts", 13.0),
        ("0.5 Watt", 0.5),
        ("0", 0.0),
    ],
)
def test_a_number_with_or_without_its_unit_is_taken(printed: str, watts: float) -> None:
    """In whatever case, with space around."""
    meter = WattsCommand(f"printf '{printed}'")
    meter.start()
    meter.sample()
    assert meter.mean_w() == watts


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "on",
        "-5",
        "nan",
        "inf",
        "1e5",
        "4,2",
        "42 mW",
        "42 kW",
        "42 43",
        "power: 42 W",
        "9999999",
        "\u0664\u0662",
        "x" * 9000,
    ],
)
def test_anything_else_is_refused(printed: str) -> None:
    """A number is not looked for in a text: it may be volts. The message has the beginning of what was printed."""
    with pytest.raises(ConfigError, match="it must print one number of watts, such as") as raised:
        WattsCommand(f"printf -- '{printed}'").sample()
    assert len(str(raised.value)) < 300


def test_it_runs_without_a_shell(tmp_path: Path) -> None:
    """What a shell would do with words is not done."""
    with pytest.raises(ConfigError, match="printed"):
        WattsCommand(f"echo 42 ; touch {tmp_path / 'made'}").sample()
    assert not (tmp_path / "made").exists()
    with pytest.raises(ConfigError, match=r"could not start 'no-such-plug' .* is it spelt right"):
        WattsCommand("no-such-plug --watts").sample()


@pytest.mark.parametrize(("text", "message"), [("", "is empty"), ("   ", "is empty"), ("plug 'x", "close every quote")])
def test_command_without_words_is_refused(text: str, message: str) -> None:
    """Before anything is measured."""
    with pytest.raises(ConfigError, match=message):
        WattsCommand(text)


def test_command_that_fails_is_refused() -> None:
    """Also if it printed a number."""
    with pytest.raises(ConfigError, match="ended with exit code 3"):
        WattsCommand("sh -c 'echo 42; exit 3'").sample()


@pytest.mark.parametrize("command", ["sleep 60", "sh -c 'sleep 60 & sleep 60'", "sh -c 'exec >&-; sleep 60'", "yes"])
def test_command_that_does_not_end_is_ended(command: str, tmp_path: Path) -> None:
    """Together with what it started; its output is not kept without a limit."""
    started = tmp_path / "pid"
    with pytest.raises(ConfigError, match=r"took longer than 0\.3 s"):
        WattsCommand(f"sh -c 'echo $$ > {started}; exec {command}'" if "'" not in command else command, 0.3).sample()
    if started.exists():
        pid = int(started.read_text())
        assert not _runs(pid)


def _runs(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.02)
    return True


def test_its_arguments_are_not_told() -> None:
    """They may hold a password: a policy that names the source names the program alone."""
    meter = WattsCommand("/usr/bin/printf 42 --password hunter2")
    assert meter.facts.name == "the command printf"

"""A command of the user that prints watts: of a BMC, a smart plug, or any other meter."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pytest_carbon.core.calibration.load_steps import MeterFacts
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.hide_secrets import hide_secrets
from pytest_carbon.meter.power.mean_watts import MeanWatts

LIMIT_S = 10.0
MOST_BYTES = 2000
MOST_W = 1e6
_WATTS = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(?:W|watts?)?\s*", re.IGNORECASE | re.ASCII)
_FACTS = MeterFacts(
    "a command that prints watts",
    "what is behind the meter that it asks",
    "what is not behind that meter, which only you know",
    0.97,
    1.03,
)


class WattsCommand:
    """Runs the command once a second, without a shell. It gets no input, and is ended after ``limit_s``."""

    period_s = 1.0

    def __init__(self, text: str, limit_s: float = LIMIT_S) -> None:
        try:
            self._words = shlex.split(text)
        except ValueError as error:
            raise ConfigError(f"--watts-command cannot be split into words ({error}); close every quote") from error
        if not self._words:
            raise ConfigError("--watts-command is empty; give a command that prints watts, such as 'plug --watts'")
        self._limit_s = limit_s
        self._mean = MeanWatts()

    @property
    def facts(self) -> MeterFacts:
        """What it is, sees and does not see. The program is named, its arguments may hold a password."""
        program = Path(self._words[0]).name
        return replace(_FACTS, name=f"the command {program}", resolution_w=self._mean.resolution_w())

    def start(self) -> None:
        """Begin a new mean."""
        self._mean.start()

    def sample(self) -> None:
        """Run the command. Raises ConfigError if it fails, takes too long, or prints something else than watts."""
        self._mean.add(_parse(_run(self._words, self._limit_s)))

    def mean_w(self) -> float:
        """Return the mean watts since the start."""
        if not self._mean.count:
            self.sample()
        return self._mean.mean_w()


def _parse(output: bytes) -> float:
    text = output.decode("utf-8", "replace")
    match = _WATTS.fullmatch(text) if len(output) <= MOST_BYTES else None
    if match is None or float(match[1]) > MOST_W:
        raise ConfigError(
            f"--watts-command printed {hide_secrets(text.strip())[:80]!r}; it must print one number of watts, such as "
            "42.5 or 42.5 W"
        )
    return float(match[1])


def _run(words: list[str], limit_s: float) -> bytes:
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"--watts-command could not start {words[0]!r} ({why}); is it spelt right?") from error
    until_s = time.monotonic() + limit_s
    with process:
        try:
            output = _read(process, until_s)
            code = process.wait(timeout=max(0.0, until_s - time.monotonic()))
        except BaseException as error:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # also what the command started
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            raise ConfigError(f"--watts-command took longer than {limit_s:g} s; it must print watts and end") from None
    if code:
        raise ConfigError(f"--watts-command ended with exit code {code}; run it by hand to see why")
    return output


def _read(process: subprocess.Popen[bytes], until_s: float) -> bytes:
    """Return what the command prints, up to a little more than ``MOST_BYTES``. Raises TimeoutExpired."""
    assert process.stdout is not None
    output = b""
    while True:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, until_s - time.monotonic()))
        if not ready:
            raise subprocess.TimeoutExpired(process.args, 0)
        piece = os.read(process.stdout.fileno(), MOST_BYTES + 1)
        if not piece:
            return output
        output = (output + piece)[: MOST_BYTES + 1]

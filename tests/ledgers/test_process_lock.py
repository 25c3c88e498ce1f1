"""A lock file keeps other processes out, and ends with its holder."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.process_lock import locked

HOLD = """
import sys, time
from pathlib import Path
from pytest_carbon.ledgers.process_lock import locked
with locked(Path(sys.argv[1]), 0.0):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def _hold(path: Path, for_s: float) -> subprocess.Popen[bytes]:
    """Start a process that holds a lock, and return when it does."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path), str(for_s)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    """The lock file is made if it is missing; an error while it is held also ends the lock."""
    for _ in range(2):
        with pytest.raises(ValueError, match="inside"), locked(tmp_path / "lock", 0.0):
            raise ValueError("inside")
    assert (tmp_path / "lock").exists()


def test_lock_of_another_process_is_waited_for(tmp_path: Path) -> None:
    """The lock is acquired when the other process ends."""
    with _hold(tmp_path / "lock", 0.3), locked(tmp_path / "lock", 60.0):
        pass


def test_wait_is_limited_and_a_killed_process_holds_no_lock(tmp_path: Path) -> None:
    """At the limit the error names the lock file; a killed process holds no lock."""
    with _hold(tmp_path / "lock", 600.0) as process:
        started = time.monotonic()
        message = r"other processes have held .*lock for 0 s; try again when they have ended"
        with pytest.raises(LedgerError, match=message), locked(tmp_path / "lock", 0.2):
            pytest.fail("the lock was held twice")
        assert 0.1 < time.monotonic() - started < 30
        process.kill()
    with locked(tmp_path / "lock", 10.0):
        pass

"""The time of day that tests cannot move."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest
from freezegun import freeze_time

from pytest_carbon.meter.wall_clock import kernel_time


def test_it_is_the_time_of_now() -> None:
    """It differs from the process's clock by less than a file system's resolution of two seconds."""
    assert abs(kernel_time().timestamp() - time.time()) < 3


def test_without_a_folder_for_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process's own clock is better than no time."""
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert abs(kernel_time().timestamp() - time.time()) < 3


def test_a_library_that_moves_time_does_not_move_it() -> None:
    """It replaces the clocks of all modules."""
    before = kernel_time()
    with freeze_time("2020-02-02"):
        assert datetime.now().year == 2020
        assert abs((kernel_time() - before).total_seconds()) < 60

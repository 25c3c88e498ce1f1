"""A lock file keeps others out until it is closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.files.lock_file import open_locked


def test_lock_ends_when_it_is_closed(tmp_path: Path) -> None:
    """The file is made if it is missing; a second holder is refused at the limit, and let in afterwards."""
    with open_locked(tmp_path / "lock", 0.0), pytest.raises(BlockingIOError):
        open_locked(tmp_path / "lock", 0.0)
    open_locked(tmp_path / "lock", 0.0).close()


def test_a_place_that_cannot_be_locked(tmp_path: Path) -> None:
    """Without its folder there is no lock, and that is no holder."""
    with pytest.raises(FileNotFoundError):
        open_locked(tmp_path / "none" / "lock", 0.0)

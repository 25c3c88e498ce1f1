"""How long a thread ran and waited, as the kernel tells."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from pytest_carbon.meter.run_queue import SCHEDULING, ran_and_waited_s


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2500000000 500000000 17\n", (2.5, 0.5)),
        ("", None),
        ("2500000000 500000000\n", None),
        ("a b c", None),
    ],
)
def test_both_times_are_read(tmp_path: Path, text: str, expected: tuple[float, float] | None) -> None:
    """Nanoseconds that the thread ran and waited, and how often it ran; anything else is unknown."""
    path = tmp_path / "schedstat"
    path.write_text(text)
    assert ran_and_waited_s(str(path)) == expected


def test_nobody_counts() -> None:
    """Other systems have no such file."""
    assert ran_and_waited_s("/nowhere/schedstat") is None


@pytest.mark.skipif(not Path(SCHEDULING).exists(), reason="this kernel does not tell")
def test_work_of_this_thread_is_seen_and_that_of_others_is_not() -> None:
    """A thread's times are its own."""
    assert sys.platform == "linux"
    found: list[tuple[float, float] | None] = []
    start_s = time.thread_time()
    while time.thread_time() - start_s < 0.05:
        pass
    own = ran_and_waited_s()
    other = threading.Thread(target=lambda: found.append(ran_and_waited_s()))
    other.start()
    other.join()
    assert own is not None
    assert found[0] is not None
    assert own[0] >= 0.05 > found[0][0]


def test_nothing_that_tests_replace_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes run inside of tests, which may forbid or count what opens files."""

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a test forbids this")

    before = ran_and_waited_s()
    for owner, name in ((Path, "read_text"), (Path, "open"), (io, "open"), (os, "open"), (os, "read"), (os, "close")):
        monkeypatch.setattr(owner, name, forbidden)
    after = ran_and_waited_s()
    monkeypatch.undo()
    assert (before is None) == (after is None)

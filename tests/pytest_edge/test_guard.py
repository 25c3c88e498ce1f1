"""A fault of ours is told, and changes nothing for the tests."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import pytest

from pytest_carbon.pytest_edge.guard import note_fault

CarbonRun = Callable[..., Any]


def test_fault_of_ours_is_told_and_changes_no_outcome(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """What hooks of ours need is gone: the exit code stays, and lines say what to report."""
    pytester.makeconftest(
        "def pytest_runtestloop(session):\n"
        "    hooks = session.config.pluginmanager.get_plugin('carbon-hooks')\n"
        "    hooks.recorder.begin_test = hooks.recorder.end_phase = hooks.recorder.trace = None"
    )
    pytester.makepyfile("def test_good(): pass\ndef test_bad(): assert 0")
    run = carbon_run()
    assert run.result.ret == 1
    run.result.assert_outcomes(passed=1, failed=1)
    run.result.stdout.fnmatch_lines(["*because of a fault in pytest-carbon itself*", "TypeError: *"])


def test_no_file_descriptors_is_no_fault_of_ours() -> None:
    """The sentence says what the user can do, and asks for no report of a fault."""
    faults: list[str] = []
    note_fault(faults, OSError(errno.EMFILE, "Too many open files", "terminal.py"))
    assert "because no file descriptors were left (Too many open files)" in faults[0]
    assert "raise the limit (ulimit -n)" in faults[1]
    assert len(faults) == 2

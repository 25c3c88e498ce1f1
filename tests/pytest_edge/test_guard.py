"""A fault of ours is told, and changes nothing for the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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

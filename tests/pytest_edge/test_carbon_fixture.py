"""The ``carbon`` fixture measures a block of a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]


def test_fixture_measures_a_block(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """``carbon.measure()`` gives the time and energy of a block, with and without ``--carbon``."""
    pytester.makepyfile(
        """
        from work import burn

        def test_block(carbon):
            burn(0.1)
            with carbon.measure() as used:
                burn(0.2)
            assert 0.19 < used.cpu_s < 0.25
            assert used.wall_s >= 0.19
            assert 0.05 < used.reference_j < 2
        """
    )
    carbon_run().result.assert_outcomes(passed=1)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)

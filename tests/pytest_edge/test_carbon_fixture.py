"""The ``carbon`` fixture measures a block of a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_carbon.meter.recorder import Recorder
from pytest_carbon.pytest_edge.carbon_fixture import CarbonFixture

CarbonRun = Callable[..., Any]


def test_figures_are_there_once_the_block_has_ended() -> None:
    """The figures are zero inside the block; after it they exclude the probes and the work around the block."""
    carbon = CarbonFixture(Recorder())
    with carbon.measure() as used:
        assert (used.wall_s, used.cpu_s, used.reference_j) == (0.0, 0.0, 0.0)
    assert used.wall_s > 0
    assert 0 <= used.cpu_s < 0.01
    assert used.reference_j < 0.1


def test_block_that_raises_is_measured() -> None:
    """An exception leaves the block unchanged, and the figures are those up to the exception."""
    carbon = CarbonFixture(Recorder())
    with pytest.raises(ZeroDivisionError), carbon.measure() as used:
        1 / 0  # noqa: B018
    assert used.wall_s > 0


def test_blocks_can_be_nested() -> None:
    """An outer block contains the time of the inner block."""
    carbon = CarbonFixture(Recorder())
    with carbon.measure() as outer, carbon.measure() as inner:
        sum(range(100_000))
    assert outer.wall_s > inner.wall_s > 0
    assert outer.cpu_s >= inner.cpu_s


def test_probes_inside_of_a_block_do_not_count() -> None:
    """They run at the edges of blocks and fixtures inside of it."""
    recorder = Recorder()
    recorder.probe()
    with CarbonFixture(recorder).measure() as used:
        for _ in range(40):
            recorder.probe()
    wall_s, cpu_s = recorder.probes.used_s
    assert 0 <= used.cpu_s < cpu_s / 3
    assert 0 < used.wall_s < wall_s


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

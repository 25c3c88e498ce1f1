"""The plugin together with other plugins that real suites use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.attack import Attack

CarbonRun = Callable[..., Any]
SUITE = """
import pytest
from work import burn

@pytest.fixture(scope="session")
def database():
    burn(0.1)
    yield

@pytest.mark.parametrize("n", range(6))
def test_n(n, database): burn(0.05)
"""


def test_rerunfailures_gives_each_attempt_a_row(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Every attempt at a test has a row with its own outcome."""
    pytester.makepyfile(
        """
        from work import burn
        tries = []
        def test_flaky():
            burn(0.1)
            tries.append(1)
            assert len(tries) == 3
        """
    )
    run = carbon_run("--reruns", "3")
    assert run.result.ret == 0
    rows = [row for row in run.rows() if row["phase"] == "call"]
    assert [row["outcome"] for row in rows] == ["rerun", "rerun", "passed"]
    assert all(row["cpu_s"] == pytest.approx(0.1, abs=0.05) for row in rows)


@pytest.mark.parametrize(
    "arguments",
    [("--cov=test_suite", "--cov-report="), ("-p", "randomly"), ("--timeout=30",), ("-n2", "--cov=test_suite")],
    ids=["cov", "randomly", "timeout", "xdist and cov"],
)
def test_other_plugins_work_as_before(
    pytester: pytest.Pytester, carbon_run: CarbonRun, arguments: tuple[str, ...]
) -> None:
    """pytest-cov, pytest-randomly, pytest-timeout and xdist with coverage give the same outcomes."""
    pytester.makepyfile(test_suite=SUITE)
    run = carbon_run(*arguments)
    run.result.assert_outcomes(passed=6)
    assert len([row for row in run.rows() if row["phase"] == "call"]) == 6


def test_coroutine_test_is_measured(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A coroutine test has a row with its CPU time."""
    pytester.makepyfile(
        """
        import asyncio, pytest
        from work import burn

        @pytest.mark.asyncio
        async def test_async():
            await asyncio.sleep(0.1)
            burn(0.1)
        """
    )
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert run.row("test_async")["cpu_s"] == pytest.approx(0.1, abs=0.05)


def test_frozen_time_does_not_stop_the_meter(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A library that freezes every clock during a test does not freeze the clock of the meter."""
    pytester.makepyfile(
        """
        import time
        from freezegun import freeze_time

        @freeze_time("2020-01-01")
        def test_frozen():
            end = 3_000_000
            while end: end -= 1
        """
    )
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    row = run.row("test_frozen")
    assert row["cpu_s"] > 0.02
    assert 0.02 < row["wall_s"] < 30


@pytest.mark.attack("measured-clock")
def test_the_clock_of_a_session_does_not_date_the_run(
    pytester: pytest.Pytester, carbon_run: CarbonRun, attack: Attack
) -> None:
    """Tests that live in 2020 from start to end have a run of today, with an id of today."""
    pytester.makeconftest(
        """
        from freezegun import freeze_time

        moved = freeze_time("2020-02-02")

        def pytest_sessionstart(session):
            moved.start()

        def pytest_unconfigure(config):
            moved.stop()
        """
    )
    pytester.makepyfile(
        """
        import datetime

        def test_it():
            assert datetime.datetime.now().year == 2020
        """
    )
    before = datetime.now(UTC) - timedelta(seconds=5)
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    facts = run.report["run"]
    assert before < datetime.fromisoformat(facts["started"]) < datetime.now(UTC)
    assert facts["id"].startswith(f"{before:%Y}")
    attack.harmless(run.text)

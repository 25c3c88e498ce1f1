"""Together with the plugins that real suites use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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


@pytest.mark.parametrize("dist", ["load", "loadscope", "loadfile", "worksteal", "each"])
def test_xdist(pytester: pytest.Pytester, carbon_run: CarbonRun, dist: str) -> None:
    """Workers' tests all arrive, with their worker; a session fixture has a row on each worker it lived on."""
    pytester.makepyfile(SUITE)
    run = carbon_run("-n", "2", "--dist", dist)
    assert run.result.ret == 0
    tests = [row for row in run.rows() if row["phase"] == "call"]
    assert len(tests) == (12 if dist == "each" else 6)
    assert {row["worker"] for row in tests} <= {"gw0", "gw1"}
    assert all(0.04 <= row["cpu_s"] < 0.2 for row in tests)
    fixtures = [r for r in run.rows("fixture") if r["nodeid"].endswith("::database") and r["phase"] == "setup"]
    assert {r["worker"] for r in fixtures} == {row["worker"] for row in tests}
    assert run.report["run"]["workers"] == len(fixtures)


def test_finished_tests_survive_a_crashed_worker(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A worker that dies takes only its running test along; the report names the gap."""
    pytester.makepyfile(
        "import os\nfrom work import burn\ndef test_a(): burn(0.1)\ndef test_b(): os._exit(3)\ndef test_c(): burn(0.1)"
    )
    run = carbon_run("-n", "1")
    assert run.result.ret == 1
    assert {row["nodeid"].split("::")[-1] for row in run.rows()} == {"test_a", "test_c"}
    assert any("crashed" in gap for gap in run.report["gaps"])


def test_limits_and_markers_work_in_workers(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A marker's feature and limit hold under xdist."""
    pytester.makepyfile(
        'import pytest\nfrom work import burn\n@pytest.mark.carbon(feature="x", limit="50 mJ")\n'
        "def test_greedy(): burn(0.2)"
    )
    run = carbon_run("-n", "1")
    run.result.assert_outcomes(failed=1)
    assert run.row("test_greedy")["feature"] == "x"


def test_rerunfailures(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Every attempt is a row, with its own outcome: repeated work is work."""
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
def test_same_outcomes_beside(pytester: pytest.Pytester, carbon_run: CarbonRun, arguments: tuple[str, ...]) -> None:
    """pytest-cov, pytest-randomly and pytest-timeout do their work as ever."""
    pytester.makepyfile(test_suite=SUITE)
    run = carbon_run(*arguments)
    run.result.assert_outcomes(passed=6)
    assert len([row for row in run.rows() if row["phase"] == "call"]) == 6


def test_asyncio(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Coroutine tests are measured like any other."""
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


def test_frozen_time(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A library that freezes every clock for a test does not stop the meter's."""
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

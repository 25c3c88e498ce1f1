"""xdist workers send their spans, outcomes and markers to the controller."""

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
def test_rows_of_all_workers_arrive(pytester: pytest.Pytester, carbon_run: CarbonRun, dist: str) -> None:
    """Every test has a row with its worker; a session fixture has a row for each worker that used it."""
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


def test_crashed_worker_keeps_its_finished_tests(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A crashed worker loses only its running test, and the report has a gap about the crash."""
    pytester.makepyfile(
        "import os\nfrom work import burn\ndef test_a(): burn(0.1)\ndef test_b(): os._exit(3)\ndef test_c(): burn(0.1)"
    )
    run = carbon_run("-n", "1")
    assert run.result.ret == 1
    assert {row["nodeid"].split("::")[-1] for row in run.rows()} == {"test_a", "test_c"}
    assert any("crashed" in gap for gap in run.report["gaps"])


def test_limits_and_markers_work_in_workers(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The feature and the limit of a marker apply under xdist."""
    pytester.makepyfile(
        'import pytest\nfrom work import burn\n@pytest.mark.carbon(feature="x", limit="50 mJ")\n'
        "def test_greedy(): burn(0.2)"
    )
    run = carbon_run("-n", "1")
    run.result.assert_outcomes(failed=1)
    assert run.row("test_greedy")["feature"] == "x"

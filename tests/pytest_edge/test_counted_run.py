"""Runs whose work a counter counts.

Where these tests run, no CPU counts instructions. So the project under test gives the recorder a counter of the
nanoseconds on a CPU: one instruction for each. All that follows is the same, and the CPU seconds tell what must come.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.energy.counted_work.instruction_counts import REFERENCE_J_PER_INSTRUCTION
from pytest_carbon.core.evidence.report_sums import contradictions
from pytest_carbon.core.report import from_json
from pytest_carbon.meter.work_counters.instruction_counter import TASK_CLOCK, CounterMissingError, InstructionCounter

CarbonRun = Callable[..., Any]
J_PER_S = 1e9 * REFERENCE_J_PER_INSTRUCTION
COUNTER = """
import pytest
from pytest_carbon.meter.work_counters.instruction_counter import TASK_CLOCK, InstructionCounter

@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    recorder = session.config.pluginmanager.get_plugin("carbon-hooks").recorder
    recorder.count_instructions(InstructionCounter(TASK_CLOCK))
"""
SUITE = """
import os, subprocess, sys, threading
import pytest
from work import burn

@pytest.fixture(scope="session")
def database():
    burn(0.1)
    yield
    burn(0.05)

def test_alone(): burn(0.1)
def test_with_fixture(database): burn(0.05)
def test_thread():
    thread = threading.Thread(target=burn, args=(0.1,))
    thread.start()
    thread.join()
def test_program(): subprocess.run([sys.executable, "-c", "from work import burn; burn(0.1)"], check=True)
def test_fork():
    child = os.fork()
    if not child:
        burn(0.1)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture(autouse=True)
def _counting(pytester: pytest.Pytester) -> None:
    try:
        InstructionCounter(TASK_CLOCK).stop()
    except CounterMissingError as error:
        pytest.skip(str(error))
    pytester.makeconftest(COUNTER)


def _reference(run: Any) -> str | None:
    reference: str | None = run.report["machine"]["fingerprint"].get("reference")
    return reference


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_rows_have_what_was_counted(pytester: pytest.Pytester, carbon_run: CarbonRun, arguments: tuple[str]) -> None:
    """Tests, wide fixtures, threads, programs, forks and workers: each row has its own counts."""
    pytester.makepyfile(SUITE)
    run = carbon_run(*arguments)
    run.result.assert_outcomes(passed=5)
    assert _reference(run) == "instructions"
    rows = [*run.rows("test"), *run.rows("fixture")]
    assert len([row for row in rows if row["cpu_s"] > 0.04]) >= 7
    for row in rows:
        assert row["reference_j"] == pytest.approx(row["cpu_s"] * J_PER_S, rel=0.1, abs=0.005 * J_PER_S), row
    for row in run.rows("collection"):  # most was before the counter, and takes the run's counts per CPU second
        assert row["reference_j"] == pytest.approx(row["cpu_s"] * J_PER_S, rel=0.5, abs=0.01 * J_PER_S), row
    assert contradictions(from_json(run.report)) == []
    assert "by the instructions that the CPU counted" in run.text


def test_limit_is_judged_by_what_was_counted(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A nanosecond for an instruction is little: 0.2 s are 82 mJ, and would be 400 mJ by the probes."""
    pytester.makepyfile(
        "import pytest\nfrom work import burn\n"
        '@pytest.mark.carbon(limit="200 mJ")\ndef test_within(): burn(0.2)\n'
        '@pytest.mark.carbon(limit="60 mJ")\ndef test_over(): burn(0.2)\n'
    )
    run = carbon_run("--junitxml=junit.xml")
    run.result.assert_outcomes(passed=1, failed=1)
    assert "carbon limit exceeded: this test used 8" in run.text
    assert Path(pytester.path / "junit.xml").read_text(encoding="utf-8").count('value="0.08') == 2


TAKEN = {"closed": "os.close(number)", "replaced": "os.dup2(os.eventfd(7), number)"}


@pytest.mark.parametrize("way", TAKEN)
def test_counter_that_a_test_takes_away_counts_for_no_test(
    pytester: pytest.Pytester, carbon_run: CarbonRun, way: str
) -> None:
    """Then the speed probes decide for all tests, and the report says so."""
    pytester.makepyfile(
        f"""
        import os
        from work import burn
        def test_a(): burn(0.1)
        def test_b():
            numbers = [int(name) for name in os.listdir("/proc/self/fd") if name != "0"]
            for number in numbers:
                if "perf_event" in os.path.realpath(f"/proc/self/fd/{{number}}"):
                    {TAKEN[way]}
        """
    )
    run = carbon_run()
    run.result.assert_outcomes(passed=2)
    assert _reference(run) is None
    assert run.row("test_a")["reference_j"] > 0.1 * 2.045 * 0.5
    assert any("did not count all tests" in gap for gap in run.report["gaps"])

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


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["alone", "with a worker"])
def test_test_in_a_fork_has_a_row(pytester: pytest.Pytester, carbon_run: CarbonRun, options: tuple[str, ...]) -> None:
    """A plugin runs each test in a process of its own, as pytest-forked does: the row has its CPU time and feature."""
    pytester.makefile(".toml", carbon='[features.pay]\npaths = ["**"]')
    pytester.makeconftest(
        """
        import marshal, os
        import pytest
        from _pytest.runner import runtestprotocol

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item):
            here, there = os.pipe()
            child = os.fork()
            if not child:
                reports = runtestprotocol(item, log=False)
                os.write(there, marshal.dumps([(report.when, report.outcome) for report in reports]))
                os._exit(0)
            os.close(there)
            for when, outcome in marshal.loads(os.read(here, 10000)):
                report = pytest.TestReport(item.nodeid, item.location, {}, outcome, None, when)
                item.ihook.pytest_runtest_logreport(report=report)
            os.waitpid(child, 0)
            return True
        """
    )
    pytester.makepyfile("from work import burn\ndef test_heavy(): burn(0.3)\ndef test_light(): pass")
    run = carbon_run("-p", "no:asyncio", *options)
    run.result.assert_outcomes(passed=2)
    assert run.row("test_heavy")["cpu_s"] == pytest.approx(0.35, abs=0.1)
    assert run.row("test_heavy")["feature"] == "pay"
    assert run.row("test_light")["cpu_s"] < 0.1


def test_test_that_no_process_of_ours_ran_is_named(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Its reports came from somewhere else: a gap says that it has no figures."""
    pytester.makeconftest(
        """
        import pytest

        def pytest_sessionfinish(session):
            for when in ("setup", "call", "teardown"):
                report = pytest.TestReport("far.py::test_away", ("far.py", 0, "x"), {}, "passed", None, when)
                session.config.hook.pytest_runtest_logreport(report=report)
        """
    )
    pytester.makepyfile("def test_here(): pass")
    gaps = carbon_run().report["gaps"]
    assert [gap for gap in gaps if "1 test (far.py::test_away) ran where pytest-carbon sees no process" in gap]


def test_fork_server_is_counted_and_a_daemon_named(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Work of a pool that is no child counts for its test and its limit; of what left the run, a gap tells."""
    pytester.makepyfile(
        """
        import multiprocessing, os, subprocess, sys, time
        from concurrent.futures import ProcessPoolExecutor
        import pytest
        from work import burn

        @pytest.mark.carbon(limit="0.2 J")
        def test_pool():
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("forkserver")) as pool:
                pool.submit(burn, 0.4).result()

        def test_daemon():
            code = "from work import burn; import time; burn(0.2); time.sleep(15)"
            subprocess.run(["/bin/sh", "-c", f"setsid {sys.executable} -c '{code}' >/dev/null 2>&1 &"])
            time.sleep(0.6)
        """
    )
    run = carbon_run("-p", "no:asyncio")
    run.result.assert_outcomes(passed=1, failed=1)
    run.result.stdout.fnmatch_lines(["*carbon limit exceeded*"])
    assert run.row("test_pool")["cpu_s"] > 0.35
    assert any("that tests started and left (python" in gap and "test_daemon" in gap for gap in run.report["gaps"])


def test_name_of_a_test_is_the_same_in_a_group_of_xdist(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """``--dist loadgroup`` puts the group behind the name; a row has the name alone, and its own outcome and limit."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.xdist_group("db")
        @pytest.mark.carbon(limit="1 uJ")
        @pytest.mark.parametrize("mail", ["a@b"])
        def test_it(mail): pass
        """
    )
    run = carbon_run("-n1", "--dist", "loadgroup")
    run.result.assert_outcomes(failed=1)
    assert run.row("::test_it[a@b]")["outcome"] == "failed"
    assert all(row["nodeid"].endswith("::test_it[a@b]") for row in run.rows())
    assert [name for name in run.report["code"] if "@" in name] == []


def test_reports_that_others_read_have_nothing_of_ours(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A worker's spans come with a report of pytest; once read, they are taken off."""
    pytester.makeconftest(
        "def pytest_runtest_logreport(report):\n"
        "    if hasattr(report, 'node'): open('seen', 'a').write(' '.join(vars(report)) + ' ')"
    )
    pytester.makepyfile("def test_it(): pass")
    assert carbon_run("-n1").rows()
    seen = (pytester.path / "seen").read_text(encoding="utf-8").split()
    assert "when" in seen
    assert "carbon" not in seen


def test_outcome_of_another_plugin_is_kept(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A plugin that runs tests again may have a word of its own, also for a second phase."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            if call.when != "setup":
                report.outcome = "retried"
            return report

        def pytest_report_teststatus(report):
            return (report.outcome, "R", "R") if report.outcome == "retried" else None
        """
    )
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == 0
    assert run.row("test_it")["outcome"] == "retried"

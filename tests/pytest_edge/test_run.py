"""``pytest --carbon`` on small suites: the same outcomes, a table, a report that adds up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]


def test_prints_a_table_and_leaves_a_report(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The tests run as before; below them stand a table and the path to nothing but the report."""
    pytester.makepyfile("from work import burn\ndef test_burn(): burn(0.3)\ndef test_quick(): pass")
    run = carbon_run()
    run.result.assert_outcomes(passed=2)
    run.result.stdout.fnmatch_lines(
        ["*= carbon =*", "* CO2e (between * and *) in * s", "where it went*energy*share*", "*::test_burn * %*"]
    )
    assert run.row("test_burn")["cpu_s"] == pytest.approx(0.3, abs=0.05)
    assert (pytester.path / ".carbon" / ".gitignore").read_text() == "*\n"


def test_report_names_run_machine_grid_and_method(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The report says what ran, where, how it was measured and on which grid."""
    pytester.makepyfile("def test_quick(): pass")
    report = carbon_run("--carbon-zone=DE").report
    assert report["schema"] == "pytest-carbon/report/1"
    assert report["run"]["command"][0] == "pytest"
    assert "--carbon" in report["run"]["command"]
    assert report["run"]["exit_status"] == 0
    assert report["run"]["workers"] == 1
    assert report["machine"]["method"] in ("counter", "modelled")
    assert report["machine"]["source"]
    assert report["grid"]["zone"] == "DE"
    assert report["grid"]["assumed"] is False
    totals = report["totals"]
    assert totals["low_j"] < totals["energy_j"] < totals["high_j"]
    assert totals["emissions_g"] == pytest.approx(totals["operational_g"] + totals["embodied_g"], rel=1e-5)


def test_without_a_zone_the_world_average_is_assumed(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Nobody said where the machine is: the report says so, and no country is made up."""
    pytester.makepyfile("def test_quick(): pass")
    report = carbon_run().report
    assert report["grid"]["zone"] == "world average"
    assert report["grid"]["assumed"] is True
    assert any("no grid zone is set" in gap for gap in report["gaps"])


def test_sleep_costs_base_power_only(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A sleeping test has wall time and joules, but next to no CPU time and reference energy."""
    pytester.makepyfile(
        "import time\nfrom work import burn\ndef test_sleep(): time.sleep(0.5)\ndef test_burn(): burn(0.5)"
    )
    run = carbon_run()
    asleep, awake = run.row("test_sleep"), run.row("test_burn")
    assert asleep["wall_s"] == pytest.approx(0.5, abs=0.1)
    assert asleep["reference_j"] < 0.02 * awake["reference_j"]
    assert 0 < asleep["energy_j"] < 0.7 * awake["energy_j"]


def test_wide_fixtures_have_rows_of_their_own(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A session fixture is billed to nobody's setup; its teardown to nobody's teardown; its users share it."""
    pytester.makepyfile(
        """
        import pytest
        from work import burn

        @pytest.fixture(scope="session")
        def database():
            burn(0.3)
            yield
            burn(0.2)

        @pytest.fixture(scope="module", params=["a", "b"])
        def table(request, database):
            burn(0.05)

        def test_first(database): pass
        def test_table(table): pass
        def test_none(): pass
        """
    )
    run = carbon_run("-p", "no:asyncio")  # it has a wide fixture of its own
    run.result.assert_outcomes(passed=4)
    assert run.row("::database", "fixture", "setup")["cpu_s"] == pytest.approx(0.3, abs=0.05)
    assert run.row("::database", "fixture", "teardown")["cpu_s"] == pytest.approx(0.2, abs=0.05)
    assert run.row("::database", "fixture", "setup")["users"] == 3
    assert run.row("::database", "fixture", "setup")["scope"] == "session"
    assert run.row("::table[0]", "fixture", "setup")["cpu_s"] == pytest.approx(0.05, abs=0.03)
    assert all(row["cpu_s"] < 0.02 for row in run.rows("test"))
    first = run.row("test_first")
    database_j = sum(r["energy_j"] for r in run.rows("fixture") if r["nodeid"].endswith("::database"))
    assert first["amortised_j"] == pytest.approx(first["energy_j"] + database_j / 3, rel=1e-3)
    assert "amortised_j" not in run.row("test_none")


def test_setup_and_teardown_of_some_cost_have_rows(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Function fixtures belong to the test, as phases; small phases are part of the call."""
    pytester.makepyfile(
        """
        import pytest
        from work import burn

        @pytest.fixture
        def thing():
            burn(0.1)
            yield
            burn(0.05)

        def test_thing(thing): burn(0.02)
        def test_plain(): burn(0.02)
        """
    )
    run = carbon_run()
    assert run.row("test_thing", phase="setup")["cpu_s"] == pytest.approx(0.1, abs=0.03)
    assert run.row("test_thing", phase="call")["cpu_s"] == pytest.approx(0.02, abs=0.01)
    assert run.row("test_thing", phase="teardown")["cpu_s"] == pytest.approx(0.05, abs=0.02)
    assert run.row("test_plain")["cpu_s"] == pytest.approx(0.02, abs=0.01)


def test_subprocesses_threads_and_forks_are_counted(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """CPU time of waited children and of own threads is the test's."""
    pytester.makepyfile(
        """
        import os, subprocess, sys, threading
        from work import burn

        def test_subprocess():
            subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.4: pass"], check=True)

        def test_thread():
            thread = threading.Thread(target=burn, args=(0.3,))
            thread.start()
            thread.join()

        def test_fork():
            pid = os.fork()
            if pid == 0:
                burn(0.2)
                os._exit(0)
            os.waitpid(pid, 0)
        """
    )
    run = carbon_run("-W", "ignore::DeprecationWarning")
    run.result.assert_outcomes(passed=3)
    assert run.row("test_subprocess")["cpu_s"] == pytest.approx(0.4, abs=0.1)
    assert run.row("test_thread")["cpu_s"] == pytest.approx(0.3, abs=0.05)
    assert run.row("test_fork")["cpu_s"] == pytest.approx(0.2, abs=0.05)


def test_a_fork_that_runs_on_to_the_end_reports_nothing(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A forked child that leaves by SystemExit runs pytest's end too; only the parent reports, and once."""
    pytester.makepyfile(
        """
        import os, sys

        def test_fork():
            pid = os.fork()
            if pid == 0:
                sys.exit(0)
            _, status = os.waitpid(pid, 0)

        def test_after(): pass
        """
    )
    run = carbon_run("-W", "ignore::DeprecationWarning")
    assert run.report["run"]["exit_status"] == 0
    assert run.row("test_after")["outcome"] == "passed"  # and it is the only one


@pytest.mark.parametrize(
    ("body", "arguments", "code", "outcomes"),
    [
        ("def test_no(): assert 0", (), 1, {"test_no": "failed"}),
        ("def test_a(): assert 0\ndef test_b(): pass", ("-x",), 1, {"test_a": "failed"}),
        ("def test_a(): raise KeyboardInterrupt", (), 2, {}),
        ("def test_a(): pass", ("--collect-only",), 0, {}),
        ("x = 1", (), 5, {}),
        ("import pytest\ndef test_s(): pytest.skip('x')", (), 0, {"test_s": "skipped"}),
        ("import pytest\n@pytest.mark.xfail\ndef test_x(): assert 0", (), 0, {"test_x": "xfailed"}),
        ("import pytest\n@pytest.fixture\ndef bad(): 1/0\ndef test_e(bad): pass", (), 1, {"test_e": "error"}),
        ("def test_a(): pass", ("-p", "no:cacheprovider"), 0, {"test_a": "passed"}),
        ("def test_a(): pass", ("-p", "no:terminal"), 0, {"test_a": "passed"}),
        ("import nothing_like_this", (), 2, {}),
    ],
    ids=[
        "failing", "exitfirst", "ctrl-c", "collect-only", "no tests", "skip", "xfail", "setup error",
        "no cacheprovider", "no terminal", "collection error",
    ],
)  # fmt: skip
def test_exit_code_and_outcomes_are_pytests_own(
    pytester: pytest.Pytester,
    carbon_run: CarbonRun,
    body: str,
    arguments: tuple[str, ...],
    code: int,
    outcomes: dict[str, str],
) -> None:
    """Whatever way a session ends, its exit code stays and a sound report is left."""
    pytester.makepyfile(test_it=body)
    run = carbon_run(*arguments)
    assert run.result.ret == code
    assert run.report["run"]["exit_status"] == code
    told = {r["nodeid"].split("::")[-1]: r["outcome"] for r in run.rows() if "outcome" in r}
    assert {name: told[name] for name in outcomes} == outcomes


def test_unittest_doctest_and_subtests_are_tests(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Items that are not plain functions have rows as well, and subtests add up to their test."""
    pytester.makepyfile(
        test_kinds="""
        import unittest
        from work import burn

        class TestCase(unittest.TestCase):
            def test_method(self):
                for n in range(2):
                    with self.subTest(n=n):
                        burn(0.05)

        def documented():
            '''
            >>> 1 + 1
            2
            '''
        """
    )
    run = carbon_run("--doctest-modules", "test_kinds.py")
    assert run.result.ret == 0
    assert run.row("TestCase::test_method")["cpu_s"] == pytest.approx(0.1, abs=0.03)
    assert run.row("test_kinds.documented")["outcome"] == "passed"


def test_junit_has_a_property_per_test(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """JUnit XML carries the reference energy of every test."""
    pytester.makepyfile("from work import burn\ndef test_a(): burn(0.1)\ndef test_b(): pass")
    carbon_run("--junit-xml=junit.xml", "-o", "junit_family=xunit1")
    text = (pytester.path / "junit.xml").read_text()
    assert text.count('name="carbon_reference_j"') == 2


def test_top_decides_how_many_tests_are_listed(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """--carbon-top cuts the list of tests; the rest is one line."""
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_n(n): pass")
    run = carbon_run("--carbon-top=3")
    run.result.stdout.fnmatch_lines(["6 more tests *"])


def test_two_runs_of_the_same_suite_leave_the_same_shape(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A second run replaces the report; tests and fingerprint are the same, the run's id is not."""
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass")
    first = carbon_run().report
    second = carbon_run().report
    assert first["run"]["id"] != second["run"]["id"]
    assert first["machine"]["fingerprint"] == second["machine"]["fingerprint"]
    tests = [{r["nodeid"] for r in report["rows"] if r["kind"] == "test"} for report in (first, second)]
    assert tests[0] == tests[1]


def test_fixtures_that_override_each_other_keep_their_own_costs(
    pytester: pytest.Pytester, carbon_run: CarbonRun
) -> None:
    """A module's fixture that overrides and uses the session's of the same name: two lives, each with its teardown."""
    pytester.makeconftest(
        """
        import pytest
        from work import burn

        @pytest.fixture(scope="session")
        def client():
            burn(0.1)
            yield
            burn(0.2)
        """
    )
    pytester.makepyfile(
        test_over="""
        import pytest
        from work import burn

        @pytest.fixture(scope="module")
        def client(client):
            burn(0.05)
            yield
            burn(0.15)

        def test_it(client): pass
        """
    )
    run = carbon_run("-p", "no:asyncio")
    teardowns = {r["scope"]: r["cpu_s"] for r in run.rows("fixture") if r["phase"] == "teardown"}
    assert teardowns == {"session": pytest.approx(0.2, abs=0.03), "module": pytest.approx(0.15, abs=0.03)}
    assert all(row["cpu_s"] < 0.02 for row in run.rows("test"))

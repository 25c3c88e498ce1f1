"""The rows of tests, fixtures and features, and the code digests, that the hooks record."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from pytest_carbon.core.evidence.row_speeds import speed_contradictions
from pytest_carbon.core.report import from_json

CarbonRun = Callable[..., Any]


SUITE = """
import pytest

def test_plain():
    assert sum(range(3)) == 3

@pytest.mark.parametrize("n", [1, 2])
def test_each(n):
    assert n in (1, 2)

class TestShop:
    def test_method(self):
        assert [c for c in "abc"]
"""
NAMES = {f"test_suite.py::{name}" for name in ("test_plain", "test_each", "TestShop::test_method")}


def test_sleeping_test_costs_base_energy_only(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A sleeping test has wall time and joules, but almost no reference energy."""
    pytester.makepyfile(
        "import time\nfrom work import burn\ndef test_sleep(): time.sleep(0.5)\ndef test_burn(): burn(0.5)"
    )
    run = carbon_run()
    asleep, awake = run.row("test_sleep"), run.row("test_burn")
    assert asleep["wall_s"] == pytest.approx(0.5, abs=0.1)
    assert asleep["reference_j"] < 0.02 * awake["reference_j"]
    assert 0 < asleep["energy_j"] < 0.7 * awake["energy_j"]


def test_wide_fixture_has_rows_of_its_own_and_is_shared_by_its_users(
    pytester: pytest.Pytester, carbon_run: CarbonRun
) -> None:
    """No test's setup or teardown contains a session fixture; each of its users gets an equal share of it."""
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
    run = carbon_run("-p", "no:asyncio")  # pytest-asyncio has a wide fixture of its own
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


def test_fixtures_of_the_same_name_have_separate_rows(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A module fixture that overrides and uses a session fixture of the same name: each has its own teardown row."""
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


def test_costly_setup_and_teardown_have_rows(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Function fixtures count in the setup and teardown of their test; small phases are merged into the call."""
    pytester.makepyfile(
        """
        import pytest
        from work import burn

        @pytest.fixture
        def order():
            burn(0.1)
            yield
            burn(0.05)

        def test_order(order): burn(0.02)
        def test_plain(): burn(0.02)
        """
    )
    run = carbon_run()
    assert run.row("test_order", phase="setup")["cpu_s"] == pytest.approx(0.1, abs=0.03)
    assert run.row("test_order", phase="call")["cpu_s"] == pytest.approx(0.02, abs=0.01)
    assert run.row("test_order", phase="teardown")["cpu_s"] == pytest.approx(0.05, abs=0.02)
    assert run.row("test_plain")["cpu_s"] == pytest.approx(0.02, abs=0.01)


def test_speed_is_looked_at_inside_of_imports_fixtures_and_tests(
    pytester: pytest.Pytester, carbon_run: CarbonRun
) -> None:
    """Between two imports, fixtures and phases; what they used is without the probes, and the rows fit the probes."""
    pytester.makeconftest("from work import burn\nburn(0.6)")
    pytester.makepyfile(test_a="from work import burn\nburn(0.6)")
    pytester.makepyfile(
        test_b="""
        import pytest
        from work import burn
        burn(0.6)

        @pytest.fixture(scope="module")
        def wide():
            burn(0.6)
            yield
            burn(0.6)

        @pytest.fixture
        def first(wide):
            burn(0.6)
            yield
            burn(0.6)

        @pytest.fixture
        def second(first):
            burn(0.6)

        def test_long(second):
            burn(0.6)
        """
    )
    run = carbon_run("-p", "no:asyncio")
    assert len(run.report["probes"]) >= 7  # before the first test and after the last are 3
    for phase in ("setup", "teardown"):
        assert run.row("::wide", "fixture", phase)["cpu_s"] == pytest.approx(0.6, abs=0.1)
    used = {phase: run.row("test_long", phase=phase)["cpu_s"] for phase in ("setup", "call", "teardown")}
    assert used == {phase: pytest.approx(s, abs=0.1) for phase, s in zip(used, (1.2, 0.6, 0.6), strict=True)}
    assert list(speed_contradictions(from_json(run.report))) == []
    assert not [gap for gap in run.report["gaps"] if "speed probe" in gap]


def test_subprocesses_threads_and_forks_are_counted(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The CPU time of waited children and of threads counts for the test."""
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


def test_unittest_doctest_and_subtests_are_tests(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Items that are not plain functions have rows too, and subtests count in the row of their test."""
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
    """The JUnit XML has a property with the reference energy of every test."""
    pytester.makepyfile("from work import burn\ndef test_a(): burn(0.1)\ndef test_b(): pass")
    carbon_run("--junit-xml=junit.xml", "-o", "junit_family=xunit1")
    text = (pytester.path / "junit.xml").read_text()
    assert text.count('name="carbon_reference_j"') == 2


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("limit=2", "has no unit"),
        ('limit="2"', "has no unit"),
        ('limit="2 Jule"', "no unit is called 'Jule'"),
        ('limit="-1 J"', "more than zero"),
        ('limt="2 J"', 'did you mean "limit"?'),
        ('"checkout"', "takes only keyword arguments"),
        ("feature=3", "it must be a name"),
        ('limit="1.5 g"', "needs a grid zone"),
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_wrong_marker_ends_the_run_with_the_reason(
    pytester: pytest.Pytester, carbon_run: CarbonRun, marker: str, message: str, workers: tuple[str, ...]
) -> None:
    """A wrong marker ends the run before any test, with the reason; under xdist too."""
    pytester.makepyfile(f"import pytest\n@pytest.mark.carbon({marker})\ndef test_it(): print('ran')")
    run = carbon_run("-s", *workers)
    assert run.result.ret != 0
    assert message in run.text
    assert "INTERNALERROR" not in run.text or workers
    assert "\nran" not in run.text


def _code_digests(pytester: pytest.Pytester, carbon_run: CarbonRun, text: str, *arguments: str) -> dict[str, str]:
    pytester.makepyfile(test_suite=text)
    code: dict[str, str] = carbon_run(*arguments).report["code"]
    return code


def test_every_test_function_has_one_digest(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A parametrised function and a method have one digest each, and a run with workers has the same digests."""
    digests = _code_digests(pytester, carbon_run, SUITE)
    assert set(digests) == NAMES
    assert all(re.fullmatch("[0-9a-f]{12}", digest) for digest in digests.values())
    assert _code_digests(pytester, carbon_run, SUITE, "-n", "2") == digests


def test_digest_depends_only_on_the_body(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A moved, renamed or commented test keeps its digest; a changed body changes only its own digest."""
    before = _code_digests(pytester, carbon_run, SUITE)
    changed = SUITE.replace("test_plain", "test_renamed").replace("== 3", "== 3  # why")
    changed = "# moved down\n" + changed.replace("n in (1, 2)", "n in (1, 2, 3)")
    after = _code_digests(pytester, carbon_run, changed)
    assert after["test_suite.py::test_renamed"] == before["test_suite.py::test_plain"]
    assert after["test_suite.py::TestShop::test_method"] == before["test_suite.py::TestShop::test_method"]
    assert after["test_suite.py::test_each"] != before["test_suite.py::test_each"]

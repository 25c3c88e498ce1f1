"""``pytest --carbon`` in the process of the user: outcomes and exit codes, the report, per-run budgets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.attack import Attack

CarbonRun = Callable[..., Any]


CONFIG = """
zone = "DE"
[features.checkout]
labels = ["feature:checkout"]
paths = ["test_checkout*"]
[features.checkout.budget]
per-run = "{limit}"
on-exceeded = "{on_exceeded}"
[features.search]
paths = ["test_search*"]
"""


def _shop(pytester: pytest.Pytester, limit: str = "1 kJ", on_exceeded: str = "fail") -> None:
    pytester.path.joinpath("carbon.toml").write_text(CONFIG.format(limit=limit, on_exceeded=on_exceeded))
    pytester.makepyfile(
        test_checkout="from work import burn\ndef test_pay(): burn(0.2)",
        test_search="from work import burn\ndef test_find(): burn(0.1)",
        test_other="def test_other(): pass",
    )


def test_run_prints_a_table_and_writes_a_report(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The tests run as without the plugin; after them the table is printed and the report is written."""
    pytester.makepyfile("from work import burn\ndef test_burn(): burn(0.3)\ndef test_quick(): pass")
    run = carbon_run()
    run.result.assert_outcomes(passed=2)
    run.result.stdout.fnmatch_lines(
        ["*= carbon =*", "* CO2e (between * and *) in * s", "where it went*energy*share*", "*::test_burn * %*"]
    )
    assert run.row("test_burn")["cpu_s"] == pytest.approx(0.3, abs=0.05)
    assert (pytester.path / ".carbon" / ".gitignore").read_text() == "*\n"


def test_the_last_line_says_where_the_report_is_and_what_comes_next(
    pytester: pytest.Pytester, carbon_run: CarbonRun
) -> None:
    """Without a policy it is to begin one; over a limit it is the test that took most."""
    _shop(pytester, limit="1 mJ", on_exceeded="warn")
    limit = "feature checkout is over its limit; begin with test_checkout.py::test_pay, which took most: *"
    carbon_run().result.stdout.fnmatch_lines([f"report     .carbon/report.json; {limit}"])
    (pytester.path / "carbon.toml").unlink()
    line = "report     .carbon/report.json; to begin a policy: pytest-carbon init"
    carbon_run().result.stdout.fnmatch_lines([line])


def test_a_quiet_pytest_prints_one_line(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """Joules, grams and the state of the limits per run; without a section or a table."""
    _shop(pytester)
    lines = carbon_run("-q").result.stdout.lines
    (own,) = [line for line in lines if "carbon" in line]
    assert re.fullmatch(r"carbon: [\d.]+ m?J, [\d.]+ [µm]g CO2e, within limits per run", own)
    assert not any("where it went" in line for line in lines)


def test_report_has_run_machine_grid_and_method(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The report has the command, the machine, the method of measuring and the grid zone."""
    pytester.makepyfile("def test_quick(): pass")
    report = carbon_run("--carbon-zone=DE").report
    assert report["schema"] == "pytest-carbon/report/1"
    assert report["run"]["command"][0] == "pytest"
    program, digest = report["run"]["command"]
    assert program == "pytest"
    assert digest.startswith("…sha256:")
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
    """Without a zone the report uses the world average, marks it as assumed and has a gap about it."""
    pytester.makepyfile("def test_quick(): pass")
    report = carbon_run().report
    assert report["grid"]["zone"] == "world average"
    assert report["grid"]["assumed"] is True
    assert any("no grid zone is set" in gap for gap in report["gaps"])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the processes of a tree")
def test_processes_that_outlive_the_tests_are_in_the_test_that_used_them(
    pytester: pytest.Pytester, carbon_run: CarbonRun
) -> None:
    """A pool that ends at exit has worked for a test: its CPU time counts there, and is not told as a gap."""
    pytester.makepyfile(
        "import multiprocessing\nfrom work import burn\n"
        "POOL = multiprocessing.get_context('fork').Pool(1)\n"
        "def test_pool(): POOL.map(burn, [1.2])"
    )
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    itself = [row for row in run.report["rows"] if row["kind"] == "collection" and row["phase"] == "session"]
    assert sum(row["cpu_s"] for row in itself) < 0.5
    assert run.row("test_pool")["cpu_s"] > 1.1
    assert not any("still ran when the tests had ended" in gap for gap in run.report["gaps"])


def test_forked_child_that_runs_to_the_end_reports_nothing(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A forked child that leaves by SystemExit also runs pytest's end; only the parent reports, and once."""
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
        ("def test_a(): pass", ("-k", "nothing"), 5, {}),
        ("x = 1", (), 5, {}),
        ("import pytest\ndef test_s(): pytest.skip('x')", (), 0, {"test_s": "skipped"}),
        ("import pytest\n@pytest.mark.xfail\ndef test_x(): assert 0", (), 0, {"test_x": "xfailed"}),
        ("import pytest\n@pytest.fixture\ndef bad(): 1/0\ndef test_e(bad): pass", (), 1, {"test_e": "error"}),
        ("def test_a(): pass", ("-p", "no:cacheprovider"), 0, {"test_a": "passed"}),
        ("def test_a(): pass", ("-p", "no:terminal"), 0, {"test_a": "passed"}),
        ("import nothing_like_this", (), 2, {}),
    ],
    ids=[
        "failing", "exitfirst", "ctrl-c", "deselected", "no tests", "skip", "xfail", "setup error",
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
    """However a session ends, its exit code is pytest's own, and a valid report is written."""
    pytester.makepyfile(test_it=body)
    run = carbon_run(*arguments)
    assert run.result.ret == code
    assert run.report["run"]["exit_status"] == code
    reported = {r["nodeid"].split("::")[-1]: r["outcome"] for r in run.rows() if "outcome" in r}
    assert {name: reported[name] for name in outcomes} == outcomes


def test_top_limits_the_list_of_tests(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """``--carbon-top`` limits the list of tests; the other tests are one line."""
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_n(n): pass")
    run = carbon_run("--carbon-top=3")
    run.result.stdout.fnmatch_lines(["6 more tests *"])


def test_second_run_replaces_the_report(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The report of a second run has the same tests and fingerprint, and another id."""
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass")
    first = carbon_run().report
    second = carbon_run().report
    assert first["run"]["id"] != second["run"]["id"]
    assert first["machine"]["fingerprint"] == second["machine"]["fingerprint"]
    tests = [{r["nodeid"] for r in report["rows"] if r["kind"] == "test"} for report in (first, second)]
    assert tests[0] == tests[1]


def test_features_come_from_paths_and_markers(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A test's feature comes from its path, or from its marker, which wins; other tests are unattributed."""
    _shop(pytester)
    pytester.makepyfile(
        test_search="""
        import pytest
        from work import burn
        def test_find(): burn(0.1)
        @pytest.mark.carbon(feature="checkout")
        def test_find_and_buy(): burn(0.1)
        """
    )
    run = carbon_run()
    assert run.row("test_pay")["feature"] == "checkout"
    assert run.row("test_find")["feature"] == "search"
    assert run.row("test_find_and_buy")["feature"] == "checkout"
    assert "feature" not in run.row("test_other")
    features = run.report["features"]
    assert {name: use["tests"] for name, use in features.items()} == {"checkout": 2, "search": 1, "unattributed": 1}
    assert features["checkout"]["share"] > 2 * features["search"]["share"]


@pytest.mark.parametrize(
    ("limit", "on_exceeded", "code", "state"),
    [
        ("1 kJ", "fail", 0, "pass"),
        ("10 mJ", "fail", 1, "fail"),
        ("10 mJ", "warn", 0, "warn"),
        ("0.1 ug", "fail", 1, "fail"),
    ],
)
def test_per_run_budget_of_a_feature(
    pytester: pytest.Pytester, carbon_run: CarbonRun, limit: str, on_exceeded: str, code: int, state: str
) -> None:
    """A feature over its per-run budget fails the run or warns, in one line with the figures."""
    _shop(pytester, limit, on_exceeded)
    run = carbon_run()
    assert run.result.ret == code
    (budget,) = run.report["budgets"]
    assert (budget["feature"], budget["state"]) == ("checkout", state)
    over = "feature checkout used * over its limit of * per run by * %*"
    if state == "fail":
        run.result.stdout.fnmatch_lines([f"carbon budget exceeded: {over}"])
    if state == "warn":
        run.result.stdout.fnmatch_lines(["budget * feature checkout used *"])


def test_policy_that_is_passed_over_and_path_without_a_file_are_gaps(
    pytester: pytest.Pytester, carbon_run: CarbonRun
) -> None:
    """A policy below pytest's root folder, which has none, and then the misspelt path of one that is read."""
    pytester.mkpydir("a").joinpath("test_it.py").write_text("def test_it(): pass")
    pytester.path.joinpath("a/carbon.toml").write_text('zone = "DE"')
    (said,) = [gap for gap in carbon_run().report["gaps"] if "is not read" in gap]
    assert said.startswith("a/carbon.toml is not read, and none of its limits is judged")
    assert "run pytest --carbon --rootdir a a, " in said
    pytester.path.joinpath("carbon.toml").write_text('[features.a]\npaths = ["a/**"]\n[features.b]\npaths = ["b/**"]')
    gaps = carbon_run().report["gaps"]
    assert [gap for gap in gaps if "is not read" in gap or "no file" in gap] == [
        "the path 'b/**' of feature b matches no file of the project; correct it in the policy, or remove it"
    ]


def test_per_run_budget_of_the_whole_run(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """[budget] of the configuration limits the whole run."""
    pytester.path.joinpath("carbon.toml").write_text('[budget]\nper-run = "1 mJ"\non-exceeded = "fail"\n')
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == 1
    run.result.stdout.fnmatch_lines(["carbon budget exceeded: this run used * over its limit of 1 mJ per run by *"])


def test_budget_in_grams_without_a_zone_is_inconclusive(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A budget in grams is not judged on an assumed grid: its state is inconclusive."""
    pytester.path.joinpath("carbon.toml").write_text('[budget]\nper-run = "1 ug"\non-exceeded = "fail"\n')
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == 0
    assert run.report["budgets"][0]["state"] == "inconclusive"


def test_exceeded_budget_keeps_the_exit_code_of_an_interrupt(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """An interrupted run over its budget keeps the exit code of the interrupt."""
    _shop(pytester, "10 mJ", "fail")
    pytester.makepyfile(test_stop="def test_stop(): raise KeyboardInterrupt")
    assert carbon_run().result.ret == pytest.ExitCode.INTERRUPTED


@pytest.mark.parametrize("path", ["file/report.json", "folder"])
def test_report_that_cannot_be_written_is_one_line(pytester: pytest.Pytester, carbon_run: CarbonRun, path: str) -> None:
    """The result of the tests stays, and one line names the path and the next step."""
    (pytester.path / "file").write_text("")
    (pytester.path / "folder").mkdir()
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run(f"--carbon-report={path}")
    assert run.result.ret == 0
    run.result.stdout.fnmatch_lines([f"pytest-carbon: the carbon report c* be written to *{path}*"])


@pytest.mark.attack("forged-report")
def test_report_of_an_earlier_run_is_gone(pytester: pytest.Pytester, carbon_run: CarbonRun, attack: Attack) -> None:
    """A test that ends the process with exit code 0 leaves no report: that of the run before would be judged as its."""
    pytester.makepyfile(test_it="def test_it(): pass")
    assert carbon_run().report
    pytester.makepyfile(test_it="import os\ndef test_it(): os._exit(0)")
    assert carbon_run().result.ret == 0
    report = pytester.path / ".carbon" / "report.json"
    attack.ended("success" if report.exists() else "no report")


@pytest.mark.parametrize("arguments", [("-n1",), ("-k", "it")])
def test_report_of_the_run_itself_stays(
    pytester: pytest.Pytester, carbon_run: CarbonRun, arguments: tuple[str, ...]
) -> None:
    """Workers remove nothing; a link to a file of the project stays a link."""
    (pytester.path / "kept.json").write_text("{}")
    (pytester.path / "report.json").symlink_to("kept.json")
    pytester.makepyfile("def test_it(): pass")
    carbon_run("--carbon-report=report.json", *arguments)
    assert (pytester.path / "report.json").is_symlink()
    assert '"schema"' in (pytester.path / "kept.json").read_text()


def test_clocks_frozen_before_the_run_do_not_freeze_the_meter(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A conftest puts a frozen clock in the place of the true ones before anything of ours is loaded."""
    pytester.makeconftest("import time\nfor n in ('time', 'monotonic', 'perf_counter'): setattr(time, n, lambda: 5.0)")
    pytester.makepyfile("from work import burn\ndef test_burn(): burn(0.3)")
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert run.row("test_burn")["wall_s"] > 0.2


def test_full_disk_leaves_no_half_report(pytester: pytest.Pytester) -> None:
    """If the disk is full, no incomplete report is left, and the result of the tests stays."""
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(200))\ndef test_n(n): pass")
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 8; exec {sys.executable} -m pytest --carbon -q -p no:randomly -p no:cacheprovider"],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the carbon report could not be written" in done.stdout
    assert [path.name for path in (pytester.path / ".carbon").iterdir()] == [".gitignore"]


@pytest.mark.attack("files-and-links")
def test_a_conftest_that_the_policy_names_as_report_stays(
    pytester: pytest.Pytester, carbon_run: CarbonRun, attack: Attack
) -> None:
    """Neither the start of a run removes the file, nor the end replaces it; a report there is replaced."""
    pytester.makeconftest("import pytest\n@pytest.fixture\ndef one(): return 1")
    conftest = pytester.path / "conftest.py"
    before = conftest.read_text()
    pytester.path.joinpath("carbon.toml").write_text('report = "conftest.py"\n')
    pytester.makepyfile("def test_one(one): assert one == 1")
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert conftest.read_text() == before
    assert "conftest.py (this file is no carbon report" in run.result.stdout.str()
    first = run.report["run"]["id"]
    pytester.path.joinpath("carbon.toml").write_text('report = "out.json"\n')
    (pytester.path / ".carbon" / "report.json").rename(pytester.path / "out.json")
    again = carbon_run()
    assert "could not be written" not in again.result.stdout.str()
    assert first not in (pytester.path / "out.json").read_text()
    attack.harmless(run.result.stdout.str())

"""Other packages take part through our hooks, found by their entry points; a broken package ends no run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CarbonRun = Callable[..., Any]

OFFICE = """
from pytest_carbon.hookspecs import GridFactor, Range, hookimpl

@hookimpl
def carbon_grid_factor(zone):
    {factor}

@hookimpl
def carbon_report_written(report, path):
    {written}
"""
KNOWS = """if zone == "office":
        return GridFactor(zone, Range(100.0, 90.0, 110.0), "the meter in the cellar", 2026, False)"""
FIRE = "raise RuntimeError('printer on fire')"


@pytest.fixture
def office(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install a package that extends pytest-carbon, as a distribution with an entry point."""

    def install(factor: str = KNOWS, written: str = "pass", module: str | None = None) -> None:
        folder = pytester.path / "site"
        info = folder / "office-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / "office_hooks.py").write_text(module or OFFICE.format(factor=factor, written=written))
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: office\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[pytest_carbon]\noffice = office_hooks\n")
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return install


def _command_line(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest_carbon.cli", *arguments],
        cwd=where, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_grid_provider_and_a_reporter(
    pytester: pytest.Pytester, carbon_run: CarbonRun, office: Callable[..., None]
) -> None:
    """A package can know a zone of its own and write the report elsewhere as well."""
    office(written="path.with_name('copy.txt').write_text(report.grid.source)")
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run("--carbon-zone=office")
    assert run.report["grid"]["g_per_kwh"] == 100
    assert run.path.with_name("copy.txt").read_text() == "the meter in the cellar"


@pytest.mark.parametrize(
    ("package", "doing", "error"),
    [
        ({"module": FIRE}, "imported", "RuntimeError: printer on fire"),
        ({"module": "import no_such_module"}, "imported", "ModuleNotFoundError: No module named 'no_such_module'"),
        ({"module": "raise SystemExit(3)"}, "imported", "SystemExit: 3"),
        ({"factor": FIRE}, "asked for carbon_grid_factor", "RuntimeError: printer on fire"),
        (
            {"factor": "return 100"},
            "asked for the grid zone 'DE'",
            "ValueError: a GridFactor with a Range was expected",
        ),
        ({"written": FIRE}, "asked for carbon_report_written", "RuntimeError: printer on fire"),
    ],
)
def test_a_package_that_fails_is_named_in_the_gaps(
    pytester: pytest.Pytester, carbon_run: CarbonRun, office: Callable[..., None],
    package: dict[str, str], doing: str, error: str,
) -> None:  # fmt: skip
    """The tests' result and the report stand; another provider answers for the zone."""
    office(**package)
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run("--carbon-zone=DE")
    assert run.result.ret == 0
    run.result.assert_outcomes(passed=1)
    assert run.report["totals"]["energy_j"] > 0
    assert run.report["grid"]["source"].startswith("Our World in Data")
    (gap,) = [gap for gap in run.report["gaps"] if "office" in gap]
    assert gap.startswith(f"the extension office:office failed when it was {doing} ({error}")
    assert "INTERNALERROR" not in run.text


def test_a_report_that_an_extension_has_changed_is_not_overwritten(
    pytester: pytest.Pytester, carbon_run: CarbonRun, office: Callable[..., None]
) -> None:
    """An extension that writes the file and then fails keeps what was written."""
    office(written="path.write_text(path.read_text().rstrip() + chr(10) * 3)\n    " + FIRE)
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run("--carbon-zone=DE")
    assert run.path.read_text().endswith("}\n\n\n")
    assert "printer on fire" in run.text


def test_a_zone_that_only_a_broken_package_knows(
    pytester: pytest.Pytester, carbon_run: CarbonRun, office: Callable[..., None]
) -> None:
    """The run goes on with the assumed world average, and no limit in grams is judged."""
    office(factor=FIRE)
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.carbon(limit="0.000001 g")
        def test_it(): sum(range(100000))
        """
    )
    run = carbon_run("--carbon-zone=office")
    assert run.result.ret == 0
    assert (run.report["grid"]["zone"], run.report["grid"]["assumed"]) == ("world average", True)
    assert any("the extension office:office failed" in gap for gap in run.report["gaps"])


def test_a_zone_that_nobody_knows_is_still_a_mistake(pytester: pytest.Pytester, office: Callable[..., None]) -> None:
    """Without a broken package, an unknown zone ends the run before the first test, as before."""
    office()
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess("--carbon", "--carbon-zone=offices")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no grid zone is called 'offices' (from --carbon-zone)*"])


def test_a_measured_command_goes_on_beside_a_broken_package(
    pytester: pytest.Pytester, office: Callable[..., None]
) -> None:
    """``pytest-carbon run`` runs the command, and the report names the package."""
    office(factor=FIRE)
    run = _command_line(pytester.path, "run", "--zone", "DE", "--", sys.executable, "-c", "print('built')")
    assert (run.returncode, run.stdout) == (0, "built\n")
    assert "Traceback" not in run.stderr
    assert "the extension office:office failed" in " ".join(run.stderr.split())


def test_doctor_names_a_package_that_fails(pytester: pytest.Pytester, office: Callable[..., None]) -> None:
    """Who asks why a package is not used reads the reason."""
    office(module="import no_such_module")
    text = " ".join(_command_line(pytester.path, "doctor").stdout.split())
    assert "the extension office:office failed when it was imported (ModuleNotFoundError" in text


REPORTER = """
from pytest_carbon.hookspecs import hookimpl

class OneLine:
    name, file_name = "line", "line.txt"
    def render(self, value):
        {render}

@hookimpl
def carbon_verdict_reporters():
    return [OneLine()]
"""


def test_a_verdict_in_a_format_of_another_package(
    pytester: pytest.Pytester, carbon_run: CarbonRun, office: Callable[..., None]
) -> None:
    """``check --format`` takes the package's name; a package that fails loses neither the verdict nor the exit code."""
    office(module=REPORTER.format(render="return f'{value.state}!' + chr(10)"))
    pytester.makepyfile("def test_it(): pass")
    pytester.makefile(".toml", carbon="")
    carbon_run()
    check = _command_line(pytester.path, "check", "--format", "line")
    assert (check.returncode, check.stdout) == (0, "pass!\n")
    assert _command_line(pytester.path, "check", "--format", "line", "--output", "verdict").returncode == 0
    assert (pytester.path / "verdict").read_text() == "pass!\n"
    (pytester.path / "site" / "office_hooks.py").write_text(REPORTER.format(render=FIRE))
    check = _command_line(pytester.path, "check", "--format", "line")
    assert check.returncode == 0
    assert "printer on fire" in check.stderr
    assert "Nothing is judged" in check.stdout


def test_no_verdict_without_the_zone_that_the_policy_names(
    pytester: pytest.Pytester, carbon_run: CarbonRun, office: Callable[..., None]
) -> None:
    """A broken package never turns a misspelt zone into a green check: zone and package are named, with exit code 2."""
    office(module="import no_such_module")
    pytester.makepyfile("def test_it(): pass")
    carbon_run("--carbon-zone=DE")
    (pytester.path / "carbon.toml").write_text('zone = "DEE"\n[budget]\nper-run = "1 g"\n')
    for verb in ("check", "budget", "summary"):
        done = _command_line(pytester.path, verb)
        assert (done.returncode, done.stdout) == (2, "")
        assert "the grid zone 'DEE' (from carbon.toml)" in done.stderr
        assert "the extension office:office failed when it was imported" in done.stderr

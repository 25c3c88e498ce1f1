"""Other packages take part through our hooks, found by their entry points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]

OFFICE = """
from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.hookspecs import hookimpl

@hookimpl
def carbon_grid_factor(zone):
    if zone == "office":
        return GridFactor(zone, Range(100.0, 90.0, 110.0), "the meter in the cellar", 2026, False)

@hookimpl
def carbon_report_written(report, path):
    {body}
"""


@pytest.fixture
def office(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Install a package with hooks of ours, as a distribution with an entry point."""

    def install(body: str) -> None:
        folder = pytester.path / "site"
        info = folder / "office-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / "office_hooks.py").write_text(OFFICE.format(body=body))
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: office\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[pytest_carbon]\noffice = office_hooks\n")
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return install


def test_a_grid_provider_and_a_reporter(
    pytester: pytest.Pytester, carbon_run: CarbonRun, office: Callable[[str], None]
) -> None:
    """A package can know a zone of its own and write the report elsewhere as well."""
    office("path.with_name('copy.txt').write_text(report.grid.source)")
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run("--carbon-zone=office")
    assert run.report["grid"]["g_per_kwh"] == 100
    assert run.path.with_name("copy.txt").read_text() == "the meter in the cellar"


def test_a_package_that_fails_does_no_harm(
    pytester: pytest.Pytester, carbon_run: CarbonRun, office: Callable[[str], None]
) -> None:
    """What a package raises is one line under the table; the tests' result and the report stand."""
    office("raise RuntimeError('printer on fire')")
    pytester.makepyfile("def test_it(): pass")
    run = carbon_run()
    assert run.result.ret == 0
    run.result.stdout.fnmatch_lines(["*a plugin failed when the report was written (RuntimeError: printer on fire)"])
    assert run.report["totals"]["energy_j"] > 0

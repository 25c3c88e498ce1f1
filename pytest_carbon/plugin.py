"""The pytest plugin: its options, marker and fixture. With ``--carbon`` it registers the hooks of ``pytest_edge``.

Without ``--carbon`` no other module of the package is imported, so that the installed plugin costs nothing measurable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_carbon.pytest_edge.carbon_fixture import CarbonFixture

MARKER = (
    'carbon(feature=None, limit=None): the feature that this test belongs to, such as "checkout", and the '
    'reference energy above which the test fails, such as "2 J"'
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the four ``--carbon`` options."""
    group = parser.getgroup("carbon", "energy and emissions of the run")
    group.addoption(
        "--carbon", action="store_true", help="measure the energy of the run and report which tests used it"
    )
    group.addoption(
        "--carbon-report",
        metavar="PATH",
        help="file to write the carbon report to, as JSON (default: .carbon/report.json)",
    )
    group.addoption(
        "--carbon-zone",
        metavar="ZONE",
        help="electricity grid zone of the machine, such as DE, US-VA, CA-QC, SE3 or gcp:us-central1",
    )
    group.addoption("--carbon-top", metavar="N", type=int, help="number of tests to list in the terminal (default: 10)")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """With ``--carbon``, begin the run before ``conftest.py`` is imported."""
    if early_config.known_args_namespace.carbon:
        from pytest_carbon.pytest_edge.hooks import begin

        begin(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; with ``--carbon``, check the configuration and register the hooks."""
    config.addinivalue_line("markers", MARKER)
    if not config.getoption("carbon"):
        return
    from pytest_carbon.pytest_edge.hooks import register

    register(config)


@pytest.fixture
def carbon(request: pytest.FixtureRequest) -> CarbonFixture:
    """Measure a block: ``with carbon.measure() as used: ...``, then read ``used.reference_j``."""
    from pytest_carbon.meter.recorder import Recorder
    from pytest_carbon.pytest_edge.carbon_fixture import CarbonFixture

    hooks = request.config.pluginmanager.get_plugin("carbon-hooks")
    return CarbonFixture(hooks.recorder if hooks is not None else Recorder())

"""The pytest edge: options, marker and fixture; with ``--carbon`` it registers the hooks of ``pytest_hooks``.

Everything else is imported only when it is on, so that an installed plugin that is off costs nothing that can be seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_carbon.pytest_edge.carbon_fixture import CarbonFixture

MARKER = (
    'carbon(feature=None, limit=None): the feature that pays for this test, such as "checkout", and the '
    'reference energy above which it fails, such as "2 J"'
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our four options."""
    group = parser.getgroup("carbon", "energy and emissions of the run")
    group.addoption("--carbon", action="store_true", help="measure the run's energy and report where it went")
    group.addoption(
        "--carbon-report",
        metavar="PATH",
        help="where to write the carbon report, JSON (default: .carbon/report.json)",
    )
    group.addoption(
        "--carbon-zone",
        metavar="ZONE",
        help="the electricity grid the machine is on: DE, US-VA, CA-QC, SE3, gcp:us-central1",
    )
    group.addoption("--carbon-top", metavar="N", type=int, help="how many tests to list (default: 10)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; when on, check the configuration and hook in."""
    config.addinivalue_line("markers", MARKER)
    if not config.getoption("carbon"):
        return
    from pytest_carbon.pytest_edge.hooks import register

    register(config)


@pytest.fixture
def carbon(request: pytest.FixtureRequest) -> CarbonFixture:
    """Measure a block: ``with carbon.measure() as used: ...`` and then ``used.reference_j``."""
    from pytest_carbon.meter.recorder import Recorder
    from pytest_carbon.pytest_edge.carbon_fixture import CarbonFixture

    hooks = request.config.pluginmanager.get_plugin("carbon-hooks")
    return CarbonFixture(hooks.recorder if hooks is not None else Recorder())

"""The grid of a run: the configured zone, the assumed world average, or an error with a hint."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.config.grid_settings import GridSettings
from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import ZoneError
from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables
from pytest_carbon.grid.registry import PROVIDERS
from pytest_carbon.grid.runner.detect_region import RunnerRegion, detect_region
from pytest_carbon.grid.world_average import WORLD
from pytest_carbon.usecases.configured_grid import configured_grid_factor, grams_to_joules, grid_of_run
from tests.grid.runner.conftest import AWS, AZURE, TOKEN, FakeMetadata, http

HERE = Path()


@pytest.fixture
def metadata() -> Iterator[FakeMetadata]:
    """A metadata service on loopback."""
    service = FakeMetadata()
    yield service
    service.close()


def test_no_zone_is_the_world_average_marked_as_assumed() -> None:
    """There is no default country: without a zone the world average with its wide range is assumed."""
    assert configured_grid_factor(Config(HERE)) is WORLD
    assert WORLD.assumed is True
    assert tuple(WORLD.g_per_kwh) == (475.0, 35.0, 750.0)


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ("DEE", "no grid zone is called 'DEE' (from carbon.toml); write a country (DE), a state (US-VA)"),
        ("us-esat-1", "no grid zone is called 'us-esat-1' (from carbon.toml); did you mean \"aws:us-east-1\"?"),
        ("us-vaa", "no grid zone is called 'us-vaa' (from carbon.toml); did you mean \"US-VA\"?"),
        (
            "gcp:us-centrall1",
            "no grid zone is called 'gcp:us-centrall1' (from carbon.toml); did you mean \"gcp:us-central1\"?",
        ),
        ("the moon", "no grid zone is called 'the moon' (from carbon.toml); write a country (DE), a state (US-VA)"),
    ],
)
def test_unknown_zone_is_an_error_with_a_hint(zone: str, message: str) -> None:
    """The error names where the zone was set, and the nearest known zone."""
    with pytest.raises(ZoneError) as caught:
        configured_grid_factor(Config(HERE, zone=zone, zone_from="carbon.toml"))
    assert str(caught.value).startswith(message)


def test_grams_become_joules_on_a_known_grid_only() -> None:
    """With a zone, grams become energy at the grid's factor; without a zone they are refused."""
    germany = CodeCarbonTables().factor("DE")
    assert germany is not None
    joules = grams_to_joules(2.0, Config(HERE, zone="DE", zone_from="carbon.toml"))
    assert joules == pytest.approx(7_200_000 / germany.g_per_kwh.central)
    with pytest.raises(ZoneError, match="a limit in grams needs a grid zone, and no zone is set"):
        grams_to_joules(2.0, Config(HERE))


def _asking(metadata: FakeMetadata) -> Callable[[], RunnerRegion]:
    """Return what asks the service on loopback, as on a machine of a vendor that is no cloud."""
    return lambda: detect_region(metadata.address, vendor="")


DETECTS = Config(HERE, grid=GridSettings(detect=True))
CI = {"CI": "true"}
NEXT = 'set the zone of the machine, such as zone = "NL", or remove detect from [grid]'


@pytest.mark.parametrize(
    ("config", "environment"),
    [
        (Config(HERE), CI),
        (DETECTS, {}),
        (DETECTS, {"CI": ""}),
        (replace(DETECTS, zone="DE", zone_from="carbon.toml"), CI),
    ],
    ids=["not allowed", "not in CI", "CI is empty", "a zone is set"],
)
def test_the_metadata_service_is_not_asked(metadata: Any, config: Config, environment: dict[str, str]) -> None:
    """Only without a zone, in CI, and if the policy allows that."""
    assert grid_of_run(config, environment, _asking(metadata)) == (configured_grid_factor(config), "")
    assert metadata.questions == []


def test_the_zone_of_the_region(metadata: Any) -> None:
    """The region's grid is known, and the source says how."""
    metadata.answers[AZURE] = http("westeurope")
    factor, gap = grid_of_run(DETECTS, CI, _asking(metadata))
    assert (factor.zone, factor.assumed, gap) == ("NL", False, "")
    assert factor.source.startswith("region westeurope (Azure metadata) -> zone NL: Our World in Data, ")


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({}, "the region of this machine is unknown, because the metadata service of Azure, AWS and Google Cloud "),
        ({AZURE: http("marsnorth")}, "this machine is in region marsnorth (Azure metadata), whose grid no table has"),
        (
            {TOKEN: http("t"), AWS: http("mars-1")},
            "this machine is in region mars-1 (AWS metadata), whose grid no table has",
        ),
    ],
    ids=["no answer", "unknown to Azure", "unknown to AWS"],
)
def test_an_unknown_region_is_a_gap(metadata: Any, answers: Any, why: str) -> None:
    """The average is assumed, and the gap tells the reason and the next step."""
    metadata.answers = answers
    factor, gap = grid_of_run(DETECTS, CI, _asking(metadata))
    assert factor is WORLD
    assert gap.startswith(why)
    assert gap.endswith(f"; {NEXT}")


def test_nothing_is_imported_for_those_who_do_not_ask() -> None:
    """A run without ``detect`` imports no module of the metadata services, nor does a run outside of CI."""
    code = (
        "import sys; from pathlib import Path\n"
        "from pytest_carbon.config.grid_settings import GridSettings\n"
        "from pytest_carbon.config.load import Config\n"
        "from pytest_carbon.usecases.configured_grid import grid_of_run\n"
        "grid_of_run(Config(Path()), {'CI': '1'}); grid_of_run(Config(Path(), grid=GridSettings(detect=True)), {})\n"
        "print([name for name in sys.modules if name.startswith('pytest_carbon.grid.runner')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_provider_of_the_tables_is_registered() -> None:
    """Each built-in provider has a name of its own and knows zones."""
    assert len({provider.name for provider in PROVIDERS}) == len(PROVIDERS) >= 1
    assert all(provider.zones() for provider in PROVIDERS)

"""Grid factors: which zones are known, under which names, and what their ranges are."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_carbon.extend.plugin_manager import make_plugin_manager

from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import ZoneError
from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.grid.codecarbon_import import copied, folder
from pytest_carbon.grid.codecarbon_tables import carbon_grid_factor, carbon_grid_zones
from pytest_carbon.grid.world_average import WORLD
from pytest_carbon.hookspecs import hookimpl
from pytest_carbon.usecases.configured_grid import grams_to_joules, grid_of

LAW = settings(max_examples=150, deadline=None)
HERE = Path()


def _central(zone: str) -> float:
    factor = carbon_grid_factor(zone)
    assert factor is not None
    return factor.g_per_kwh.central


@pytest.mark.parametrize(
    ("zone", "least", "most"),
    [
        ("DE", 250, 480),
        ("FR", 20, 90),
        ("PL", 450, 800),
        ("SE", 10, 60),
        ("US", 300, 450),
        ("US-VA", 180, 400),
        ("US-WV", 700, 1000),
        ("US-VT", 0, 60),
        ("SE3", 10, 60),
        ("NO1", 5, 60),
        ("CA-QC", 5, 60),
        ("CA-AB", 300, 700),
        ("CN-BJ", 300, 900),
        ("gcp:us-central1", 300, 550),
        ("gcp:europe-north1", 10, 130),
    ],
)
def test_yearly_average_is_in_the_right_unit(zone: str, least: float, most: float) -> None:
    """Countries, states, provinces, bidding zones and cloud regions all come in grams per kilowatt hour."""
    assert least < _central(zone) < most


@pytest.mark.parametrize(
    ("one", "other"),
    [("DE", "de"), ("DE", "DEU"), ("DE", " DE "), ("US-VA", "us-va"), ("SE3", "SE-SE3"), ("SE3", "se-se3"),
     ("NO1", "NO-NO1"), ("GB", "GBR"), ("gcp:us-central1", "GCP:US-CENTRAL1")],
)  # fmt: skip
def test_zone_has_other_spellings(one: str, other: str) -> None:
    """Case, blanks, two or three letters and the country before a bidding zone make no difference."""
    assert _central(one) == _central(other)


@pytest.mark.parametrize("zone", ["", "XX", "UK", "world", "SE-NO1", "US-XX", "azure:nowhere", "日本", "DE\0"])
def test_unknown_zone_is_none(zone: str) -> None:
    """A zone that no table has is unknown: nothing near is taken for it."""
    assert carbon_grid_factor(zone) is None


def test_factor_says_where_it_comes_from() -> None:
    """Zone as it was asked for, source and year are told, and nothing is assumed."""
    factor = carbon_grid_factor("de")
    assert factor is not None
    assert (factor.zone, factor.assumed) == ("de", False)
    assert factor.source == "Our World in Data, Germany; yearly average, from CodeCarbon's tables"
    assert factor.year is not None
    assert factor.year >= 2023
    assert tuple(factor.g_per_kwh)[1:] == pytest.approx(
        (0.45 * factor.g_per_kwh.central, 1.65 * factor.g_per_kwh.central)
    )


def test_every_zone_that_is_listed_is_known() -> None:
    """The zones offered as suggestions can all be used, and all have a plausible factor."""
    zones = carbon_grid_zones()
    assert len(zones) > 200
    assert zones == sorted(set(zones))
    assert [zone for zone in zones if not 0 < _central(zone) < 2000] == []


def test_our_copy_is_what_codecarbon_ships() -> None:
    """If not, make a new one: python -m pytest_carbon.grid.codecarbon_import > pytest_carbon/grid/zones.json."""
    data = folder()
    assert data is not None
    text = resources.files("pytest_carbon.grid").joinpath("zones.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(copied(data)))


def test_without_codecarbon_the_copy_is_used() -> None:
    """Where nothing is measured neither CodeCarbon nor pycountry is needed, and the factors are the same."""
    code = (
        "import sys; sys.modules['codecarbon'] = sys.modules['pycountry'] = None\n"
        "from pytest_carbon.grid.codecarbon_tables import carbon_grid_factor, carbon_grid_zones\n"
        "print([carbon_grid_factor(z).g_per_kwh.central for z in ('de', 'US-VA', 'SE-SE3')], len(carbon_grid_zones()))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    here = [_central(zone) for zone in ("de", "US-VA", "SE-SE3")]
    assert run.stdout == f"{here} {len(carbon_grid_zones())}\n"


@LAW
@given(st.text(max_size=8))
def test_any_text_can_be_asked_for(zone: str) -> None:
    """Whatever is asked, the answer is a factor with an ordered range, or None."""
    factor = carbon_grid_factor(zone)
    if factor is not None:
        assert 0 < factor.g_per_kwh.low <= factor.g_per_kwh.central <= factor.g_per_kwh.high


def test_no_zone_is_the_world_average_marked_as_assumed() -> None:
    """Without a zone there is no default country, but the world, with its wide range."""
    assert grid_of(Config(HERE)) is WORLD
    assert WORLD.assumed is True
    assert tuple(WORLD.g_per_kwh) == (475.0, 35.0, 750.0)


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ("DEE", "no grid zone is called 'DEE' (from carbon.toml); did you mean \"DEU\"?"),
        ("us-vaa", "no grid zone is called 'us-vaa' (from carbon.toml); did you mean \"US-VA\"?"),
        ("the moon", "no grid zone is called 'the moon' (from carbon.toml); write a country (DE), a state (US-VA)"),
    ],
)
def test_unknown_zone_is_an_error_with_a_hint(zone: str, message: str) -> None:
    """A zone that nobody knows is refused: where it was set and the nearest known one are told."""
    with pytest.raises(ZoneError) as caught:
        grid_of(Config(HERE, zone=zone, zone_from="carbon.toml"))
    assert str(caught.value).startswith(message)


def test_grams_become_joules_on_a_known_grid_only() -> None:
    """A limit in grams needs a zone; with one it is energy at the grid's factor."""
    joules = grams_to_joules(2.0, Config(HERE, zone="DE", zone_from="carbon.toml"))
    assert joules == pytest.approx(7_200_000 / _central("DE"))
    with pytest.raises(ZoneError, match="a limit in grams needs a grid zone, and none is set"):
        grams_to_joules(2.0, Config(HERE))


class _Island:
    @hookimpl
    def carbon_grid_factor(self, zone: str) -> GridFactor | None:
        if zone not in ("island", "DE"):
            return None
        return GridFactor(zone, Range(1.0, 1.0, 1.0), "our own wind mill", 2026, False)

    @hookimpl
    def carbon_grid_zones(self) -> list[str]:
        return ["island"]


def test_another_provider_is_asked_first() -> None:
    """A provider of another package adds zones and wins over the tables."""
    manager = make_plugin_manager()
    manager.register(_Island())
    assert manager.hook.carbon_grid_factor(zone="island").g_per_kwh.central == 1.0
    assert manager.hook.carbon_grid_factor(zone="DE").source == "our own wind mill"
    assert manager.hook.carbon_grid_factor(zone="FR").source.startswith("Our World in Data")
    assert sorted(map(len, manager.hook.carbon_grid_zones()))[0] == 1

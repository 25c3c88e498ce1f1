"""Grid factors: which zones are known, under which names, and what their ranges are."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables

LAW = settings(max_examples=150, deadline=None)
TABLES = CodeCarbonTables()


def _central(zone: str) -> float:
    factor = TABLES.factor(zone)
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
    ("zone", "spelling"),
    [("DE", "de"), ("DE", "DEU"), ("DE", " DE "), ("US-VA", "us-va"), ("SE3", "SE-SE3"), ("SE3", "se-se3"),
     ("NO1", "NO-NO1"), ("GB", "GBR"), ("gcp:us-central1", "GCP:US-CENTRAL1")],
)  # fmt: skip
def test_zone_has_other_spellings(zone: str, spelling: str) -> None:
    """Case, blanks, two or three letters and the country before a bidding zone make no difference."""
    assert _central(zone) == _central(spelling)


@pytest.mark.parametrize("zone", ["", "XX", "UK", "world", "SE-NO1", "US-XX", "azure:nowhere", "日本", "DE\0"])
def test_unknown_zone_is_none(zone: str) -> None:
    """A zone that no table has is unknown; no similar zone is taken instead."""
    assert TABLES.factor(zone) is None


def test_factor_says_where_it_comes_from() -> None:
    """The factor has the zone as it was asked for, the source and the year, and is not assumed."""
    factor = TABLES.factor("de")
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
    zones = TABLES.zones()
    assert len(zones) > 200
    assert zones == sorted(set(zones))
    assert [zone for zone in zones if not 0 < _central(zone) < 2000] == []


def test_without_codecarbon_the_copy_is_used() -> None:
    """Neither CodeCarbon nor pycountry is needed for the same factors."""
    code = (
        "import sys; sys.modules['codecarbon'] = sys.modules['pycountry'] = None\n"
        "from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables; TABLES = CodeCarbonTables()\n"
        "print([TABLES.factor(z).g_per_kwh.central for z in ('de', 'US-VA', 'SE-SE3')], len(TABLES.zones()))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    here = [_central(zone) for zone in ("de", "US-VA", "SE-SE3")]
    assert run.stdout == f"{here} {len(TABLES.zones())}\n"


@LAW
@given(st.text(max_size=8))
def test_any_text_can_be_asked_for(zone: str) -> None:
    """The answer for any text is a factor with an ordered range, or None."""
    factor = TABLES.factor(zone)
    if factor is not None:
        assert 0 < factor.g_per_kwh.low <= factor.g_per_kwh.central <= factor.g_per_kwh.high

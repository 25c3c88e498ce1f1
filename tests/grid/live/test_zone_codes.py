"""What sources call a zone, and the zones of clouds."""

from __future__ import annotations

import re

import pytest

from pytest_carbon.config.grid_settings import FILE, SDK, TABLE
from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables
from pytest_carbon.grid.live.registry import SOURCES
from pytest_carbon.grid.live.zone_codes import codes_of, live_zones, regions_of


@pytest.mark.parametrize(
    ("zone", "source", "code"),
    [
        ("GB", "neso", "national"),
        ("uk", "neso", "national"),
        ("GB-13", "neso", "13"),
        ("de", "energy-charts", "de"),
        ("DK1", "electricitymaps", "DK-DK1"),
        ("DK-DK1", "energinet", "DK1"),
        ("SE-SE3", "entsoe", "10Y1001A1001A46L"),
        ("aws:us-east-1", "eia", "PJM"),
        ("gcp:europe-west1", "energy-charts", "be"),
        ("azure:northeurope", "electricitymaps", "IE"),
        ("US-TEX-ERCO", "eia", "ERCO"),
    ],
)
def test_codes(zone: str, source: str, code: str) -> None:
    """A zone may be written in any case, by another name, or as a cloud's region."""
    assert codes_of(zone)[source] == code


def test_the_table_holds_together() -> None:
    """Every source is known, every source has zones, EIC codes are of their form, and unknown zones are empty."""
    sources = {source.name for source in SOURCES}
    used = {name for codes in live_zones().values() for name in codes}
    assert used == sources
    assert not sources & {TABLE, FILE, SDK}
    eic = [codes["entsoe"] for codes in live_zones().values() if "entsoe" in codes]
    assert all(re.fullmatch(r"10Y[A-Z0-9-]{13}", code) for code in eic)
    assert len(set(eic)) == len(eic)
    assert not codes_of("nowhere")
    assert "aws:eu-central-1" in regions_of("DE")
    assert {"aws:eu-north-1", "azure:swedencentral"} <= set(regions_of("SE"))
    assert "gcp:europe-north1" in regions_of("FI")
    assert "gcp:australia-southeast2" in regions_of("AU-VIC")
    assert "gcp:europe-north1" not in regions_of("AU-VIC")
    assert all(CodeCarbonTables().factor(zone) for zone in ("GB", "DE", "FR", "FI"))

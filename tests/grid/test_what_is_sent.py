"""Every source that may be asked is named, with its host, what is sent, when, and how to switch it off."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pytest_carbon.config.grid_settings import GridSettings, OwnSource
from pytest_carbon.core.signals.signal import Origin
from pytest_carbon.grid.live.registry import SOURCES
from pytest_carbon.grid.what_is_sent import describe_network

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "grid.md").read_text(encoding="utf-8")
OFF = "never while tests run. Off: remove {} from [grid] sources"


def test_the_whole_section() -> None:
    """A source without a key, one with a key, a file, an own web API, and the region; the tables have no line."""
    own = OwnSource("https://c.example/api", Origin("x", "average", "direct", "consumption", "yours"))
    names = ("neso", "eia", "file", "carbon-aware-sdk", "table")
    assert describe_network(GridSettings(names, own, own, detect=True)) == [
        (
            "neso",
            "asks api.carbonintensity.org.uk, and sends the zone's code, the times; only at pytest-carbon grid, "
            + OFF.format("neso"),
        ),
        (
            "eia",
            "asks api.eia.gov, and sends the zone's code, the times, and your key (EIA_API_KEY); only at "
            "pytest-carbon grid, " + OFF.format("eia"),
        ),
        ("file", "is a file: nobody is asked"),
        (
            "carbon-aware-sdk",
            "asks c.example, and sends the zone's code, the times; only at pytest-carbon grid, "
            + OFF.format("carbon-aware-sdk"),
        ),
        (
            "detect",
            "asks 169.254.169.254, the metadata service of the machine's own cloud, for the name of the region, and "
            "sends nothing else; after a run and at doctor, at most 1 s, only in CI and only without a zone. Off: "
            "remove detect from [grid], or set zone",
        ),
        ("CodeCarbon", "asks nobody: pytest-carbon starts its offline tracker"),
        ("never sent", "to any of these: your code, names of tests and files, and what was measured"),
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_page_names_every_host(source: object) -> None:
    """Whoever reads the page learns the host of each source."""
    assert f"`{urlsplit(source.address).hostname}`" in PAGE  # type: ignore[attr-defined]

"""``[grid]``: nobody is asked unless a user says so, and own sources say what their figures mean."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from pytest_carbon.config.grid_settings import GridSettings, read_grid
from pytest_carbon.core.errors import ConfigError

OWN = 'kind = "average"\nbasis = "lifecycle"\n'


def _read(text: str) -> Any:
    return read_grid(tomllib.loads(text), "carbon.toml: grid")


def test_defaults() -> None:
    """The yearly tables alone."""
    assert _read("") == GridSettings()
    assert not GridSettings().is_live
    assert not GridSettings().detect
    assert _read('sources = ["neso", "table"]').is_live


def test_detect_is_no_source() -> None:
    """It allows to ask for the region, not for signals."""
    settings = _read("detect = true")
    assert (settings.detect, settings.is_live) == (True, False)


def test_own_sources() -> None:
    """A file and a web API, each with its meaning."""
    settings = _read(
        f'sources = ["file"]\n[file]\npath = "grid.csv"\n{OWN}[carbon-aware-sdk]\nurl = "https://c.example/"\n{OWN}'
    )
    assert (settings.file.place, settings.carbon_aware_sdk.place) == ("grid.csv", "https://c.example")
    assert (settings.file.origin.kind, settings.file.origin.side) == ("average", "consumption")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('sources = ["file"]', 'sources has "file"; say where it is and what it tells, in [grid.file]'),
        ('detect = "yes"', "detect is 'yes'; it must be true or false, without quotes"),
        ("detect = 1", "detect is 1; it must be true or false, without quotes"),
        ('sources = ["neso", "neso"]', "sources must name each source once"),
        ("sources = []", "sources must name each source once"),
        ('source = ["neso"]', "unknown key 'source'; did you mean \"sources\"?"),
        ('[file]\npath = "x"', "has no kind and no basis; figures without a meaning cannot be counted"),
        (f"[file]\n{OWN}", "has no path"),
        (f'[carbon-aware-sdk]\nurl = "ftp://x"\n{OWN}', "url must begin with https:// or http://"),
        *(
            (f'[carbon-aware-sdk]\nurl = "{url}"\n{OWN}', "url has a user, a query or a space; write the address alone")
            for url in ("http://x?a=", "https://x/#", "http://user@x", "http://x/\\\\y", "http://x y", "http://x\\n")
        ),
        ('[file]\npath = "x"\nkind = "mean"', "kind"),
    ],
)
def test_errors(text: str, said: str) -> None:
    """Each error names the table and the next step."""
    with pytest.raises(ConfigError) as caught:
        _read(text)
    assert said in str(caught.value)

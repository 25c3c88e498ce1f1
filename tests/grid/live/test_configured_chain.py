"""The chain that a policy names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.config.grid_settings import GridSettings, OwnSource
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.grid.live.configured_chain import configured_chain
from tests.core.signals.test_signal import SIGNAL


def test_order_and_own_sources(tmp_path: Path) -> None:
    """Sources stand in the policy's order, without the yearly tables; a file is relative to the project."""
    own = OwnSource("grid.csv", SIGNAL.origin)
    sdk = OwnSource("http://127.0.0.1:1", SIGNAL.origin)
    settings = GridSettings(("file", "neso", "carbon-aware-sdk", "table"), own, sdk)
    chain = configured_chain(settings, tmp_path, environment={"XDG_CACHE_HOME": str(tmp_path)})
    assert [source.name for source in chain.sources] == ["file", "neso", "carbon-aware-sdk"]
    assert [source.address for source in chain.sources][::2] == [str(tmp_path / "grid.csv"), "http://127.0.0.1:1"]
    assert chain.cache.folder == tmp_path / "pytest-carbon" / "grid"
    assert configured_chain(GridSettings(), tmp_path).sources == []


def test_unknown_source(tmp_path: Path) -> None:
    """A slip is answered with the nearest name."""
    with pytest.raises(ConfigError, match=r'"nesso"|\'nesso\'; did you mean "neso"\? \(there are: neso, '):
        configured_chain(GridSettings(("nesso",)), tmp_path)

"""The chain that a policy names."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.config.grid_settings import GridSettings, OwnSource
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.grid.live.configured_chain import configured_chain
from tests.core.signals.test_signal import SIGNAL
from tests.grid.live.conftest import NOW

HOUR = timedelta(hours=1)


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


@pytest.mark.parametrize(
    "place", ["/etc/passwd", "../secret.csv", "secret-link.csv", "secret.csv", ".git", "../good.csv"]
)
def test_a_policys_file_shows_nothing(tmp_path: Path, place: str) -> None:
    """Whatever file a pull request's policy names, neither the answer nor a fault has its content."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    for folder in (tmp_path, project):
        (folder / "secret.csv").write_text("start,g_per_kwh\nhunter:x,hunter\n", encoding="utf-8")
    (tmp_path / "good.csv").write_text(f"start,g_per_kwh\n{NOW.isoformat()},300\n", encoding="utf-8")
    (project / "secret-link.csv").symlink_to(tmp_path / "secret.csv")
    settings = GridSettings(("file",), OwnSource(place, SIGNAL.origin))
    chain = configured_chain(settings, project, environment={"XDG_CACHE_HOME": str(tmp_path / "cache")})
    for answer in (chain.near_now("DE", NOW), chain.between("DE", NOW - HOUR, NOW), chain.ahead("DE", NOW)):
        assert not answer.signals
        assert len(answer.faults) == 1
        assert "hunter" not in answer.faults[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"hunter:x",
        (500, b"hunter:x"),
        (302, b"hunter", {"Location": "http://hunter/"}),
        ["hunter"],
        [{"time": "hunter", "rating": "hunter"}],
        [{"time": NOW.isoformat(), "rating": "hunter"}],
        {"hunter": "hunter"},
        [{"hunter": 1}],
    ],
)
def test_a_policys_address_shows_nothing(service: Any, tmp_path: Path, answer: Any) -> None:
    """Whatever address a pull request's policy names, no fault has what is answered there."""
    service.otherwise = answer
    settings = GridSettings(("carbon-aware-sdk",), None, OwnSource(service.url, SIGNAL.origin))
    chain = configured_chain(settings, tmp_path, environment={"XDG_CACHE_HOME": str(tmp_path / "cache")})
    known = chain.between("DE", NOW - HOUR, NOW)
    assert not known.signals
    assert len(known.faults) == 1
    assert "hunter" not in known.faults[0]


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:a9fe:a9fe]", "2852039166"])
def test_a_policys_address_is_no_service_of_the_cloud(tmp_path: Path, host: str) -> None:
    """The service that gives a machine's keys is not asked, however its address is written."""
    settings = GridSettings(("carbon-aware-sdk",), None, OwnSource(f"http://{host}/latest", SIGNAL.origin))
    chain = configured_chain(settings, tmp_path, environment={"XDG_CACHE_HOME": str(tmp_path / "cache")})
    (fault,) = chain.between("DE", NOW - HOUR, NOW).faults
    assert "could not be asked (an address of the machine's own network link or cloud is not asked)" in fault

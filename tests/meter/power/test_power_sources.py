"""Which meter is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.meter.power.battery import Battery
from pytest_carbon.meter.power.power_sources import find_meter
from pytest_carbon.meter.power.rapl import Rapl
from pytest_carbon.meter.power.watts_command import WattsCommand


def _file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_meter_that_sees_most_is_taken(tmp_path: Path) -> None:
    """The user's command, else the battery, else the counters of the CPU; without any of them, the three ways."""
    with pytest.raises(ConfigError, match=r"three ways: read the counter.*unplug the charger.*--watts-command"):
        find_meter(None, tmp_path)
    with pytest.raises(ConfigError, match=r"virtual machine .* idle-w and full-w\); .*--watts-command\); else leave"):
        find_meter(None, tmp_path, virtual=True)
    _file(tmp_path / "sys/class/powercap/intel-rapl:0/name", "package-0")
    _file(tmp_path / "sys/class/powercap/intel-rapl:0/energy_uj", "5")
    assert isinstance(find_meter(None, tmp_path), Rapl)
    for name, text in {"type": "Battery", "status": "Discharging", "power_now": "9000000"}.items():
        _file(tmp_path / "sys/class/power_supply/BAT0" / name, text)
    assert isinstance(find_meter(None, tmp_path), Battery)
    assert isinstance(find_meter("echo 42", tmp_path), WattsCommand)

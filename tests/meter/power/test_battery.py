"""The batteries of a laptop, in a tree of files as the kernel shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.meter.power.battery import find_battery


def _supply(root: Path, name: str, **files: str) -> Path:
    path = root / "sys/class/power_supply" / name
    path.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (path / file).write_text(f"{text}\n")
    return path


def test_mean_of_the_discharge(tmp_path: Path) -> None:
    """Two batteries add up, one by its power and one by current and voltage; each step has a mean of its own."""
    first = _supply(tmp_path, "BAT0", type="Battery", status="Discharging", power_now="9000000")
    _supply(tmp_path, "BAT1", type="Battery", status="Discharging", current_now="-500000", voltage_now="12000000")
    _supply(tmp_path, "AC", type="Mains", online="0")
    meter = find_battery(tmp_path)
    assert meter is not None
    meter.start()
    assert meter.mean_w() == pytest.approx(9 + 6)
    meter.start()
    for microwatts in (10_000_000, 14_000_000):
        (first / "power_now").write_text(str(microwatts))
        meter.sample()
    assert meter.mean_w() == pytest.approx(12 + 6)
    assert meter.facts.resolution_w == pytest.approx(1.0)


@pytest.mark.parametrize(
    "files",
    [
        {"type": "Battery", "status": "Charging", "power_now": "9000000"},
        {"type": "Battery", "status": "Full", "power_now": "0"},
        {"type": "Battery", "status": "Discharging"},
        {"type": "Battery", "status": "Discharging", "power_now": "0"},
        {"type": "Battery", "status": "Discharging", "power_now": "junk", "current_now": "5"},
        {"type": "Battery", "scope": "Device", "status": "Discharging", "power_now": "9000000"},
        {"type": "UPS", "status": "Discharging", "power_now": "9000000"},
    ],
)
def test_what_does_not_discharge_is_no_meter(tmp_path: Path, files: dict[str, str]) -> None:
    """A charger hides what the machine takes; the battery of a mouse is not the machine's."""
    _supply(tmp_path, "BAT0", **files)
    assert find_battery(tmp_path) is None


def test_charger_that_is_plugged_in_ends_it(tmp_path: Path) -> None:
    """From then on the battery does not tell what the machine takes."""
    battery = _supply(tmp_path, "BAT0", type="Battery", status="Discharging", power_now="9000000")
    meter = find_battery(tmp_path)
    assert meter is not None
    (battery / "status").write_text("Charging")
    with pytest.raises(ConfigError, match="stopped discharging; leave the charger unplugged"):
        meter.sample()


def test_it_says_what_it_does_not_see(tmp_path: Path) -> None:
    """The charger is before the battery, the screen behind it."""
    _supply(tmp_path, "BAT0", type="Battery", status="Discharging", power_now="9000000")
    meter = find_battery(tmp_path)
    assert meter is not None
    assert "screen" in meter.facts.sees
    assert "losses of the charger" in meter.facts.does_not_see

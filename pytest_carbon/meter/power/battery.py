"""The watts that leave the batteries of a laptop that is not plugged in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_carbon.core.calibration.load_steps import MeterFacts
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.meter.kernel_text import kernel_text
from pytest_carbon.meter.power.mean_watts import MeanWatts

_FACTS = MeterFacts(
    "the discharge of the battery",
    "everything behind the battery, the screen at its present brightness among it",
    "the losses of the charger, for which the range leaves room",
    0.97,
    1.2,
)


class Battery:
    """All batteries of the machine that discharge."""

    period_s = 1.0

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._mean = MeanWatts()

    @property
    def facts(self) -> MeterFacts:
        """What it is, sees and does not see."""
        return replace(_FACTS, resolution_w=self._mean.resolution_w())

    def start(self) -> None:
        """Begin a new mean."""
        self._mean.start()

    def sample(self) -> None:
        """Read all batteries. Raises ConfigError if one was plugged in."""
        watts = [discharge_w(folder) for folder in self._folders]
        known = [each for each in watts if each is not None]
        if not known:
            raise ConfigError("the battery stopped discharging; leave the charger unplugged until the end")
        self._mean.add(sum(known))

    def mean_w(self) -> float:
        """Return the mean watts since the start."""
        if not self._mean.count:
            self.sample()
        return self._mean.mean_w()


def find_battery(root: Path = Path("/")) -> Battery | None:
    """Return the batteries of the machine if one of them discharges; not those of mice and headsets."""
    folders = sorted((root / "sys/class/power_supply").glob("*"))
    own = [
        folder
        for folder in folders
        if kernel_text(folder / "type") == "Battery" and kernel_text(folder / "scope") != "Device"
    ]
    return Battery(own) if any(discharge_w(folder) for folder in own) else None


def discharge_w(folder: Path) -> float | None:
    """Return the watts that a battery gives; None if it does not discharge or does not tell."""
    if kernel_text(folder / "status") != "Discharging":
        return None
    power = _number(folder / "power_now")
    if power is not None:
        return abs(power) / 1e6
    current, voltage = _number(folder / "current_now"), _number(folder / "voltage_now")
    return None if current is None or voltage is None else abs(current * voltage) / 1e12


def _number(path: Path) -> float | None:
    try:
        return float(kernel_text(path))
    except ValueError:
        return None

"""Finds what can tell the watts of this machine: a command of the user, the battery, the counters of the CPU."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.meter.power.battery import find_battery
from pytest_carbon.meter.power.mean_watts import PowerMeter
from pytest_carbon.meter.power.rapl import find_rapl
from pytest_carbon.meter.power.watts_command import WattsCommand


def find_meter(watts_command: str | None, root: Path = Path("/"), *, virtual: bool | None = None) -> PowerMeter:
    """Return the meter that sees most: the user's command, else a battery that discharges, else RAPL.

    Raises ConfigError if there is none, with the three ways, or with those of a ``virtual`` machine.
    """
    if watts_command is not None:
        return WattsCommand(watts_command)
    meter = find_battery(root) or find_rapl(root)
    if meter is None and virtual:
        raise ConfigError(
            "nothing in this virtual machine tells watts; if your provider gives its power, enter that in carbon.toml "
            "([machine] idle-w and full-w); if a command prints its watts, give that (--watts-command); else leave it, "
            "and joules and grams keep their range"
        )
    if meter is None:
        raise ConfigError(
            "nothing here tells watts; there are three ways: read the counter of the CPU "
            "(sudo chmod -R a+r /sys/class/powercap/intel-rapl:*, if only you use this machine; a virtual machine has "
            "none); unplug the charger of a laptop; or give a command that prints the watts of a BMC or smart plug "
            "(--watts-command)"
        )
    return meter

"""CodeCarbon's light start: the same hardware, without py-cpuinfo's process and without pandas."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from codecarbon import __version__
from codecarbon.core import cpu, util

from pytest_carbon.meter.codecarbon_start.light_start import LightStart, _LateModule

START = """
import json, os, sys
from codecarbon import OfflineEmissionsTracker, __version__
from codecarbon.core import cpu
from pytest_carbon.meter.codecarbon_start.light_start import LightStart
from pytest_carbon.meter.codecarbon_start.tracker_settings import tracker_settings

started = []
sys.addaudithook(lambda event, told: started.append(os.path.basename(told[0])) if event == "subprocess.Popen" else None)
totals = []
class Output:
    def live_out(self, total, delta): totals.append([total.cpu_energy, total.ram_energy, total.gpu_energy])
light = LightStart(__version__ if sys.argv[1] == "light" else "plain")
settings = {**tracker_settings(OfflineEmissionsTracker, Output(), 1.0), **light.settings}
tracker = OfflineEmissionsTracker(**settings)
tracker.start()
loaded = [name for name in ("cpuinfo", "pandas", "urllib3") if "__file__" in vars(sys.modules.get(name, object))]
print(json.dumps({
    "started": started,
    "loaded": loaded,
    "totals": len(totals),
    "found": tracker.get_detected_hardware(),
    "hardware": [str(item) for item in tracker._hardware],
    "modes": [getattr(item, "_mode", None) for item in tracker._hardware],
    "watts": [getattr(item, "_tdp", None) for item in tracker._hardware],
    "rated": {name: cpu.TDP._get_cpu_power_from_registry(cpu.TDP(), name) for name in json.loads(sys.argv[2])},
}))
os._exit(0)
"""
NAMES = [
    "AMD EPYC 7763 64-Core Processor",
    "AMD EPYC 9V74 80-Core Processor",
    "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz",
    "Intel(R) Xeon(R) CPU E5-2673 v4 @ 2.30GHz",
    "Intel(R) Xeon(R) Processor @ 2.50GHz",
    "11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz",
    "AMD Ryzen 7 5800X 8-Core Processor",
    "Apple M1",
    "Neoverse-N1",
]


def _start(way: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START, way, json.dumps(NAMES)],
        capture_output=True,
        check=True,
        text=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_light_start_finds_the_same_hardware() -> None:
    """Hardware, method, rated watts and totals are those of CodeCarbon's own start, which takes eight times as long.

    It fails if CodeCarbon asks for the CPU's name or for its table in another way than the known versions.
    """
    light, plain = _start("light"), _start("plain")
    assert "pandas" in plain["loaded"], "CodeCarbon needs no pandas any more: part of the light start is without use"
    assert len(plain["started"]) > len(light["started"]), "CodeCarbon asks no process for the CPU's name any more"
    assert light["loaded"] == []
    assert set(light["started"]) <= {"lscpu", "uname"}
    same = ("totals", "found", "hardware", "modes", "watts", "rated")
    assert {key: light[key] for key in same} == {key: plain[key] for key in same}
    assert light["rated"]["AMD EPYC 7763 64-Core Processor"] == 280


def test_installed_version_was_looked_at() -> None:
    """With another version CodeCarbon starts as it always does. Read its start, then add it to the known ones."""
    light = LightStart(__version__)
    settings = light.settings
    light.undo()
    assert settings


@pytest.mark.parametrize("version", ["", "3.2.9", "3.30.0", "3.4.0", "4.0.0"])
def test_nothing_is_replaced_in_an_unknown_version(version: str) -> None:
    """A version that was not looked at starts as it always does."""
    rated = cpu.TDP
    assert LightStart(version).settings == {}
    assert cpu.TDP is rated
    assert not isinstance(sys.modules.get("cpuinfo"), _LateModule)


def test_undo_puts_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """After undo, CodeCarbon's own class and py-cpuinfo are in their places, and the name is asked anew."""
    monkeypatch.delitem(sys.modules, "cpuinfo", raising=False)
    rated = cpu.TDP
    light = LightStart(__version__)
    assert cpu.TDP is not rated
    assert util.detect_cpu_model() == sys.modules["cpuinfo"].get_cpu_info()["brand_raw"]
    light.undo()
    assert cpu.TDP is rated
    assert "cpuinfo" not in sys.modules
    assert light.settings == {}
    assert util.detect_cpu_model.cache_info().currsize == 0


def test_module_that_is_stood_in_for_is_loaded_when_more_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the stand-in does not have comes from the module itself, which then is in its place."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    monkeypatch.setitem(sys.modules, "colorsys", _LateModule("colorsys", ONE_THIRD=3))
    import colorsys

    assert colorsys.ONE_THIRD == 3
    assert "__file__" not in vars(sys.modules["colorsys"])
    assert colorsys.rgb_to_hsv(1, 1, 1) == (0.0, 0.0, 1)
    assert "__file__" in vars(sys.modules["colorsys"])
    with pytest.raises(AttributeError):
        _ = _LateModule("colorsys").nothing


@pytest.mark.parametrize("broken", ["no file", "other columns", "no number"])
def test_table_that_cannot_be_read_is_read_by_codecarbon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """If the table is not as expected, CodeCarbon reads it in its own way."""
    table = tmp_path / "cpu_power.csv"
    if broken != "no file":
        table.write_text("Name,Watts\nA,1\n" if broken == "other columns" else "Name,TDP\nAMD EPYC 7763,many\n")
    monkeypatch.setattr("codecarbon.input.DataSource.cpu_power_path", table)
    light = LightStart(__version__)
    try:
        assert cpu.TDP().model
        assert cpu.TDP()._get_cpu_power_from_registry("AMD EPYC 7763 64-Core Processor") == 280
    finally:
        light.undo()

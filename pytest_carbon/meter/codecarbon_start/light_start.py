"""Takes the detours out of CodeCarbon's start: the same hardware and joules for an eighth of the CPU time.

CodeCarbon starts a process of more than a second to ask for the CPU's name, loads pandas to read two columns of a table,
and loads a client for networks that an offline tracker never uses. Nothing is kept between runs, so there is nothing
that could be out of date or tampered with: the name comes from the kernel, the watts from CodeCarbon's own table by
CodeCarbon's own comparison.

This is the only module that replaces anything of CodeCarbon, and only of versions that were looked at. In any other
version, and where a part is not found, CodeCarbon starts as it always does.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from importlib.util import LazyLoader, find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from pytest_carbon.meter.codecarbon_start.kernel_cpu_name import kernel_cpu_name

LOOKED_AT = "3.3."
"""The versions of CodeCarbon whose start was read; for another, read ``core/util.py``, ``core/cpu.py``, ``input.py``."""

_NO_GRAMS = {"country_iso_code": None, "force_carbon_intensity_g_co2e_kwh": 0.0}
"""Settings of a tracker that looks up no country and no carbon intensity. Its grams are not used."""


class LightStart:
    """What was replaced in this process, for CodeCarbon's start. ``settings`` are those of the tracker that go with it.

    ``version`` is CodeCarbon's. Nothing is replaced, and there are no settings, if that version was not looked at.
    """

    def __init__(self, version: str) -> None:
        self.settings: dict[str, Any] = {}
        self._undo: list[Callable[[], object]] = []
        if version.startswith(LOOKED_AT):
            try:
                self._replace()
            except Exception:  # a package that is not what its version says
                self.undo()

    def _replace(self) -> None:
        from codecarbon.core import cpu, util

        name = kernel_cpu_name()
        if name is not None and "cpuinfo" not in sys.modules:
            self._undo += [util.detect_cpu_model.cache_clear, lambda: sys.modules.pop("cpuinfo", None)]
            sys.modules["cpuinfo"] = _cpuinfo_that_knows(name)
        table_with_pandas = cpu.TDP
        self._undo.append(lambda: setattr(cpu, "TDP", table_with_pandas))
        cpu.TDP = _without_pandas(table_with_pandas)
        _load_when_used("requests")
        self.settings = _NO_GRAMS

    def undo(self) -> None:
        """Put back what was replaced."""
        self.settings = {}
        while self._undo:
            self._undo.pop()()


def _cpuinfo_that_knows(name: str) -> ModuleType:
    """Return what stands in for py-cpuinfo: the one function, and the one value, that CodeCarbon asks for."""
    module = ModuleType("cpuinfo")
    module.__dict__["get_cpu_info"] = lambda: {"brand_raw": name}
    return module


def _without_pandas(original: Any) -> Any:
    """Return CodeCarbon's class of a CPU's rated power, with a table of names and watts that needs no pandas."""

    class RatedPower(original):  # type: ignore[misc]
        """CodeCarbon's rated power of a CPU; only the reading of the table is other."""

        def _get_cpu_power_from_registry(self, cpu_model_raw: str) -> Any:
            try:
                from codecarbon.input import DataSource

                watts = _read_watts(Path(DataSource().cpu_power_path))
                match = self._get_matching_cpu(cpu_model_raw, {"Name": list(watts)})
                return watts[match] if match else None
            except Exception:
                return super()._get_cpu_power_from_registry(cpu_model_raw)

    return RatedPower


def _read_watts(path: Path) -> dict[str, float]:
    """Return the watts by name. If a name stands twice, the first counts, as for CodeCarbon."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        name, watts = header.index("Name"), header.index("TDP")
        table: dict[str, float] = {}
        for row in rows:
            table.setdefault(row[name], float(row[watts]))
    return table


def _load_when_used(name: str) -> None:
    """Let a module be loaded when something of it is used, not when it is imported."""
    spec = find_spec(name) if name not in sys.modules else None
    if spec is not None and spec.loader is not None:
        spec.loader = LazyLoader(spec.loader)
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])

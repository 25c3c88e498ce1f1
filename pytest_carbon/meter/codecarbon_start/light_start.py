"""Takes the detours out of CodeCarbon's start: the same hardware and joules for an eighth of the CPU time.

CodeCarbon starts a process of more than a second to ask for the CPU's name, loads pandas to read two columns of a
table, and loads a client for networks that an offline tracker never uses. Nothing is kept between runs, so there is
nothing that could be out of date or tampered with: the name comes from the kernel, the watts from CodeCarbon's own
table by CodeCarbon's own comparison.

This is the only module that replaces anything of CodeCarbon, and only of versions that were looked at. In any other
version, and where a part is not found, CodeCarbon starts as it always does.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from pytest_carbon.meter.codecarbon_start.kernel_cpu_name import kernel_cpu_name

LOOKED_AT = "3.3."
"""The versions of CodeCarbon whose start was read: ``core/util.py``, ``core/cpu.py`` and ``input.py``."""

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
        if name is not None:
            self._stand_in("cpuinfo", get_cpu_info=lambda: {"brand_raw": name})
            self._undo.append(util.detect_cpu_model.cache_clear)
        self._stand_in("requests")
        with_pandas = cpu.TDP
        self._undo.append(lambda: setattr(cpu, "TDP", with_pandas))
        setattr(cpu, "TDP", _without_pandas(with_pandas))  # noqa: B010 - mypy takes an assignment for a mistake
        self.settings = _NO_GRAMS

    def _stand_in(self, name: str, **given: object) -> None:
        if name not in sys.modules:
            sys.modules[name] = _LateModule(name, **given)
            self._undo.append(lambda: sys.modules.pop(name, None))

    def undo(self) -> None:
        """Put back what was replaced."""
        self.settings = {}
        while self._undo:
            self._undo.pop()()


class _LateModule(ModuleType):
    """Stands in for a module, and loads it if something of it is used that is not given here.

    Python's own ``LazyLoader`` loads a module already when it is imported for the second time.
    """

    def __init__(self, name: str, **given: object) -> None:
        super().__init__(name)
        vars(self).update(given)

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def _without_pandas(original: Any) -> Any:
    """Return CodeCarbon's class of a CPU's rated power, with a table of names and watts that needs no pandas."""

    class RatedPower(original):  # type: ignore[misc]
        """CodeCarbon's rated power of a CPU; only the reading of the table is other."""

        def _get_cpu_power_from_registry(self, cpu_model_raw: str) -> Any:
            try:
                from codecarbon.input import DataSource

                source: Any = DataSource
                watts = _read_watts(Path(source().cpu_power_path))
                match = self._get_matching_cpu(cpu_model_raw, {"Name": list(watts)})
                return float(watts[match]) if match else None
            except Exception:
                return super()._get_cpu_power_from_registry(cpu_model_raw)

    return RatedPower


def _read_watts(path: Path) -> dict[str, str]:
    """Return the texts of the watts by name. If a name stands twice, the first counts, as for CodeCarbon."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        name, watts = header.index("Name"), header.index("TDP")
        table: dict[str, str] = {}
        for row in rows:
            table.setdefault(row[name], row[watts])
    return table

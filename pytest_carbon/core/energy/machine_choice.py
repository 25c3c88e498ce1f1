"""Chooses the power curve of a machine: the entry of the machine table that fits it, or the user's own figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from pytest_carbon.core.errors import ConfigError, did_you_mean
from pytest_carbon.core.model import MachineFacts, MachineSpec, Range

LARGEST_FIGURE = 1e9
_USER_KEYS = ("name", "watts", "idle-w", "full-w", "spread", "pue", "embodied-g-per-h", "source")
USUAL_SHAPE = (
    (0.0, 0.0), (0.05, 0.144), (0.1, 0.263), (0.2, 0.384), (0.3, 0.490), (0.4, 0.604), (0.5, 0.727), (0.6, 0.812),
    (0.7, 0.916), (0.8, 0.945), (0.9, 0.972), (1.0, 1.0),
)  # fmt: skip
"""Points (utilisation, share of the way from idle to full power): the mean over RAPL readings of four CPUs
(CodeCarbon's cpu_load_profiling data) and two published curves, SPECpower of an EPYC 7763 (Eco CI v5.3) and Teads.
Power rises steeply first and then flattens. benchmarks/power_curve.py makes it and leaves each CPU out in turn."""

GIVEN_ENDS_SPREAD: tuple[float, ...] = (0.7, 1.75)
"""Factors from the watts of a curve of the usual shape between known ends to those that hold 90 % of the readings of a
machine that the shape was not made from (benchmarks/power_curve.py)."""


MEASURED_SPREAD: tuple[float, ...] = (0.55, 1.55)
"""Factors from the watts of a curve that a user has measured to the low and the high figure, if the user gives no
others. A curve that was measured while some CPUs worked all of the time is off where all CPUs work for a part of it, at
a lower clock: these factors hold 90 % of the readings of both kinds together (benchmarks/power_curve.py)."""


def usual_curve(
    idle_w: float, full_w: float, shape: Sequence[tuple[float, float]] = USUAL_SHAPE
) -> tuple[tuple[float, float], ...]:
    """Return a power curve from idle to full watts in the usual shape."""
    return tuple((u, idle_w + (full_w - idle_w) * share) for u, share in shape)


def _is_amount(value: Any) -> bool:
    """Return whether a value is a number from 0 to ``LARGEST_FIGURE``, which no real machine reaches."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LARGEST_FIGURE


def _number(table: Mapping[str, Any], key: str, where: str) -> float:
    value = table[key]
    if not _is_amount(value):
        raise ConfigError(f"{where}: {key} is {value!r}; it must be a number that is not negative")
    return float(value)


def _numbers(value: Any, count: int, where: str) -> tuple[float, ...]:
    is_list = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == count
    if not is_list or not all(_is_amount(v) for v in value):
        raise ConfigError(f"{where} is {value!r}; it must be {count} numbers that are not negative")
    return tuple(float(v) for v in value)


def _range(table: Mapping[str, Any], key: str, where: str) -> Range:
    """Read ``[central, low, high]``, or one number as an exact figure."""
    if isinstance(table[key], list):
        central, low, high = _numbers(table[key], 3, f"{where}: {key}")
        if not low <= central <= high:
            raise ConfigError(f"{where}: {key} is {table[key]!r}; it must be [central, low, high]")
        return Range(central, low, high)
    value = _number(table, key, where)
    return Range(value, value, value)


def _curve(
    table: Mapping[str, Any], vcpus: int, where: str, rated_w: float | None = None
) -> tuple[tuple[float, float], ...]:
    """Read a power curve: points of per cent and watts, or idle and full watts for a curve in the usual shape."""
    if rated_w is not None and "idle-share-of-rated" in table:
        idle_w, full_w = (rated_w * _number(table, f"{key}-share-of-rated", where) for key in ("idle", "full"))
        return usual_curve(idle_w, full_w)
    if "idle-w-per-vcpu" in table:
        idle_w, full_w = (vcpus * _number(table, f"{key}-w-per-vcpu", where) for key in ("idle", "full"))
        return usual_curve(idle_w, full_w)
    if "idle-w" in table or "full-w" in table:
        if "watts" in table:
            raise ConfigError(f"{where} has both watts and idle-w or full-w; keep only one of the two")
        missing = next((k for k in ("idle-w", "full-w") if k not in table), None)
        if missing:
            raise ConfigError(f"{where}: {missing} is missing; both idle-w and full-w are needed")
        idle_w, full_w = _number(table, "idle-w", where), _number(table, "full-w", where)
        if full_w <= idle_w:
            raise ConfigError(f"{where}: full-w ({full_w:g}) must be above idle-w ({idle_w:g})")
        return usual_curve(idle_w, full_w)
    key = "watts" if "watts" in table else "watts-per-vcpu"
    if key not in table:
        raise ConfigError(f"{where} has no power; set idle-w and full-w, or watts = [[0, 5.0], [100, 30.0]]")
    points = table[key]
    if not isinstance(points, list) or len(points) < 2:
        raise ConfigError(f"{where}: {key} is {points!r}; it must be at least two points [per cent, watts]")
    curve = []
    for point in points:
        percent, power = _numbers(point, 2, f"{where}: {key}")
        curve.append((percent / 100, power * (vcpus if key == "watts-per-vcpu" else 1)))
    if any(later < earlier for (_, earlier), (_, later) in pairwise(curve)):
        raise ConfigError(f"{where}: {key} must not fall as utilisation rises; it is {points!r}")
    if curve[0][0] != 0 or curve[-1][0] != 1 or any(b[0] <= a[0] for a, b in pairwise(curve)):
        raise ConfigError(f"{where}: {key} must rise from 0 to 100 per cent, in order; it is {points!r}")
    return tuple(curve)


def read_configured_machine(table: Any, where: str) -> MachineSpec:
    """Read the ``[machine]`` table of a user's configuration. Raises ConfigError for a missing or wrong setting.

    ``pue`` defaults to 1.0, that of a machine in an office or at home. ``embodied-g-per-h`` defaults to
    ``OWN_MACHINE_EMBODIED``, which has a wide range.
    """
    if not isinstance(table, dict):
        raise ConfigError(f"{where} is {table!r}; it must be a table")
    for key in table:
        if key not in _USER_KEYS:
            raise ConfigError(
                f"{where}: unknown key {key!r}{did_you_mean(key, _USER_KEYS)} (known: {', '.join(_USER_KEYS)})"
            )
    for key in ("name", "source"):
        if not isinstance(table.get(key, ""), str):
            raise ConfigError(f"{where}: {key} is {table[key]!r}; it must be a text")
    spread = MEASURED_SPREAD if "watts" in table else GIVEN_ENDS_SPREAD
    if "spread" in table:
        spread = _numbers(table["spread"], 2, f"{where}: spread")
    if not spread[0] <= 1 <= spread[1]:
        raise ConfigError(f"{where}: spread is {table['spread']!r}; it must be factors around 1, such as [0.8, 1.25]")
    pue = _range(table, "pue", where) if "pue" in table else Range(1.0, 1.0, 1.0)
    if pue.low < 1:
        raise ConfigError(f"{where}: pue is {table['pue']!r}; it must be at least 1, which adds nothing")
    return MachineSpec(
        name=str(table.get("name", "the machine of your configuration")),
        watts=_curve(table, 1, where),
        spread=(spread[0], spread[1]),
        pue=pue,
        embodied_g_per_h=(
            _range(table, "embodied-g-per-h", where) if "embodied-g-per-h" in table else OWN_MACHINE_EMBODIED
        ),
        source=str(table.get("source", "your configuration")),
        why=f"set in {where}",
        scales_with_frequency="watts" not in table,
    )


OWN_MACHINE_EMBODIED = Range(12.7, 4.9, 32.9)
"""Embodied grams per hour of a user's own machine over 4 years: from a small desktop (172 kg, Apple's life-cycle report
of the Mac mini M1) to a server (1,152 kg, Boavizta). The central figure is their geometric mean."""


def choose_machine(facts: MachineFacts, entries: Sequence[Mapping[str, Any]]) -> MachineSpec:
    """Return the specification of the first table entry that fits the facts. Our last entry fits any machine.

    An entry fits if all conditions of its ``match`` hold: ``cpu``, ``vendor`` and ``board`` (regular expressions),
    ``vcpus``, ``runner``, ``virtual``, ``laptop``, and ``rated`` (the rated power of the CPU is known). Raises
    ConfigError if no entry fits.
    """
    for entry in entries:
        reasons = _match_reasons(entry.get("match", {}), facts)
        if reasons is None:
            continue
        where = f"machine table, {entry['name']}"
        return MachineSpec(
            name=str(entry["name"]),
            watts=_curve(entry, facts.vcpus, where, facts.rated_w),
            spread=(float(entry["spread"][0]), float(entry["spread"][1])),
            pue=_range(entry, "pue", where),
            embodied_g_per_h=_embodied(entry, facts, where),
            source=str(entry["source"]),
            why=", ".join(reasons) or "nothing in the table knows this machine better",
            scales_with_frequency=bool(entry.get("scales-with-frequency", False)),
        )
    raise ConfigError("the machine table has no entry for this machine; its last entry must match every machine")


def share_of_machine(spec: MachineSpec, cpus: float, of_cpus: int) -> MachineSpec:
    """Return the specification of a container that may use so many of a machine's CPUs: its share of watts and making.

    The share may be a part of a CPU. What uses all that it may is fully utilised.
    """
    share = cpus / of_cpus
    return replace(
        spec,
        name=f"{cpus:.3g} of {of_cpus} CPUs of a {spec.name}",
        watts=tuple((utilisation, watts * share) for utilisation, watts in spec.watts),
        embodied_g_per_h=Range(*(grams * share for grams in spec.embodied_g_per_h)),
    )


def _embodied(entry: Mapping[str, Any], facts: MachineFacts, where: str) -> Range:
    if "embodied-g-per-h-per-vcpu" in entry:
        each = _range(entry, "embodied-g-per-h-per-vcpu", where)
        return Range(*(v * facts.vcpus for v in each))
    return _range(entry, "embodied-g-per-h", where)


_PATTERNS = ("cpu", "vendor", "board")
_REASONS: Mapping[str, Callable[[MachineFacts], str]] = {
    "runner": lambda facts: f"the runner is {facts.runner}",
    "cpu": lambda facts: f"the CPU is called {facts.cpu!r}",
    "vcpus": lambda facts: f"it has {facts.vcpus} vCPUs",
    "vendor": lambda facts: f"its maker says {facts.vendor!r}",
    "board": lambda facts: f"the board calls itself {facts.board!r}",
    "laptop": lambda facts: "it is a laptop" if facts.laptop else "it is no laptop",
    "rated": lambda facts: f"CodeCarbon's table rates {facts.cpu!r}: {facts.rated_w or 0:g} W for all its sockets",
    "virtual": lambda facts: "it is a virtual machine" if facts.virtual else "it is no virtual machine",
}
"""The conditions of an entry, in the order in which they are told, and the words for each."""


def _match_reasons(wanted: Mapping[str, Any], facts: MachineFacts) -> list[str] | None:
    """Return the reasons why an entry fits, in words. Returns None if it does not fit."""
    if all(_holds(key, value, facts) for key, value in wanted.items()):
        return [tell(facts) for key, tell in _REASONS.items() if key in wanted]
    return None


def _holds(key: str, value: Any, facts: MachineFacts) -> bool:
    if key == "rated":
        return value is (facts.rated_w is not None)
    fact = getattr(facts, key)
    return re.search(value, fact, re.IGNORECASE) is not None if key in _PATTERNS else bool(value == fact)

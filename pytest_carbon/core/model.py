"""The values of a measured run: readings, spans, energy windows, machines, grid factors, rows and budget results.

Points in time (``start_s``, ``end_s``, ``at_s``) are seconds of one monotonic clock that all processes of a machine
share. Durations (other ``*_s``) are in seconds, energy (``*_j``) in joules and mass (``*_g``) in grams of CO2e.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pytest_carbon.core.quantities import Kind

Method = Literal["counter", "modelled"]
RowKind = Literal["test", "fixture", "collection", "background", "idle", "tool", "command"]
OWN_WORK: frozenset[str] = frozenset({"test", "fixture", "collection", "command"})
UNATTRIBUTED = "unattributed"
LEAST_AT_FULL_SPEED = 0.40
"""The least share of the tests' cost that a comparison must have seen at full speed."""


class Range(NamedTuple):
    """A figure with its lower and upper bound."""

    central: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CpuReading:
    """The cumulative CPU seconds of all processes of the machine at one moment, as the kernel counts them.

    ``busy_s`` is the time spent on work, ``steal_s`` the time that the hypervisor took away and ``total_s`` all time.
    ``tool_s`` is the CPU time of our sidecar. ``frequency`` is the clock of the CPUs that worked as a share of their
    highest (0..1), or None if the kernel does not give both.
    """

    at_s: float
    busy_s: float
    steal_s: float
    total_s: float
    tool_s: float = 0.0
    frequency: float | None = None


@dataclass(frozen=True, slots=True)
class CodeCarbonReading:
    """The cumulative joules of CPU, RAM and GPU that CodeCarbon had counted at one moment."""

    at_s: float
    cpu_j: float
    ram_j: float
    gpu_j: float

    @property
    def total_j(self) -> float:
        """The joules of CPU, RAM and GPU together."""
        return self.cpu_j + self.ram_j + self.gpu_j

    @property
    def counted_j(self) -> float:
        """The joules that hardware may have counted: of CPU and GPU. Those of RAM are always a guess by its modules."""
        return self.cpu_j + self.gpu_j


@dataclass(frozen=True, slots=True)
class CodeCarbonInfo:
    """CodeCarbon's version, the hardware that it found, and whether its CPU joules come from a hardware counter."""

    version: str
    hardware: tuple[str, ...]
    cpu_counter: bool


@dataclass(frozen=True, slots=True)
class Measurement:
    """The meter's readings of one run. ``gaps`` are sentences about readings that are missing."""

    start_s: float
    end_s: float
    readings: tuple[CpuReading, ...]
    codecarbon_readings: tuple[CodeCarbonReading, ...]
    codecarbon: CodeCarbonInfo | None
    gaps: tuple[str, ...] = ()


class Span(NamedTuple):
    """An interval of one worker's time, with the CPU seconds (of its threads and waited children) spent in it.

    The spans of a worker are in the order in which they ended: a span inside another comes before it. ``cpu_s``
    includes the CPU seconds of the spans inside. A span is a tuple of builtins, so that xdist can send it unchanged.
    """

    kind: str
    nodeid: str
    phase: str
    start_s: float
    end_s: float
    cpu_s: float
    info: dict[str, Any] | None = None


CountReading = tuple[float, int, int, int]
"""One reading of a counter: the time (s), the count so far, and for how long (ns) it was wanted and it ran."""


@dataclass(frozen=True, slots=True)
class WorkerTrace:
    """The spans of one process that ran tests, and its CPU seconds from ``start_s`` to ``end_s``.

    ``same_machine`` is False for an xdist worker on another machine than the meter's. ``counts`` are the readings of
    its counter of instructions, in order; empty where there is none.
    """

    worker: str
    start_s: float
    end_s: float
    cpu_s: float
    spans: tuple[Span, ...]
    same_machine: bool = True
    counts: tuple[CountReading, ...] = ()


@dataclass(frozen=True, slots=True)
class EnergyWindow:
    """An interval of the machine's time with its joules: base (spent even when idle) and dynamic (spent by work).

    ``busy_s`` are the CPU seconds of all processes in it and ``tool_s`` those of our sidecar.
    """

    start_s: float
    end_s: float
    base_j: float
    dynamic_j: float
    busy_s: float
    tool_s: float


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """The power of a machine, and the emissions of its manufacture.

    ``watts`` are points (utilisation 0..1, watts) for the share of the machine that we run on. ``spread`` holds the
    factors from the central figure to the low and the high one. ``embodied_g_per_h`` are the embodied grams of our
    share per hour. ``why`` says why this specification was chosen.
    """

    name: str
    watts: tuple[tuple[float, float], ...]
    spread: tuple[float, float]
    pue: Range
    embodied_g_per_h: Range
    source: str
    why: str = ""
    scales_with_frequency: bool = False


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """The facts about this machine that can be read on it.

    ``virtual`` is None if unknown. ``runner`` is ``github-hosted`` or ``self-hosted``, or empty outside a CI runner.
    ``board`` is how a single board names itself, ``laptop`` says that the machine has a battery of its own, and
    ``rated_w`` is the rated power of all its CPUs, looked up only for a machine that is known to be bare.
    """

    cpu: str
    vcpus: int
    virtual: bool | None
    vendor: str
    runner: str
    board: str = ""
    laptop: bool = False
    rated_w: float | None = None


@dataclass(frozen=True, slots=True)
class GridFactor:
    """Grams of CO2e per kWh of electricity in one grid zone and year. ``assumed`` means that no zone was configured."""

    zone: str
    g_per_kwh: Range
    source: str
    year: int | None
    assumed: bool

    @property
    def known_g_per_kwh(self) -> float | None:
        """The central factor, or None for an assumed grid."""
        return None if self.assumed else self.g_per_kwh.central


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the report: where joules went.

    ``users`` is the number of tests that used a wide fixture. ``amortised_j`` is a test's energy with its shares of the
    wide fixtures that it used. ``speed_before`` and ``speed_after`` are the slowdowns at its beginning and
    end, by the nearest speed probes.
    """

    kind: RowKind
    energy_j: float | None
    cpu_s: float
    wall_s: float
    reference_j: float
    nodeid: str = ""
    phase: str = ""
    worker: str = ""
    feature: str | None = None
    outcome: str | None = None
    scope: str | None = None
    users: int | None = None
    amortised_j: float | None = None
    speed_before: float | None = None
    speed_after: float | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """One run of the speed probes. Slowdowns are durations relative to the reference machine's.

    ``slowdown`` is the machine's, by both probes and ``waiting``; ``walking`` is that of the probe that walks through
    memory. ``waiting`` is the time that the thread waited for a CPU since the last probe, in multiples of the time that
    it ran. Walking and waiting are None where they are not known, as in reports of older versions.
    """

    at_s: float
    slowdown: float
    worker: str
    walking: float | None = None
    waiting: float | None = None


@dataclass(frozen=True, slots=True)
class Footprint:
    """A run's joules and grams, each with its range."""

    energy_j: Range
    operational_g: Range
    embodied_g: Range

    @property
    def emissions_g(self) -> Range:
        """Operational and embodied emissions together."""
        return Range(*(o + e for o, e in zip(self.operational_g, self.embodied_g, strict=True)))


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """The share of one feature in a run: its number of tests, joules and grams."""

    tests: int
    share: float
    energy_j: float
    reference_j: float
    emissions_g: float


BudgetState = Literal["pass", "warn", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """The outcome of one per-run budget. ``feature`` is None for the budget of the whole run."""

    feature: str | None
    limit: str
    limit_value: float
    kind: Kind
    used: float | None
    state: BudgetState
    reason: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The energy of a run by who spent it: each span of each worker, their overhead, and the rest of the machine."""

    span_j: tuple[tuple[float, ...], ...]
    span_cpu_s: tuple[tuple[float, ...], ...]
    overhead_j: tuple[float, ...]
    overhead_cpu_s: tuple[float, ...]
    overhead_wall_s: tuple[float, ...]
    background_j: float
    background_cpu_s: float
    tool_j: float
    tool_cpu_s: float
    idle_j: float
    idle_s: float
    total_j: float = field(default=0.0)

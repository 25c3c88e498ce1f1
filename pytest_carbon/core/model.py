"""The nouns: readings, samples, spans, rows, machines, grids and the report they end in.

Times (``*_s`` named ``start_s``, ``end_s``, ``at_s``) are seconds of one monotonic clock that every process
of a machine shares; durations are seconds; energy is in joules (``*_j``) and mass in grams of CO2e (``*_g``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pytest_carbon.core.quantities import Kind

Method = Literal["counter", "modelled"]
RowKind = Literal["test", "fixture", "collection", "background", "idle", "tool", "command"]
OWN_WORK: frozenset[str] = frozenset({"test", "fixture", "collection", "command"})
UNATTRIBUTED = "unattributed"


class Range(NamedTuple):
    """A figure with the bounds it is known within."""

    central: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CpuReading:
    """The machine at one moment: cumulative CPU seconds of all processes, as the kernel counts them.

    ``tool_s`` is what our own sidecar has used; ``frequency`` the mean CPU clock as a share of its maximum,
    where the kernel tells.
    """

    at_s: float
    busy_s: float
    steal_s: float
    total_s: float
    tool_s: float = 0.0
    frequency: float | None = None


@dataclass(frozen=True, slots=True)
class CodeCarbonReading:
    """What CodeCarbon had counted by one moment: cumulative joules of CPU, RAM and GPU."""

    at_s: float
    cpu_j: float
    ram_j: float
    gpu_j: float

    @property
    def total_j(self) -> float:
        """All joules together."""
        return self.cpu_j + self.ram_j + self.gpu_j


@dataclass(frozen=True, slots=True)
class CodeCarbonInfo:
    """Which CodeCarbon ran, what it found, and whether its CPU joules come from a hardware counter."""

    version: str
    hardware: tuple[str, ...]
    cpu_counter: bool


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run as the meter saw it. ``gaps`` are sentences about what is missing."""

    start_s: float
    end_s: float
    readings: tuple[CpuReading, ...]
    codecarbon_readings: tuple[CodeCarbonReading, ...]
    codecarbon: CodeCarbonInfo | None
    gaps: tuple[str, ...] = ()


class Span(NamedTuple):
    """A stretch of one worker's time, with the CPU seconds (own threads and waited children) spent in it.

    Spans of a worker come in the order in which they ended, so that one that lies inside another comes
    before it; ``cpu_s`` is inclusive of those inside. A tuple of builtins, so that it travels to the
    controller as it is.
    """

    kind: str
    nodeid: str
    phase: str
    start_s: float
    end_s: float
    cpu_s: float
    info: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class WorkerTrace:
    """What one process that ran tests told: its spans, and its CPU seconds from first to last reading."""

    worker: str
    start_s: float
    end_s: float
    cpu_s: float
    spans: tuple[Span, ...]
    same_machine: bool = True


@dataclass(frozen=True, slots=True)
class EnergyWindow:
    """A stretch of the machine's time with its joules, split into base (spent anyway) and dynamic."""

    start_s: float
    end_s: float
    base_j: float
    dynamic_j: float
    busy_s: float
    tool_s: float


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """How much power a machine takes, and what it cost to make.

    ``watts`` are points (utilisation 0..1, watts) of the whole share of the machine that we run on;
    ``spread`` the factors from central to low and high; ``embodied_g_per_h`` the share's embodied grams.
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
    """What can be seen of this machine without asking anybody."""

    cpu: str
    vcpus: int
    virtual: bool | None
    vendor: str
    runner: str


@dataclass(frozen=True, slots=True)
class GridFactor:
    """Grams of CO2e per kWh of electricity, with where and when they hold."""

    zone: str
    g_per_kwh: Range
    source: str
    year: int | None
    assumed: bool

    @property
    def known_g_per_kwh(self) -> float | None:
        """The central factor; None for a grid that nobody named."""
        return None if self.assumed else self.g_per_kwh.central


@dataclass(frozen=True, slots=True)
class Row:
    """Where joules went."""

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
    """One run of the fixed loop: how many times longer than on the reference machine it took just then."""

    at_s: float
    slowdown: float
    worker: str


@dataclass(frozen=True, slots=True)
class Footprint:
    """A run's joules and grams, each with its range."""

    energy_j: Range
    operational_g: Range
    embodied_g: Range

    @property
    def emissions_g(self) -> Range:
        """Operational and embodied together."""
        return Range(*(o + e for o, e in zip(self.operational_g, self.embodied_g, strict=True)))


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """One feature's share of a run."""

    tests: int
    share: float
    energy_j: float
    reference_j: float
    emissions_g: float


BudgetState = Literal["pass", "warn", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """A per-run limit and what the run used of it. ``feature`` is None for the whole session's budget."""

    feature: str | None
    limit: str
    limit_value: float
    kind: Kind
    used: float | None
    state: BudgetState
    reason: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The rows' energy: one figure for every span of every worker, and the rest of the machine's."""

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

"""The steps of load of a calibration, and what was read during each of them."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_carbon.core.errors import ConfigError

SHORTEST_STEP_S = 1.0
SETTLE_SHARE, LONGEST_SETTLE_S = 0.3, 3.0
"""The begin of a step is not counted: clocks, fans and slow meters follow the load with a delay."""
OTHER_SHARE_SAID, OTHER_SHARE_REFUSED = 0.02, 0.1
"""Shares of the machine's CPU time that other processes take: above the first it is said, above the second refused."""


@dataclass(frozen=True, slots=True)
class StepReading:
    """What was read in one step: all figures are means over its counted part.

    ``busy_cpus`` is the number of CPUs that the calibration kept busy, ``utilisation`` (0..1) that of the whole
    machine, and ``other_share`` (0..1) the share of the machine's CPU time that other processes took.
    """

    busy_cpus: int
    utilisation: float
    watts: float
    other_share: float


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """A source of watts: how it is called, what it does and does not see, and how far the truth may be from it.

    ``low`` and ``high`` are factors from what it tells to the power of the whole machine. ``resolution_w`` is the
    smallest difference that it can tell.
    """

    name: str
    sees: str
    does_not_see: str
    low: float
    high: float
    resolution_w: float = 0.0


def plan_steps(cpus: int, seconds: float) -> tuple[tuple[int, ...], float]:
    """Return the numbers of busy CPUs, step by step, and the seconds of each step.

    Idle, 1, 2, 4 and so on up to half of the CPUs, all, and the same back: each step comes twice, so that drift shows.
    Raises ConfigError if the seconds do not suffice.
    """
    up = sorted({0, *(2**n for n in range(cpus.bit_length()) if 2**n < cpus / 2), cpus // 2, cpus})
    steps = (*up, *reversed(up))
    each_s = seconds / len(steps)
    if not SHORTEST_STEP_S <= each_s <= 3600:
        raise ConfigError(
            f"--seconds is {seconds:g}; {len(steps)} steps of load need at least {len(steps) * SHORTEST_STEP_S:g} s"
            ", and no step needs an hour"
        )
    return steps, each_s


def settle_s(step_s: float) -> float:
    """Return the seconds at the begin of a step that are not counted."""
    return min(LONGEST_SETTLE_S, SETTLE_SHARE * step_s)


def refuse_other_load(reading: StepReading, cpus: int) -> None:
    """Raise ConfigError if other processes took so much CPU time that the watts are not those of the step."""
    if reading.other_share > OTHER_SHARE_REFUSED:
        raise ConfigError(
            f"other processes kept {reading.other_share * cpus:.1f} of {cpus} CPUs busy, and more than "
            f"{OTHER_SHARE_REFUSED:.0%} of the machine would be taken for ours; end them, or give --beside-others"
        )

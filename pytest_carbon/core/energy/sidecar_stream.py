"""Parses the stream of the sidecar. Values are not trusted: impossible ones are dropped, counted and named as gaps."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pytest_carbon.core.hide_secrets import hide_secrets
from pytest_carbon.core.model import CodeCarbonInfo, CodeCarbonReading, CpuReading


@dataclass(frozen=True, slots=True)
class SidecarStream:
    """The parsed stream: readings in order of time, whether the sidecar ended properly, and gaps as sentences."""

    pid: int | None
    readings: tuple[CpuReading, ...]
    codecarbon_readings: tuple[CodeCarbonReading, ...]
    codecarbon: CodeCarbonInfo | None
    ended: bool
    gaps: tuple[str, ...]


MOST_CPU_W, _SLACK_J = 10_000.0, 100.0
"""More than the processors of any machine take. CodeCarbon takes a counter that was set to zero for one that was full,
and adds a whole range of it: a quarter of a million joules."""


def _numbers(values: Any, count: int) -> list[float] | None:
    """Return the first ``count`` values, or None if one is missing, not a number, not finite or negative."""
    if not isinstance(values, list) or len(values) < count:
        return None
    numbers = values[:count]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in numbers):
        return None
    try:
        floats = [float(v) for v in numbers]
    except OverflowError:
        return None
    return floats if all(math.isfinite(v) and v >= 0 for v in floats) else None


def _goes_forward(before: tuple[float, ...] | None, now: tuple[float, ...]) -> bool:
    """Return whether time advanced and no cumulative figure fell by more than 0.02 (two kernel ticks of 10 ms)."""
    return before is None or (now[0] > before[0] and all(b <= n + 0.02 for b, n in zip(before, now, strict=True)))


def parse_stream(lines: Iterable[str]) -> SidecarStream:
    """Parse the lines of the sidecar. An unfinished last line is ignored; any other bad line is dropped and counted."""
    pid: int | None = None
    readings: list[CpuReading] = []
    codecarbon_readings: list[CodeCarbonReading] = []
    info: CodeCarbonInfo | None = None
    ended = False
    gaps: list[str] = []
    dropped: dict[str, int] = {}
    last_reading: tuple[float, ...] | None = None
    last_codecarbon: tuple[float, ...] | None = None
    for line in lines:
        if not line.endswith("\n"):
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            dropped["lines of the sidecar"] = dropped.get("lines of the sidecar", 0) + 1
        elif "m" in value:
            numbers = _numbers(value["m"], 5)
            if numbers is None or not _goes_forward(last_reading, tuple(numbers)):
                dropped["CPU samples"] = dropped.get("CPU samples", 0) + 1
                continue
            last_reading = tuple(numbers)
            extra = _numbers(value["m"][5:], 1)
            at_s, busy_s, steal_s, total_s, tool_s = numbers
            readings.append(CpuReading(at_s, busy_s, steal_s, total_s, tool_s, extra[0] if extra else None))
        elif "cc" in value:
            numbers = _numbers(value["cc"], 4)
            if numbers is None or not _goes_forward(last_codecarbon, tuple(numbers)):
                dropped["CodeCarbon samples"] = dropped.get("CodeCarbon samples", 0) + 1
                continue
            last_codecarbon = tuple(numbers)
            at_s, cpu_j, ram_j, gpu_j = numbers
            codecarbon_readings.append(CodeCarbonReading(at_s, cpu_j, ram_j, gpu_j))
        elif "codecarbon" in value:
            info = _codecarbon_info(value["codecarbon"])
        elif "error" in value:
            gaps.append(hide_secrets(str(value["error"]))[:500])
        elif "hello" in value:
            pid = _process_id(value["hello"])
        elif "end" in value:
            ended = True
    codecarbon_readings, resets = _without_resets(codecarbon_readings)
    if resets:
        gaps.append(
            f"the energy counter began again at zero ({resets} time{'s' * (resets > 1)}); what it counted between the "
            "readings before and after is taken from the rest of the run"
        )
    gaps += [f"{count} {item} were left out, because they were {_WHY_DROPPED[item]}" for item, count in dropped.items()]
    return SidecarStream(pid, tuple(readings), tuple(codecarbon_readings), info, ended, tuple(gaps))


def _without_resets(readings: Sequence[CodeCarbonReading]) -> tuple[list[CodeCarbonReading], int]:
    """Return the readings with the mean power where the CPU's joules jump, and the number of jumps."""
    steps = [(b.cpu_j - a.cpu_j, b.at_s - a.at_s) for a, b in pairwise(readings)]
    jumps = [joules > MOST_CPU_W * seconds + _SLACK_J for joules, seconds in steps]
    if not any(jumps):
        return list(readings), 0
    calm = [step for step, jump in zip(steps, jumps, strict=True) if not jump]
    calm_s = math.fsum(seconds for _, seconds in calm)
    mean_w = math.fsum(joules for joules, _ in calm) / calm_s if calm_s > 0 else 0.0
    out, excess_j = [readings[0]], 0.0
    for reading, (joules, seconds), jump in zip(readings[1:], steps, jumps, strict=True):
        excess_j += (joules - mean_w * seconds) if jump else 0.0
        out.append(replace(reading, cpu_j=reading.cpu_j - excess_j))
    return out, sum(jumps)


_WHY_DROPPED = {
    "CPU samples": "not finite, negative or out of order",
    "CodeCarbon samples": "not finite, negative or out of order",
    "lines of the sidecar": "unreadable",
}


def _process_id(value: Any) -> int | None:
    """Return the value if it is a process id above 1. A signal to 0 or a negative id would reach many processes."""
    return value if type(value) is int and 1 < value < 2**31 else None


def _codecarbon_info(value: Any) -> CodeCarbonInfo | None:
    try:
        return CodeCarbonInfo(
            version=str(value["version"])[:100],
            hardware=tuple(str(item)[:200] for item in list(value["hardware"])[:20]),
            cpu_counter=value["cpu_counter"] is True,
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None

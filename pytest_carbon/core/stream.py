"""Reads what the sidecar wrote, believing nothing: bad values are dropped, counted and named."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pytest_carbon.core.model import CodeCarbonInfo, Counted, Reading


@dataclass(frozen=True, slots=True)
class Stream:
    """The sidecar's story: its readings and counts in order of time, and what was wrong with it."""

    pid: int | None
    readings: tuple[Reading, ...]
    counted: tuple[Counted, ...]
    codecarbon: CodeCarbonInfo | None
    ended: bool
    gaps: tuple[str, ...]


def _numbers(values: Any, count: int) -> list[float] | None:
    """Return so many finite numbers that are not negative, or None if that is not what was sent."""
    if not isinstance(values, list) or len(values) < count:
        return None
    numbers = values[:count]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in numbers):
        return None
    return [float(v) for v in numbers] if all(math.isfinite(v) and v >= 0 for v in numbers) else None


def _after(before: tuple[float, ...] | None, now: tuple[float, ...]) -> bool:
    """Say whether time went on and no cumulative figure went back (by more than a tick of 10 ms)."""
    return before is None or (now[0] > before[0] and all(b <= n + 0.02 for b, n in zip(before, now, strict=True)))


def parse(lines: Iterable[str]) -> Stream:
    """Read the sidecar's lines. A last line cut short is ignored; anything else odd is dropped and counted."""
    pid: int | None = None
    readings: list[Reading] = []
    counted: list[Counted] = []
    info: CodeCarbonInfo | None = None
    ended = False
    gaps: list[str] = []
    dropped: dict[str, int] = {}
    last_reading: tuple[float, ...] | None = None
    last_counted: tuple[float, ...] | None = None
    for line in lines:
        if not line.endswith("\n"):
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            dropped["unreadable lines"] = dropped.get("unreadable lines", 0) + 1
        elif "m" in value:
            numbers = _numbers(value["m"], 5)
            if numbers is None or not _after(last_reading, tuple(numbers)):
                dropped["CPU samples"] = dropped.get("CPU samples", 0) + 1
                continue
            last_reading = tuple(numbers)
            extra = _numbers(value["m"][5:], 1)
            at_s, busy_s, steal_s, total_s, tool_s = numbers
            readings.append(Reading(at_s, busy_s, steal_s, total_s, tool_s, extra[0] if extra else None))
        elif "cc" in value:
            numbers = _numbers(value["cc"], 4)
            if numbers is None or not _after(last_counted, tuple(numbers)):
                dropped["CodeCarbon samples"] = dropped.get("CodeCarbon samples", 0) + 1
                continue
            last_counted = tuple(numbers)
            at_s, cpu_j, ram_j, gpu_j = numbers
            counted.append(Counted(at_s, cpu_j, ram_j, gpu_j))
        elif "codecarbon" in value:
            info = _info(value["codecarbon"])
        elif "error" in value:
            gaps.append(str(value["error"])[:500])
        elif isinstance(value.get("hello"), int):
            pid = value["hello"]
        elif "end" in value:
            ended = True
    gaps += [
        f"{count} {what} were not finite, negative or out of order, and were left out"
        for what, count in dropped.items()
    ]
    return Stream(pid, tuple(readings), tuple(counted), info, ended, tuple(gaps))


def _info(value: Any) -> CodeCarbonInfo | None:
    try:
        return CodeCarbonInfo(
            version=str(value["version"])[:100],
            cpu_model=str(value["cpu_model"])[:200],
            hardware=tuple(str(item)[:200] for item in value["hardware"]),
            cpu_counter=value["cpu_counter"] is True,
            ready_s=float(value["ready_s"]),
        )
    except (KeyError, TypeError, ValueError):
        return None

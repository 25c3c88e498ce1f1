"""How long this thread ran, and how long it was ready to run while others had the CPUs. Linux counts both."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.meter.kernel_text import kernel_text

SCHEDULING = Path("/proc/thread-self/schedstat")


def ran_and_waited_s(path: Path = SCHEDULING) -> tuple[float, float] | None:
    """Return the seconds that this thread ran and waited for a CPU since it began; None where nobody counts them."""
    try:
        ran_ns, waited_ns, _ = map(int, kernel_text(path).split())
    except ValueError:
        return None
    return ran_ns / 1e9, waited_ns / 1e9

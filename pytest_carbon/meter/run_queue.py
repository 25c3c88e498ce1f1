"""How long this thread ran, and how long it was ready to run while others had the CPUs. Linux counts both."""

from __future__ import annotations

import os

SCHEDULING = "/proc/thread-self/schedstat"

_open, _read, _close = os.open, os.read, os.close
"""Held, because tests may replace them."""


def ran_and_waited_s(path: str = SCHEDULING) -> tuple[float, float] | None:
    """Return the seconds that this thread ran and waited for a CPU since it began; None where nobody counts them."""
    try:
        number = _open(path, os.O_RDONLY)
        try:
            ran_ns, waited_ns, _ = map(int, _read(number, 200).split())
        finally:
            _close(number)
    except (OSError, ValueError):
        return None
    return ran_ns / 1e9, waited_ns / 1e9

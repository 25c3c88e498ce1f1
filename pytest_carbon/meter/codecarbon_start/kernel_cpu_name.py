"""The name of the CPU as py-cpuinfo finds it, without its process, which takes more than a second."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from pytest_carbon.meter.kernel_text import kernel_text

_CPUINFO = Path("/proc/cpuinfo")
_OF_THE_KERNEL = ("model name", "cpu", "processor", "uarch")
_OF_LSCPU = (["lscpu"], ("model name",))
_OF_MACOS = (["sysctl", "machdep.cpu.brand_string"], ("machdep.cpu.brand_string",))
_TIME_LIMIT_S = 5


def kernel_cpu_name(cpuinfo: Path = _CPUINFO, system: str = sys.platform) -> str | None:
    """Return the name, from the same place and in the same form as py-cpuinfo's ``brand_raw``.

    Returns None where py-cpuinfo would look further: then it must be asked itself.
    """
    if system == "linux":
        return _first_name(kernel_text(cpuinfo), _OF_THE_KERNEL) or _first_name(_run(_OF_LSCPU[0]), _OF_LSCPU[1])
    if system == "darwin":
        return _first_name(_run(_OF_MACOS[0]), _OF_MACOS[1])
    return None


def _first_name(text: str, fields: Collection[str]) -> str | None:
    """Return the first value of these fields that is not only a number, as the index of a CPU is."""
    for line in text.splitlines():
        field, _, value = (part.strip() for part in line.partition(":"))
        if field.lower() in fields and value and not value.isdigit():
            return value
    return None


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIME_LIMIT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")

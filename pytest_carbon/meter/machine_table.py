"""The facts of this machine that can be read without privileges, and the entry of ``machines.toml`` that fits them."""

from __future__ import annotations

import os
import platform
import subprocess
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_carbon.core.energy.machine_choice import choose_machine
from pytest_carbon.core.model import MachineFacts, MachineSpec

_CPUINFO = Path("/proc/cpuinfo")
_VENDOR = Path("/sys/class/dmi/id/sys_vendor")
_ARM_CORES = {"0xd0c": "Neoverse-N1", "0xd40": "Neoverse-V1", "0xd49": "Neoverse-N2", "0xd4f": "Neoverse-V2"}
"""Names of Arm's server cores by part number, from Arm's technical reference manuals (MIDR_EL1)."""


def read_machine_facts(environment: Mapping[str, str] = os.environ) -> MachineFacts:
    """Read the facts of this machine from kernel files and the runner's variables. Makes no network request."""
    cpu, virtual = _linux_cpu()
    if not cpu and platform.system() == "Darwin":
        cpu = _sysctl("machdep.cpu.brand_string")
        virtual = _sysctl("kern.hv_vmm_present") == "1"
    return MachineFacts(
        cpu=cpu or platform.processor() or platform.machine(),
        vcpus=os.cpu_count() or 1,
        virtual=virtual,
        vendor=_read_text(_VENDOR),
        runner=environment.get("RUNNER_ENVIRONMENT", "") if environment.get("GITHUB_ACTIONS") else "",
    )


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _linux_cpu() -> tuple[str, bool | None]:
    fields: dict[str, str] = {}
    for line in _read_text(_CPUINFO).splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    if not fields:
        return "", None
    name = fields.get("model name") or _ARM_CORES.get(fields.get("CPU part", ""), "")
    if "flags" in fields:
        return name, "hypervisor" in fields["flags"].split()
    return name, None if not name else name.startswith("Neoverse")  # Arm servers are nearly always cloud machines


def _sysctl(name: str) -> str:
    try:
        return subprocess.run(
            ["sysctl", "-n", name], capture_output=True, text=True, timeout=5, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def counter_unreadable() -> bool:
    """Return whether the CPU has an energy counter that this user may not read."""
    counters = list(Path("/sys/class/powercap").glob("intel-rapl:*/energy_uj"))
    return bool(counters) and not any(os.access(path, os.R_OK) for path in counters)


def read_machine_table() -> list[dict[str, Any]]:
    """Return the entries of the machine table that we ship."""
    text = resources.files("pytest_carbon.meter").joinpath("machines.toml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text)["machine"]
    return entries


def this_machine(environment: Mapping[str, str] = os.environ) -> tuple[MachineFacts, MachineSpec]:
    """Return the facts of this machine and its entry of the machine table."""
    facts = read_machine_facts(environment)
    return facts, choose_machine(facts, read_machine_table())

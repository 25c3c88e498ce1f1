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

from pytest_carbon.core.energy.machine_choice import choose_machine, share_of_machine
from pytest_carbon.core.model import MachineFacts, MachineSpec
from pytest_carbon.meter.kernel_text import kernel_text
from pytest_carbon.meter.power.cpu_share import own_quota
from pytest_carbon.meter.power.rated_power import rated_watts

_CPUINFO, _BOARD = "proc/cpuinfo", "proc/device-tree/model"
_VENDOR, _CHASSIS = "sys/class/dmi/id/sys_vendor", "sys/class/dmi/id/chassis_type"
_LAPTOPS = {"8", "9", "10", "14", "31", "32"}
"""Chassis types of the SMBIOS specification: portable, laptop, notebook, sub notebook, convertible, detachable."""
_ARM_CORES = {"0xd0c": "Neoverse-N1", "0xd40": "Neoverse-V1", "0xd49": "Neoverse-N2", "0xd4f": "Neoverse-V2"}
"""Names of Arm's server cores by part number, from Arm's technical reference manuals (MIDR_EL1)."""


def read_machine_facts(environment: Mapping[str, str] = os.environ, root: Path = Path("/")) -> MachineFacts:
    """Read the facts of this machine from kernel files and the runner's variables. Makes no network request.

    ``root`` is the folder with ``proc`` and ``sys``.
    """
    fields, sockets = _cpuinfo(kernel_text(root / _CPUINFO))
    board = (kernel_text(root / _BOARD).rstrip("\0") or fields.get("Model", "")).strip()
    cpu, virtual = _linux_cpu(fields, board)
    if not cpu and platform.system() == "Darwin":
        cpu = _sysctl("machdep.cpu.brand_string")
        virtual = _sysctl("kern.hv_vmm_present") == "1"
    rated_w = rated_watts(cpu) if virtual is False and not board and not cpu.startswith("Apple") else None
    return MachineFacts(
        cpu=cpu or platform.processor() or platform.machine(),
        vcpus=os.cpu_count() or 1,
        virtual=virtual,
        vendor=kernel_text(root / _VENDOR),
        runner=environment.get("RUNNER_ENVIRONMENT", "") if environment.get("GITHUB_ACTIONS") else "",
        board=board,
        laptop=virtual is False and kernel_text(root / _CHASSIS) in _LAPTOPS,
        rated_w=rated_w * sockets if rated_w is not None else None,
    )


def _cpuinfo(text: str) -> tuple[dict[str, str], int]:
    """Return the fields of the first CPU, those of the whole machine among them, and the number of sockets."""
    fields: dict[str, str] = {}
    sockets = set()
    for line in text.splitlines():
        key, value = (part.strip() for part in line.partition(":")[::2])
        fields.setdefault(key, value)
        if key == "physical id":
            sockets.add(value)
    return fields, len(sockets) or 1


def _linux_cpu(fields: Mapping[str, str], board: str) -> tuple[str, bool | None]:
    """Return the name of the CPU, and whether the machine is virtual; None if unknown."""
    name = fields.get("model name") or _ARM_CORES.get(fields.get("CPU part", ""), "")
    if "flags" in fields:
        return name, "hypervisor" in fields["flags"].split()
    if board:
        return name, "virt" in board or "QEMU" in board
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


def this_machine(
    environment: Mapping[str, str] = os.environ, configured: MachineSpec | None = None
) -> tuple[MachineFacts, MachineSpec]:
    """Return the facts of this machine, and ``configured`` or its entry of the machine table.

    In a container with a CPU quota, it is the share of the machine that the quota is of it.
    """
    facts, quota = read_machine_facts(environment), own_quota()
    spec = configured or choose_machine(facts, read_machine_table())
    return facts, spec if quota is None else share_of_machine(spec, quota.cpus, facts.vcpus)

"""The machine table that we ship, and the facts of this machine."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.energy.machine_choice import choose_machine
from pytest_carbon.core.model import MachineFacts, MachineSpec
from pytest_carbon.meter.machine_table import read_machine_facts, read_machine_table, this_machine

TABLE = read_machine_table()
EACH = pytest.mark.parametrize("entry", TABLE, ids=[entry["name"] for entry in TABLE])
LAST = "machine of your own, not known to the table"
KEYS = {
    "name", "match", "spread", "pue", "source", "watts", "watts-per-vcpu", "idle-w-per-vcpu", "full-w-per-vcpu",
    "embodied-g-per-h", "embodied-g-per-h-per-vcpu", "scales-with-frequency", "idle-w", "full-w",
    "idle-share-of-rated", "full-share-of-rated",
}  # fmt: skip


@EACH
def test_entry_is_sound(entry: dict[str, Any]) -> None:
    """Every entry has a rising curve, a spread around 1, ordered ranges, a source and only known keys."""
    assert set(entry) <= KEYS
    assert set(entry["match"]) <= {"runner", "cpu", "vcpus", "vendor", "virtual", "board", "laptop", "rated"}
    spec = choose_machine(MachineFacts("any", 2, None, "", "", rated_w=65.0), [{**entry, "match": {}}])
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(spec.watts))
    assert spec.watts[0][0] == 0.0
    assert spec.watts[0][1] > 0.0
    assert spec.watts[-1][0] == 1.0
    assert 0.0 < spec.spread[0] < 1.0 < spec.spread[1]
    assert 1.0 <= spec.pue.low <= spec.pue.central <= spec.pue.high < 2.0
    assert 0.0 < spec.embodied_g_per_h.low < spec.embodied_g_per_h.central < spec.embodied_g_per_h.high
    assert "power: " in spec.source
    assert "embodied: " in spec.source


@EACH
def test_power_of_one_cpu_is_plausible(entry: dict[str, Any]) -> None:
    """No entry gives a CPU less than a tenth of a watt when idle or more than ten (of eight with 65 W) when busy."""
    cpus = 1 if "Zero" in entry["name"] else 8 if "rated" in entry["match"] else 4
    spec = choose_machine(MachineFacts("any", cpus, None, "", "", rated_w=65.0), [{**entry, "match": {}}])
    assert spec.watts[0][1] / cpus > 0.1
    assert spec.watts[-1][1] / cpus < 10.0


def test_names_are_unique() -> None:
    """Each entry has a name of its own, by which a report identifies it."""
    names = [entry["name"] for entry in TABLE]
    assert len(names) == len(set(names))


def test_last_entry_fits_any_machine() -> None:
    """The last entry, and only the last, has no conditions."""
    assert TABLE[-1]["name"] == LAST
    assert [entry["name"] for entry in TABLE if not entry["match"]] == [LAST]


def test_patterns_are_regular_expressions() -> None:
    """Every pattern of the table is a valid regular expression."""
    for entry in TABLE:
        for key in ("cpu", "vendor", "board"):
            re.compile(entry["match"].get(key, ""))


HOSTED = "github-hosted"
CLOUDS = [
    ("AMD EPYC 7763 64-Core Processor", 4, HOSTED, "GitHub-hosted runner, 4 vCPUs of an AMD EPYC 7763"),
    ("AMD EPYC 7763 64-Core Processor", 8, HOSTED, "AMD EPYC 7763 in a cloud"),
    ("AMD EPYC 7763 64-Core Processor", 4, "self-hosted", "AMD EPYC 7763 in a cloud"),
    ("AMD EPYC 7763 64-Core Processor", 4, "", "AMD EPYC 7763 in a cloud"),
    ("Apple M1 (Virtual)", 3, HOSTED, "GitHub-hosted macOS runner, 3 vCPUs of an Apple M1"),
    ("AMD EPYC 9V74 80-Core Processor", 4, HOSTED, "AMD EPYC 4th generation (Genoa) in a cloud"),
    ("AMD EPYC 9R14", 2, "", "AMD EPYC 4th generation (Genoa) in a cloud"),
    ("AMD EPYC 9654 96-Core Processor", 2, "", "AMD EPYC 4th generation (Genoa) in a cloud"),
    ("AMD EPYC 7R13 Processor", 2, "", "AMD EPYC 3rd generation (Milan) in a cloud"),
    ("AMD EPYC 7B13", 2, "", "AMD EPYC 3rd generation (Milan) in a cloud"),
    ("AMD EPYC 7B12", 2, "", "AMD EPYC 2nd generation (Rome) in a cloud"),
    ("AMD EPYC 7452 32-Core Processor", 2, "", "AMD EPYC 2nd generation (Rome) in a cloud"),
    ("AMD EPYC 7571", 2, "", "AMD EPYC 1st generation (Naples) in a cloud"),
    ("INTEL(R) XEON(R) PLATINUM 8573C", 4, HOSTED, "Intel Xeon Emerald Rapids in a cloud"),
    ("Intel(R) Xeon(R) Platinum 8473C", 4, HOSTED, "Intel Xeon Sapphire Rapids in a cloud"),
    ("Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", 4, HOSTED, "Intel Xeon Ice Lake in a cloud"),
    ("Intel(R) Xeon(R) Platinum 8272CL CPU @ 2.60GHz", 4, HOSTED, "Intel Xeon Cascade Lake in a cloud"),
    ("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", 2, "", "Intel Xeon Cascade Lake in a cloud"),
    ("Intel(R) Xeon(R) Platinum 8171M CPU @ 2.60GHz", 4, HOSTED, "Intel Xeon Skylake in a cloud"),
    ("Intel(R) Xeon(R) CPU E5-2673 v4 @ 2.30GHz", 4, HOSTED, "Intel Xeon Broadwell in a cloud"),
    ("Intel(R) Xeon(R) CPU E5-2673 v3 @ 2.40GHz", 2, "", "Intel Xeon Haswell in a cloud"),
    ("Neoverse-N2", 4, HOSTED, "Arm Neoverse (Graviton, Cobalt, Axion, Ampere) in a cloud"),
    ("Neoverse-V1", 4, "", "Arm Neoverse (Graviton, Cobalt, Axion, Ampere) in a cloud"),
    ("QEMU Virtual CPU version 2.5+", 2, "", "virtual machine with a processor that the table does not list"),
    ("Intel(R) Xeon(R) Processor @ 2.90GHz", 2, "", "virtual machine with a processor that the table does not list"),
    ("", 1, "", "virtual machine with a processor that the table does not list"),
]


@pytest.mark.parametrize(("cpu", "vcpus", "runner", "name"), CLOUDS)
def test_virtual_machine_finds_its_entry(cpu: str, vcpus: int, runner: str, name: str) -> None:
    """CPU names of clouds are recognised by generation; an unknown CPU gets the entry for unknown CPUs."""
    assert choose_machine(MachineFacts(cpu, vcpus, True, "Microsoft Corporation", runner), TABLE).name == name


@pytest.mark.parametrize(
    ("cpu", "vendor", "virtual", "name"),
    [
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", "Google", True, "Google Cloud, CPU not named"),
        (
            "Intel(R) Xeon(R) CPU @ 2.20GHz",
            "Amazon EC2",
            True,
            "virtual machine with a processor that the table does not list",
        ),
        ("AMD EPYC 7B12", "Google", True, "AMD EPYC 2nd generation (Rome) in a cloud"),
        ("AMD Ryzen Threadripper 3970X 32-Core Processor", "ASUS", False, LAST),
        ("AMD EPYC 7763 64-Core Processor", "Dell Inc.", False, LAST),
        ("Apple M1", "", False, LAST),
        ("Something", "", None, LAST),
    ],
)
def test_vendor_and_bare_metal_decide(cpu: str, vendor: str, virtual: bool | None, name: str) -> None:
    """A cloud that hides the CPU is recognised by its vendor; a user's own machine is never taken for a cloud's."""
    assert choose_machine(MachineFacts(cpu, 8, virtual, vendor, ""), TABLE).name == name


@pytest.mark.parametrize(
    ("environment", "runner"),
    [
        ({}, ""),
        ({"RUNNER_ENVIRONMENT": "github-hosted"}, ""),
        ({"GITHUB_ACTIONS": "true"}, ""),
        ({"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "github-hosted"}, "github-hosted"),
        ({"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "self-hosted"}, "self-hosted"),
    ],
)
def test_runner_comes_from_its_variables(environment: dict[str, str], runner: str) -> None:
    """The kind of the runner comes from RUNNER_ENVIRONMENT, and only under GitHub Actions."""
    assert read_machine_facts(environment).runner == runner


def test_this_machine_has_an_entry() -> None:
    """The machine that runs these tests has an entry and a reason for it."""
    facts, spec = this_machine({})
    assert facts.vcpus >= 1
    assert spec.why


BOARDS = [
    ("Raspberry Pi Zero W Rev 1.1", "Raspberry Pi Zero", 0.4, 1.2),
    ("Raspberry Pi Zero 2 W Rev 1.0", "Raspberry Pi Zero 2", 0.6, 2.0),
    ("Raspberry Pi 2 Model B Rev 1.1", "Raspberry Pi 2", 1.1, 2.1),
    ("Raspberry Pi 3 Model B Rev 1.2", "Raspberry Pi 3", 1.4, 3.7),
    ("Raspberry Pi 3 Model B Plus Rev 1.3", "Raspberry Pi 3 Plus", 1.9, 5.1),
    ("Raspberry Pi 4 Model B Rev 1.4", "Raspberry Pi 4", 2.7, 6.4),
    ("Raspberry Pi 400 Rev 1.0", "Raspberry Pi 4", 2.7, 6.4),
    ("Raspberry Pi Compute Module 4 Rev 1.0", "Raspberry Pi 4", 2.7, 6.4),
    ("Raspberry Pi 5 Model B Rev 1.0", "Raspberry Pi 5", 2.8, 8.8),
    ("Raspberry Pi 500 Rev 1.0", "Raspberry Pi 5", 2.8, 8.8),
    ("Raspberry Pi Model B Plus Rev 1.2", "single-board computer that the table does not list", 1.8, 7.5),
    ("Radxa ROCK 5B", "single-board computer that the table does not list", 1.8, 7.5),
]


def _machine(root: Path, **files: str) -> tuple[MachineFacts, MachineSpec]:
    """Return the facts and the entry of a machine whose kernel files are in ``root``."""
    names = {"cpuinfo": "proc/cpuinfo", "board": "proc/device-tree/model", "chassis": "sys/class/dmi/id/chassis_type"}
    for name, text in files.items():
        path = root / names[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    facts = read_machine_facts({}, root)
    return facts, choose_machine(facts, TABLE)


@pytest.mark.parametrize(("board", "name", "idle_w", "full_w"), BOARDS)
def test_board_is_known_by_its_own_name(tmp_path: Path, board: str, name: str, idle_w: float, full_w: float) -> None:
    """A Raspberry Pi is not a server of as many CPUs: its device tree names it, in a container its CPU list."""
    cores = "processor\t: 0\nCPU part\t: 0xd08\n"
    seen = [_machine(tmp_path / "bare", cpuinfo=cores, board=f"{board}\0")]
    seen.append(_machine(tmp_path / "container", cpuinfo=f"{cores}\nRevision\t: c03111\nModel\t\t: {board}\n"))
    for facts, spec in seen:
        assert (facts.board, facts.virtual, facts.rated_w) == (board, False, None)
        assert (spec.name, spec.watts[0][1], spec.watts[-1][1]) == (name, idle_w, full_w)


def test_virtual_board_is_a_virtual_machine(tmp_path: Path) -> None:
    """QEMU makes a device tree, too."""
    facts, spec = _machine(tmp_path, cpuinfo="processor: 0\nCPU part: 0xd08\n", board="linux,dummy-virt\0")
    assert facts.virtual is True
    assert spec.name == "virtual machine with a processor that the table does not list"


def _cpuinfo(name: str, sockets: int = 1, flags: str = "fpu vme") -> str:
    cpus = (f"processor: {n}\nmodel name\t: {name}\nphysical id\t: {n % sockets}\nflags: {flags}\n" for n in range(4))
    return "\n".join(cpus)


@pytest.mark.parametrize(
    ("cpu", "sockets", "rated_w"),
    [("AMD EPYC 8024P 8-Core Processor", 1, 90.0), ("Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz", 2, 170.0)],
)
def test_bare_machine_has_the_rated_power_of_its_sockets(
    tmp_path: Path, cpu: str, sockets: int, rated_w: float
) -> None:
    """Idle and full watts are shares of the rated power, and not so many watts for each CPU."""
    facts, spec = _machine(tmp_path, cpuinfo=_cpuinfo(cpu, sockets))
    assert facts.rated_w == rated_w
    assert spec.name == "machine with a CPU of known rated power"
    assert (spec.watts[0][1], spec.watts[-1][1]) == pytest.approx((0.205 * rated_w, 0.915 * rated_w))
    assert spec.why == f"CodeCarbon's table rates {cpu!r}: {rated_w:g} W for all its sockets"


def test_virtual_machine_does_not_pay_for_a_whole_processor(tmp_path: Path) -> None:
    """The rated power is of the whole processor, and a virtual machine has a share of it that nobody tells."""
    facts, spec = _machine(tmp_path, cpuinfo=_cpuinfo("AMD EPYC 8024P 8-Core Processor", flags="fpu hypervisor"))
    assert (facts.virtual, facts.rated_w) == (True, None)
    assert spec.name == "virtual machine with a processor that the table does not list"


@pytest.mark.parametrize(
    ("cpu", "chassis", "name"),
    [
        ("Intel(R) Core(TM) i7-1185G7 @ 3.00GHz", "10", "laptop with a CPU of known rated power"),
        ("Some CPU of tomorrow", "31", "laptop that the table does not list"),
        ("Intel(R) Core(TM) i7-1185G7 @ 3.00GHz", "3", "machine with a CPU of known rated power"),
        ("Some CPU of tomorrow", "3", LAST),
    ],
)
def test_laptop_is_no_server(tmp_path: Path, cpu: str, chassis: str, name: str) -> None:
    """The type of the chassis tells a laptop; in a virtual machine it tells nothing."""
    assert _machine(tmp_path, cpuinfo=_cpuinfo(cpu), chassis=f"{chassis}\n")[1].name == name
    virtual, _ = _machine(tmp_path, cpuinfo=_cpuinfo(cpu, flags="hypervisor"), chassis="10\n")
    assert not virtual.laptop

"""The machine table that we ship, and the facts of this machine."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from pytest_carbon.core.energy.machine_choice import choose_machine
from pytest_carbon.core.model import MachineFacts
from pytest_carbon.meter.machine_table import read_machine_facts, read_machine_table, this_machine

TABLE = read_machine_table()
EACH = pytest.mark.parametrize("entry", TABLE, ids=[entry["name"] for entry in TABLE])
LAST = "machine of your own, not known to the table"
KEYS = {
    "name", "match", "spread", "pue", "source", "watts", "watts-per-vcpu", "idle-w-per-vcpu", "full-w-per-vcpu",
    "embodied-g-per-h", "embodied-g-per-h-per-vcpu", "scales-with-frequency",
}  # fmt: skip


@EACH
def test_entry_is_sound(entry: dict[str, Any]) -> None:
    """Every entry has a rising curve, a spread around 1, ordered ranges, a source and only known keys."""
    assert set(entry) <= KEYS
    assert set(entry["match"]) <= {"runner", "cpu", "vcpus", "vendor", "virtual"}
    spec = choose_machine(MachineFacts("any", 2, None, "", ""), [{**entry, "match": {}}])
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
    """No entry gives a CPU less than a tenth of a watt when idle or more than ten watts when busy."""
    spec = choose_machine(MachineFacts("any", 4, None, "", ""), [{**entry, "match": {}}])
    assert spec.watts[0][1] / 4 > 0.1
    assert spec.watts[-1][1] / 4 < 10.0


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
        for key in ("cpu", "vendor"):
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

"""The explanation of how a machine is measured, and the advice to its owner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.energy.diagnosis import Diagnosis, diagnose
from pytest_carbon.core.model import (
    CodeCarbonInfo,
    CodeCarbonReading,
    CpuReading,
    GridFactor,
    MachineFacts,
    MachineSpec,
    Measurement,
    Range,
)

SPEC = MachineSpec(
    "bench", ((0.0, 2.0), (1.0, 10.0)), (0.5, 2.0), Range(1.2, 1.1, 1.4), Range(1.0, 0.5, 2.0), "by hand", "it fits"
)
FACTS = MachineFacts("some CPU", 2, True, "", "")
GERMANY = GridFactor("DE", Range(400.0, 180.0, 660.0), "by hand", 2024, False)
WORLD = GridFactor("world average", Range(475.0, 35.0, 750.0), "by hand", 2019, True)
READINGS = (CpuReading(0.0, 0.0, 0.0, 0.0), CpuReading(2.0, 1.0, 0.0, 4.0))
COUNTED = (CodeCarbonReading(0.5, 5.0, 1.0, 0.0), CodeCarbonReading(1.5, 25.0, 2.0, 0.0))


def _info(counter: bool) -> CodeCarbonInfo:
    return CodeCarbonInfo("3.3.2", ("CPU", "RAM"), counter)


def _diagnose(
    measurement: Measurement,
    *,
    spec: MachineSpec = SPEC,
    grid: GridFactor = GERMANY,
    facts: MachineFacts = FACTS,
    unreadable: bool = False,
) -> Diagnosis:
    return diagnose(
        measurement, facts, spec, grid, "carbon.toml", counter_unreadable=unreadable, zone_from="carbon.toml"
    )


def _measured(counter: bool) -> Measurement:
    return Measurement(0.0, 2.0, READINGS, COUNTED, _info(counter), ("something is missing",))


@pytest.mark.parametrize(
    ("uncounted", "expected"),
    [
        ("", "instructions: this CPU counts those of the tests, which do not depend on its speed"),
        (
            "this kernel counts none",
            "probes: this kernel counts none, so CPU time is corrected by speed probes: a machine that is 10 % slower "
            "makes tests 7 % slower, until runs in the ledger tell how much slower yours are (pytest-carbon explain)",
        ),
    ],
)
def test_source_of_reference_energy_is_told(uncounted: str, expected: str) -> None:
    """Where no instructions are counted, the reason is told, too."""
    measured = _measured(counter=False)
    diagnosis = diagnose(measured, FACTS, SPEC, GERMANY, "carbon.toml", counter_unreadable=False, uncounted=uncounted)
    assert dict(diagnosis.details)["reference"] == expected


def test_counter_that_stands_still_is_told() -> None:
    """It can be read and never moves: neither missing, nor a guess by rated power."""
    still = replace(_measured(counter=True), codecarbon_readings=(COUNTED[0], replace(COUNTED[1], cpu_j=5.0)))
    details = dict(_diagnose(still).details)
    assert details["method"] == (
        "modelled: the energy counter stands still, so energy is computed from the machine's utilisation"
    )
    assert "of the counter, which stands still, it takes no energy; ours is" in details["CodeCarbon"]
    assert "rated power" not in details["CodeCarbon"]


def test_kernel_that_counts_nothing_is_told() -> None:
    """Without CPU time of the machine there is no model: unknown is unknown."""
    details = dict(_diagnose(replace(_measured(counter=False), readings=())).details)
    assert details["method"].startswith(
        "unknown: no energy counter can be read here, and this kernel counts no CPU time"
    )


def test_modelled_machine_is_explained() -> None:
    """The details give machine, power, ranges, grid and the difference to CodeCarbon, with figures."""
    diagnosis = _diagnose(_measured(counter=False))
    details = dict(diagnosis.details)
    assert details["configuration"] == "carbon.toml"
    assert details["method"].startswith("modelled: no energy counter can be read here")
    assert details["CPU"] == "some CPU, 2 CPUs, virtual machine"
    assert details["machine"] == "bench, because it fits"
    assert details["power"] == (
        "2 W at 0%, 4 W at 25%, 6 W at 50%, 10 W at 100%; the true power may be 0.5 to 2 times that"
    )
    assert details["PUE"] == "1.2 (1.1 to 1.4)"
    assert details["embodied"] == "1 g an hour (500 mg to 2 g)"
    assert details["grid"] == "DE, set by carbon.toml: 400 g/kWh (180 to 660; by hand)"
    assert details["CodeCarbon"].startswith(
        "3.3.2, finds CPU, RAM; its own figure is 21.0 W, ours is 4.0 W, with the machine 25% busy."
    )
    assert diagnosis.details[-1] == ("note", "something is missing")
    assert diagnosis.advice == []


def test_what_is_not_listed_and_what_codecarbon_finds_is_told_in_words() -> None:
    """A machine that no entry knows is named by its CPU, and devices have no forms of a program."""
    unknown = replace(SPEC, name="virtual machine with a processor that the table does not list", why="it is one")
    measured = _measured(counter=False)
    assert measured.codecarbon is not None
    named = replace(measured.codecarbon, hardware=("RAM()", "CPU(Cpu Load)"))
    details = dict(_diagnose(replace(measured, codecarbon=named), spec=unknown).details)
    assert details["machine"] == "virtual machine with a processor that the table does not list: some CPU"
    assert "finds RAM, CPU (Cpu Load); " in details["CodeCarbon"]


def test_counter_is_explained() -> None:
    """If a counter is read, the details say what it counts, and what is modelled for memory, which it does not."""
    counted = (CodeCarbonReading(0.5, 5.0, 10.0, 0.0), CodeCarbonReading(1.5, 25.0, 30.0, 0.0))
    details = dict(_diagnose(replace(_measured(counter=True), codecarbon_readings=counted)).details)
    assert details["method"] == (
        "counter: CodeCarbon reads the energy counter of the hardware; memory, which it does not count, is modelled"
    )
    assert details["CodeCarbon"] == (
        "3.3.2, finds CPU, RAM; the 20.0 W that it counts are used unchanged; for memory it takes 20.0 W, "
        "by the number of modules that it assumes, and we 12.0 W (0 to 26)"
    )


@pytest.mark.parametrize(
    "measurement",
    [
        pytest.param(Measurement(0.0, 2.0, READINGS, (), None), id="CodeCarbon is missing"),
        pytest.param(Measurement(0.0, 2.0, READINGS, (), _info(False)), id="it counted nothing"),
        pytest.param(Measurement(0.0, 2.0, READINGS, COUNTED[:1], _info(False)), id="it counted once"),
    ],
)
def test_codecarbon_without_two_readings_did_not_run(measurement: Measurement) -> None:
    """The details say that CodeCarbon did not run if it gave fewer than two readings."""
    assert dict(_diagnose(measurement).details)["CodeCarbon"].startswith("did not run")


def test_unreadable_cpu_time_leaves_the_figure_of_codecarbon() -> None:
    """On a machine whose CPU time cannot be read, the details still give CodeCarbon's own figure."""
    diagnosis = _diagnose(Measurement(0.0, 2.0, (), COUNTED, _info(False)))
    assert "3.3.2, finds CPU, RAM" in dict(diagnosis.details)["CodeCarbon"]


OWN = replace(SPEC, name="machine of your own, not known to the table", why="nothing in the table knows it better")
VM = replace(SPEC, name="virtual machine with a processor that the table does not list")


@pytest.mark.parametrize(
    ("counter", "spec", "grid", "unreadable", "beginnings"),
    [
        pytest.param(False, SPEC, GERMANY, False, [], id="no advice"),
        pytest.param(False, SPEC, WORLD, False, ["set the zone of your machines"], id="no zone"),
        pytest.param(False, SPEC, GERMANY, True, ["allow reading the energy counter"], id="counter closed"),
        pytest.param(False, OWN, GERMANY, False, ["measure the power curve of this machine"], id="own machine"),
        pytest.param(True, OWN, GERMANY, False, [], id="own machine with a counter"),
        pytest.param(False, VM, GERMANY, False, ["enter the power that your provider gives"], id="unknown VM"),
        pytest.param(True, VM, GERMANY, False, [], id="unknown VM with a counter"),
        pytest.param(False, OWN, WORLD, True,
                     ["set the zone of your machines", "allow reading the energy counter", "measure the power curve"],
                     id="all"),
    ],
)  # fmt: skip
def test_only_advice_that_helps_is_given(
    counter: bool, spec: MachineSpec, grid: GridFactor, unreadable: bool, beginnings: list[str]
) -> None:
    """The advice has only steps that would help on this machine, best first."""
    facts = replace(FACTS, virtual=spec is not OWN)
    advice = _diagnose(_measured(counter), spec=spec, grid=grid, facts=facts, unreadable=unreadable).advice
    assert [line[: len(start)] for line, start in zip(advice, beginnings, strict=True)] == beginnings


def test_advice_without_a_zone_says_how_wrong_grams_may_be() -> None:
    """The factor by which grams may be too high comes from the range of the world average."""
    (advice,) = _diagnose(_measured(counter=False), grid=WORLD).advice
    assert "grams may be 14 times too high, and limits in grams are not checked" in advice


def test_only_a_virtual_machine_is_called_virtual() -> None:
    """The CPU line does not say "virtual machine" for bare metal, nor if it is unknown."""
    for virtual in (False, None):
        diagnosis = _diagnose(_measured(counter=False), facts=replace(FACTS, virtual=virtual))
        assert dict(diagnosis.details)["CPU"] == "some CPU, 2 CPUs"

"""What a machine's owner is told about how it is measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.energy.doctor import Diagnosis, diagnose
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


def _find(
    measurement: Measurement,
    *,
    spec: MachineSpec = SPEC,
    grid: GridFactor = GERMANY,
    facts: MachineFacts = FACTS,
    unreadable: bool = False,
) -> Diagnosis:
    return diagnose(measurement, facts, spec, grid, "carbon.toml", counter_unreadable=unreadable)


def _measured(counter: bool) -> Measurement:
    return Measurement(0.0, 2.0, READINGS, COUNTED, _info(counter), ("something is missing",))


def test_model_is_explained() -> None:
    """Machine, power, ranges, grid and the difference to CodeCarbon stand with their figures."""
    found = _find(_measured(counter=False))
    known = dict(found.details)
    assert known["configuration"] == "carbon.toml"
    assert known["method"].startswith("modelled: no energy counter can be read here")
    assert known["CPU"] == "some CPU, 2 CPUs, virtual machine"
    assert known["machine"] == "bench, because it fits"
    assert known["power"] == (
        "2 W at 0%, 4 W at 25%, 6 W at 50%, 10 W at 100%; the truth may lie between 0.5 and 2 times that"
    )
    assert known["PUE"] == "1.2 (1.1 to 1.4)"
    assert known["embodied"] == "1 g an hour (500 mg to 2 g)"
    assert known["grid"] == "DE: 400 g/kWh (180 to 660; by hand)"
    assert known["CodeCarbon"].startswith("3.3.2, sees CPU, RAM; alone it says 21.0 W where we say 4.0 W.")
    assert found.details[-1] == ("note", "something is missing")
    assert found.advice == []


def test_counter_is_told() -> None:
    """Where a counter is read, its joules are used as they are."""
    known = dict(_find(_measured(counter=True)).details)
    assert known["method"] == "counter: CodeCarbon reads the hardware's own energy counter"
    assert known["CodeCarbon"] == "3.3.2, sees CPU, RAM; its joules are used as they are"


@pytest.mark.parametrize(
    "measurement",
    [
        pytest.param(Measurement(0.0, 2.0, READINGS, (), None), id="nothing of CodeCarbon"),
        pytest.param(Measurement(0.0, 2.0, READINGS, (), _info(False)), id="it counted nothing"),
        pytest.param(Measurement(0.0, 2.0, READINGS, COUNTED[:1], _info(False)), id="it counted once"),
    ],
)
def test_silent_codecarbon_is_told(measurement: Measurement) -> None:
    """A CodeCarbon that did not run is said to have not."""
    assert dict(_find(measurement).details)["CodeCarbon"].startswith("did not run")


def test_unreadable_cpu_time_does_not_crash_the_doctor() -> None:
    """On a machine whose CPU time cannot be read, CodeCarbon's own figure is still told."""
    found = _find(Measurement(0.0, 2.0, (), COUNTED, _info(False)))
    assert "3.3.2, sees CPU, RAM" in dict(found.details)["CodeCarbon"]


OWN = replace(SPEC, name="machine of your own, not known to the table", why="nothing in the table knows it better")
VM = replace(SPEC, name="virtual machine, CPU not known")


@pytest.mark.parametrize(
    ("counter", "spec", "grid", "unreadable", "beginnings"),
    [
        pytest.param(False, SPEC, GERMANY, False, [], id="nothing to do"),
        pytest.param(False, SPEC, WORLD, False, ["say where the machine is"], id="no zone"),
        pytest.param(False, SPEC, GERMANY, True, ["let the energy counter be read"], id="counter closed"),
        pytest.param(False, OWN, GERMANY, False, ["measure the machine at the socket"], id="own machine"),
        pytest.param(True, OWN, GERMANY, False, [], id="own machine with a counter"),
        pytest.param(False, VM, GERMANY, False, ["write down what your provider says"], id="unknown VM"),
        pytest.param(True, VM, GERMANY, False, [], id="unknown VM with a counter"),
        pytest.param(False, OWN, WORLD, True,
                     ["say where the machine is", "let the energy counter be read", "measure the machine"], id="all"),
    ],
)  # fmt: skip
def test_advice_fits_the_machine(
    counter: bool, spec: MachineSpec, grid: GridFactor, unreadable: bool, beginnings: list[str]
) -> None:
    """Only what would help here is advised, best first."""
    advice = _find(_measured(counter), spec=spec, grid=grid, unreadable=unreadable).advice
    assert [line[: len(start)] for line, start in zip(advice, beginnings, strict=True)] == beginnings


def test_advice_says_how_wrong_grams_may_be() -> None:
    """Without a zone, grams may be as many times too high as the range says."""
    (advice,) = _find(_measured(counter=False), grid=WORLD).advice
    assert "grams may be 14 times too high, and limits in grams are not judged" in advice


def test_machine_that_is_not_virtual_is_not_called_so() -> None:
    """Bare metal, and machines nobody can tell of, are just a CPU."""
    for virtual in (False, None):
        found = _find(_measured(counter=False), facts=replace(FACTS, virtual=virtual))
        assert dict(found.details)["CPU"] == "some CPU, 2 CPUs"

"""Explains how this machine is measured, and advises how to measure it better."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_carbon.core.energy.power_windows import (
    MEMORY_SHARE,
    counter_stands_still,
    machine_watts,
    modelled_windows,
    uses_counter,
)
from pytest_carbon.core.energy.reference_energy import ELASTICITY
from pytest_carbon.core.model import CodeCarbonReading, GridFactor, MachineFacts, MachineSpec, Measurement
from pytest_carbon.core.quantities import format_mass

NOT_LISTED = "does not list"
"""What the names of the machine table's entries have that take a machine because no other does."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How a machine is measured: ``details`` are pairs of a label and a text; ``advice`` is what to do, best first.

    ``network`` are pairs of a source and what it is sent; empty if nobody may be asked.
    """

    details: list[tuple[str, str]]
    advice: list[str]
    network: list[tuple[str, str]] = field(default_factory=list)


def diagnose(
    measurement: Measurement,
    facts: MachineFacts,
    spec: MachineSpec,
    grid: GridFactor,
    config_source: str,
    *,
    counter_unreadable: bool,
    zone_from: str = "",
    uncounted: str = "",
) -> Diagnosis:
    """Explain a short measurement of an idle machine.

    ``config_source`` names the configuration file, and ``zone_from`` the option, variable or file that set the zone.
    ``counter_unreadable`` says that the CPU has an energy counter that
    this user may not read. ``uncounted`` says why instructions are not counted here; it is empty if they are.
    """
    counter = uses_counter(measurement)
    details = [("configuration", config_source)]
    details.append(("method", _method(measurement, counter)))
    details.append(("reference", _reference(uncounted)))
    details.append(("CPU", f"{facts.cpu}, {facts.vcpus} CPUs" + (", virtual machine" if facts.virtual else "")))
    why = f": {facts.cpu}" if NOT_LISTED in spec.name else f", because {spec.why}"
    details.append(("machine", f"{spec.name}{why}"))
    details.append(("power", _power(spec)))
    details.append(("source", spec.source))
    details.append(("PUE", f"{spec.pue.central:g} ({spec.pue.low:g} to {spec.pue.high:g})"))
    embodied = [format_mass(g, 2) for g in spec.embodied_g_per_h]
    details.append(("embodied", f"{embodied[0]} an hour ({embodied[1]} to {embodied[2]})"))
    low, high = grid.g_per_kwh.low, grid.g_per_kwh.high
    by = f", set by {zone_from}" if zone_from else ""
    details.append(
        ("grid", f"{grid.zone}{by}: {grid.g_per_kwh.central:.0f} g/kWh ({low:.0f} to {high:.0f}; {grid.source})")
    )
    details.append(("CodeCarbon", _codecarbon(measurement, spec, counter)))
    details += [("note", gap) for gap in measurement.gaps]
    return Diagnosis(details, _advice(facts, spec, grid, counter, counter_unreadable))


def _method(measurement: Measurement, counter: bool) -> str:
    if counter:
        return (
            "counter: CodeCarbon reads the energy counter of the hardware; memory, which it does not count, is modelled"
        )
    stands_still = counter_stands_still(measurement)
    why = "the energy counter stands still" if stands_still else "no energy counter can be read here"
    if len(measurement.readings) < 2:
        return f"unknown: {why}, and this kernel counts no CPU time of the machine; only reference energy is known"
    return f"modelled: {why}, so energy is computed from the machine's utilisation"


def _reference(uncounted: str) -> str:
    if uncounted:
        slower = f"a machine that is 10 % slower makes tests {100 * (1.1**ELASTICITY - 1):.0f} % slower"
        return (
            f"probes: {uncounted}, so CPU time is corrected by speed probes: {slower}, until runs in the ledger tell "
            "how much slower yours are (pytest-carbon explain)"
        )
    return "instructions: this CPU counts those of the tests, which do not depend on its speed"


def _power(spec: MachineSpec) -> str:
    points = ", ".join(f"{machine_watts(spec, u, None):.3g} W at {u:.0%}" for u in (0, 0.25, 0.5, 1))
    return f"{points}; the true power may be {spec.spread[0]:g} to {spec.spread[1]:g} times that"


def _codecarbon(measurement: Measurement, spec: MachineSpec, counter: bool) -> str:
    if measurement.codecarbon is None or len(measurement.codecarbon_readings) < 2:
        return "did not run; check with pip show codecarbon that it is installed"
    first, last = measurement.codecarbon_readings[0], measurement.codecarbon_readings[-1]
    seconds = last.at_s - first.at_s  # above zero: sidecar_stream drops readings whose time does not go forward
    raw_w = (last.total_j - first.total_j) / seconds
    version = f"{measurement.codecarbon.version}, finds {', '.join(map(_plain, measurement.codecarbon.hardware))}"
    if counter:
        return f"{version}; {_counted(first, last)}"
    if len(measurement.readings) < 2:
        return f"{version}; its own figure is {raw_w:.1f} W; ours is missing: the machine's CPU time cannot be read"
    ours = sum(w.base_j + w.dynamic_j for w in modelled_windows(measurement.readings, spec))
    ours_w = ours / (measurement.readings[-1].at_s - measurement.readings[0].at_s)
    ours_text = f"{ours_w:.1f} W{_at_load(measurement)}"
    if counter_stands_still(measurement):
        return f"{version}; of the counter, which stands still, it takes no energy; ours is {ours_text}"
    return (
        f"{version}; its own figure is {raw_w:.1f} W, ours is {ours_text}. Without a counter CodeCarbon takes the "
        "rated power of a whole processor (4 W a thread for an unknown processor) and 5 W for each memory module that "
        "it assumes, on a cubic curve. We take this machine's share of a server, on a measured curve"
    )


def _plain(hardware: str) -> str:
    """Return CodeCarbon's name of a device, such as ``CPU(Cpu Load)``, as words: ``CPU (Cpu Load)``."""
    return hardware.removesuffix("()").replace("(", " (", 1)


def _at_load(measurement: Measurement) -> str:
    """Say how busy the machine was meanwhile, as the end of a sentence; empty if that is not known."""
    first, last = measurement.readings[0], measurement.readings[-1]
    total_s = last.total_s - first.total_s
    return f", with the machine {(last.busy_s - first.busy_s) / total_s:.0%} busy" if total_s > 0 else ""


def _counted(first: CodeCarbonReading, last: CodeCarbonReading) -> str:
    seconds = last.at_s - first.at_s
    counted_w, memory_w = (last.counted_j - first.counted_j) / seconds, (last.ram_j - first.ram_j) / seconds
    central, low, high = (memory_w * share for share in MEMORY_SHARE)
    return (
        f"the {counted_w:.1f} W that it counts are used unchanged; for memory it takes {memory_w:.1f} W, by the number "
        f"of modules that it assumes, and we {central:.1f} W ({low:.0f} to {high:.0f})"
    )


def _advice(
    facts: MachineFacts, spec: MachineSpec, grid: GridFactor, counter: bool, counter_unreadable: bool
) -> list[str]:
    advice = []
    if grid.assumed:
        times = grid.g_per_kwh.central / grid.g_per_kwh.low
        advice.append(
            'set the zone of your machines, such as zone = "DE" in carbon.toml, --carbon-zone, or the '
            f"variable PYTEST_CARBON_ZONE. Without a zone, grams may be {times:.0f} times too high, and limits in "
            "grams are not checked"
        )
    if counter_unreadable:
        advice.append(
            "allow reading the energy counter, if only you use this machine: "
            "sudo chmod -R a+r /sys/class/powercap/intel-rapl:* (closed since CVE-2020-8694: the counter can leak "
            "secrets to other users of the machine)"
        )
    if not counter and facts.virtual is not True and not spec.why.startswith("set in"):
        advice.append(
            "measure the power curve of this machine, in two minutes: pytest-carbon calibrate --write. It reads a "
            "battery, a counter, or a command that prints the watts of a BMC or smart plug. Or measure at the socket, "
            "idle and fully busy, and enter both in carbon.toml: [machine] idle-w = 20, full-w = 65"
        )
    elif not counter and facts.virtual and NOT_LISTED in spec.name:
        advice.append(
            "enter the power that your provider gives for the machine in carbon.toml: [machine] idle-w and full-w"
        )
    return advice

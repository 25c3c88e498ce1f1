"""What a machine's owner should know about how it is measured, and what would make it better."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_carbon.core.energy.power_windows import machine_watts, modelled_windows, uses_counter
from pytest_carbon.core.model import GridFactor, MachineFacts, MachineSpec, Measurement
from pytest_carbon.core.quantities import format_mass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``known`` are pairs of a word and what stands behind it; ``advice`` is what to do, best first."""

    details: list[tuple[str, str]]
    advice: list[str]


def diagnose(
    measurement: Measurement,
    facts: MachineFacts,
    spec: MachineSpec,
    grid: GridFactor,
    config_source: str,
    *,
    counter_unreadable: bool,
) -> Diagnosis:
    """Explain a short measurement of an idle machine."""
    counter = uses_counter(measurement)
    known = [("configuration", config_source)]
    known.append(
        (
            "method",
            "counter: CodeCarbon reads the hardware's own energy counter"
            if counter
            else "modelled: no energy counter can be read here, so energy comes from how busy the machine is",
        )
    )
    known.append(("CPU", f"{facts.cpu}, {facts.vcpus} CPUs" + (", virtual machine" if facts.virtual else "")))
    known.append(("machine", f"{spec.name}, because {spec.why}"))
    known.append(("power", _power(spec)))
    known.append(("source", spec.source))
    known.append(("PUE", f"{spec.pue.central:g} ({spec.pue.low:g} to {spec.pue.high:g})"))
    embodied = [format_mass(g, 2) for g in spec.embodied_g_per_h]
    known.append(("embodied", f"{embodied[0]} an hour ({embodied[1]} to {embodied[2]})"))
    low, high = grid.g_per_kwh.low, grid.g_per_kwh.high
    known.append(("grid", f"{grid.zone}: {grid.g_per_kwh.central:.0f} g/kWh ({low:.0f} to {high:.0f}; {grid.source})"))
    known.append(("CodeCarbon", _codecarbon(measurement, spec, counter)))
    known += [("note", gap) for gap in measurement.gaps]
    return Diagnosis(known, _advice(facts, spec, grid, counter, counter_unreadable))


def _power(spec: MachineSpec) -> str:
    points = ", ".join(f"{machine_watts(spec, u, None):.3g} W at {u:.0%}" for u in (0, 0.25, 0.5, 1))
    return f"{points}; the truth may lie between {spec.spread[0]:g} and {spec.spread[1]:g} times that"


def _codecarbon(measurement: Measurement, spec: MachineSpec, counter: bool) -> str:
    if measurement.codecarbon is None or len(measurement.codecarbon_readings) < 2:
        return "did not run; pip show codecarbon tells whether it is installed"
    first, last = measurement.codecarbon_readings[0], measurement.codecarbon_readings[-1]
    seconds = last.at_s - first.at_s  # more than zero: the stream's times only go on
    raw_w = (last.total_j - first.total_j) / seconds
    found = f"{measurement.codecarbon.version}, sees {', '.join(measurement.codecarbon.hardware)}"
    if counter:
        return f"{found}; its joules are used as they are"
    if len(measurement.readings) < 2:
        return f"{found}; alone it says {raw_w:.1f} W, and the machine's CPU time cannot be read"
    ours = sum(w.base_j + w.dynamic_j for w in modelled_windows(measurement.readings, spec))
    ours_w = ours / (measurement.readings[-1].at_s - measurement.readings[0].at_s)
    return (
        f"{found}; alone it says {raw_w:.1f} W where we say {ours_w:.1f} W. Without a counter it takes the rated "
        "power of a whole processor, or 4 W a thread for one it does not know, and 5 W for each memory module it "
        "guesses, on a cubic curve; we take this machine's share of a server, on a measured curve"
    )


def _advice(
    facts: MachineFacts, spec: MachineSpec, grid: GridFactor, counter: bool, counter_unreadable: bool
) -> list[str]:
    advice = []
    if grid.assumed:
        advice.append(
            'say where the machine is: zone = "DE" (your own) in carbon.toml, --carbon-zone, or the variable '
            f"PYTEST_CARBON_ZONE. Until then grams may be {grid.g_per_kwh.central / grid.g_per_kwh.low:.0f} times "
            "too high, and limits in grams are not judged"
        )
    if counter_unreadable:
        advice.append(
            "let the energy counter be read, on a machine that only you use: "
            "sudo chmod -R a+r /sys/class/powercap/intel-rapl:* (closed since CVE-2020-8694: it can leak secrets "
            "to others on the same machine)"
        )
    if not counter and spec.why.startswith("nothing in the table"):
        advice.append(
            "measure the machine at the socket, idle and fully busy, and write it down: [machine] idle-w = 20, "
            "full-w = 65 in carbon.toml"
        )
    elif not counter and facts.virtual and "not known" in spec.name:
        advice.append("write down what your provider says of the machine: [machine] idle-w and full-w in carbon.toml")
    return advice

"""``calibrate``: measures the power curve of this machine, for the ``[machine]`` table of the policy."""

from __future__ import annotations

import argparse
import os
import stat
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.progress import Progress
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.calibration.load_steps import StepReading
    from pytest_carbon.meter.power.mean_watts import PowerMeter

SECONDS = 120.0
_CARBON_TOML, _TABLE, _TABLE_OF_PYPROJECT = "carbon.toml", "machine", "tool.pytest-carbon.machine"


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "calibrate",
        _calibrate,
        summary="measure the power curve of this machine",
        description="Read the watts of this machine for two minutes, while it is idle, while some of its CPUs compute, "
        "and while all do. Print the [machine] table for the policy, with its own error and with what the meter does "
        "not see. The watts come from a command that prints them, from the battery of a laptop that is not plugged in, "
        "or from the counters of the CPU (RAPL), which most virtual machines do not have. Let nothing else run "
        "meanwhile.",
        example="pytest-carbon calibrate --write\n  pytest-carbon calibrate --watts-command 'plug --watts desk'",
    )
    parser.add_argument(
        "--seconds", metavar="S", type=float, default=SECONDS, help="how long to measure (default: 120)"
    )
    parser.add_argument(
        "--watts-command",
        metavar="COMMAND",
        help="a command that prints one number of watts, such as of a BMC or a smart plug; it runs once a second, "
        "without a shell",
    )
    parser.add_argument("--name", metavar="NAME", help="the name of the machine (default: its CPU)")
    parser.add_argument("--write", action="store_true", help="put the table into the policy, or into a new carbon.toml")
    parser.add_argument("--replace", action="store_true", help="replace a [machine] that is there")
    parser.add_argument("--beside-others", action="store_true", help="go on while other processes keep CPUs busy")
    parser.add_argument("--force", action="store_true", help=argparse.SUPPRESS)  # once the name of both


def _calibrate(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.calibration.fit_curve import fit_curve
    from pytest_carbon.core.calibration.load_steps import plan_steps
    from pytest_carbon.core.calibration.machine_table_text import machine_table_text
    from pytest_carbon.meter.machine_table import read_machine_facts
    from pytest_carbon.meter.power.power_sources import find_meter

    config = options.load_project_config()
    path, header = _place(config)
    replaces, beside_others = arguments.replace or arguments.force, arguments.beside_others or arguments.force
    if arguments.write:
        _refuse_unwritable(config, path, header, replaces=replaces)
    facts = read_machine_facts()
    steps, step_s = plan_steps(facts.vcpus, arguments.seconds)
    meter = find_meter(arguments.watts_command, virtual=facts.virtual)
    readings = _measure(steps, step_s, meter, facts.vcpus, beside_others=beside_others)
    curve, seen = fit_curve(readings, meter.facts), meter.facts
    block = machine_table_text(
        header,
        arguments.name or facts.cpu,
        curve,
        f"calibrated on {date.today()} against {seen.name}; not seen: {seen.does_not_see}",
    )
    output.print_text(block)
    output.print_to_stderr(f"meter: {seen.name}; it sees {seen.sees}")
    output.print_to_stderr(f"not seen: {seen.does_not_see}")
    for note in curve.notes:
        output.print_to_stderr(note)
    if arguments.write:
        _write(path, header, block, config.root, replaces=replaces)
        output.print_to_stderr(f"wrote [{header}] to {path.name}")
    else:
        output.print_to_stderr(f"put these lines into {path.name}, or give --write")
    return 0


def _place(config: Config) -> tuple[Path, str]:
    """Return the file of the policy, and what its table is called there; a new carbon.toml if there is no policy."""
    from pytest_carbon.config.policy_files import find_policy

    name = find_policy(config.root) or _CARBON_TOML
    return config.root / name, _TABLE if name == _CARBON_TOML else _TABLE_OF_PYPROJECT


def _refuse_unwritable(config: Config, path: Path, header: str, *, replaces: bool) -> None:
    """Raise ConfigError before two minutes are spent on what cannot be written.

    Nor may a new carbon.toml hide that this project has no policy, while one lies above it.
    """
    from pytest_carbon.config.policy_above import refuse_ignored_policy
    from pytest_carbon.core.calibration.fit_curve import CalibratedCurve
    from pytest_carbon.core.calibration.machine_table_text import machine_table_text
    from pytest_carbon.core.errors import ConfigError

    refuse_ignored_policy(config)
    if config.machine is not None and not replaces:
        raise ConfigError(f"{config.source} has a [{header}] already; give --replace to replace its watts")
    some_curve = CalibratedCurve(((0.0, 1.0), (1.0, 2.0)), (1.0, 1.0), ())
    _changed(path, header, machine_table_text(header, "name", some_curve, "source"), config.root, replaces=replaces)


def _measure(
    steps: tuple[int, ...], step_s: float, meter: PowerMeter, cpus: int, *, beside_others: bool
) -> list[StepReading]:
    """Return the readings of all steps. Whatever ends this, no CPU is kept busy afterwards."""
    from pytest_carbon.core.calibration.load_steps import refuse_other_load
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.meter.power.busy_cpus import BusyCpus
    from pytest_carbon.meter.power.run_steps import run_steps

    readings: list[StepReading] = []
    with Progress() as progress, BusyCpus() as load:
        progress.begin("keeping CPUs busy")
        progress(0, len(steps))
        try:
            for reading in run_steps(steps, step_s, meter, load):
                readings.append(reading)
                if not beside_others:
                    refuse_other_load(reading, cpus)
                progress(len(readings), len(steps))
        except OSError as error:
            raise ConfigError(f"{meter.facts.name} cannot be read any more ({error.strerror}); try again") from error
    return readings


def _changed(path: Path, header: str, block: str, root: Path, *, replaces: bool) -> bytes:
    """Return the file with the table, and everything else in it as it is. Raises ConfigError."""
    from pytest_carbon.core.calibration.machine_table_text import put_machine_table
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.files.read_bounded import POLICY_BYTES, read_bytes

    try:
        text = read_bytes(path, POLICY_BYTES, root).decode("utf-8") if os.path.lexists(path) else ""
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path} could not be read ({why}); leave --write out, and put the lines there") from error
    return put_machine_table(text, header, block, replace=replaces).encode()


def _write(path: Path, header: str, block: str, root: Path, *, replaces: bool) -> None:
    """Put the table into the file, and leave everything else in it as it is. Raises ConfigError."""
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.files.write_safely import PUBLIC, write_whole

    changed = _changed(path, header, block, root, replaces=replaces)
    try:
        mode = stat.S_IMODE(path.stat().st_mode) if os.path.lexists(path) else PUBLIC
        write_whole(path, changed, root, mode)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path} could not be changed ({why}); put the lines above into it by hand") from error

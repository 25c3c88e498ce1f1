"""``run``: measures any command, whose output stays as it is without us, and ends as the command ended."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pytest_carbon.cli.shared import options, output, streams
from pytest_carbon.cli.shared.verb import Verbs, add_verb
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.escape import visible

if TYPE_CHECKING:
    from pytest_carbon.core.model import Measurement, WorkerTrace
    from pytest_carbon.meter.sidecar_session import Meter
    from pytest_carbon.processes.watch import CountedOutside

QUIET_S = 2.0
PROBE_EVERY_S = 1.0
NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""Exit codes as shells have them."""


class NotStartedError(CarbonError):
    """The command could not be started; ``exit_code`` is what a shell would end with."""

    def __init__(self, program: str, error: OSError) -> None:
        self.exit_code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
        cause = "is it spelt right, and on PATH?" if self.exit_code == NOT_FOUND else "is it a program, and executable?"
        super().__init__(f"{program!r} could not be started ({error.strerror or error}); {cause}")


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "run",
        _run,
        summary="measure any command, such as a build",
        description="Run a command, measure its energy and emissions, write the carbon report, and print the table on "
        "standard error. If the command fails, its exit code is returned. Write the command after --.",
        example="pytest-carbon run --zone DE -- make build",
        exit_codes={
            0: "the command succeeded",
            1: "the command succeeded, and a budget fails the run",
            NOT_EXECUTABLE: "the command cannot be executed",
            NOT_FOUND: "there is no such command",
        },
    )
    options.add_output_option(
        parser,
        "write the report here (default: .carbon/report.json; or command.json beside it, if that is of a test run)",
        once="--report",
    )
    parser.add_argument("--zone", metavar="ZONE", help="the electricity grid: DE, US-VA, CA-QC, SE3, gcp:us-central1")
    parser.add_argument("--feature", metavar="NAME", help="the feature that pays for the command")
    parser.add_argument(
        "--progress",
        action="store_true",
        help="on a terminal, write seconds, watts and joules so far on the line of the cursor: for a command that "
        "writes nothing there",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="[--] COMMAND ...", help="the command")


def _run(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.shared.inner_report import InnerReport
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.config.report_places import place_of_command
    from pytest_carbon.core.errors import ConfigError, did_you_mean, there_are
    from pytest_carbon.core.model import UNATTRIBUTED
    from pytest_carbon.files.write_safely import remove_old
    from pytest_carbon.reporters.run.terminal import render
    from pytest_carbon.usecases.configured_grid import configured_grid_factor
    from pytest_carbon.usecases.finish_run import finish_run
    from pytest_carbon.usecases.make_report import Invocation

    command = arguments.command
    if not command:
        raise ConfigError("no command is given; write the command after --: pytest-carbon run -- make build")
    config = load_config(find_root(Path.cwd()), report=arguments.output, zone=arguments.zone, option_prefix="--")
    feature = arguments.feature
    if feature not in config.features and (near := did_you_mean(feature or "", config.features)):
        raise ConfigError(f"--feature: no feature is called {feature!r}{near}")
    configured_grid_factor(config)  # an unknown zone is refused before the command runs
    inner = InnerReport(command, config.report, config.root)
    try:
        code, measurement, trace, counted = _measure_command(
            command, feature, wait=inner.expected, progress=arguments.progress
        )
    except NotStartedError as error:
        output.print_error(str(error))
        return error.exit_code
    refusal = inner.refusal(code, counted)
    gaps = [refusal] if refusal else []
    if feature and config.features and feature not in (*config.features, UNATTRIBUTED):
        gaps.append(
            f"no feature of {config.source} is called {feature!r}, so the command has no feature's budget"
            f"{there_are(config.features)}; correct --feature, or add the feature"
        )
    if counted.kept:
        gaps.append(f"the command left running: {', '.join(counted.kept)}; what they use is not in this report")
    if arguments.output is None and inner.left_report_of_tests():
        config = replace(config, report=place_of_command(config.report))
    invocation = Invocation(tuple(command), code, Path.cwd())
    outcome = "passed" if code == 0 else "failed"
    for place in inner.written_beside():
        with suppress(OSError):
            remove_old(place, config.root)  # of runs of the command, which are part of this one
    try:
        finished = finish_run(measurement, [trace], {command[0]: [outcome]}, gaps, invocation, config)
    except Exception:  # a fault of the measurement must not hide the command's own result
        output.print_traceback()
        output.print_error("this is a fault in pytest-carbon; the exit code is that of the command")
        return code
    width, colour = output.width_and_colour(sys.stderr)
    if sys.stderr.isatty():
        output.print_to_stderr("")  # the command may have left a line unfinished
    text = render(finished.report, top=config.top, width=width, colour=colour, where=finished.where)
    output.print_text(text, sys.stderr)
    for problem in finished.problems:
        output.print_to_stderr(problem)
    if refusal:
        output.print_error(refusal)
    return code or int(finished.failed or bool(refusal))


def _measure_command(
    command: Sequence[str], feature: str | None, *, wait: bool, progress: bool
) -> tuple[int, Measurement, WorkerTrace, CountedOutside]:
    """Run the command; return its exit code (128 + N if signal N ended the command), what was measured and counted.

    With ``wait``, processes that the command leaves behind have a moment to end, as the meter of pytest does. Raises
    NotStartedError for a command that cannot be started, and ConfigError for words that no command can have.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.meter.recorder import Recorder
    from pytest_carbon.meter.sidecar_session import Meter
    from pytest_carbon.meter.work_counters.instruction_counter import counter_here
    from pytest_carbon.processes.pass_signals import PassSignals
    from pytest_carbon.processes.watch import SETTLE_S, Watch

    recorder, meter = Recorder(), Meter()
    with PassSignals() as signals:
        recorder.begin_run()
        meter.start()
        recorder.count_instructions(counter_here())
        recorder.probe()
        since = recorder.read_clocks()
        with Watch(end_left=False, settle_s=SETTLE_S if wait else 0.0) as watch:
            try:
                process = subprocess.Popen(
                    command, env={**os.environ, **watch.marks.environment}, pass_fds=watch.marks.descriptors
                )
            except (OSError, ValueError) as error:
                meter.stop()
                if isinstance(error, OSError):
                    raise NotStartedError(command[0], error) from error
                raise ConfigError(f"{command[0]!r} could not be started ({error}); is it spelt right?") from error
            signals.to(process)
            with _ProgressLine(sys.stderr, meter, asked=progress) as line:
                code = _wait(process, line.show, recorder.probe)
        recorder.add_span("command", command[0], "", since, {"feature": feature} if feature else None)
        recorder.probe()
        trace = recorder.trace()
    return (128 - code if code < 0 else code), meter.stop(), trace, watch.counted


def _wait(process: subprocess.Popen[bytes], show: Callable[[], None], probe: Callable[[], object]) -> int:
    """Wait for the command. Once a second, probe the machine's speed and show the progress."""
    while True:
        try:
            return process.wait(timeout=PROBE_EVERY_S)
        except subprocess.TimeoutExpired:
            probe()
            show()


class _ProgressLine:
    """A line with seconds, watts and joules so far, which appears after two seconds, on a terminal and if asked for.

    Nobody can know what the command has left on the line of the cursor, so the line is for a command that is quiet.
    """

    def __init__(self, stream: TextIO, meter: Meter, *, asked: bool) -> None:
        self._stream = stream
        self._wanted = asked and stream.isatty()
        self._meter = meter
        self._start_s = time.monotonic()
        self._shown = False

    def __enter__(self) -> _ProgressLine:
        if self._wanted:
            from pytest_carbon.meter.machine_table import this_machine

            self._spec = this_machine()[1]
        return self

    def show(self) -> None:
        seconds = time.monotonic() - self._start_s
        if seconds < QUIET_S or not self._wanted:
            return
        from pytest_carbon.core.quantities import format_energy
        from pytest_carbon.usecases.finish_run import power_so_far

        so_far = power_so_far(self._meter, self._spec)
        text = f"{seconds:.0f} s"
        if so_far is not None:
            watts, joules = so_far
            text += f"  {watts:.1f} W  {format_energy(joules)} so far"
        streams.write(self._stream, f"\r\x1b[2K{visible(text)}", flush=True)
        self._shown = True

    def __exit__(self, *_: object) -> None:
        if self._shown:
            streams.write(self._stream, "\r\x1b[2K", flush=True)

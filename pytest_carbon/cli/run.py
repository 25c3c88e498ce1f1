"""``run``: measures any command, with a line of progress on a terminal, and ends as the command ended."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pytest_carbon.cli.shared import output
from pytest_carbon.cli.shared.verb import Verbs, add_verb
from pytest_carbon.core.escape import visible

if TYPE_CHECKING:
    from pytest_carbon.core.model import Measurement, WorkerTrace
    from pytest_carbon.meter.sidecar_session import Meter
    from pytest_carbon.processes.watch import CountedOutside

QUIET_S = 2.0
PROBE_EVERY_S = 1.0


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
        exit_codes={0: "the command succeeded", 1: "the command succeeded, and a budget fails the run"},
    )
    parser.add_argument("--report", metavar="PATH", help="write the report here (default: .carbon/report.json)")
    parser.add_argument("--zone", metavar="ZONE", help="the electricity grid: DE, US-VA, CA-QC, SE3, gcp:us-central1")
    parser.add_argument("--feature", metavar="NAME", help="the feature that pays for the command")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="[--] COMMAND ...", help="the command")


def _run(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.shared.inner_report import InnerReport
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.reporters.run.terminal import render
    from pytest_carbon.usecases.configured_grid import configured_grid_factor
    from pytest_carbon.usecases.finish_run import finish_run
    from pytest_carbon.usecases.make_report import Invocation

    command = arguments.command
    if not command:
        raise ConfigError("no command is given; write the command after --: pytest-carbon run -- make build")
    config = load_config(find_root(Path.cwd()), report=arguments.report, zone=arguments.zone)
    configured_grid_factor(config)  # an unknown zone is refused before the command runs
    inner = InnerReport(command, config.report, config.root)
    code, measurement, trace, counted = _measure_command(command, arguments.feature, wait=inner.expected)
    refusal = inner.refusal(code, counted)
    gaps = [refusal] if refusal else []
    if counted.kept:
        gaps.append(f"the command left running: {', '.join(counted.kept)}; what they use is not in this report")
    invocation = Invocation(tuple(command), code, Path.cwd())
    outcome = "passed" if code == 0 else "failed"
    try:
        finished = finish_run(measurement, [trace], {command[0]: [outcome]}, gaps, invocation, config)
    except Exception:  # a fault of the measurement must not hide the command's own result
        output.print_traceback()
        output.print_error("this is a fault in pytest-carbon; the exit code is that of the command")
        return code
    width, colour = output.width_and_colour(sys.stderr)
    output.print_text(render(finished.report, top=config.top, width=width, colour=colour), sys.stderr)
    for problem in finished.problems:
        output.print_to_stderr(problem)
    if refusal:
        output.print_error(refusal)
    return code or int(finished.failed or bool(refusal))


def _measure_command(
    command: Sequence[str], feature: str | None, *, wait: bool
) -> tuple[int, Measurement, WorkerTrace, CountedOutside]:
    """Run the command; return its exit code (128 + N if signal N ended the command), what was measured and counted.

    With ``wait``, processes that the command leaves behind have a moment to end, as the meter of pytest does. Raises
    ConfigError for a command that cannot be started.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.meter.recorder import Recorder
    from pytest_carbon.meter.sidecar_session import Meter
    from pytest_carbon.processes.watch import SETTLE_S, Watch

    recorder, meter = Recorder(), Meter()
    recorder.begin_run()
    meter.start()
    recorder.probe()
    since = recorder.read_clocks()
    with Watch(end_left=False, settle_s=SETTLE_S if wait else 0.0) as watch:
        try:
            process = subprocess.Popen(
                command, env={**os.environ, **watch.marks.environment}, pass_fds=watch.marks.descriptors
            )
        except (OSError, ValueError) as error:
            meter.stop()
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(
                f"{command[0]!r} could not be started ({reason}); is it spelt right, and on PATH?"
            ) from error
        with _ProgressLine(sys.stderr, meter) as progress, _signals_for(process):
            code = _wait(process, progress.show, recorder.probe)
    info = {"feature": feature} if feature else None
    recorder.add_span("command", command[0], "", since, info)
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


@contextmanager
def _signals_for(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """While the command runs, ignore Ctrl-C, which the command receives, too, and pass a request to end on to it."""
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    terminate = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, terminate)


class _ProgressLine:
    """A line with seconds, watts and joules so far, which appears after two seconds, on a terminal only."""

    def __init__(self, stream: TextIO, meter: Meter) -> None:
        self._stream = stream
        self._meter = meter
        self._start_s = time.monotonic()
        self._shown = False

    def __enter__(self) -> _ProgressLine:
        if self._stream.isatty():
            from pytest_carbon.meter.machine_table import this_machine

            self._spec = this_machine()[1]
        return self

    def show(self) -> None:
        seconds = time.monotonic() - self._start_s
        if seconds < QUIET_S or not self._stream.isatty():
            return
        from pytest_carbon.core.quantities import format_energy
        from pytest_carbon.usecases.finish_run import power_so_far

        so_far = power_so_far(self._meter, self._spec)
        text = f"{seconds:.0f} s"
        if so_far is not None:
            watts, joules = so_far
            text += f"  {watts:.1f} W  {format_energy(joules)} so far"
        self._stream.write(f"\r\x1b[2K{visible(text)}")
        self._stream.flush()
        self._shown = True

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

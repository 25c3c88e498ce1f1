"""The command-line edge: ``pytest-carbon VERB``. Every verb returns an exit code.

0 done; 1 a budget failed; 2 a mistake of the user's; 3 it could not be told, where the policy asks for that.
``run`` returns the command's own code when it is not 0.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pytest_carbon import __version__
from pytest_carbon.cli import check, compare, devices, hook, site, summary
from pytest_carbon.cli.ledger import commands
from pytest_carbon.cli.shared.options import without_ci_commands, width_and_colour
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.escape import visible

if TYPE_CHECKING:
    from pytest_carbon.core.model import Measurement, WorkerTrace
    from pytest_carbon.meter.sidecar_session import Meter

OK, FAILED, MISTAKE, INTERRUPTED = 0, 1, 2, 130
QUIET_S = 2.0
PROBE_EVERY_S = 1.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pytest-carbon",
        description="Energy and emissions of test and build runs, per test and per feature, held to budgets.",
        epilog="For tests: pytest --carbon. Exit codes: 0 done, 1 a budget failed, 2 a mistake in what was asked, "
        "3 it could not be told (where the policy asks for that).",
    )
    parser.add_argument("--version", action="version", version=f"pytest-carbon {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    run = verbs.add_parser(
        "run",
        help="measure any command",
        description="Run a command and report its energy and emissions. The exit code is the command's own, or 1 "
        "if it succeeded and a budget of this project's configuration fails the run.",
        epilog="example: pytest-carbon run --zone DE -- make build",
    )
    run.add_argument("--report", metavar="PATH", help="where to write the report (default: .carbon/report.json)")
    run.add_argument("--zone", metavar="ZONE", help="the electricity grid: DE, US-VA, CA-QC, SE3, gcp:us-central1")
    run.add_argument("--feature", metavar="NAME", help="the feature that pays for this command")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="[--] COMMAND ...", help="what to run")
    run.set_defaults(do=_run)

    report = verbs.add_parser(
        "report",
        help="print the table of an earlier run again",
        description="Print the table of a carbon report.",
        epilog="example: pytest-carbon report .carbon/report.json --top 20",
    )
    report.add_argument("file", nargs="?", metavar="FILE", help="the report (default: the configured one)")
    report.add_argument("--top", metavar="N", type=int, help="how many tests to list (default: 10)")
    report.set_defaults(do=_report)

    doctor = verbs.add_parser(
        "doctor",
        help="explain how this machine is measured",
        description="Say how energy is known on this machine, which entry of the machine table is used and why, "
        "which grid, and what would make the figures better. Takes about 4 seconds.",
    )
    doctor.add_argument("--zone", metavar="ZONE", help="the electricity grid to explain")
    doctor.set_defaults(do=_doctor)

    schema = verbs.add_parser(
        "schema",
        help="print the JSON Schema of the carbon report, or of a summary",
        description="Print the JSON Schema of the carbon report, or of what pytest-carbon summary --format json "
        "writes, to check or to generate code from.",
    )
    schema.add_argument("of", nargs="?", choices=("report", "summary"), default="report", help="(default: report)")
    schema.set_defaults(do=_schema)
    for module in (check, compare, devices, hook, commands, site, summary):
        module.add(verbs)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code. What stands behind two dashes is a command to run."""
    given = list(sys.argv[1:] if argv is None else argv)
    own, command = (given[: given.index("--")], given[given.index("--") + 1 :]) if "--" in given else (given, [])
    parser = _parser()
    arguments = parser.parse_args(own)
    if command and not hasattr(arguments, "command"):
        parser.error(f"{arguments.verb} runs no command; {' '.join(command)!r} behind the dashes is one too many")
    if command:
        arguments.command = command
    do: Callable[[argparse.Namespace], int] = arguments.do
    try:
        return do(arguments)
    except CarbonError as error:
        print(_told(error), file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as in: pytest-carbon report | head
        sys.stderr.close()
        return OK


def _told(error: CarbonError) -> str:
    """Write an error as one line; what a program said that failed stands below it."""
    first, *below = (visible(line) for line in str(error).split("\n"))
    return without_ci_commands("\n".join([f"pytest-carbon: {first}", *(f"  | {line}" for line in below)]))


# -- run ---------------------------------------------------------------------------------------------------


def _run(arguments: argparse.Namespace) -> int:
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.reporters.run.terminal import render
    from pytest_carbon.usecases.configured_grid import configured_grid_factor
    from pytest_carbon.usecases.make_report import Invocation
    from pytest_carbon.usecases.measure_run import finish_run

    command = arguments.command
    if not command:
        raise ConfigError("nothing to run; write the command behind two dashes: pytest-carbon run -- make build")
    config = load_config(find_root(Path.cwd()), report=arguments.report, zone=arguments.zone)
    configured_grid_factor(config)
    code, measurement, trace = _measure_command(command, arguments.feature)
    facts = Invocation(tuple(command), code, Path.cwd())
    outcome = "passed" if code == 0 else "failed"
    try:
        finished = finish_run(measurement, [trace], {command[0]: [outcome]}, (), facts, config)
    except Exception:  # whatever is wrong with the measuring, the command's own result must not be lost by it
        traceback.print_exc()
        print("pytest-carbon: this is a fault of pytest-carbon's own; the command's result stands", file=sys.stderr)
        return code
    width, colour = width_and_colour(sys.stderr)
    sys.stderr.write(render(finished.report, top=config.top, width=width, colour=colour))
    for line in finished.problems:
        print(without_ci_commands(visible(line)), file=sys.stderr)
    return code or (FAILED if finished.failed else OK)


def _measure_command(command: Sequence[str], feature: str | None) -> tuple[int, Measurement, WorkerTrace]:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.meter.recorder import Recorder
    from pytest_carbon.meter.sidecar_session import Meter

    recorder, meter = Recorder(), Meter()
    recorder.begin_run()
    meter.start()
    recorder.probe()
    since = recorder.read_clocks()
    try:
        process = subprocess.Popen(command)
    except (OSError, ValueError) as error:
        meter.stop()
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{command[0]!r} could not be started ({why}); is it spelt right, and on PATH?") from error
    with _Progress(sys.stderr, meter) as progress, _passing_signals(process):
        code = _wait(process, progress.show, recorder.probe)
    info = {"feature": feature} if feature else None
    recorder.add_span("command", command[0], "", since, info)
    recorder.probe()
    trace = recorder.trace()
    return (128 - code if code < 0 else code), meter.stop(), trace


def _wait(process: subprocess.Popen[bytes], show: Callable[[], None], probe: Callable[[], object]) -> int:
    """Wait for the command; meanwhile show progress and probe the machine's speed once a second."""
    while True:
        try:
            return process.wait(timeout=PROBE_EVERY_S)
        except subprocess.TimeoutExpired:
            probe()
            show()


@contextmanager
def _passing_signals(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """While the command runs, Ctrl-C is the command's to handle, and a request to end is passed on to it."""
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    terminate = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, terminate)


class _Progress:
    """A line that says seconds, watts and joules so far, on a terminal, from two seconds on."""

    def __init__(self, stream: TextIO, meter: Meter) -> None:
        self._stream = stream
        self._meter = meter
        self._start = time.monotonic()
        self._shown = False

    def __enter__(self) -> _Progress:
        if self._stream.isatty():
            from pytest_carbon.meter.machine_table import this_machine

            self._spec = this_machine()[1]
        return self

    def show(self) -> None:
        seconds = time.monotonic() - self._start
        if seconds < QUIET_S or not self._stream.isatty():
            return
        from pytest_carbon.core.quantities import format_energy
        from pytest_carbon.usecases.measure_run import power_so_far

        so_far = power_so_far(self._meter, self._spec)
        text = f"{seconds:.0f} s"
        if so_far is not None:
            text += f"  {so_far[0]:.1f} W  {format_energy(so_far[1])} so far"
        self._stream.write(f"\r\x1b[2K{text}")
        self._stream.flush()
        self._shown = True

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()


# -- report, doctor, schema --------------------------------------------------------------------------------


def _report(arguments: argparse.Namespace) -> int:
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.reporters.run import report_file
    from pytest_carbon.reporters.run.terminal import render

    config = load_config(find_root(Path.cwd()), top=arguments.top)
    report = report_file.read(Path(arguments.file) if arguments.file else config.report)
    width, colour = width_and_colour(sys.stdout)
    sys.stdout.write(render(report, top=config.top, width=width, colour=colour))
    return OK


def _doctor(arguments: argparse.Namespace) -> int:
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.reporters.run.doctor import render
    from pytest_carbon.usecases.examine_machine import examine_machine

    config = load_config(find_root(Path.cwd()), zone=arguments.zone)
    if sys.stderr.isatty():
        sys.stderr.write("looking at this machine for 4 s ...\r")
    findings = examine_machine(config)
    width, colour = width_and_colour(sys.stdout)
    sys.stdout.write(render(findings, width=width, colour=colour))
    return OK


def _schema(arguments: argparse.Namespace) -> int:
    if arguments.of == "summary":
        from pytest_carbon.reporters.accounts.json import schema_text

        print(schema_text())
    else:
        from pytest_carbon.reporters.run import report_file

        print(json.dumps(report_file.schema(), indent=2))
    return OK


if __name__ == "__main__":
    sys.exit(main())

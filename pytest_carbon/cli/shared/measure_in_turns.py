"""Measures base and head in turns, as ``compare --repeat``, ``confirm`` and ``selftest`` do."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options, output

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.paired_runs import PairedRuns

DEFAULT_CAP_S = 600.0


def add_measuring_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a verb that measures: the time limit and the ledger. The command stands behind ``--``."""
    parser.add_argument(
        "--cap",
        metavar="S",
        type=float,
        help=f"stop after this many seconds (default: as configured, else {DEFAULT_CAP_S:.0f})",
    )
    options.add_ledger_options(parser)
    parser.set_defaults(command=[])


def measure_in_turns(
    arguments: argparse.Namespace,
    config: Config,
    base: str | None,
    head: str | None,
    enough: Callable[[PairedRuns], str | None],
    *,
    nodeids: Sequence[str] = (),
    min_pairs: int = 2,
    max_pairs: int = 7,
) -> PairedRuns:
    """Measure pairs of base and head until ``enough`` returns the reason to stop, or a limit is reached.

    ``base`` and ``head`` are commits; None is the working tree. Raises ConfigError for a cap that is not a positive
    number of seconds and outside of a git repository, CheckoutError for a missing commit, MeasureError for a run that
    fails.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git.branch_base import repository_folder
    from pytest_carbon.paired_runs.measure_pairs import PairsPlan, measure_pairs
    from pytest_carbon.reporters.run import report_file

    if arguments.cap is not None and not 0 < arguments.cap < math.inf:
        raise ConfigError(f"--cap is {arguments.cap:g}; it must be a number of seconds, more than 0")
    top = repository_folder(config.root)
    plan = PairsPlan(
        repository=top,
        base=base,
        head=head,
        command=tuple(arguments.command) or ("pytest",),
        nodeids=tuple(nodeids),
        min_pairs=min_pairs,
        max_pairs=max_pairs,
        limit_s=arguments.cap or config.confirm.cap_s or DEFAULT_CAP_S,
        setup=config.confirm.setup,
        folder=str(config.root.resolve().relative_to(top.resolve())),
    )
    return measure_pairs(plan, enough, output.print_to_stderr, report_file.read)

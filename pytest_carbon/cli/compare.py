"""``compare`` and ``selftest``: two runs or two commits side by side, and the same code against itself."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.measure_in_turns import add_measuring_options, measure_in_turns
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.run_measurements import RunMeasurements


NOTHING_COMPARED = 3
"""The exit code of a self-test without an answer, as of an inconclusive verdict."""


def add(verbs: Verbs) -> None:
    """Add the two verbs."""
    compare = add_verb(
        verbs,
        "compare",
        _compare,
        summary="tell which tests cost more, of two reports or commits",
        description="Compare two carbon reports or two commits. Commits are compared by their runs in the ledger; with "
        "--repeat both are measured in turns on this machine, which gives a surer answer. Write the command that runs "
        "the tests after --.",
        example="pytest-carbon compare before.json after.json\n"
        "  pytest-carbon compare main HEAD --repeat 5 -- pytest tests",
        exit_codes={0: "done, whatever the comparison finds"},
    )
    compare.add_argument("base", metavar="BASE", help="a carbon report or a commit")
    compare.add_argument("head", metavar="HEAD", help="a carbon report or a commit")
    compare.add_argument("--repeat", metavar="N", type=int, help="measure both commits N times, in turns")
    add_measuring_options(compare)

    selftest = add_verb(
        verbs,
        "selftest",
        _selftest,
        summary="find the smallest change that can be seen on this machine",
        description="Measure the suite several times as it is and compare it with itself. Print how many false alarms "
        "that gives, the smallest change that can be seen on this machine, and a limit on growth that follows from "
        "both. The result is stored in the ledger: a limit on growth fails runs only after a self-test or enough runs. "
        "Write the command that runs the tests after --.",
        example="pytest-carbon selftest --repeat 6 -- pytest",
        exit_codes={0: "done, whatever the self-test finds", 3: "nothing could be compared, and nothing is recorded"},
    )
    selftest.add_argument("--repeat", metavar="N", type=int, default=6, help="measure N pairs of runs (default: 6)")
    add_measuring_options(selftest)


def _compare(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.compare.side_by_side import compare, compare_pairs
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.reporters.verdict import comparison

    config = options.load_project_config()
    if arguments.repeat is not None:
        if arguments.repeat < 1:
            raise ConfigError(f"--repeat is {arguments.repeat}; it must be at least 1")
        count = arguments.repeat
        pairs = measure_in_turns(
            arguments, config, arguments.base, arguments.head, lambda _: None, min_pairs=count, max_pairs=count
        )
        result = compare_pairs(pairs)
    else:
        base, head = (_read_runs(arguments, config, side) for side in (arguments.base, arguments.head))
        result = compare(base, head)
    if arguments.json:
        output.print_json(comparison.to_json(result))
    else:
        output.print_rendered(comparison.render, result)
    return 0


def _read_runs(arguments: argparse.Namespace, config: Config, report_or_commit: str) -> list[RunMeasurements]:
    """Return the run of a report's file, or the runs of a commit in the ledger.

    Raises ConfigError for a text that is neither, and for a commit without a run.
    """
    from pytest_carbon.config.load import default_branch
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.records.run_measurements import measurements_of
    from pytest_carbon.git import run_git
    from pytest_carbon.git.branches import spelling_hint
    from pytest_carbon.git.refusal import why_git_refuses
    from pytest_carbon.reporters.run import report_file

    with suppress(OSError):  # the text is too long for the name of a file
        if Path(report_or_commit).exists() and not Path(report_or_commit).is_dir():
            return [measurements_of(report_file.read(Path(report_or_commit)))]
    commit = run_git.find_commit(report_or_commit, config.root)
    if commit is None:
        raise ConfigError(
            why_git_refuses(config.root)
            or f"{report_or_commit!r} is neither a carbon report nor a commit of this repository"
            f"{spelling_hint(report_or_commit, config.root)}"
        )
    ledger = options.open_chosen_ledger(arguments, config, options.read_now(arguments))
    baselines, _ = ledger.baselines(default_branch(config), config.ledger.runs)
    runs = [run for run in baselines if run.commit == commit]
    if not runs:
        raise ConfigError(
            f"no run of {report_or_commit} ({commit[:12]}) is in the {ledger.where}; measure both sides in turns: "
            f"pytest-carbon compare {arguments.base} {arguments.head} --repeat 5 -- pytest"
        )
    return runs


def _selftest(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.shared.new_record import format_time, new_record_id
    from pytest_carbon.core.compare.self_comparison import compare_with_itself
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.records.ledger_records import SelfTest
    from pytest_carbon.core.records.run_entry import environment_digest
    from pytest_carbon.core.to_plain_json import to_plain_json
    from pytest_carbon.reporters.verdict import comparison

    config = options.load_project_config()
    now = options.read_now(arguments)
    count = arguments.repeat
    if count < 2:
        raise ConfigError(f"--repeat is {count}; at least 2 pairs are needed to compare anything")
    ledger = options.open_chosen_ledger(arguments, config, now, may_begin=True)
    pairs = measure_in_turns(arguments, config, None, None, lambda _: None, min_pairs=count, max_pairs=count)
    runs = [side.measurements for side in pairs.runs]
    if len(runs) < 4:
        raise ConfigError(f"too few runs to compare: {pairs.stop_reason or 'none was measured; see the output above'}")
    units = compare_with_itself(runs, list(config.features))
    judged = [unit for unit in units if unit.sigma is not None and unit.smallest is not None]
    record = SelfTest(
        new_record_id(now, "selftest"), format_time(now), environment_digest(runs[0].fingerprint),
        sum(unit.comparisons for unit in units), sum(unit.false_alarms for unit in units),
        {unit.name: unit.sigma or 0.0 for unit in judged}, {unit.name: unit.smallest or 0.0 for unit in judged},
    )  # fmt: skip
    stored = record.id if record.comparisons else None
    if stored:
        ledger.append([record])
    if arguments.json:
        output.print_json({"runs": len(runs), "units": [to_plain_json(unit) for unit in units], "stored": stored})
    else:
        output.print_rendered(comparison.render_selftest, units, len(runs))
    return 0 if stored else NOTHING_COMPARED

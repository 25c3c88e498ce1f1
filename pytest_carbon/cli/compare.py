"""``compare``, ``confirm`` and ``selftest``: two runs or two commits, base and head in turns, the same code twice."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.paired_runs import PairedRuns
    from pytest_carbon.core.records.run_measurements import RunMeasurements

CAP_S = 600.0


def add(verbs: options.Verbs) -> None:
    """Add the verbs."""
    compare = verbs.add_parser(
        "compare",
        help="compare two reports or two commits: which tests cost more, by how much, how sure",
        description="Compare two carbon reports, or two commits. Commits that have runs in the ledger are compared by "
        "those; with --repeat both are measured in turns on this machine, which gives a sure answer. How to run the "
        "tests stands behind two dashes.",
        epilog="example: pytest-carbon compare main HEAD --repeat 5 -- pytest tests",
    )
    compare.add_argument("base", metavar="BASE", help="a report or a commit")
    compare.add_argument("head", metavar="HEAD", help="a report or a commit")
    compare.add_argument("--repeat", metavar="N", type=int, help="measure both N times, in turns")
    _add_measuring(compare)
    compare.set_defaults(do=_compare)

    confirm = verbs.add_parser(
        "confirm",
        help="measure base and head in turns, where one run could not tell",
        description="Take the features whose growth the last run could not clear, measure base and head in turns on "
        "their tests only, add the pairs to the report, and judge it again. Stops as soon as the answer is plain. How "
        "to run the tests stands behind two dashes.",
        epilog="example: pytest-carbon confirm -- pytest",
    )
    options.add_judging_options(confirm)
    confirm.add_argument("--base", metavar="COMMIT", help="the base (default: where this branch left the default one)")
    _add_measuring(confirm)
    confirm.set_defaults(do=_confirm)

    selftest = verbs.add_parser(
        "selftest",
        help="compare your suite with itself: false alarms, the smallest change that can be seen here",
        description="Run the suite again and again as it is, compare it with itself, and say how often that alarms, "
        "what change could be seen on this machine, and which limit on growth that suggests. The result is kept in "
        "the ledger; limits on growth fail a run only once it, or enough runs, stand behind them. How to run the tests "
        "stands behind two dashes.",
        epilog="example: pytest-carbon selftest --repeat 6 -- pytest",
    )
    selftest.add_argument("--repeat", metavar="N", type=int, default=6, help="how many pairs of runs (default: 6)")
    _add_measuring(selftest)
    selftest.set_defaults(do=_selftest)


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cap", metavar="S", type=float, help=f"stop after so many seconds (default: {CAP_S:.0f})")
    options.add_ledger_options(parser)
    parser.set_defaults(command=[])


def measured(
    arguments: argparse.Namespace,
    config: Config,
    base: str | None,
    head: str | None,
    enough: Callable[[PairedRuns], str | None],
    *,
    nodeids: Sequence[str] = (),
    least: int = 2,
    most: int = 7,
) -> PairedRuns:
    """Measure base and head in turns; a commit of None is the working tree."""
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git
    from pytest_carbon.paired_runs.alternate import PairsPlan, measure_pairs
    from pytest_carbon.reporters.run import report_file

    if arguments.cap is not None and not 0 < arguments.cap < math.inf:
        raise ConfigError(f"--cap is {arguments.cap:g}; it must be a number of seconds, more than 0")
    top = run_git.try_text(["rev-parse", "--show-toplevel"], config.root)
    if top is None:
        raise ConfigError(f"{config.root} is in no git repository, or git is not installed; base and head are commits")
    plan = PairsPlan(
        repository=Path(top),
        base=base,
        head=head,
        command=tuple(arguments.command) or ("pytest",),
        nodeids=tuple(nodeids),
        min_pairs=least,
        max_pairs=most,
        limit_s=arguments.cap or config.confirm.cap_s or CAP_S,
        setup=config.confirm.setup,
        folder=str(config.root.resolve().relative_to(Path(top).resolve())),
    )
    return measure_pairs(plan, enough, options.print_to_stderr, report_file.read)


# -- compare -----------------------------------------------------------------------------------------------


def _compare(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.compare.side_by_side import compare, compare_pairs
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.reporters.verdict import comparison

    config = options.load_project_config()
    if arguments.repeat is not None:
        if arguments.repeat < 1:
            raise ConfigError(f"--repeat is {arguments.repeat}; it must be at least 1")
        count = arguments.repeat
        pairs = measured(arguments, config, arguments.base, arguments.head, lambda _: None, least=count, most=count)
        found = compare_pairs(pairs)
    else:
        found = compare(_runs(arguments, config, arguments.base), _runs(arguments, config, arguments.head))
    if arguments.json:
        options.print_json(comparison.to_json(found))
    else:
        options.print_rendered(comparison.render, found)
    return 0


def _runs(arguments: argparse.Namespace, config: Config, what: str) -> list[RunMeasurements]:
    """Return the runs of a report's file or, by the ledger, of a commit."""
    from pytest_carbon.config.load import default_branch
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.core.records.run_measurements import measurements_of
    from pytest_carbon.git import run_git
    from pytest_carbon.reporters.run import report_file

    with suppress(OSError):  # a name that is too long
        if Path(what).is_file():
            return [measurements_of(report_file.read(Path(what)))]
    commit = run_git.find_commit(what, config.root)
    if commit is None:
        raise ConfigError(f"{what!r} is neither a carbon report nor a commit of this repository")
    ledger = options.open_chosen_ledger(arguments, config, options.read_now(arguments))
    runs, _ = ledger.baselines(default_branch(config), config.ledger.runs)
    found = [run for run in runs if run.commit == commit]
    if not found:
        raise ConfigError(
            f"no run of {what} ({commit[:12]}) is in the {ledger.where}; measure both sides in turns: "
            f"pytest-carbon compare {arguments.base} {arguments.head} --repeat 5 -- pytest"
        )
    return found


# -- confirm -----------------------------------------------------------------------------------------------


def _confirm(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.check import format_verdict
    from pytest_carbon.core.judge.evaluate import evaluate
    from pytest_carbon.core.judge.holder_growth import pairs_are_enough, unclear_tests
    from pytest_carbon.core.records import paired_runs as pairs_module
    from pytest_carbon.core.verdict.wording import count_text
    from pytest_carbon.reporters.run import report_file
    from pytest_carbon.usecases.choose_reporter import verdict_reporter
    from pytest_carbon.usecases.judge_run import gather_inputs

    config = options.load_project_config(arguments.policy_from)
    report, path = options.read_report(arguments, config)
    now = options.read_now(arguments)
    ledger = options.open_chosen_ledger(arguments, config, now)
    case = gather_inputs(config, replace(report, pairs=None), options.read_run_source(arguments), ledger, now)
    doubtful = unclear_tests(case)
    if doubtful:
        _refuse_other_commit(report.run.commit, config)
        nodeids = sorted(set().union(*doubtful.values()))
        options.print_to_stderr(f"measuring {len(nodeids)} tests of {', '.join(doubtful)} in turns")

        def enough(pairs: PairedRuns) -> str | None:
            return "the answer is plain" if pairs_are_enough(replace(case, pairs=pairs)) else None

        asked = () if len(nodeids) == len(case.head.tests) else nodeids
        pairs = measured(
            arguments, config, _base_commit(arguments, config, case.default_branch), None, enough, nodeids=asked
        )
        options.print_to_stderr(f"stopped after {count_text(len(pairs.runs) // 2, 'pair')}: {pairs.stop_reason}")
        report = replace(report, pairs=pairs_module.to_json(pairs))
        report_file.write(report, path)
        case = replace(case, report=report, pairs=pairs_module.from_json(report.pairs))  # rounded, as check reads them
    else:
        options.print_to_stderr("nothing to confirm: no limit on growth was left open by this run")
    verdict = evaluate(case)
    sys.stdout.write(format_verdict(verdict, verdict_reporter("json") if arguments.json else None))
    return verdict.exit_code


def _base_commit(arguments: argparse.Namespace, config: Config, branch: str) -> str:
    """Return the commit this branch left the default one at, or what was asked for.

    On the default branch itself that is the commit before, unless something has changed since the last one.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git

    if arguments.base:
        return str(arguments.base)
    head = run_git.find_commit("HEAD", config.root)
    names = (f"{config.ledger.remote}/{branch}", branch)
    left = [found for name in names if (found := run_git.try_text(["merge-base", "HEAD", name], config.root))]
    if not left:
        raise ConfigError(f"no base: no branch {branch} is here that this one left; name the base with --base COMMIT")
    changed = run_git.try_text(["status", "--porcelain", "--untracked-files=no"], config.root)
    if left[0] != head or changed:
        return left[0]
    before = run_git.find_commit("HEAD^", config.root)
    if before is None:
        raise ConfigError(
            "no base: this is the first commit, and nothing has changed since; there is nothing before it"
        )
    return before


def _refuse_other_commit(commit: str | None, config: Config) -> None:
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git

    here = run_git.find_commit("HEAD", config.root)
    if commit != here:
        raise ConfigError(
            f"the report is of commit {(commit or 'none')[:12]}, and {(here or 'none')[:12]} is checked out; "
            "measure this one first: pytest --carbon"
        )


# -- selftest ----------------------------------------------------------------------------------------------


def _selftest(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.ledger.commands import new_id, written_time
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
    ledger = options.open_chosen_ledger(arguments, config, now)
    pairs = measured(arguments, config, None, None, lambda _: None, least=count, most=count)
    runs = [side.measurements for side in pairs.runs]
    if len(runs) < 4:
        raise ConfigError(f"too few runs to compare: {pairs.stop_reason or 'none was measured'}; raise --cap")
    units = compare_with_itself(runs, list(config.features))
    known = [unit for unit in units if unit.sigma is not None and unit.smallest is not None]
    record = SelfTest(
        new_id(now, "selftest"), written_time(now), environment_digest(runs[0].fingerprint),
        sum(unit.comparisons for unit in units), sum(unit.false_alarms for unit in units),
        {unit.name: unit.sigma or 0.0 for unit in known}, {unit.name: unit.smallest or 0.0 for unit in known},
    )  # fmt: skip
    ledger.append([record])
    if arguments.json:
        options.print_json({"runs": len(runs), "units": [to_plain_json(unit) for unit in units], "stored": record.id})
    else:
        options.print_rendered(comparison.render_selftest, units, len(runs))
    return 0

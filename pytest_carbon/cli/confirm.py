"""``confirm``: measures base and head in turns for the features whose growth one run could not clear."""

from __future__ import annotations

import argparse
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_carbon.cli.check import VERDICT_CODES, format_verdict
from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.measure_in_turns import add_measuring_options, measure_in_turns
from pytest_carbon.cli.shared.verb import Verbs, add_verb

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.records.paired_runs import PairedRuns


def add(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "confirm",
        _confirm,
        summary="measure base and head in turns, if check is inconclusive",
        description="Take the features whose growth the last run could not clear, measure base and head in turns on "
        "the tests of these features, add the pairs to the report, and judge the report again. Stops as soon as the "
        "answer is clear. Write the command that runs the tests after --.",
        example="pytest-carbon confirm -- pytest",
        exit_codes=VERDICT_CODES,
    )
    options.add_judging_options(parser)
    parser.add_argument(
        "--base", metavar="COMMIT", help="the base (default: where this branch left the default branch)"
    )
    parser.add_argument("--head", metavar="COMMIT", help="the head (default: the files as they are)")
    add_measuring_options(parser)


def _confirm(arguments: argparse.Namespace) -> int:
    from pytest_carbon.cli.shared.last_job import read_judged_job
    from pytest_carbon.core.judge.evaluate import evaluate
    from pytest_carbon.core.judge.holder_growth import pairs_are_enough, unclear_tests
    from pytest_carbon.core.records import paired_runs
    from pytest_carbon.core.verdict.wording import count_text
    from pytest_carbon.extend.choose_reporter import verdict_reporter
    from pytest_carbon.git.worktree import resolve_commit
    from pytest_carbon.reporters.run import report_file
    from pytest_carbon.usecases.gather_verdict_inputs import gather_job_inputs

    config = options.load_project_config(arguments.policy_from, judges=True)
    _refuse_command_as_report(arguments)
    for named in filter(None, (arguments.base, arguments.head)):
        resolve_commit(config.root, named)
    job = read_judged_job(arguments, config)
    report, whole = job.reports[0], job.merged
    now = options.read_now(arguments)
    ledger = options.open_chosen_ledger(arguments, config, now)
    source = options.read_run_source(arguments, config)
    inputs = gather_job_inputs(config, replace(whole, pairs=None), job.reports, source, ledger, now)
    if unclaimed := options.unclaimed_labels(arguments, config, only_similar=True):  # the Action gives all labels
        output.print_to_stderr(unclaimed)
    unclear = unclear_tests(inputs)
    if unclear:
        _refuse_other_commit(report.run.commit, arguments.head or "HEAD", config)
        nodeids = sorted(set().union(*unclear.values()))
        output.print_to_stderr(
            f"measuring {count_text(len(nodeids), 'test')} of {', '.join(unclear)}, base and head in turns"
        )

        def enough(pairs: PairedRuns) -> str | None:
            return "the answer is clear" if pairs_are_enough(replace(inputs, pairs=pairs)) else None

        pairs = measure_in_turns(
            arguments,
            config,
            _find_base(arguments, config, inputs.default_branch),
            arguments.head,
            enough,
            nodeids=() if len(nodeids) == len(inputs.head.tests) else nodeids,
        )
        output.print_to_stderr(f"stopped after {count_text(len(pairs.runs) // 2, 'pair')}: {pairs.stop_reason}")
        kept = paired_runs.to_json(pairs)
        report_file.write(replace(report, pairs=kept), job.path, config.root)
        # read back: the figures are rounded as check will read them
        inputs = replace(inputs, report=replace(whole, pairs=kept), pairs=paired_runs.from_json(kept))
    else:
        output.print_to_stderr("nothing to confirm: this run left no limit on growth open")
    verdict = evaluate(inputs)
    output.print_text(format_verdict(verdict, verdict_reporter("json") if arguments.json else None))
    return verdict.exit_code


def _refuse_command_as_report(arguments: argparse.Namespace) -> None:
    """Raise ConfigError if a program stands where a report is expected: its ``--`` was forgotten."""
    from pytest_carbon.core.errors import ConfigError

    word = arguments.report
    if word and not arguments.command and not os.path.lexists(word) and shutil.which(word):
        raise ConfigError(
            f"{word} is a command, and there is no report of that name; write the command after --: "
            f"pytest-carbon confirm -- {word}"
        )


def _find_base(arguments: argparse.Namespace, config: Config, default_branch: str) -> str:
    """Return the commit of ``--base``, or the commit at which this branch left the default branch.

    On the default branch itself, return HEAD if tracked files are changed, else the commit before. Raises ConfigError
    if there is no such commit.
    """
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git
    from pytest_carbon.git.branches import branch_in_words, find_branch

    if arguments.base:
        return str(arguments.base)
    head = run_git.find_commit("HEAD", config.root)
    default = find_branch(default_branch, config.ledger.remote, config.root)
    base = run_git.try_text(["merge-base"], config.root, names=["HEAD", default]) if default else None
    if base is None:
        raise ConfigError(
            f"no base: this branch has no commit in common with a branch {default_branch} of this clone; "
            "fetch its history (git fetch --unshallow), or name the base with --base COMMIT"
        )
    changed = run_git.try_text(
        ["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty"], config.root
    )
    if base != head or changed:
        left = branch_in_words(default_branch, config.ledger.remote, config.root)
        output.print_to_stderr(
            f"the base is {base[:12]}, where this branch left {left}; to name another: --base COMMIT"
        )
        return base
    previous = run_git.find_commit("HEAD^", config.root)
    if previous is None:
        raise ConfigError("no base: this is the first commit, and no file has changed since; make a change first")
    return previous


def _refuse_other_commit(commit: str | None, measured: str, config: Config) -> None:
    """Raise ConfigError if the report is of another commit than the head: the pairs would measure other code."""
    from pytest_carbon.core.errors import ConfigError
    from pytest_carbon.git import run_git

    head = run_git.find_commit(measured, config.root)
    if commit != head:
        named = "is checked out" if measured == "HEAD" else "is the head"
        raise ConfigError(
            f"the report is of commit {(commit or 'none')[:12]}, but {(head or 'none')[:12]} {named}; "
            "measure the commit that is checked out first: pytest --carbon"
        )

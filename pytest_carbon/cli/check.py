"""``check``, ``explain`` and ``budget``: a run's verdict, its explanation, the status of the budgets."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb
from pytest_carbon.reporters.verdict.registry import VERDICT_REPORTERS

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.verdict.verdict import Verdict
    from pytest_carbon.reporters.reporter import Reporter

FORMATS = ("terminal", *(reporter.name for reporter in VERDICT_REPORTERS))
VERDICT_CODES = {
    0: "pass or warning",
    1: "fail",
    3: 'inconclusive or not measured, if the policy says on-inconclusive = "fail"',
}


def add(verbs: Verbs) -> None:
    """Add the three verbs."""
    check = add_verb(
        verbs,
        "check",
        _check,
        summary="judge a run: limits per run, carbon budgets, growth",
        description="Judge the last run, or the run of a report, by the project's policy. The run is compared with the "
        "newest runs of the default branch, and its budgets are counted from the ledger.",
        example="pytest-carbon check\n"
        "  pytest-carbon check --policy-from origin/main --format junit --output junit.xml",
        exit_codes=VERDICT_CODES,
    )
    options.add_judging_options(check)
    options.add_ledger_options(check)
    check.add_argument(
        "--format",
        metavar="NAME",
        type=options.format_type(FORMATS, _find_reporter),
        default="terminal",
        help=f"{', '.join(FORMATS)}, or a format of an installed package (default: terminal)",
    )
    options.add_output_option(check, "write the verdict into this file, and print one line")

    explain = add_verb(
        verbs,
        "explain",
        _explain,
        summary="explain the verdict in plain words, with next steps",
        description="Judge as check does. Then say in plain words what was compared, why the verdict is as it is, and "
        "up to six next steps: what decides an open question comes first, then what saves most.",
        example="pytest-carbon explain",
        exit_codes=VERDICT_CODES,
    )
    options.add_judging_options(explain)
    options.add_ledger_options(explain)

    budget = add_verb(
        verbs,
        "budget",
        _budget,
        summary="show the status of every carbon budget",
        description="Show for each budget what its window has used, what remains, the burn rate, when the budget will "
        "be exhausted, and a forecast of the window's end (10 % likely to be below P10, 90 % below P90).",
        example="pytest-carbon budget\n  pytest-carbon budget checkout",
        exit_codes={0: "done, also if a budget is exhausted"},
    )
    budget.add_argument("feature", nargs="?", metavar="NAME", help="only this feature or team, or repository")
    options.add_ledger_options(budget)


def _make_verdict(arguments: argparse.Namespace) -> Verdict:
    """Judge the report that the options name. Raises ConfigError for a project without a policy."""
    from pytest_carbon.cli.shared.last_job import read_judged_job
    from pytest_carbon.config.policy_above import refuse_missing_policy
    from pytest_carbon.config.unused_paths import unused_paths
    from pytest_carbon.core.judge.evaluate import evaluate
    from pytest_carbon.usecases.gather_verdict_inputs import gather_job_inputs
    from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector

    config = options.load_project_config(arguments.policy_from, judges=True)
    refuse_missing_policy(config)
    now = options.read_now(arguments)
    with paused_garbage_collector():
        job = read_judged_job(arguments, config)
        report = job.merged
        ledger = options.open_chosen_ledger(arguments, config, now, may_be_lost=True)
        source = options.read_run_source(arguments, config)
        inputs = gather_job_inputs(config, report, job.reports, source, ledger, now)
        other = "" if arguments.report else _other_commit_text(report.run.commit, config)
        files = {row.nodeid.partition("::")[0] for row in report.rows if row.kind == "test"}
        unused = unused_paths(config, files)
        own_notes = (
            job.together_text,
            _own_policy_text(arguments, config),
            options.unclaimed_labels(arguments, config),
            "" if unused in report.gaps else unused,
        )
        notes = (*filter(None, own_notes), *inputs.notes)
        return evaluate(replace(inputs, other_commit=other, notes=notes))


def _other_commit_text(commit: str | None, config: Config) -> str:
    """Say that the last run is of another commit than the one that is checked out; empty if it is not.

    It is also empty if the two differ in nothing but paths that the policy lists as ``no-measurement``.
    """
    from pytest_carbon.core.policy.no_measurement import needs_no_measurement
    from pytest_carbon.git.branch_base import repository_folder
    from pytest_carbon.git.run_git import find_commit, try_text

    project = config.root
    head = find_commit("HEAD", project) if commit else None
    if not commit or not head or head == commit:
        return ""
    if find_commit(commit, project) is not None:
        top, options = repository_folder(project), ["-r", "-z", "--no-renames", "--name-only"]
        listed = try_text(["diff-tree", *options], top, names=[commit, head]) or ""
        below = [Path(top, path) for path in listed.split("\0") if path]
        paths = [path.relative_to(project).as_posix() for path in below if path.is_relative_to(project)]
        if len(paths) == len(below) and all(needs_no_measurement(p, config.policy.no_measurement) for p in paths):
            return ""
    return f"this run is of {commit[:7]}, and HEAD is {head[:7]}, which was not measured"


def _own_policy_text(arguments: argparse.Namespace, config: Config) -> str:
    """Say that a branch judges itself by a policy that it has changed; empty if it does not."""
    from pytest_carbon.config.load import default_branch
    from pytest_carbon.core.policy.policy import POLICY_FILES
    from pytest_carbon.git.branches import checked_out_branch, find_branch
    from pytest_carbon.git.run_git import find_commit, try_text

    if arguments.policy_from is not None or config.source != POLICY_FILES[0]:
        return ""
    branch, remote = default_branch(config), config.ledger.remote
    if checked_out_branch(config.root) == branch:
        return ""
    there = find_branch(branch, remote, config.root)
    blob = there and try_text(["rev-parse", "--verify", "-q"], config.root, names=[f"{there}:./{config.source}"])
    own = try_text(["hash-object"], config.root, names=[config.source]) if blob else None
    if not blob or blob == own:
        return ""
    name = f"{remote}/{branch}" if find_commit(f"refs/remotes/{remote}/{branch}", config.root) else branch
    return f"{config.source} is not that of {branch}; to judge by that one, as a gate does: --policy-from {name}"


def _find_reporter(name: str) -> Reporter[Verdict]:
    from pytest_carbon.extend.choose_reporter import verdict_reporter

    return verdict_reporter(name)


def _check(arguments: argparse.Namespace) -> int:
    format_name = "json" if arguments.json else arguments.format
    reporter = None if format_name == "terminal" else _find_reporter(format_name)
    verdict = _make_verdict(arguments)
    text = format_verdict(verdict, reporter, to_file=bool(arguments.output))
    if arguments.output:
        output.save_text(Path(arguments.output), text, "verdict", "--output")
        output.print_line(f"{verdict.state}: {verdict.sentence}")
    else:
        output.print_text(text)
    return verdict.exit_code


def format_verdict(verdict: Verdict, reporter: Reporter[Verdict] | None, *, to_file: bool = False) -> str:
    """Return a verdict as text: the terminal's table without a reporter, and if an extension's reporter fails."""
    from pytest_carbon.extend.reporters import ReporterError

    if reporter is not None:
        try:
            return reporter.render(verdict)
        except ReporterError as error:
            output.print_to_stderr(f"pytest-carbon: {error}; the verdict follows as a table")
    from pytest_carbon.reporters.verdict import terminal

    width, colour = (100, False) if to_file else output.width_and_colour(sys.stdout)
    return terminal.render(verdict, width=width, colour=colour)


def _explain(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.verdict.explain import explain

    verdict = _make_verdict(arguments)
    lines = explain(verdict)
    if arguments.json:
        output.print_json({"state": verdict.state, "explanation": lines})
    else:
        for line in lines:
            output.print_line(line)
    return verdict.exit_code


def _budget(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.policy.find_holder import budget_over_window
    from pytest_carbon.core.to_plain_json import to_plain_json
    from pytest_carbon.reporters.verdict import terminal
    from pytest_carbon.usecases.gather_verdict_inputs import read_budget_statuses

    config = options.load_project_config(judges=True)
    now = options.read_now(arguments)
    if arguments.feature is not None:
        budget_over_window(arguments.feature, config.policy)
    statuses, notes = read_budget_statuses(config, options.open_chosen_ledger(arguments, config, now), now)
    if arguments.feature is not None:
        statuses = [holder for holder in statuses if holder.name == arguments.feature]
    if arguments.json:
        output.print_json({"budgets": [to_plain_json(holder) for holder in statuses], "notes": list(notes)})
    else:
        output.print_rendered(terminal.render_budgets, statuses, notes)
    return 0

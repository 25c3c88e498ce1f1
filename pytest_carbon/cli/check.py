"""``check``, ``explain`` and ``budget``: a run's verdict, the same in plain words, and where every budget stands."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared import options
from pytest_carbon.reporters.verdict.registry import VERDICT_REPORTERS

if TYPE_CHECKING:
    from pytest_carbon.core.verdict.verdict import Verdict
    from pytest_carbon.reporters.reporter import Reporter

FORMATS = ("terminal", *(reporter.name for reporter in VERDICT_REPORTERS))


def add(verbs: options.Verbs) -> None:
    """Add the verbs."""
    check = verbs.add_parser(
        "check",
        help="judge a run: per-run limits, carbon budgets, growth against the base",
        description="Judge the last run, or a report, against this project's policy, its ledger and the default "
        "branch's last runs. Exit code: 0 pass or warning, 1 fail, 3 could not tell (only where the policy says "
        'on-inconclusive = "fail"), 2 a mistake in what was asked.',
        epilog="example: pytest --carbon; pytest-carbon check",
    )
    _add_judging(check)
    check.add_argument(
        "--format",
        metavar="NAME",
        type=options.format_type(FORMATS, _find_reporter),
        default="terminal",
        help=f"{', '.join(FORMATS)}, or a format of an installed package (default: terminal)",
    )
    check.add_argument("--output", metavar="PATH", help="write the verdict to this file instead")
    check.set_defaults(do=_check)

    explain = verbs.add_parser(
        "explain",
        help="tell a verdict in plain words, and what to do next",
        description="Say in plain words what was compared, why it counts, and three things to do next, what saves "
        "most grams first.",
        epilog="example: pytest-carbon explain",
    )
    _add_judging(explain)
    explain.set_defaults(do=_explain)

    budget = verbs.add_parser(
        "budget",
        help="show where every feature's carbon budget stands",
        description="Show each budget's use of its window, what remains, how fast it burns, when it will be gone, "
        "and where the window will likely end (one in ten below P10, nine in ten below P90).",
        epilog="example: pytest-carbon budget checkout",
    )
    budget.add_argument("feature", nargs="?", metavar="NAME", help="only this feature or team")
    options.add_ledger_options(budget)
    budget.set_defaults(do=_budget)


def _add_judging(parser: argparse.ArgumentParser) -> None:
    options.add_judging_options(parser)
    options.add_ledger_options(parser)


def verdict_of(arguments: argparse.Namespace) -> Verdict:
    """Make the verdict that the options ask for."""
    from pytest_carbon.core.judge.evaluate import evaluate
    from pytest_carbon.usecases.judge_run import gather_inputs
    from pytest_carbon.usecases.paused_collector import paused_collector

    config = options.load_project_config(arguments.policy_from)
    now = options.read_now(arguments)
    with paused_collector():
        report, _ = options.read_report(arguments, config)
        ledger = options.open_chosen_ledger(arguments, config, now)
        return evaluate(gather_inputs(config, report, options.read_run_source(arguments), ledger, now))


def _find_reporter(name: str) -> Reporter[Verdict]:
    from pytest_carbon.usecases.choose_reporter import verdict_reporter

    return verdict_reporter(name)


def _check(arguments: argparse.Namespace) -> int:
    form = "json" if arguments.json else arguments.format
    reporter = None if form == "terminal" else _find_reporter(form)
    verdict = verdict_of(arguments)
    text = format_verdict(verdict, reporter, to_file=bool(arguments.output))
    if arguments.output:
        _write(Path(arguments.output), text)
        options.print_line(f"{verdict.state}: {verdict.sentence}")
    else:
        sys.stdout.write(text)
    return verdict.exit_code


def _write(path: Path, text: str) -> None:
    """Write a verdict to a file. Raises ReportError."""
    from pytest_carbon.core.errors import ReportError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportError(
            f"the verdict could not be written to {path} ({error.strerror}); choose another --output"
        ) from error


def format_verdict(verdict: Verdict, reporter: Reporter[Verdict] | None, *, to_file: bool = False) -> str:
    """Return a verdict as text. The table of the terminal stands in for a reporter of an extension that fails."""
    from pytest_carbon.extend.reporters import ReporterError

    if reporter is not None:
        try:
            return reporter.render(verdict)
        except ReporterError as error:
            options.print_to_stderr(f"pytest-carbon: {error}; the verdict follows as a table")
    from pytest_carbon.reporters.verdict import terminal

    width, colour = (100, False) if to_file else options.width_and_colour(sys.stdout)
    return options.without_ci_commands(terminal.render(verdict, width=width, colour=colour))


def _explain(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.verdict.explain import explain

    verdict = verdict_of(arguments)
    lines = explain(verdict)
    if arguments.json:
        options.print_json({"state": verdict.state, "explanation": lines})
    else:
        for line in lines:
            options.print_line(line)
    return verdict.exit_code


def _budget(arguments: argparse.Namespace) -> int:
    from pytest_carbon.core.errors import ConfigError, did_you_mean
    from pytest_carbon.core.to_plain_json import to_plain_json
    from pytest_carbon.reporters.verdict import terminal
    from pytest_carbon.usecases.judge_run import read_budget_statuses

    config = options.load_project_config()
    now = options.read_now(arguments)
    judged, notes = read_budget_statuses(config, options.open_chosen_ledger(arguments, config, now), now)
    if arguments.feature is not None:
        names = [one.name for one in judged]
        judged = [one for one in judged if one.name == arguments.feature]
        if not judged:
            raise ConfigError(
                f"no budget for a window belongs to {arguments.feature!r}{did_you_mean(arguments.feature, names)} "
                f"(there are: {', '.join(names) or 'none'})"
            )
    if arguments.json:
        options.print_json({"budgets": [to_plain_json(one) for one in judged], "notes": list(notes)})
    else:
        options.print_rendered(terminal.render_budgets, judged, notes)
    return 0

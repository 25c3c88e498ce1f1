"""``report`` and ``schema``: the table of an earlier run, and the JSON Schemas of what pytest-carbon writes."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from pytest_carbon.cli.shared import options, output
from pytest_carbon.cli.shared.verb import Verbs, add_verb


def add(verbs: Verbs) -> None:
    """Add the two verbs."""
    report = add_verb(
        verbs,
        "report",
        _report,
        summary="print the table of an earlier run again",
        description="Print the table of a carbon report: energy and emissions of the run, of its costliest tests and "
        "of its features.",
        example="pytest-carbon report\n  pytest-carbon report .carbon/report.json --top 20",
    )
    report.add_argument("file", nargs="?", metavar="FILE", help="the carbon report (default: of the last run)")
    report.add_argument("--top", metavar="N", type=int, help="list this many tests (default: 10)")

    schema = add_verb(
        verbs,
        "schema",
        _schema,
        summary="print the JSON Schema of a report, a summary or advice",
        description="Print the JSON Schema of a carbon report, or of the output of pytest-carbon summary or advise "
        "--format json. Programs use it to check such a file or to generate code.",
        example="pytest-carbon schema summary > summary.schema.json",
    )
    schema.add_argument(
        "of",
        nargs="?",
        choices=("report", "summary", "advice"),
        default="report",
        help="which schema (default: report)",
    )


def _report(arguments: argparse.Namespace) -> int:
    from pytest_carbon.config.load import find_root, load_config
    from pytest_carbon.reporters.run import report_file
    from pytest_carbon.reporters.run.terminal import render

    config = load_config(find_root(Path.cwd()), top=arguments.top, option_prefix="--")
    if arguments.file:
        report = report_file.read(Path(arguments.file))
    else:
        report = report_file.read(options.configured_report(config), config.root)
    output.print_rendered(partial(render, report, top=config.top))
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    if arguments.of == "summary":
        from pytest_carbon.reporters.accounts.json import schema_text

        output.print_text(f"{schema_text()}\n")
    elif arguments.of == "advice":
        from pytest_carbon.reporters.accounts import advice_json

        output.print_text(f"{advice_json.schema_text()}\n")
    else:
        from pytest_carbon.reporters.run import report_file

        output.print_json(report_file.schema())
    return 0

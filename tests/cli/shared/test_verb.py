"""The help text of a verb: paragraphs, an example, exit codes in order."""

from __future__ import annotations

import argparse

import pytest

from pytest_carbon.cli.shared.verb import add_verb, format_exit_codes


def test_exit_codes_are_listed_in_order_with_wrong_use() -> None:
    """2 is the same for every verb."""
    assert format_exit_codes({3: "inconclusive", 0: "done"}) == (
        "exit codes:\n  0: done\n  2: wrong use, or input that cannot be read\n  3: inconclusive"
    )


def test_each_line_of_a_help_text_is_wrapped_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Line ends and indents of the description and the epilog are kept."""
    monkeypatch.setenv("COLUMNS", "40")
    verbs = argparse.ArgumentParser(prog="carbon").add_subparsers()
    parser = add_verb(
        verbs, "knit", lambda _: 0, summary="knit", description="Knit a scarf.\n  wool: " + 8 * "warm ", example="knit"
    )
    text = parser.format_help()
    assert "\nKnit a scarf.\n  wool: warm warm warm warm warm warm\n  warm warm\n" in text
    assert text.endswith("example:\n  knit\nexit codes:\n  0: done\n  2: wrong use, or input that cannot\n  be read\n")


def test_the_command_of_an_example_stays_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapped command could not be copied."""
    monkeypatch.setenv("COLUMNS", "40")
    verbs = argparse.ArgumentParser(prog="carbon").add_subparsers()
    command = "pytest-carbon knit --wool warm --needles 4 --pattern stripes"
    parser = add_verb(verbs, "knit", lambda _: 0, summary="knit", description="Knit.", example=command)
    assert f"\n  {command}\nexit codes:" in parser.format_help()


def test_the_handler_is_found_by_the_verb() -> None:
    """The parsed arguments hold the function that does the work."""
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()
    add_verb(verbs, "knit", lambda _: 7, summary="", description="", example="")
    arguments = parser.parse_args(["knit"])
    assert arguments.handler(arguments) == 7

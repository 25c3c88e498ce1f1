"""Advice as text for the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from pytest_carbon.reporters.accounts.advice_terminal import render
from tests.core.advice.sample_ledger import advised_repository

EXPECTED = Path(__file__).parents[2] / "expected"


def test_whole_text(bench: Any) -> None:
    """The whole list of the repository at 100 cells."""
    account, accounts = advised_repository(bench)
    text = render(replace(accounts, accounts=(account,)), width=100, colour=False)
    assert text == (EXPECTED / "advice.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [60, 80, 160])
def test_no_line_is_too_wide_and_none_commands_the_terminal(bench: Any, width: int) -> None:
    """A hostile name of a job is shown with its escapes."""
    text = render(advised_repository(bench)[1], width=width, colour=False)
    assert max(map(cell_len, text.splitlines())) <= width
    assert text.replace("\n", "").isprintable()
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())

"""The advice of each holder as GitHub's Markdown."""

from __future__ import annotations

from pytest_carbon.core.accounts.text import tables
from pytest_carbon.core.accounts.text.advice_lines import advice_headline, advice_lines, settled_lines
from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.reporters.markdown_templates import template


def render(accounts: Accounts) -> str:
    """Return the advice of all holders; every value is escaped."""
    holders = [
        (tables.label(account), advice_headline(account), advice_lines(account), settled_lines(account))
        for account in accounts.accounts
    ]
    return template("advice-list.md.j2").render(holders=holders).rstrip() + "\n"

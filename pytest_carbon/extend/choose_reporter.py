"""Finds the reporter of a format: a built-in one, or one of an extension."""

from __future__ import annotations

from functools import partial

from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.core.verdict.verdict import Verdict
from pytest_carbon.extend.find_named import find_named
from pytest_carbon.extend.reporters import extension_reporters
from pytest_carbon.reporters.accounts.registry import ACCOUNT_REPORTERS
from pytest_carbon.reporters.reporter import Reporter
from pytest_carbon.reporters.verdict.registry import VERDICT_REPORTERS


def verdict_reporter(name: str) -> Reporter[Verdict]:
    """Return the reporter of a verdict in a format. Raises ConfigError for an unknown format."""
    from_extensions = partial(extension_reporters, "carbon_verdict_reporters")
    return find_named("format", name, VERDICT_REPORTERS, from_extensions, ["terminal"])


def account_reporter(name: str) -> Reporter[Accounts]:
    """Return the reporter of accounts in a format. Raises ConfigError for an unknown format."""
    from_extensions = partial(extension_reporters, "carbon_account_reporters")
    return find_named("format", name, ACCOUNT_REPORTERS, from_extensions)

"""The hooks that other packages can implement, found by an entry point of the group ``pytest_carbon``.

Every name that such a package needs can be imported from here; ``docs/extending.md`` has an example of each hook.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts
    from pytest_carbon.core.escape import visible
    from pytest_carbon.core.model import GridFactor, Range
    from pytest_carbon.core.report import Report
    from pytest_carbon.core.verdict.verdict import Verdict
    from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
    from pytest_carbon.ledgers.kinds.ledger_kind import LedgerKind, LedgerRequest
    from pytest_carbon.ledgers.ledger import Ledger
    from pytest_carbon.reporters.reporter import Reporter

PROJECT = "pytest_carbon"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

_VALUES = {
    "Accounts": "pytest_carbon.core.accounts.values.account",
    "FolderLedger": "pytest_carbon.ledgers.folder.folder_ledger",
    "GridFactor": "pytest_carbon.core.model",
    "Ledger": "pytest_carbon.ledgers.ledger",
    "LedgerKind": "pytest_carbon.ledgers.kinds.ledger_kind",
    "LedgerRequest": "pytest_carbon.ledgers.kinds.ledger_kind",
    "Range": "pytest_carbon.core.model",
    "Report": "pytest_carbon.core.report",
    "Reporter": "pytest_carbon.reporters.reporter",
    "Verdict": "pytest_carbon.core.verdict.verdict",
    "visible": "pytest_carbon.core.escape",
}
__all__ = (
    "Accounts", "FolderLedger", "GridFactor", "Ledger", "LedgerKind", "LedgerRequest", "Range", "Report", "Reporter",
    "Verdict",
    "carbon_account_reporters", "carbon_grid_factor", "carbon_grid_zones", "carbon_ledger_kinds",
    "carbon_report_written", "carbon_verdict_reporters", "hookimpl", "visible",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return a value that the hooks take or return; its module is imported only when somebody asks for the name."""
    if name in _VALUES:
        return getattr(import_module(_VALUES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@hookspec(firstresult=True)
def carbon_grid_factor(zone: str) -> GridFactor | None:
    """Return the factor of a grid zone, or None if this package does not know the zone."""


@hookspec
def carbon_grid_zones() -> Sequence[str]:
    """Return the zones that this package knows, so that a misspelt zone can be corrected."""
    return []


@hookspec
def carbon_report_written(report: Report, path: Path) -> None:
    """The report of a run was written to ``path``: write the report elsewhere, or in another format, too."""


@hookspec
def carbon_verdict_reporters() -> Sequence[Reporter[Verdict]]:
    """Return reporters of a verdict, for ``pytest-carbon check --format NAME``."""
    return []


@hookspec
def carbon_account_reporters() -> Sequence[Reporter[Accounts]]:
    """Return reporters of accounts, for ``pytest-carbon summary --format NAME``."""
    return []


@hookspec
def carbon_ledger_kinds() -> Sequence[LedgerKind]:
    """Return kinds of ledgers, for ``--ledger NAME:PLACE``."""
    return []

"""The kinds of ledgers that pytest-carbon brings: a folder, a branch, a database. A new kind is one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.kinds.ledger_kind import LedgerKind, LedgerRequest
from pytest_carbon.ledgers.ledger import Ledger


@dataclass(frozen=True, slots=True)
class BuiltInKind:
    """A kind of ledger of ours; ``opener`` imports what the kind needs."""

    name: str
    opener: Callable[[LedgerRequest], Ledger]

    def open(self, request: LedgerRequest) -> Ledger:
        """Open the ledger."""
        return self.opener(request)


def _open_folder(request: LedgerRequest) -> Ledger:
    from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger

    return FolderLedger(request.root / request.place, request.now, request.baselines_kept, request.root)


def _open_branch(request: LedgerRequest) -> Ledger:
    from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger

    return BranchLedger(request.root, request.place, request.now, request.remote, request.baselines_kept)


def _open_sql(request: LedgerRequest) -> Ledger:
    with sql_extra():
        from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
    name = request.repository()
    return SqlLedger(request.place, name, request.now, request.baselines_kept, request.organisation)


@contextmanager
def sql_extra() -> Iterator[None]:
    """Turn a failed import of a database library into a LedgerError that names what to install."""
    try:
        yield
    except ImportError as error:
        raise LedgerError(
            f"a ledger in a database needs more than is installed ({error}); run: pip install 'pytest-carbon[sql]'"
        ) from error


LEDGER_KINDS: tuple[LedgerKind, ...] = (
    BuiltInKind("folder", _open_folder),
    BuiltInKind("branch", _open_branch),
    BuiltInKind("sql", _open_sql),
)

"""The kinds of ledgers: a folder, a branch, a database, and those of extensions. A new kind is one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from pytest_carbon.core.errors import ConfigError, LedgerError, did_you_mean

if TYPE_CHECKING:
    from pytest_carbon.extend.extensions import Extensions
    from pytest_carbon.ledgers.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LedgerRequest:
    """What a ledger is opened with.

    ``place`` is the text behind the colon of ``--ledger NAME:PLACE``, ``root`` the project's folder, ``remote`` the
    name of the git remote (None without one), ``baselines_kept`` how many baselines of a branch are kept.
    ``repository`` returns the project's owner/name, or raises ConfigError. ``organisation`` asks a ledger of many
    repositories for the runs of all of them.
    """

    place: str
    root: Path
    now: datetime
    remote: str | None
    baselines_kept: int
    repository: Callable[[], str]
    organisation: bool = False


class LedgerKind(Protocol):
    """A kind of ledger that can be asked for by name."""

    @property
    def name(self) -> str:
        """The name before the colon of ``--ledger NAME:PLACE``."""
        ...

    def open(self, request: LedgerRequest) -> Ledger:
        """Open the ledger. Raises LedgerError if the place cannot be used."""
        ...


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

    return FolderLedger(request.root / request.place, request.now, request.baselines_kept)


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


def find_kind(name: str) -> LedgerKind:
    """Return the kind of ledger with a name, built in or of an extension. Raises ConfigError for an unknown name."""
    known = {kind.name: kind for kind in LEDGER_KINDS}
    if name in known:
        return known[name]
    from pytest_carbon.extend.extensions import installed_extensions

    extensions = installed_extensions()
    added = {kind.name: kind for kind in kinds_of_extensions(extensions)}
    if name in added:
        return added[name]
    names = sorted({*known, *added})
    faults = "".join(f"; {fault}" for fault in extensions.faults)
    raise ConfigError(
        f"no kind of ledger is called {name!r}{did_you_mean(name, names)} (there are: {', '.join(names)}){faults}"
    )


@dataclass(frozen=True, slots=True)
class KindOfExtension:
    """A kind of ledger of an extension: whatever the extension raises becomes a LedgerError that names it."""

    package: str
    kind: LedgerKind
    extensions: Extensions

    @property
    def name(self) -> str:
        """The name before the colon."""
        return self.kind.name

    def open(self, request: LedgerRequest) -> Ledger:
        """Open the ledger."""
        return cast("Ledger", _Guarded(self, self.guard(self.kind.open)(request)))

    def guard(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method that raises LedgerError where ``method`` raises anything."""
        from pytest_carbon.extend.extensions import FAILURES

        @wraps(method)
        def guarded(*arguments: Any, **keywords: Any) -> Any:
            try:
                return method(*arguments, **keywords)
            except LedgerError:
                raise
            except FAILURES as error:
                doing = f"used as the ledger {self.name} ({getattr(method, '__name__', 'a call')})"
                self.extensions.add_fault(self.package, doing, error)
                raise LedgerError(str(self.extensions.faults[-1])) from error

        return guarded


class _Guarded:
    """A ledger of an extension, each method guarded."""

    def __init__(self, kind: KindOfExtension, ledger: object) -> None:
        self._kind, self._ledger = kind, ledger

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._ledger, name)
        return self._kind.guard(member) if callable(member) else member


def kinds_of_extensions(extensions: Extensions) -> Iterator[KindOfExtension]:
    """Yield the kinds of ledgers that extensions offer; an answer without name and open is a fault."""
    for package, kinds in extensions.call("carbon_ledger_kinds"):
        for kind in kinds if isinstance(kinds, list | tuple) else [kinds]:
            if isinstance(getattr(kind, "name", None), str) and callable(getattr(kind, "open", None)):
                yield KindOfExtension(package, kind, extensions)
            else:
                error = TypeError(f"a kind of ledger with name and open was expected, not {kind!r:.80}")
                extensions.add_fault(package, "asked for carbon_ledger_kinds", error)

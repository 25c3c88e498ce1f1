"""The kinds of ledgers that extensions offer. Whatever such a ledger raises becomes a LedgerError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.extend.extensions import FAILURES, Extensions
from pytest_carbon.ledgers.kinds.ledger_kind import LedgerKind, LedgerRequest
from pytest_carbon.ledgers.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ExtensionLedgerKind:
    """A kind of ledger of an extension. Whatever the extension raises becomes a LedgerError that names it."""

    package: str
    kind: LedgerKind
    extensions: Extensions

    @property
    def name(self) -> str:
        """The name before the colon of ``--ledger NAME:PLACE``."""
        return self.kind.name

    def open(self, request: LedgerRequest) -> Ledger:
        """Open the ledger, with every method guarded."""
        return cast(Ledger, _GuardedLedger(self, self.guard(self.kind.open)(request)))

    def guard(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that calls ``method``, and turns what it raises into a LedgerError and a fault."""

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


class _GuardedLedger:
    """A ledger of an extension with every method guarded."""

    def __init__(self, kind: ExtensionLedgerKind, ledger: object) -> None:
        self._kind, self._ledger = kind, ledger

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._ledger, name)
        return self._kind.guard(member) if callable(member) else member


def extension_ledger_kinds(extensions: Extensions) -> Iterator[ExtensionLedgerKind]:
    """Yield the kinds of ledgers that extensions offer; an answer without name and open is a fault."""
    for package, kinds in extensions.call("carbon_ledger_kinds"):
        for kind in kinds if isinstance(kinds, list | tuple) else [kinds]:
            if isinstance(getattr(kind, "name", None), str) and callable(getattr(kind, "open", None)):
                yield ExtensionLedgerKind(package, kind, extensions)
            else:
                error = TypeError(f"a kind of ledger with name and open was expected, not {kind!r:.80}")
                extensions.add_fault(package, "asked for carbon_ledger_kinds", error)

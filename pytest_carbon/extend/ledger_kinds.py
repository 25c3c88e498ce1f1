"""The kinds of ledgers that extensions offer. Whatever such a ledger raises becomes a LedgerError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.extend.extensions import ExtensionFailed, Extensions
from pytest_carbon.ledgers.kinds.ledger_kind import LedgerKind, LedgerRequest
from pytest_carbon.ledgers.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ExtensionLedgerKind:
    """A kind of ledger of an extension. Whatever the extension raises becomes a LedgerError that names it."""

    package: str
    name: str
    kind: LedgerKind
    extensions: Extensions

    def open(self, request: LedgerRequest) -> Ledger:
        """Open the ledger, with every member guarded."""
        return cast(Ledger, _GuardedLedger(self, self.guard("open", self.kind.open, request)))

    def guard(self, member: str, action: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Run code of the ledger. Whatever the code raises, LedgerErrors apart, becomes a LedgerError."""
        doing = f"used as the ledger {self.name} ({member})"
        try:
            return self.extensions.attempt(
                self.package, doing, partial(action, **keywords), *arguments, passing=(LedgerError,)
            )
        except ExtensionFailed as error:
            raise LedgerError(str(error)) from error


class _GuardedLedger:
    """A ledger of an extension with every member guarded."""

    def __init__(self, kind: ExtensionLedgerKind, ledger: object) -> None:
        self._kind, self._ledger = kind, ledger

    def __getattr__(self, name: str) -> Any:
        member = self._kind.guard(name, getattr, self._ledger, name)
        return partial(self._kind.guard, name, member) if callable(member) else member


def extension_ledger_kinds(extensions: Extensions) -> Iterator[ExtensionLedgerKind]:
    """Yield the kinds of ledgers that extensions offer; an answer without name and open is a fault."""
    for package, kind, (name,) in extensions.offers("carbon_ledger_kinds", ["name"], ["open"]):
        yield ExtensionLedgerKind(package, name, kind, extensions)

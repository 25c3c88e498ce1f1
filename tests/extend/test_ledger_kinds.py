"""Extensions offer kinds of ledgers; what such a ledger raises becomes a LedgerError."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.extend.extensions import Extensions
from pytest_carbon.extend.ledger_kinds import extension_ledger_kinds
from pytest_carbon.hookspecs import hookimpl
from pytest_carbon.ledgers.kinds.ledger_kind import LedgerRequest
from tests.extend.packages import entry_point

DAY = date(2026, 6, 1)


def _request(place: str, root: Path = Path("/nowhere"), remote: str | None = None) -> LedgerRequest:
    return LedgerRequest(place, root, datetime(2026, 6, 2, tzinfo=UTC), remote, 10, lambda: "org/shop")


class Shelf:
    """A ledger of an extension that can read, and raises in everything else."""

    where = "a shelf"

    def read(self, *_: Any) -> str:
        """Answer."""
        return "read"

    def append(self, *_: Any) -> None:
        """Fail in a way of its own."""
        raise RuntimeError("it is full")

    def verify(self) -> None:
        """Fail as a ledger should."""
        raise LedgerError("the shelf is broken; mend it")


class ShelfKind:
    """A kind of ledger that an extension offers."""

    name = "shelf"

    def open(self, request: LedgerRequest) -> Shelf:
        """Open a shelf, if its place is a number."""
        int(request.place)
        return Shelf()


class Offering:
    """A package that offers kinds of ledgers."""

    def __init__(self, kinds: Any) -> None:
        self.kinds = kinds

    @hookimpl
    def carbon_ledger_kinds(self) -> Any:
        """Offer them."""
        return self.kinds


def test_a_ledger_of_an_extension_is_guarded() -> None:
    """Its own LedgerError stands; any other error is named with the package and the method."""
    extensions = Extensions([entry_point("package", Offering([ShelfKind()]))])
    (kind,) = extension_ledger_kinds(extensions)
    ledger: Any = kind.open(_request("1"))
    assert (kind.name, ledger.where, ledger.read(DAY, DAY)) == ("shelf", "a shelf", "read")
    with pytest.raises(LedgerError, match="the shelf is broken"):
        ledger.verify()
    assert extensions.faults == ()
    with pytest.raises(
        LedgerError, match=r"package failed when it was used as the ledger shelf \(append\) \(RuntimeError"
    ):
        ledger.append([])
    with pytest.raises(LedgerError, match=r"used as the ledger shelf \(open\) \(ValueError"):
        kind.open(_request("upper"))
    assert len(extensions.faults) == 2


@pytest.mark.parametrize("offer", [5, ["folder"], [object()]])
def test_an_offer_that_is_no_kind_is_a_fault(offer: Any) -> None:
    """A kind has a name and can be opened."""
    extensions = Extensions([entry_point("package", Offering(offer))])
    assert list(extension_ledger_kinds(extensions)) == []
    assert [fault.doing for fault in extensions.faults] == ["asked for carbon_ledger_kinds"]


class NoLedgerKind:
    """A kind of ledger that opens nothing."""

    name = "nothing"

    def open(self, request: LedgerRequest) -> None:
        """Return no ledger."""


def test_a_kind_that_opens_nothing_is_named_when_the_ledger_is_used() -> None:
    """The error is a LedgerError, as for every other ledger that cannot be used."""
    extensions = Extensions([entry_point("package", Offering([NoLedgerKind()]))])
    (kind,) = extension_ledger_kinds(extensions)
    ledger: Any = kind.open(_request("1"))
    with pytest.raises(LedgerError, match=r"used as the ledger nothing \(where\) \(AttributeError"):
        _ = ledger.where

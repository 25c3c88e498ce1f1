"""The kinds of ledgers that pytest-carbon brings."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.kinds.ledger_kind import LedgerRequest
from pytest_carbon.ledgers.kinds.registry import LEDGER_KINDS, sql_extra

KINDS = {kind.name: kind for kind in LEDGER_KINDS}


def _request(place: str, root: Path = Path("/nowhere"), remote: str | None = None) -> LedgerRequest:
    return LedgerRequest(place, root, datetime(2026, 6, 2, tzinfo=UTC), remote, 10, lambda: "org/shop")


@pytest.mark.parametrize(
    ("name", "place", "where"),
    [
        ("folder", "runs", "runs"),
        ("branch", "carbon-runs", "carbon-runs"),
        ("sql", "sqlite:///a.db", "a.db"),
    ],
)
def test_a_built_in_kind_opens_its_ledger(name: str, place: str, where: str, tmp_path: Path) -> None:
    """Nothing is read or written by opening."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert where in KINDS[name].open(_request(place, tmp_path)).where


def test_names_are_unique() -> None:
    """Two kinds with one name would hide each other."""
    assert len({kind.name for kind in LEDGER_KINDS}) == len(LEDGER_KINDS) == 3


def test_a_missing_database_library_is_named_with_what_to_install() -> None:
    """The database libraries are an extra."""
    with pytest.raises(LedgerError, match=r"no module.*run: pip install 'pytest-carbon\[sql\]'"), sql_extra():
        raise ImportError("no module named sqlalchemy")

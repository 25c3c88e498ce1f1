"""The bench that makes ledgers and policies by hand, for the reporters of accounts."""

from __future__ import annotations

import pytest

from tests.core.conftest import Bench


@pytest.fixture(scope="session")
def bench() -> Bench:
    """Return the bench; it keeps nothing."""
    return Bench()

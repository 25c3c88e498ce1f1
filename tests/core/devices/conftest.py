"""The fixture of the tests of devices."""

from __future__ import annotations

import pytest

from tests.core.devices.lab import Lab, facts


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The shipped facts, in November 2026."""
    return Lab(facts())

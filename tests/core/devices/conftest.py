"""The fixture of the tests of devices."""

from __future__ import annotations

import pytest

from tests.core.devices.device_check import DeviceCheck, cached_facts


@pytest.fixture(scope="session")
def lab() -> DeviceCheck:
    """The shipped facts, in November 2026."""
    return DeviceCheck(cached_facts())

"""The fixture of the tests on devices."""

from __future__ import annotations

import pytest

from tests.core.devices.device_check import DeviceCheck, shipped


@pytest.fixture(scope="session")
def device_check() -> DeviceCheck:
    """Return a check with the shipped facts, in November 2026."""
    return DeviceCheck(shipped())

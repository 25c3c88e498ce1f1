"""The garbage collector is paused, and afterwards as it was before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from pytest_carbon.usecases.pause_garbage_collector import paused_garbage_collector


@pytest.fixture(autouse=True)
def _collector_on() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_afterwards_as_before(enabled: bool) -> None:
    """A collector that the caller had switched off stays off."""
    if not enabled:
        gc.disable()
    with paused_garbage_collector():
        assert gc.isenabled() is False
    assert gc.isenabled() is enabled


def test_an_error_does_not_leave_the_collector_paused() -> None:
    """The error is passed on."""
    with pytest.raises(ValueError, match="stop"), paused_garbage_collector():
        raise ValueError("stop")
    assert gc.isenabled() is True

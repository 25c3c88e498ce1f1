"""Tries a call of the API for a minute: the last call of a job, without which a commit waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from github_action.api.client import ApiError, Client
from pytest_carbon.core.retry import retry

WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
T = TypeVar("T")


def try_for_a_minute(client: Client, call: Callable[[], T]) -> T:
    """Return what ``call`` returns; call it again after failures that may pass. Raises the last ApiError.

    The minute is beside the time that the client may wait in its life, which earlier faults may have used up.
    """
    left_s = sum(WAITS_S)

    def pause(wait_s: float) -> None:
        nonlocal left_s
        left_s -= wait_s
        client.pause(wait_s)

    return retry(
        call,
        WAITS_S,
        errors=ApiError,
        pause=pause,
        may_pass=lambda error: error.may_pass,
        requested_wait_s=lambda error: error.wait_s,
        time_left_s=lambda: left_s,
    )

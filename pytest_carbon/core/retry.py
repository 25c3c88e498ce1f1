"""Runs an operation again when its failure may pass. The caller brings the clock, the waits and their randomness."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


def retry(
    operation: Callable[[], T],
    waits_s: Iterable[float],
    *,
    errors: type[E],
    pause: Callable[[float], None],
    may_pass: Callable[[E], bool] = lambda _: True,
    requested_wait_s: Callable[[E], float] = lambda _: 0.0,
    time_left_s: Callable[[], float] = lambda: math.inf,
) -> T:
    """Run ``operation`` until it succeeds and return its result; raise its last error when no further try is allowed.

    An error is tried again if it is one of ``errors``, ``may_pass`` agrees, a wait is left in ``waits_s`` (so there is
    at most one try more than waits), and that wait is not longer than ``time_left_s()``. A server may ask for a longer
    wait: ``requested_wait_s`` reads it from the error (``Retry-After``), and the longer of the two counts. ``pause``
    waits. All times are in seconds.
    """
    for planned_s in waits_s:
        try:
            return operation()
        except errors as error:
            wait_s = max(planned_s, requested_wait_s(error))
            if not may_pass(error) or wait_s > time_left_s():
                raise
        pause(wait_s)
    return operation()


def doubling(first_s: float, longest_s: float = math.inf) -> Iterator[float]:
    """Yield waits in seconds without end, each twice as long as the one before and none longer than ``longest_s``.

    Many callers that fail together should spread these waits at random, so that they do not return together.
    """
    wait_s = first_s
    while True:
        yield min(wait_s, longest_s)
        wait_s = min(2 * wait_s, longest_s)

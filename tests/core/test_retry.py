"""Failures that may pass are tried again, within the given waits and the given time."""

from __future__ import annotations

from itertools import islice

import pytest

from pytest_carbon.core.retry import doubling, retry


class _Busy(Exception):
    def __init__(self, asked_s: float = 0.0) -> None:
        super().__init__(f"busy, asks for {asked_s} s")
        self.asked_s = asked_s


class _Operation:
    """Fails with the given errors, one at each call, and then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)
        return "result"


def _no_pause(wait_s: float) -> None:
    raise AssertionError(f"paused for {wait_s} s")


@pytest.mark.parametrize(
    ("failures", "waits_s", "paused_s"),
    [
        (0, (), []),
        (0, (1.0, 2.0), []),
        (1, (1.0, 2.0), [1.0]),
        (2, (1.0, 2.0), [1.0, 2.0]),
    ],
)
def test_operation_is_run_until_it_succeeds(failures: int, waits_s: tuple[float, ...], paused_s: list[float]) -> None:
    """Between two tries it pauses for the next wait, and not at all after success."""
    operation, paused = _Operation(*[_Busy()] * failures), list[float]()
    assert retry(operation, waits_s, errors=_Busy, pause=paused.append) == "result"
    assert (operation.calls, paused) == (failures + 1, paused_s)


def test_last_error_is_raised_when_no_wait_is_left() -> None:
    """Two waits are three tries; there is no pause after the last try."""
    errors = [_Busy(1), _Busy(2), _Busy(3), _Busy(4)]
    operation, paused = _Operation(*errors), list[float]()
    with pytest.raises(_Busy) as caught:
        retry(operation, (0.1, 0.2), errors=_Busy, pause=paused.append)
    assert caught.value is errors[2]
    assert (operation.calls, paused) == (3, [0.1, 0.2])


def test_other_errors_are_raised_at_once() -> None:
    """An error of another class is not tried again, nor is one that will not pass."""
    operation = _Operation(ValueError("wrong"))
    with pytest.raises(ValueError, match="wrong"):
        retry(operation, (1.0,), errors=_Busy, pause=_no_pause)
    lasting = _Operation(_Busy(7))
    with pytest.raises(_Busy):
        retry(lasting, (1.0,), errors=_Busy, may_pass=lambda error: error.asked_s != 7, pause=_no_pause)
    assert (operation.calls, lasting.calls) == (1, 1)


@pytest.mark.parametrize(("planned_s", "asked_s", "wait_s"), [(1.0, 5.0, 5.0), (5.0, 1.0, 5.0), (0.0, 0.0, 0.0)])
def test_the_longer_wait_counts(planned_s: float, asked_s: float, wait_s: float) -> None:
    """A server that asks for a longer wait gets it; a shorter wait than planned is not taken."""
    paused = list[float]()
    retry(
        _Operation(_Busy(asked_s)), [planned_s], errors=_Busy, requested_wait_s=lambda e: e.asked_s, pause=paused.append
    )
    assert paused == [wait_s]


def test_total_time_is_bounded() -> None:
    """A wait that is longer than the time that is left is not begun; one that just fits is."""
    left_s, paused = 3.0, list[float]()

    def pause(wait_s: float) -> None:
        nonlocal left_s
        left_s -= wait_s
        paused.append(wait_s)

    operation = _Operation(*[_Busy()] * 9)
    with pytest.raises(_Busy):
        retry(operation, doubling(1.0), errors=_Busy, pause=pause, time_left_s=lambda: left_s)
    assert (operation.calls, paused, left_s) == (3, [1.0, 2.0], 0.0)


def test_wait_that_a_server_asks_for_may_be_too_long() -> None:
    """What the server asks for counts for the limit as well."""
    with pytest.raises(_Busy):
        retry(
            _Operation(_Busy(60)), (1.0,), errors=_Busy, requested_wait_s=lambda e: e.asked_s, pause=_no_pause,
            time_left_s=lambda: 59.9,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("first_s", "longest_s", "waits_s"),
    [(0.5, float("inf"), [0.5, 1.0, 2.0, 4.0, 8.0]), (1.0, 5.0, [1.0, 2.0, 4.0, 5.0, 5.0]), (9.0, 5.0, [5.0] * 5)],
)
def test_waits_double(first_s: float, longest_s: float, waits_s: list[float]) -> None:
    """Every wait is twice the one before, up to the longest."""
    assert list(islice(doubling(first_s, longest_s), 5)) == waits_s

"""File descriptors that are left for our own work, whatever the tests do with theirs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from pytest_carbon.pytest_edge.spare_descriptors import SpareDescriptors

resource = pytest.importorskip("resource")


@contextmanager
def _all_in_use(limit: int) -> Iterator[None]:
    was = resource.getrlimit(resource.RLIMIT_NOFILE)
    kept: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, was[1]))
    try:
        with suppress(OSError):
            while True:
                kept.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for number in kept:
            with suppress(OSError):
                os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, was)


def _free() -> int:
    """Return how many files can be opened."""
    opened: list[int] = []
    with suppress(OSError):
        while len(opened) < 40:
            opened.append(os.open(os.devnull, os.O_RDONLY))
    for number in opened:
        os.close(number)
    return len(opened)


def test_some_are_left_when_the_tests_have_used_up_all() -> None:
    """They are there for our work only, and again for the next."""
    limit = max(_open_numbers()) + 60
    was = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, was[1]))
    try:
        spare = SpareDescriptors()
        with _all_in_use(limit):
            for _ in range(2):
                assert _free() == 0
                spare.release()
                assert _free() >= 10
                spare.hold()
    finally:
        spare.release()
        resource.setrlimit(resource.RLIMIT_NOFILE, was)


def test_limit_that_the_tests_have_lowered_is_lifted_for_us() -> None:
    """And is theirs again afterwards."""
    was = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = SpareDescriptors()
    resource.setrlimit(resource.RLIMIT_NOFILE, (5, was[1]))
    try:
        assert _free() == 0
        spare.release()
        assert _free() >= 10
        spare.hold()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 5
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, was)
        spare.release()


def test_number_that_a_test_has_taken_is_not_closed() -> None:
    """A test that closes all descriptors, and opens files of its own, keeps those."""
    before = _open_numbers()
    spare = SpareDescriptors()
    held = sorted(_open_numbers() - before)
    os.close(held[-1])
    mine = os.open(os.devnull, os.O_RDONLY)
    assert mine == held[-1]
    spare.release()
    assert _is_open(mine)
    assert not _is_open(held[0])
    os.close(mine)


def _open_numbers() -> set[int]:
    return {number for number in range(200) if _is_open(number)}


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True

"""What a source of grid signals can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.live.http_client import HttpClient


class SourceFaultError(CarbonError):
    """A source that failed, was silent, or answered with what cannot be true. The message is a clause on why."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a source is asked for: the signals of a zone from ``start`` to ``end``; times are in UTC.

    ``now`` is when it is asked, by this machine's clock: what is over then can have been measured. ``code`` is the
    zone's name at this source. ``keys`` are the user's keys by the names in ``SignalSource.needs``.
    """

    zone: str
    code: str
    start: datetime
    end: datetime
    now: datetime
    client: HttpClient
    keys: Mapping[str, str] = field(default_factory=dict)


class SignalSource(Protocol):
    """A service that knows carbon intensity by the hour or finer. Sources keep no state."""

    @property
    def name(self) -> str:
        """The source's name in policies and messages, such as ``neso``."""
        ...

    @property
    def origin(self) -> Origin:
        """Where its signals come from and what they mean."""
        ...

    @property
    def address(self) -> str:
        """The address that is asked, without a path or key, so that a user can be told who is asked."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """The environment variables that hold the user's key; empty for a source without keys."""
        ...

    @property
    def stale_after(self) -> timedelta:
        """The age from which its newest measured or estimated signal does not stand for now."""
        ...

    def signals(self, question: Question) -> list[Signal]:
        """Return what the source knows of the time: measured, estimated and forecast signals, in the order of time.

        A slot that the source leaves out has no signal. Raises SourceFaultError if the answer cannot be used.
        """
        ...

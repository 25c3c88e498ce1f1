"""Asks sources of signals one after the other, until one knows what is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_carbon.core.signals.signal import Signal
from pytest_carbon.core.signals.split_by_time import half_hour_of
from pytest_carbon.grid.live.http_client import HttpClient
from pytest_carbon.grid.live.read_answers import ask
from pytest_carbon.grid.live.signal_cache import SignalCache
from pytest_carbon.grid.live.signal_source import Question, SignalSource, SourceFaultError
from pytest_carbon.grid.live.zone_codes import codes_of

BEFORE, AHEAD = timedelta(hours=24), timedelta(hours=48)
"""What one question is about, so that it answers for now, for the last day and for what is forecast."""
_OWN_NAMES = frozenset(["file", "carbon-aware-sdk"])
"""Sources of the user's own, which know zones by the names that the user has."""


@dataclass(frozen=True, slots=True)
class ChainAnswer:
    """What the first source that knows tells, and why each source before it does not.

    ``signals`` are in the order of time, empty if no source knows. ``asked`` is when the source was asked.
    """

    zone: str
    signals: Sequence[Signal]
    asked: datetime | None
    faults: tuple[str, ...]

    def at(self, moment: datetime) -> Signal | None:
        """Return the signal of a moment; None if there is none."""
        return next((signal for signal in self.signals if signal.start <= moment < signal.end), None)


@dataclass(frozen=True, slots=True)
class Chain:
    """Sources in the order of the policy, with the cache that they share."""

    sources: Sequence[SignalSource]
    cache: SignalCache
    environment: Mapping[str, str]
    limit_s: float = 20.0

    def near_now(self, zone: str, now: datetime, *, may_ask: bool = True) -> ChainAnswer:
        """Return the signals of the last day and of what is forecast, of the first source that knows this moment.

        A source knows it if a signal covers it, or if its newest signal is not older than ``stale_after``. Without
        ``may_ask``, only what is kept is read, and no network is used.
        """
        faults: list[str] = []
        for source in self.sources:
            try:
                signals, asked, fault = self._kept_or_asked(source, zone, now, may_ask=may_ask)
            except SourceFaultError as error:
                faults.append(str(error))
                continue
            faults += [fault] if fault else []
            if _is_fresh(signals, now, source.stale_after):
                return ChainAnswer(zone, signals, asked, tuple(faults))
            if not fault:
                faults.append(_stale_text(source, signals))
        return ChainAnswer(zone, (), None, tuple(faults))

    def between(self, zone: str, start: datetime, end: datetime, now: datetime) -> ChainAnswer:
        """Return what the first source tells of a time that is over; each is asked, and nothing is kept."""
        faults: list[str] = []
        for source in self.sources:
            try:
                signals = ask(source, self._question(source, zone, start, end, now))
                return ChainAnswer(zone, signals, now, tuple(faults))
            except SourceFaultError as error:
                faults.append(str(error))
        return ChainAnswer(zone, (), None, tuple(faults))

    def _kept_or_asked(
        self, source: SignalSource, zone: str, now: datetime, *, may_ask: bool
    ) -> tuple[Sequence[Signal], datetime, str]:
        question = self._question(source, zone, half_hour_of(now) - BEFORE, half_hour_of(now) + AHEAD, now)
        if may_ask:
            return self.cache.read_or_ask(source.name, zone, now, lambda: ask(source, question), self.limit_s)
        kept = self.cache.read(source.name, zone)
        if kept is None:
            raise SourceFaultError(f"{source.name}: nothing is kept of {zone}")
        return kept

    def _question(self, source: SignalSource, zone: str, start: datetime, end: datetime, now: datetime) -> Question:
        code = zone if source.name in _OWN_NAMES else codes_of(zone).get(source.name, "")
        if not code:
            raise SourceFaultError(f"{source.name}: it does not know the zone {zone}")
        missing = [name for name in source.needs if not self.environment.get(name, "").strip()]
        if missing:
            raise SourceFaultError(f"{source.name}: the variable {' and '.join(missing)} is not set")
        keys = {name: self.environment[name].strip() for name in source.needs}
        return Question(zone, code, start, end, now, HttpClient(self.limit_s), keys)


def _is_fresh(signals: Sequence[Signal], now: datetime, stale_after: timedelta) -> bool:
    return any(signal.start <= now and signal.end > now - stale_after for signal in signals)


def _stale_text(source: SignalSource, signals: Sequence[Signal]) -> str:
    past = [signal.end for signal in signals]
    newest = f"; its newest figure ends at {max(past):%Y-%m-%d %H:%M} UTC" if past else ""
    return f"{source.name}: it knows nothing of now{newest}"

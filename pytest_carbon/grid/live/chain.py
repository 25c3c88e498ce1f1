"""Asks sources of signals one after the other, until one knows what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from pytest_carbon.core.signals.signal import Signal
from pytest_carbon.core.signals.split_by_time import half_hour_of
from pytest_carbon.grid.live.http_client import HttpClient
from pytest_carbon.grid.live.read_answers import ask
from pytest_carbon.grid.live.signal_cache import Cached, SignalCache
from pytest_carbon.grid.live.signal_source import Question, SignalSource, SourceFaultError
from pytest_carbon.grid.live.zone_codes import codes_of

BEFORE, AHEAD = timedelta(hours=24), timedelta(hours=48)
"""What one question is about, so that it answers for now, for the last day and for what is forecast."""
FILE = "file"
OWN_NAMES = frozenset([FILE, "carbon-aware-sdk"])
"""Sources of the user's own, which know zones by the names that the user has."""


def utc_now() -> datetime:
    """Return the time of this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ChainAnswer:
    """What the first source that knows tells, and why each source before it does not.

    ``signals`` are in the order of time, empty if no source knows. ``asked`` is when they were received. ``fault`` says
    why the same source did not answer again since then; empty if it was not asked again, or answered.
    """

    zone: str
    signals: Sequence[Signal]
    asked: datetime | None
    faults: tuple[str, ...]
    fault: str = ""

    def at(self, moment: datetime) -> Signal | None:
        """Return the signal of a moment; None if there is none."""
        return next((signal for signal in self.signals if signal.start <= moment < signal.end), None)


@dataclass(frozen=True, slots=True)
class Chain:
    """Sources in the order of the policy, with the cache that they share.

    ``clock`` tells when a source is asked. The time that a question is about may be another one: that of ``--now``.
    """

    sources: Sequence[SignalSource]
    cache: SignalCache
    environment: Mapping[str, str]
    limit_s: float = 20.0
    clock: Callable[[], datetime] = utc_now

    def near_now(self, zone: str, now: datetime, *, may_ask: bool = True) -> ChainAnswer:
        """Return the signals of the last day and of what is forecast, of the first source that knows this moment.

        A source knows it if a signal covers it, or if its newest signal is not older than ``stale_after``. Without
        ``may_ask``, only what is kept is read, and no network and no key is used.
        """
        return self._first(zone, now, _is_fresh, _stale_text, may_ask)

    def ahead(self, zone: str, now: datetime, *, may_ask: bool = True) -> ChainAnswer:
        """Return the signals of the first source that has a forecast beyond this moment, as ``near_now`` does."""
        return self._first(zone, now, _has_forecast, _no_forecast_text, may_ask)

    def between(self, zone: str, start: datetime, end: datetime) -> ChainAnswer:
        """Return what the first source tells of a time that is over; each is asked, and nothing is kept."""
        faults: list[str] = []
        for source in self.sources:
            try:
                question = self._question(source, zone, start, end)
                return ChainAnswer(zone, ask(source, question), question.now, tuple(faults))
            except SourceFaultError as error:
                faults.append(str(error))
        return ChainAnswer(zone, (), None, tuple(faults))

    def _first(
        self,
        zone: str,
        now: datetime,
        knows: Callable[[SignalSource, Sequence[Signal], datetime], bool],
        why_not: Callable[[SignalSource, Sequence[Signal]], str],
        may_ask: bool,
    ) -> ChainAnswer:
        faults: list[str] = []
        for source in self.sources:
            try:
                signals, _, fault = self._kept_or_asked(source, zone, now, may_ask)
            except SourceFaultError as error:
                faults.append(str(error))
                continue
            if knows(source, signals, now):
                return ChainAnswer(zone, signals, signals[0].fetched, tuple(faults), fault)
            faults.append(fault or why_not(source, signals))
        return ChainAnswer(zone, (), None, tuple(faults))

    def _kept_or_asked(self, source: SignalSource, zone: str, now: datetime, may_ask: bool) -> Cached:
        """Return the kept answer, or ask. Raises SourceFaultError.

        An answer is kept for the half-hour of the clock; what is asked of another half-hour is neither read nor kept.
        A file is read each time, so that a newer one counts at once.
        """
        kept_as, is_current = name_in_cache(source), half_hour_of(now) == half_hour_of(self.clock())
        kept = self.cache.read(kept_as, zone, source.origin) if is_current or not may_ask else None
        if source.name != FILE:
            if kept is not None and (not may_ask or half_hour_of(kept.asked) == half_hour_of(now)):
                return kept
            if not may_ask:
                raise SourceFaultError(f"{source.name}: nothing is kept of {zone}")
        question = self._question(source, zone, *_time_near(source, now))
        if is_current and source.name != FILE:
            return self.cache.read_or_ask(
                kept_as, zone, question.now, lambda: ask(source, question), self.limit_s, source.origin
            )
        answer = Cached(ask(source, question), question.now)
        if is_current and (kept is None or not _are_same(kept.signals, answer.signals)):
            self.cache.keep(kept_as, zone, answer)
        return answer

    def _question(self, source: SignalSource, zone: str, start: datetime, end: datetime) -> Question:
        is_own = source.name in OWN_NAMES
        code = zone if is_own else codes_of(zone).get(source.name, "")
        if not code:
            raise SourceFaultError(f"{source.name}: it does not know the zone {zone}")
        missing = [name for name in source.needs if not self.environment.get(name, "").strip()]
        if missing:
            raise SourceFaultError(f"{source.name}: the variable {' and '.join(missing)} is not set")
        keys = {name: self.environment[name].strip() for name in source.needs}
        client = HttpClient(self.limit_s, tuple(keys.values()), quotes=not is_own)
        return Question(zone, code, start, end, self.clock(), client, keys)


def name_in_cache(source: SignalSource) -> str:
    """Return the name that a source's answers are kept under.

    A source of the user's own is another one in each project: its name there has a digest of its place and meaning.
    """
    if source.name not in OWN_NAMES:
        return source.name
    text = "\n".join([source.address, *astuple(source.origin)])
    return f"{source.name}-{sha256(text.encode(errors='replace')).hexdigest()[:16]}"


def _are_same(kept: Sequence[Signal], signals: Sequence[Signal]) -> bool:
    return len(kept) == len(signals) and all(
        was == replace(signal, fetched=was.fetched) for was, signal in zip(kept, signals, strict=True)
    )


def _time_near(source: SignalSource, now: datetime) -> tuple[datetime, datetime]:
    """Return what a question is about. Raises SourceFaultError for a time at an end of the calendar."""
    try:
        return half_hour_of(now) - BEFORE, half_hour_of(now) + AHEAD
    except OverflowError:
        raise SourceFaultError(f"{source.name}: the time {now.isoformat()} is at an end of the calendar") from None


def _is_fresh(source: SignalSource, signals: Sequence[Signal], now: datetime) -> bool:
    return any(signal.start <= now < signal.end + source.stale_after for signal in signals)


def _stale_text(source: SignalSource, signals: Sequence[Signal]) -> str:
    past = [signal.end for signal in signals]
    newest = f"; its newest figure ends at {max(past):%Y-%m-%d %H:%M} UTC" if past else ""
    return f"{source.name}: it knows nothing of now{newest}"


def _has_forecast(_: SignalSource, signals: Sequence[Signal], now: datetime) -> bool:
    return any(signal.end > now and signal.status == "forecast" for signal in signals)


def _no_forecast_text(source: SignalSource, signals: Sequence[Signal]) -> str:
    return f"{source.name}: it publishes no forecast for {signals[0].zone}" if signals else f"{source.name}: no figure"

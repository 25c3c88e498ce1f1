"""Marginal intensity by WattTime's API v3, every five minutes; it needs the user's name and password.

Marginal figures are never compared or summed with average ones. See https://docs.watttime.org.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pytest_carbon.core.signals.check_series import with_ends
from pytest_carbon.core.signals.signal import Origin, Signal, Status
from pytest_carbon.grid.live.read_answers import (
    Reading,
    ensure_zone,
    list_of,
    moment_of,
    number_of,
    past_and_ahead,
    to_signals,
)
from pytest_carbon.grid.live.signal_source import Question, SourceFaultError

USER, PASSWORD = "WATTTIME_USER", "WATTTIME_PASSWORD"
ORIGIN = Origin("WattTime", "marginal", "direct", "consumption", "WattTime, proprietary; your plan's terms")
_POUND_PER_MWH_G_PER_KWH = 0.45359237


@dataclass(frozen=True, slots=True)
class WattTime:
    """WattTime's marginal operating emissions rate."""

    address: str = "https://api.watttime.org"
    name: str = "watttime"
    needs: tuple[str, ...] = (USER, PASSWORD)
    stale_after: timedelta = timedelta(hours=1)
    origin: Origin = ORIGIN

    def signals(self, question: Question) -> list[Signal]:
        """Return the history up to now, and the forecast where the plan has one."""
        token = self._token(question)
        question = replace(question, client=question.client.with_secret(token))
        headers = {"Authorization": f"Bearer {token}"}
        span = {"start": question.start.isoformat(), "end": min(question.end, question.now).isoformat()}
        readings = past_and_ahead(
            question,
            lambda: self._read(question, "historical", "measured", headers, span),
            lambda: self._read(question, "forecast", "forecast", headers, {"horizon_hours": "72"}),
            without=[403],
        )
        return to_signals(question, self.origin, readings)

    def _token(self, question: Question) -> str:
        secret = base64.b64encode(f"{question.keys[USER]}:{question.keys[PASSWORD]}".encode()).decode()
        client = question.client.with_secret(secret)
        token = client.json(f"{self.address}/login", headers={"Authorization": f"Basic {secret}"}).get("token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise SourceFaultError("the login gave no token")
        return token

    def _read(
        self, question: Question, what: str, status: Status, headers: dict[str, str], query: dict[str, str]
    ) -> list[Reading]:
        query = {"region": question.code, "signal_type": "co2_moer", **query}
        answer = question.client.json(f"{self.address}/v3/{what}", query, headers)
        meta: Any = answer["meta"]
        ensure_zone([meta], "region", question.code)
        if meta["units"] != "lbs_co2_per_mwh":
            raise SourceFaultError(f"figures in {meta['units']!r:.40}")
        issued: datetime | None = moment_of(meta["generated_at"]) if meta.get("generated_at") else None
        points = [(moment_of(item["point_time"]), number_of(item["value"])) for item in list_of(answer, "data")]
        grams = [(at, None if value is None else value * _POUND_PER_MWH_G_PER_KWH) for at, value in points]
        return [Reading(slot.start, slot.end, slot.g_per_kwh, status, issued) for slot in with_ends(grams)]

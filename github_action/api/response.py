"""What an answer of GitHub's API means: whether to ask again and when, and what to tell the user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATABLE = frozenset({"GET", "PATCH", "DELETE"})
_UNTOLD_S = 60.0
"""What GitHub's documentation asks to wait where a refusal for too many calls does not say how long."""
_LONGEST_S = 1e9


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. ``status`` is None where nothing did, and ``problem`` says why.

    ``taken`` is False where the request surely never arrived; ``final`` says that asking again is no use.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    problem: str = ""
    may_have_arrived: bool = True
    permanent: bool = False

    @property
    def is_success(self) -> bool:
        """Say whether it is a success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_rate_limited(self) -> bool:
        """Say whether it was refused for too many calls, and so did nothing."""
        if self.status != 403:
            return self.status == 429
        return "retry-after" in self.headers or self._used_up or "rate limit" in self.message().lower()

    @property
    def _used_up(self) -> bool:
        return self.headers.get("x-ratelimit-remaining") == "0"

    def requested_wait_s(self) -> float:
        """Return how long GitHub asks to wait; 0 where it does not."""
        after = self.headers.get("retry-after", "")
        if after.isdecimal():
            return min(float(after), _LONGEST_S)
        if not self.is_rate_limited:
            return 0.0
        try:
            now = parsedate_to_datetime(self.headers["date"]).timestamp()  # GitHub's clock; ours may differ
            left_s = int(self.headers["x-ratelimit-reset"]) - now
        except (KeyError, ValueError, TypeError, OverflowError):
            return _UNTOLD_S
        return min(max(left_s, 0.0) + 1.0, _LONGEST_S) if self._used_up else _UNTOLD_S

    def may_retry(self, method: str) -> bool:
        """Say whether to ask again: it was surely not taken, or the fault may pass and asking twice does no harm."""
        if self.permanent:
            return False
        if self.is_rate_limited or not self.may_have_arrived:
            return True
        return method in _REPEATABLE and (self.status is None or self.status >= 500)

    def message(self) -> str:
        """Return what GitHub says of a refusal, with its reasons; nothing where it is no JSON of GitHub's."""
        try:
            said = json.loads(self.content)
            reasons = said.get("errors") or []
            texts = [r if isinstance(r, str) else str(r.get("message") or r.get("code")) for r in reasons]
            return "; ".join([str(said["message"]), *texts])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ""

    def failure_reason(self) -> str:
        """Say in a few words why it was no success."""
        if self.is_rate_limited:
            return "GitHub asks for fewer calls"
        return self.problem or f"the answer was {self.status}"

    def advice(self) -> str:
        """Return the likely cause of a refusal and the next step."""
        if self.is_rate_limited:
            return f"too many calls were made of late; try again in {self.requested_wait_s():.0f} s"
        if self.status in REDIRECTS:
            return "it has moved; was the repository renamed? Use its new name"
        if self.status is not None and self.status >= 500:
            return "GitHub has a fault; see its status page and try again later"
        return _ADVICE.get(self.status, "this is a fault of pytest-carbon, please report it")


_ADVICE: dict[int | None, str] = {
    401: "the token is wrong or has expired; give the job a new one",
    403: "the token may not do this; give the job the permission for it",
    404: "it does not exist, or the token may not see it",
    410: "it is gone",
}

"""What a response of GitHub's API means: success or not, whether and when to repeat the request, what to advise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATABLE_METHODS = frozenset({"GET", "PATCH", "DELETE"})
_DEFAULT_WAIT_S = 60.0
"""GitHub's documentation asks for this wait after too many requests, if the response names no other."""
_LONGEST_WAIT_S = 1e9


@dataclass(frozen=True, slots=True)
class Response:
    """A response to one request. ``status`` is None if there was none; then ``problem`` says why.

    ``may_have_arrived`` is False if the request surely never reached the server. ``permanent``: the same request will
    fail again.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    problem: str = ""
    may_have_arrived: bool = True
    permanent: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the status is from 200 to 299."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_rate_limited(self) -> bool:
        """Whether GitHub refused because of too many requests. Such a request did nothing."""
        if self.status != 403:
            return self.status == 429
        return "retry-after" in self.headers or self._limit_used_up or "rate limit" in self.message().lower()

    @property
    def _limit_used_up(self) -> bool:
        return self.headers.get("x-ratelimit-remaining") == "0"

    def requested_wait_s(self) -> float:
        """Return how many seconds GitHub asks to wait before the next request; 0 if it does not ask."""
        retry_after = self.headers.get("retry-after", "")
        if retry_after.isdecimal():
            return min(float(retry_after), _LONGEST_WAIT_S)
        if not self.is_rate_limited:
            return 0.0
        try:
            now_s = parsedate_to_datetime(self.headers["date"]).timestamp()  # GitHub's clock; ours may differ
            left_s = int(self.headers["x-ratelimit-reset"]) - now_s
        except (KeyError, ValueError, TypeError, OverflowError):
            return _DEFAULT_WAIT_S
        return min(max(left_s, 0.0) + 1.0, _LONGEST_WAIT_S) if self._limit_used_up else _DEFAULT_WAIT_S

    def may_retry(self, method: str) -> bool:
        """Say whether to repeat the request: it did nothing, or the failure may pass and repeating does no harm."""
        if self.permanent:
            return False
        if self.is_rate_limited or not self.may_have_arrived:
            return True
        return method in _REPEATABLE_METHODS and (self.status is None or self.status >= 500)

    def message(self) -> str:
        """Return GitHub's own message of a refusal with its reasons; empty if the content is no JSON of GitHub's."""
        try:
            refusal = json.loads(self.content)
            reasons = refusal.get("errors") or []
            texts = [r if isinstance(r, str) else str(r.get("message") or r.get("code")) for r in reasons]
            return "; ".join([str(refusal["message"]), *texts])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ""

    def failure_reason(self) -> str:
        """Return in a few words why the request failed."""
        if self.is_rate_limited:
            return "GitHub asks for fewer requests"
        return self.problem or f"the response was {self.status}"

    def advice(self, permission: str = "") -> str:
        """Return the likely cause of a refusal and the next step; ``permission`` is what the call needs."""
        if self.is_rate_limited:
            return f"too many requests were made of late; try again in {self.requested_wait_s():.0f} s"
        if self.status in REDIRECTS:
            return "the address has moved; was the repository renamed? Use its new name"
        if self.status is not None and self.status >= 500:
            return "GitHub has a fault; see its status page and try again later"
        if self.status == 422 and _FULL in self.message():
            return "GitHub takes only 1,000 statuses of one name on a commit; push another commit"
        advice = _ADVICE.get(self.status, "this is a bug in pytest-carbon; please report it")
        return advice.format(needs=f" ({permission})" if permission else "")


_FULL = "maximum number of statuses"
_ADVICE: dict[int | None, str] = {
    401: "the token is wrong or has expired; give the job a new token",
    403: "the token lacks the permission{needs}; give it to the job in the workflow's permissions",
    404: "the object does not exist, or the token may not see it{needs}",
    410: "the object was deleted, or this feature is switched off",
}

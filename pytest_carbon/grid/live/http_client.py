"""The one HTTP client of grid sources: bounded in time and bytes, and quiet about keys."""

from __future__ import annotations

import http.client
import json
import time
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.escape import visible
from pytest_carbon.grid.live.bounded_connection import MOST_SILENCE_S, opener
from pytest_carbon.grid.live.hide_keys import SHORTEST, hide_keys

ANSWER_BYTES = 5_000_000
"""No answer on a zone's hours is longer."""
MOST_WAIT_S = 5.0
"""A source that asks for more patience, by ``Retry-After``, is passed over."""
_CHUNK = 65_536
_HEADERS = {"Accept": "application/json", "User-Agent": "pytest-carbon"}
_SHOWN_CHARS = 120
_AGAIN = frozenset([429, 502, 503, 504])


class HttpError(CarbonError):
    """A request that got no answer that can be used. ``status`` is the answer's, if there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Answer(NamedTuple):
    """A whole answer: its status and its bytes."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpClient:
    """Asks the hosts of grid sources; all requests together end within ``limit_s`` seconds of the first.

    No redirect is followed: a source that sends elsewhere is not the one that the user chose. Messages name the host
    and the path, never the query, which may hold a key. ``secrets`` are hidden in what is answered. Without ``quotes``,
    no message shows what was answered.
    """

    limit_s: float = 20.0
    secrets: Collection[str] = ()
    quotes: bool = True
    _until: list[float] = field(default_factory=list)

    def with_secret(self, secret: str) -> HttpClient:
        """Return the same client, in the same time, that hides one more secret."""
        return replace(self, secrets=(*self.secrets, secret))

    def shown(self, text: str | bytes) -> str:
        """Return the beginning of an answer's text in parentheses, for a message, without secrets; or nothing."""
        if not self.quotes:
            return ""
        whole = hide_keys(text if isinstance(text, bytes) else text.encode(errors="replace"), self.secrets)
        words = " ".join(whole[: 4 * _SHOWN_CHARS].decode(errors="replace").split())
        return f" ({visible(words[:_SHOWN_CHARS]) or 'no text'})"

    def json(
        self, url: str, query: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Return the JSON of an answer. Raises HttpError without a whole answer of status 200, or if it is no JSON."""
        answer = self.get(url, query, headers)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise HttpError(f"{_place(url)} answered with no JSON{self.shown(answer.body)}", answer.status) from None

    def get(
        self, url: str, query: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return an answer of status 200, asked again once if the source asks for a short wait.

        Raises HttpError for every other status, for a redirect, a body of more than ``ANSWER_BYTES``, and if the time
        is over.
        """
        answer, wait_s = self._ask(url, query, headers)
        if answer.status in _AGAIN and wait_s is not None and wait_s <= min(MOST_WAIT_S, self._left_s() - 1.0):
            time.sleep(wait_s)
            answer, _ = self._ask(url, query, headers)
        if answer.status == 410:
            raise HttpError(f"{_place(url)} is gone (status 410): its provider has ended the service", 410)
        if answer.status != 200:
            raise HttpError(
                f"{_place(url)} answered with status {answer.status}{self.shown(answer.body)}", answer.status
            )
        return answer

    def _left_s(self) -> float:
        if not self._until:
            self._until.append(time.monotonic() + self.limit_s)
        return self._until[0] - time.monotonic()

    def _ask(
        self, url: str, query: Mapping[str, str | int] | None, headers: Mapping[str, str] | None
    ) -> tuple[Answer, float | None]:
        left_s = self._left_s()
        if left_s <= 0:
            raise HttpError(f"{_place(url)} was not asked: the {self.limit_s:g} s for all questions are over")
        whole = f"{url}?{urlencode(query)}" if query else url
        try:
            request = urllib.request.Request(whole, headers={**_HEADERS, **(headers or {})})  # noqa: S310 - see opener
            with opener(self._until[0]).open(request, timeout=min(MOST_SILENCE_S, left_s)) as response:
                return self._read(url, response), _seconds(response.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            if self._left_s() <= 0:
                raise HttpError(f"{_place(url)} did not end its answer within {self.limit_s:g} s") from None
            raise HttpError(f"{_place(url)} could not be asked ({_reason(error)})") from None

    def _read(self, url: str, response: Any) -> Answer:
        if 300 <= response.status < 400:
            raise HttpError(f"{_place(url)} sends to another address, which is not asked", response.status)
        body = bytearray()
        while part := response.read1(_CHUNK):
            body += part
            if len(body) > ANSWER_BYTES:
                raise HttpError(f"{_place(url)} answered with more than {ANSWER_BYTES:,} bytes", response.status)
        return Answer(response.status, hide_keys(bytes(body), [key for key in self.secrets if len(key) >= SHORTEST]))


def _reason(error: Exception) -> str:
    """Return the reason of an error, without the URL, which some errors show."""
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, OSError) else error
    return inner.strerror if isinstance(inner, OSError) and inner.strerror else type(inner).__name__


def _place(url: str) -> str:
    """Return host and path of a URL: its query may hold a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return f"{parts.hostname or ''}{parts.path}"


def _seconds(text: str | None) -> float | None:
    """Return the seconds of ``Retry-After``; None without, or for a date, which nobody of these sends."""
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None

"""The one way to GitHub's API: bounded in time and size, asking again where that is safe, silent about its token."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import requests
from github3.session import GitHubSession  # type: ignore[import-untyped]
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ReadTimeoutError

from github_action.api.response import REDIRECTS, Response
from pytest_carbon.core.errors import CarbonError, ConfigError
from pytest_carbon.core.escape import visible

CONNECT_S = 10.0
READ_S = 30.0
TRIES = 5
JSON_BYTES = 20_000_000
FREE_WRITES = 4
"""Writes in a row that GitHub does not mind; it asks for a second between many of them."""
_CHUNK_BYTES = 1 << 16
_MOST_REDIRECTS = 3
_TOKEN = re.compile(r"[!-~]+")


class ApiError(CarbonError):
    """GitHub refused, or could not be asked. ``status`` is None where there was no answer.

    ``limited`` says that it was refused for too many calls.
    """

    def __init__(self, message: str, status: int | None = None, *, limited: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.rate_limited = limited

    @property
    def permission_missing(self) -> bool:
        """Say whether a permission is missing; neither the network nor GitHub is at fault."""
        return self.status in (401, 403, 404) and not self.rate_limited


class _Token(AuthBase):
    """Sets the token, and shows it to nobody. Without one it keeps requests from taking a password of ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"token {self._token}"
        return request


@dataclass(frozen=True, slots=True)
class _Ask:
    """A request. ``path`` is what messages call it: a signed address is not for logs."""

    method: str
    path: str
    url: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    most_bytes: int = JSON_BYTES
    signed: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path[:200]}"


class Client:
    """GitHub's REST API as a workflow's token may use it.

    ``limit_s`` is the most that it waits in its whole life, failed attempts included. ``pause`` is how it
    waits, ``calls`` counts the calls.
    """

    def __init__(
        self,
        api_url: str,
        token: str | None,
        *,
        say: Callable[[str], None] = print,
        limit_s: float = 120.0,
        read_s: float = READ_S,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token = (token or "").strip()
        if self._token and not _TOKEN.fullmatch(self._token):
            raise ConfigError("the GitHub token holds blanks or characters that no token has; is the secret whole?")
        self._url = api_url.rstrip("/")
        self._session = GitHubSession(CONNECT_S, read_s)
        self._session.auth = _Token(self._token)
        self._session.headers.update({"Accept": "application/vnd.github+json", "User-Agent": "pytest-carbon"})
        self._session.headers["X-GitHub-Api-Version"] = "2022-11-28"
        self._bare = requests.Session()  # for signed addresses of other hosts
        self._bare.auth = _Token("")
        self._say, self.pause, self._clock = say, pause, clock
        self._left_s = limit_s
        self._writes, self._last_write = 0, 0.0
        self.calls = 0

    def __repr__(self) -> str:
        return f"Client({self._url!r})"

    def get(self, path: str, **query: str | int) -> Any:
        """Return the JSON of a path below the API's address; ApiError for anything but success."""
        ask = self._ask("GET", path, query=query)
        return _json(ask, self._found(ask))

    def list_items(
        self, path: str, *, key: str | None = None, max_pages: int = 10, **query: str | int
    ) -> Iterator[dict[str, Any]]:
        """Yield the objects of a list over at most so many pages of 100; ``key`` is where an answer has the list.

        Of the next page's address only the query is used, so that the token goes nowhere else.
        """
        query = {"per_page": 100, **query}
        for _ in range(max_pages):
            ask = self._ask("GET", path, query=query)
            answer = self._found(ask)
            found = _json(ask, answer)
            items = found.get(key) if key is not None and isinstance(found, dict) else found
            if not isinstance(items, list):
                raise ApiError(f"{ask} was answered with no list; is {self._url} the address of GitHub's API?")
            yield from (item for item in items if isinstance(item, dict))
            after = _next_query(answer)
            if not after:
                return
            query = {**query, **after}

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Make something and return it. It is sent again only if it was surely not taken; after an error, look."""
        return self._write("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something and return it."""
        return self._write("PATCH", path, body)

    def delete(self, path: str) -> None:
        """Remove something; that it is gone already is no error."""
        try:
            self._write("DELETE", path, None)
        except ApiError as error:
            if error.status not in (404, 410):
                raise

    def download(self, path: str, max_bytes: int) -> bytes:
        """Return a file of at most so many bytes; the address that GitHub sends us on to never sees the token."""
        ask = self._ask("GET", path, most_bytes=max_bytes)
        answer = self._answer(ask)
        if answer.status in REDIRECTS:
            answer = self._answer(replace(ask, url=self._onward(ask, answer), signed=True))
        return self._sound(ask, answer).content

    def _ask(self, method: str, path: str, **more: Any) -> _Ask:
        return _Ask(method, path, self._session.build_url(path, base_url=self._url), **more)

    def _found(self, ask: _Ask) -> Response:
        """Return the answer to a GET; a renamed repository is followed, as long as that stays with the API."""
        answer = self._answer(ask)
        for _ in range(_MOST_REDIRECTS):
            if answer.status not in REDIRECTS:
                break
            url = self._onward(ask, answer)
            if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
                raise ApiError(f"{ask} is sent on to another host, which is not to see the token", answer.status)
            ask = replace(ask, url=url, query={})
            answer = self._answer(ask)
        return self._sound(ask, answer)

    def _onward(self, ask: _Ask, answer: Response) -> str:
        """Return where a redirect leads; ApiError for nowhere, and for a way that is less safe."""
        url = urljoin(ask.url, answer.headers.get("location", ""))
        if url == ask.url or urlsplit(url).scheme not in ("https", urlsplit(self._url).scheme):
            raise ApiError(f"{ask} was answered with {answer.status}, which leads nowhere safe", answer.status)
        return url

    def _write(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        """Send a change; from the fifth on a second after the last."""
        rest_s = self._last_write + 1.0 - self._clock()
        if self._writes >= FREE_WRITES and rest_s > 0:
            self.pause(rest_s)
        ask = self._ask(method, path, body=body)
        answer = self._answer(ask)
        self._writes, self._last_write = self._writes + 1, self._clock()
        return _json(ask, self._sound(ask, answer))

    def _answer(self, ask: _Ask) -> Response:
        """Ask until the answer is one that asking again would not better, or the time for waiting is used up."""
        for tried in range(1, TRIES + 1):
            begun = self._clock()
            answer = self._once(ask)
            if not answer.may_retry(ask.method):
                break
            self._left_s -= self._clock() - begun
            wait_s = max(answer.requested_wait_s(), 2.0 ** (tried - 2) * random.uniform(1.0, 2.0))  # noqa: S311 - no secret
            if tried == TRIES or wait_s > self._left_s:
                break
            if wait_s > 2:
                self._say(f"{ask}: waiting {wait_s:.0f} s, because {answer.failure_reason()}")
            self.pause(wait_s)
            self._left_s -= wait_s
        return answer

    def _once(self, ask: _Ask) -> Response:
        session: requests.Session = self._bare if ask.signed else self._session
        self.calls += 0 if ask.signed else 1
        try:
            with session.request(
                ask.method,
                ask.url,
                params=ask.query,
                json=ask.body,
                stream=True,
                allow_redirects=False,
                timeout=self._session.timeout,
            ) as response:
                content = bytearray()
                for chunk in response.iter_content(_CHUNK_BYTES):
                    content += chunk
                    if len(content) > ask.most_bytes:
                        return Response(None, problem=f"the answer is over {ask.most_bytes / 1e6:g} MB", permanent=True)
                return Response(response.status_code, response.headers, bytes(content))
        except (requests.RequestException, HTTPError, ValueError) as error:  # ValueError: a redirect to no address
            return _fault(error)

    def _sound(self, ask: _Ask, answer: Response) -> Response:
        """Return an answer that is a success; ApiError that says what failed, why and what to do."""
        if answer.is_success:
            return answer
        if answer.status is None:
            raise ApiError(f"{ask} failed: {answer.problem}")
        said = answer.message()
        said = visible(said.replace(self._token, "***") if self._token else said)[:300]
        told = f"{ask} was answered with {answer.status}" + (f" ({said})" if said else "")
        raise ApiError(f"{told}; {answer.advice()}", answer.status, limited=answer.is_rate_limited)


def quote_path_part(part: str) -> str:
    """Return one part of a path, safe in an address; ApiError for a name that would change the path."""
    if part in ("", ".", ".."):
        raise ApiError(f"{part!r} cannot be part of an address; nothing on GitHub is called so")
    return quote(part, safe="", errors="replace")


def _json(ask: _Ask, answer: Response) -> Any:
    try:
        return json.loads(answer.content) if answer.content else None
    except (ValueError, RecursionError):
        raise ApiError(f"{ask} was answered with something that is no JSON; is a proxy between?") from None


def _next_query(answer: Response) -> dict[str, str]:
    links = requests.utils.parse_header_links(answer.headers.get("link", ""))
    url = next((link.get("url", "") for link in links if link.get("rel") == "next"), "")
    return dict(parse_qsl(url.partition("?")[2]))


def _fault(error: Exception) -> Response:
    """Say in plain words why there was no answer; the exception's own text may hold a signed address."""
    cause = error.args[0] if error.args else None
    cause = getattr(cause, "reason", cause)
    cause = getattr(cause, "original_error", cause)  # a proxy's
    if isinstance(cause, ConnectTimeoutError):  # refused and unknown hosts are such, too
        problem = f"the server could not be reached ({type(cause).__name__}); are its address and the proxy right?"
        return Response(None, problem=problem, may_have_arrived=False)
    if isinstance(cause, ReadTimeoutError):
        return Response(None, problem="the server did not answer in time; try again later")
    if "CERTIFICATE_VERIFY_FAILED" in str(cause):
        problem = "the server's certificate is not trusted; set REQUESTS_CA_BUNDLE to its authority's"
        return Response(None, problem=problem, permanent=True)
    passing = isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)
    return Response(None, problem=f"the connection failed ({type(error).__name__}); try again later", permanent=not passing)

"""The one way to GitHub's API: bounded in time and size, repeats a request where that is safe, hides the token."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import requests
from github3.session import GitHubSession  # type: ignore[import-untyped]
from urllib3.exceptions import HTTPError

from github_action.api.answer import parse_answer
from github_action.api.failed_response import failed_response
from github_action.api.request import Request, TokenAuth
from github_action.api.response import REDIRECTS, Response
from pytest_carbon.core.errors import CarbonError, ConfigError
from pytest_carbon.core.escape import visible
from pytest_carbon.core.retry import doubling, retry

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
TRIES = 5
WRITES_WITHOUT_PAUSE = 4
"""GitHub accepts a few writes in a row. Between many writes it asks for one second."""
_LONGEST_SILENT_WAIT_S = 2.0
_CHUNK_BYTES = 1 << 16
_MAX_REDIRECTS = 3
_TOKEN = re.compile(r"[!-~]+")


class ApiError(CarbonError):
    """GitHub refused a request, or could not be reached. ``status`` is None if there was no response.

    ``rate_limited``: GitHub refused because of too many requests. ``wait_s``: so long GitHub asks to wait.
    """

    def __init__(
        self, message: str, status: int | None = None, *, rate_limited: bool = False, wait_s: float = 0.0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.rate_limited = rate_limited
        self.wait_s = wait_s

    @property
    def permission_missing(self) -> bool:
        """Whether the token lacks a permission; then neither the network nor GitHub is at fault."""
        return self.status in (401, 403, 404) and not self.rate_limited

    @property
    def may_pass(self) -> bool:
        """Whether the same call may succeed later: no answer, a fault of GitHub, or too many requests."""
        return self.status is None or self.status >= 500 or self.rate_limited


class _MayPassError(Exception):
    """A request failed, and the same request may succeed later."""


class Client:
    """GitHub's REST API, with the token of a workflow.

    A client waits at most ``max_wait_s`` in its whole life, failed requests included. The client calls ``log`` for each
    wait of more than 2 s, and ``pause`` to wait.
    """

    def __init__(
        self,
        api_url: str,
        token: str | None,
        *,
        log: Callable[[str], None] = print,
        max_wait_s: float = 120.0,
        read_timeout_s: float = READ_TIMEOUT_S,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token = (token or "").strip()
        if self._token and not _TOKEN.fullmatch(self._token):
            raise ConfigError(
                "the GitHub token has blanks or characters that no token has; is the secret whole? Store it again"
            )
        self._url = api_url.rstrip("/")
        self._session = GitHubSession(CONNECT_TIMEOUT_S, read_timeout_s)
        self._session.auth = TokenAuth(self._token)
        self._session.headers.update({"Accept": "application/vnd.github+json", "User-Agent": "pytest-carbon"})
        self._session.headers["X-GitHub-Api-Version"] = "2022-11-28"
        self._session_without_token = requests.Session()  # for signed URLs, which other hosts serve
        self._session_without_token.auth = TokenAuth("")
        self._log, self.pause, self._clock = log, pause, clock
        self._wait_left_s = max_wait_s
        self._writes, self._last_write_s = 0, 0.0

    def __repr__(self) -> str:
        return f"Client({self._url!r})"

    def get(self, path: str, kind: type = dict, **query: str | int) -> Any:
        """Return the JSON of a path below the API's URL. Raises ApiError for anything but success and that kind."""
        request = self._request("GET", path, query=query)
        answer = _parse_json(request, self._get(request))
        if not isinstance(answer, kind):
            raise ApiError(f"{request}: the response is no JSON {kind.__name__}; is a proxy between here and GitHub?")
        return answer

    def list_items(
        self, path: str, *, key: str | None = None, max_pages: int = 10, **query: str | int
    ) -> Iterator[dict[str, Any]]:
        """Yield the objects of a list, from at most ``max_pages`` pages of 100 objects.

        ``key`` names the list inside a JSON object. Of the next page's URL only the query is used: so the token goes
        to no other address. Raises ApiError for anything but success, and for JSON without that list.
        """
        query = {"per_page": 100, **query}
        for _ in range(max_pages):
            request = self._request("GET", path, query=query)
            response = self._get(request)
            page = _parse_json(request, response)
            items = page.get(key) if key is not None and isinstance(page, dict) else page
            if not isinstance(items, list):
                raise ApiError(f"{request}: the response has no list; is {self._url} the address of GitHub's API?")
            yield from (item for item in items if isinstance(item, dict))
            next_query = _next_page_query(response)
            if not next_query:
                return
            query = {**query, **next_query}

    @property
    def graphql_url(self) -> str:
        """The address of GraphQL, which is beside ``/api/v3`` on a server of one's own."""
        return f"{self._url.removesuffix('/v3')}/graphql"

    def query(self, text: str) -> Any:
        """Return the data of a GraphQL query, which reads; None if GitHub refuses it. Raises ApiError."""
        request = Request("POST", "graphql", self.graphql_url, body={"query": text}, reads=True)
        answer = _parse_json(request, self._get(request))
        return answer.get("data") if isinstance(answer, dict) else None

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create an object and return it.

        A POST is repeated only if GitHub surely did not carry it out. After an ApiError the caller must look whether
        the object exists.
        """
        return self._write("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change an object and return it. Raises ApiError for anything but success."""
        return self._write("PATCH", path, body)

    def delete(self, path: str) -> None:
        """Delete an object. An object that is gone already is no error; anything else raises ApiError."""
        try:
            self._write("DELETE", path, None)
        except ApiError as error:
            if error.status not in (404, 410):
                raise

    def download(self, path: str, max_bytes: int) -> bytes:
        """Return a file of at most ``max_bytes``. The address that GitHub redirects to never gets the token."""
        request = self._request("GET", path, max_bytes=max_bytes)
        response = self._send(request)
        if response.status in REDIRECTS:
            response = self._send(replace(request, url=self._redirect_url(request, response), signed=True))
        return self._require_success(request, response).content

    def _request(self, method: str, path: str, **fields: Any) -> Request:
        return Request(method, path, self._session.build_url(path, base_url=self._url), **fields)

    def _get(self, request: Request) -> Response:
        """Send a GET and return its successful response.

        Redirects are followed within the API's host only: GitHub redirects after a repository was renamed.
        """
        response = self._send(request)
        for _ in range(_MAX_REDIRECTS):
            if response.status not in REDIRECTS:
                break
            url = self._redirect_url(request, response)
            if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
                raise ApiError(
                    f"{request} leads to another host, which must not get the token; is GITHUB_API_URL right?",
                    response.status,
                )
            request = replace(request, url=url, query={})
            response = self._send(request)
        return self._require_success(request, response)

    def _redirect_url(self, request: Request, response: Response) -> str:
        """Return the URL of a redirect. Raises ApiError if it is missing, the same or less safe."""
        url = urljoin(request.url, response.headers.get("location", ""))
        if url == request.url or urlsplit(url).scheme not in ("https", urlsplit(self._url).scheme):
            raise ApiError(
                f"{request}: the redirect ({response.status}) leads nowhere safe; is a proxy between here and GitHub?",
                response.status,
            )
        return url

    def _write(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        """Send a change. From the fifth change on, one second passes between two of them."""
        rest_s = self._last_write_s + 1.0 - self._clock()
        if self._writes >= WRITES_WITHOUT_PAUSE and rest_s > 0:
            self.pause(rest_s)
        request = self._request(method, path, body=body)
        response = self._send(request)
        self._writes, self._last_write_s = self._writes + 1, self._clock()
        return _parse_json(request, self._require_success(request, response))

    def _send(self, request: Request) -> Response:
        """Send a request, again after failures that may pass, as long as tries and waiting time are left."""
        response = Response(None)

        def send() -> Response:
            nonlocal response
            started_s = self._clock()
            response = self._send_once(request)
            if response.may_retry(request.kind):
                self._wait_left_s -= self._clock() - started_s
                raise _MayPassError
            return response

        def pause(wait_s: float) -> None:
            if wait_s > _LONGEST_SILENT_WAIT_S:
                self._log(f"{request}: waiting {wait_s:.0f} s, because {response.failure_reason()}")
            self.pause(wait_s)
            self._wait_left_s -= wait_s

        plan_s = islice(doubling(0.5), TRIES - 1)
        try:
            return retry(
                send,
                (wait_s * random.uniform(1.0, 2.0) for wait_s in plan_s),  # noqa: S311 - no secret
                errors=_MayPassError,
                pause=pause,
                requested_wait_s=lambda _: response.requested_wait_s(),
                time_left_s=lambda: self._wait_left_s,
            )
        except _MayPassError:
            return response

    def _send_once(self, request: Request) -> Response:
        session: requests.Session = self._session_without_token if request.signed else self._session
        try:
            with session.request(
                request.method,
                request.url,
                params=request.query,
                json=request.body,
                stream=True,
                allow_redirects=False,
                timeout=self._session.timeout,
            ) as received:
                content = bytearray()
                for chunk in received.iter_content(_CHUNK_BYTES):
                    content += chunk
                    if len(content) > request.max_bytes:
                        problem = f"the response is over {request.max_bytes / 1e6:g} MB; does a proxy answer?"
                        return Response(None, problem=problem, permanent=True)
                return Response(received.status_code, received.headers, bytes(content))
        except (requests.RequestException, HTTPError, ValueError) as error:  # ValueError: a redirect to no address
            may_pass = isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)
            return failed_response(error, may_pass=may_pass)

    def _require_success(self, request: Request, response: Response) -> Response:
        """Return a successful response. Raises ApiError, which names the failure, its cause and the next step."""
        if response.is_success:
            return response
        if response.status is None:
            raise ApiError(f"{request} failed: {response.problem}")
        message = response.message()
        message = visible(message.replace(self._token, "***") if self._token else message)[:300]
        failure = f"{request} was answered with {response.status}" + (f" ({message})" if message else "")
        raise ApiError(
            f"{failure}; {response.advice(request.permission)}",
            response.status,
            rate_limited=response.is_rate_limited,
            wait_s=response.requested_wait_s(),
        )


def quote_path_part(part: str) -> str:
    """Return one part of a path, quoted for a URL. Raises ApiError for a name that would change the path."""
    if part in ("", ".", ".."):
        raise ApiError(f"{part!r} cannot be part of an address; nothing on GitHub has this name")
    return quote(part, safe="", errors="replace")


def _parse_json(request: Request, response: Response) -> Any:
    return parse_answer(response.content, lambda problem: ApiError(f"{request}: {problem}"))


def _next_page_query(response: Response) -> dict[str, str]:
    links = requests.utils.parse_header_links(response.headers.get("link", ""))
    url = next((link.get("url", "") for link in links if link.get("rel") == "next"), "")
    return dict(parse_qsl(url.partition("?")[2]))

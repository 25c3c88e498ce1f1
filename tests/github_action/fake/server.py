"""The server: takes requests, injects the faults that a test set, and notes all requests."""

from __future__ import annotations

import json
import re
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.github_action.fake import git_http, rest_checks, rest_git, rest_issues, rest_pulls, rest_runs
from tests.github_action.fake.rest import Answer, Rest, told
from tests.github_action.fake.state import Refusal, World, secret_of
from tests.github_action.fake.transport import Server

HANDLERS = (rest_checks, rest_git, rest_issues, rest_pulls, rest_runs)
"""Imported because they register handlers."""


_GRAPHQL = "/api/graphql"


@dataclass(frozen=True)
class Request:
    """A noted request. ``path`` is relative to the URL of the API, or for git and downloads to that of the server.

    ``status`` is that of the answer, 0 if the connection was dropped.
    """

    method: str
    path: str
    query: str
    body: Any
    status: int
    api: bool


@dataclass
class _Fault:
    verb: str
    pattern: str
    status: int | None
    headers: Mapping[str, str]
    body: Any
    times: int | None
    delay_s: float
    drop: bool
    after: bool

    def takes(self, verb: str, path: str, query: str) -> bool:
        """Return whether the fault hits this request, and count the hit."""
        hit = any(re.search(self.pattern, text) for text in (path, f"{path}?{query}"))
        if verb != self.verb or not hit or self.times == 0:
            return False
        self.times = None if self.times is None else self.times - 1
        return True


class FakeGitHub(World):
    """A fake GitHub on its own port, running inside ``with``. Leaving raises if the fake itself had a fault."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.delay_s = 0.0
        self.requests: list[Request] = []
        self._rest = Rest(self)
        self._faults: list[_Fault] = []
        self._meanwhile: list[tuple[str, str, Callable[[], object]]] = []
        self._left: int | None = None
        self._taken = False
        self._server = Server(self.answer)
        self.server_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="fake GitHub")

    def __enter__(self) -> FakeGitHub:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._server.close()
        self._thread.join()
        broken = self._rest.broken + self._server.faults
        if kind is None and broken:
            raise AssertionError("\n".join(broken))

    @property
    def refused(self) -> list[str]:
        """Requests against the description or the rules; the fixture fails if one is left at the end."""
        return self._rest.refused

    @property
    def api_calls(self) -> int:
        """The number of requests to the API."""
        return sum(request.api for request in self.requests)

    def asked(self, method: str, pattern: str) -> list[Request]:
        """Return the requests of a method whose path matches a pattern, in their order."""
        return [r for r in self.requests if r.method == method and re.search(pattern, r.path)]

    def fault(
        self,
        method: str,
        pattern: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] = {},
        body: Any = None,
        times: int | None = 1,
        delay_s: float = 0.0,
        drop: bool = False,
        after: bool = False,
    ) -> None:
        """Let the next requests of a kind fail: ``times`` None means all of them.

        With a ``status`` they get that answer; without one the real answer, with more headers, later, or never
        (``drop``). ``after`` carries the request out all the same: only the answer goes wrong.
        """
        self._faults.append(_Fault(method, pattern, status, headers, body, times, delay_s, drop, after))

    def mend(self) -> None:
        """End all faults."""
        self._faults.clear()

    def meanwhile(self, method: str, pattern: str, act: Callable[[], object]) -> None:
        """Let somebody act while the next request of a kind is on its way: just before it is carried out."""
        self._meanwhile.append((method, pattern, act))

    def _act(self, verb: str, path: str) -> None:
        for waiting in [entry for entry in self._meanwhile if entry[0] == verb and re.search(entry[1], path)][:1]:
            self._meanwhile.remove(waiting)
            waiting[2]()

    def end_after(self, calls: int | None, *, taken: bool = False) -> None:
        """Answer a number of API requests and no more, as if the client were killed then; None answers all again.

        ``taken`` carries the next one out all the same.
        """
        self._left, self._taken = calls, taken

    def _ended(self) -> bool:
        """Count a request, and return whether it is one too many."""
        self._left = None if self._left is None else self._left - 1
        return self._left is not None and self._left < 0

    def answer(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """Answer a request; None drops the connection."""
        path, _, query = target.partition("?")
        prefix = self.api_url.removeprefix(self.server_url)
        api = path.startswith(f"{prefix}/") or path == _GRAPHQL
        path = path.removeprefix(prefix) if api else path
        self._act(verb, path)
        fault = next((f for f in self._faults if f.takes(verb, path, query)), None)
        time.sleep((self.delay_s if api else 0) + (fault.delay_s if fault else 0))
        if api and self._ended():
            fault = _Fault(verb, "", None, {}, None, None, 0.0, drop=True, after=self._taken and self._left == -1)
        answer = self._fault_or_answer(fault, api, verb, path, query, headers, body)
        status = answer.status if answer else 0
        self.requests.append(Request(verb, path, query, _json(body), status, api))
        if answer and api:
            rate = {f"x-ratelimit-{name}": str(of) for name, of in self.rate(self.api_calls).items()}
            answer.headers = {"x-ratelimit-resource": "core", **rate, **answer.headers}
        return answer

    def _fault_or_answer(self, fault: _Fault | None, api: bool, *request: Any) -> Answer | None:
        if fault is None:
            return self._real(api, *request)
        if fault.after and (fault.drop or fault.status):
            self._real(api, *request)
        if fault.drop:
            return None
        if fault.status is None:
            real = self._real(api, *request)
            real.headers |= fault.headers
            return real
        body = {"message": "a fault of the test", "documentation_url": ""} if fault.body is None else fault.body
        return told(body, fault.status, dict(fault.headers))

    def _real(self, api: bool, verb: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            if path.startswith("/_artifacts/"):
                return self._stored(path, query, headers)
            if path == _GRAPHQL:
                return self._viewer(headers, body)
            if not api:
                return git_http.answer(self, verb, path, query, headers, body)
            with self.lock:
                return self._rest.answer(verb, path, query, headers, body)
        except Exception:
            self._rest.broken.append(f"{verb} {path}: {traceback.format_exc()}")
            return told({"message": "the fake is broken", "documentation_url": ""}, 500)

    def _viewer(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer the one question in GraphQL that the fake knows: whose token this is."""
        if " ".join(str(json.loads(body).get("query")).split()) != "query { viewer { login } }":
            self._rest.refused.append(f"GraphQL: {body!r}")
        try:
            token = self.token_of(secret_of(headers.get("authorization", "")))
        except Refusal as error:
            return told({"message": str(error)}, error.status)
        if token is None:
            return told({"message": "This endpoint requires you to be authenticated."}, 401)
        return told({"data": {"viewer": {"login": token.login}}})

    def _stored(self, path: str, query: str, headers: Mapping[str, str]) -> Answer:
        """Answer as the storage of artifacts: another service, which checks signatures and refuses tokens."""
        data = self.artifacts.get(int(path.rpartition("/")[2]))
        if "authorization" in headers:
            return Answer(400, body=b"InvalidAuthenticationInfo", content_type="application/xml")
        if data is None or query != "sig=signed":
            return Answer(403, body=b"AuthenticationFailed", content_type="application/xml")
        return Answer(200, body=data, content_type="application/zip")


def _json(body: bytes) -> Any:
    """Return the JSON of a body; None for another body, such as git's."""
    try:
        return json.loads(body)
    except ValueError:
        return None

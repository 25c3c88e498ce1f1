"""The REST API: checks the token and the request, runs the operation, and checks the response."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tests.github_action.fake.openapi import Asked, github
from tests.github_action.fake.rules import broken_rule
from tests.github_action.fake.state import Refusal, Token, World, secret_of

if TYPE_CHECKING:
    from tests.github_action.fake.repository import Repository

JSON = "application/json; charset=utf-8"


@dataclass
class Answer:
    """A response to the client."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = JSON


@dataclass
class Call:
    """A valid request that the token may make."""

    world: World
    repo: Repository
    token: Token | None
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    path: str
    taken: set[str] = field(default_factory=set)

    @property
    def login(self) -> str:
        """The login of the token."""
        return self.token.login if self.token else ""

    def number(self, part: str) -> int:
        """Return a parameter of the path that is a number."""
        return int(self.parts[part])

    def known(self, number: int | str, among: Mapping[Any, Any]) -> Any:
        """Return the object with a number or a name. Raises Refusal (404) without such an object."""
        if number not in among:
            raise Refusal(404, "Not Found")
        return among[number]

    def take(self, name: str, otherwise: str = "") -> str:
        """Return a query parameter; a parameter that no handler takes makes the fake fail."""
        self.taken.add(name)
        return self.query.get(name, otherwise)

    def page(self, items: Sequence[Any], key: str = "") -> Answer:
        """Return a page of items, with links to the others; under a key if the API wraps its lists."""
        size = min(max(int(self.take("per_page", "30")), 1), 100)
        number = max(int(self.take("page", "1")), 1)
        last = max(-(-len(items) // size), 1)
        near = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        if number >= last:
            del near["next"], near["last"]
        if number == 1:
            del near["prev"], near["first"]
        url = f"{self.world.api_url}{self.path}"
        links = [f'<{url}?{urlencode({**self.query, "page": of})}>; rel="{name}"' for name, of in near.items()]
        shown = list(items[(number - 1) * size : number * size])
        data = {"total_count": len(items), key: shown} if key else shown
        return told(data, headers={"link": ", ".join(links)} if links else {})


@dataclass(frozen=True)
class _Route:
    handler: Callable[[Call], Answer]
    level: str
    rights: tuple[str, ...]


_ROUTES: dict[str, _Route] = {}


def route(name: str, level: str, *rights: str) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
    """Register a handler of an operation, for tokens with one of the permissions at a level (read, write)."""

    def note(handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        _ROUTES[name] = _Route(handler, level, rights)
        return handler

    return note


def operations() -> set[str]:
    """Return the operations that have a handler."""
    return set(_ROUTES)


def needs(name: str) -> set[str]:
    """Return the permissions of which a token needs one for an operation, such as ``statuses: write``."""
    return {f"{right}: {_ROUTES[name].level}" for right in _ROUTES[name].rights if right != "metadata"}


def told(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Return a response in JSON."""
    return Answer(status, headers or {}, json.dumps(data, ensure_ascii=False).encode())


def refused(status: int, message: str) -> Answer:
    """Return an error in GitHub's form."""
    return told({"message": message, "documentation_url": "https://docs.github.com/rest"}, status)


class Rest:
    """The API of a world. ``refused`` lists requests that no client may send, ``broken`` the fake's own faults."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.refused: list[str] = []
        self.broken: list[str] = []

    def answer(self, verb: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request; ``path`` is what follows the API's URL."""
        result = github().find(verb, path)
        if result is None:
            return self._wrong(404, f"{verb} {path}: no such operation, or none that the fake knows")
        operation, parts = result
        content_type = headers.get("content-type", "").lower() or "application/json"
        asked = Asked(operation, parts, dict(parse_qsl(query, keep_blank_values=True)), body, content_type)
        try:
            answer = self._carried_out(asked, path, headers.get("authorization", ""))
        except Refusal as error:
            answer = refused(error.status, str(error))
        fault = github().fault_of_answer(asked, answer.status, answer.body, answer.content_type.partition(";")[0])
        if fault:
            self.broken.append(f"the fake's answer {answer.status} to {verb} {path}: {fault}")
        return answer

    def _carried_out(self, asked: Asked, path: str, authorization: str) -> Answer:
        token = self.world.token_of(secret_of(authorization))
        fault = github().fault_of_request(asked)
        body = None if fault else json.loads(asked.body or b"null")
        if fault := fault or broken_rule(asked.operation.name, body):
            return self._wrong(422, f"{asked.operation.verb} {path}: {fault}")
        route = _ROUTES[asked.operation.name]
        call = Call(
            self.world, self._repository(asked, token, route), token, asked.parts, dict(asked.query), body, path
        )
        answer = route.handler(call)
        if call.query.keys() - call.taken:
            self.broken.append(f"the fake ignores {sorted(call.query.keys() - call.taken)} of {asked.operation.name}")
        return answer

    def _repository(self, asked: Asked, token: Token | None, route: _Route) -> Any:
        if "repo" not in asked.parts:
            return None
        repo = self.world.repositories.get(f"{asked.parts['owner']}/{asked.parts['repo']}")
        if repo is None or not (repo.public or (token and token.may("metadata", "read", repo))):
            raise Refusal(404, "Not Found")
        if token is None and route.level != "read":
            raise Refusal(401, "Requires authentication")
        if token and not any(token.may(right, route.level, repo) for right in route.rights):
            raise Refusal(403, "Resource not accessible by integration")
        repo.refresh()
        return repo

    def _wrong(self, status: int, what: str) -> Answer:
        self.refused.append(what)
        return refused(status, f"Validation Failed: {what}")

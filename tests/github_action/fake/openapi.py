"""GitHub's OpenAPI description: finds the operation of a request, and validates requests and responses."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

DESCRIPTION = Path(__file__).parent.parent / "openapi.json"
HOST = "http://github"
_SLASHES = {"basehead", "branch", "path", "ref"}
"""GitHub takes plain slashes in these parameters; the description knows encoded slashes only."""
_NOTHING = object()
_LEAST = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": []}
_NUMBER_OR_COMMIT = re.compile(r"[0-9]+\Z|[0-9a-f]{40}\Z")
_LEAST_TEXT = {"uri": "https://unset.invalid/", "date-time": "2026-01-01T00:00:00Z"}


@dataclass(frozen=True)
class Operation:
    """One verb on one kind of path."""

    name: str
    verb: str
    template: str
    pattern: re.Pattern[str]
    queries: frozenset[str]
    statuses: frozenset[int]


@dataclass(frozen=True)
class Asked:
    """A request that is one of the operations, with the parts of its path decoded."""

    operation: Operation
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    content_type: str

    @property
    def shape(self) -> tuple[object, ...]:
        """All that makes a request valid or not: the numbers and commits in its path are as good as others."""
        parts = [(name, _NUMBER_OR_COMMIT.sub("1", value)) for name, value in self.parts.items()]
        return self.operation.name, *parts, *self.query.items(), self.body, self.content_type

    def as_request(self) -> MockRequest:
        """Return the request in the form that openapi-core reads."""
        path = self.operation.template
        for name, value in self.parts.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return MockRequest(
            HOST, self.operation.verb, path, args=dict(self.query), view_args=dict(self.parts), data=self.body,
            content_type=self.content_type,
        )  # fmt: skip


class Description:
    """The operations that the fake needs of GitHub's description. Unknown fields are refused, to find typing errors."""

    def __init__(self, whole: dict[str, Any]) -> None:
        strict = Config(spec_validator_cls=None, additional_properties_default_policy="forbid")
        self._strict = OpenAPI.from_dict(whole, config=strict)
        self._core = OpenAPI.from_dict(whole, config=Config(spec_validator_cls=None))
        self._components = whole["components"]
        self._lock = threading.Lock()
        self._faults: dict[tuple[object, ...], str] = {}
        """What is wrong with requests that were asked before: most of a test's requests are those of another test."""
        result = [self._operation(p, v, o) for p, verbs in whole["paths"].items() for v, o in verbs.items()]
        self._operations = sorted(result, key=lambda o: (-o.template.count("/"), o.template.count("{")))

    def _operation(self, template: str, verb: str, rules: Mapping[str, Any]) -> Operation:
        parts = re.split(r"\{(\w+)\}", template)
        pattern = "".join(
            (f"(?P<{part}>.+)" if part in _SLASHES else f"(?P<{part}>[^/]+)") if odd % 2 else re.escape(part)
            for odd, part in enumerate(parts)
        )
        queries = {p["name"] for p in map(self._resolved, rules.get("parameters", ())) if p["in"] == "query"}
        return Operation(
            rules["operationId"], verb.upper(), template, re.compile(pattern), frozenset(queries),
            frozenset(map(int, rules["responses"])),
        )  # fmt: skip

    def _resolved(self, rules: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in rules:
            _, _, kind, name = rules["$ref"].split("/")
            rules = self._components[kind][name]
        return rules

    def operation(self, name: str) -> Operation:
        """Return the operation of a name."""
        return next(operation for operation in self._operations if operation.name == name)

    def find(self, verb: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation of a request and the parameters of its path; None without such an operation."""
        for operation in self._operations:
            match = operation.pattern.fullmatch(path)
            if match and operation.verb == verb:
                return operation, {name: unquote(part) for name, part in match.groupdict().items()}
        return None

    def fault_of_request(self, asked: Asked) -> str:
        """Return what is wrong with a request; empty if it is valid."""
        unknown = asked.query.keys() - asked.operation.queries
        if unknown:
            return f"unknown query parameters: {', '.join(sorted(unknown))}"
        with self._lock:
            fault = self._faults.get(asked.shape)
            if fault is None:
                try:
                    (self._strict if asked.body else self._core).validate_request(asked.as_request())
                    fault = ""
                except OpenAPIError as error:
                    fault = _reason(error)
                self._faults[asked.shape] = fault
        return fault

    def fault_of_answer(self, asked: Asked, status: int, data: bytes, content_type: str) -> str:
        """Return what is wrong with a response; empty if it is valid. Errors that are not described are accepted."""
        if status >= 400 and status not in asked.operation.statuses:
            return ""
        try:
            with self._lock:
                self._core.validate_response(asked.as_request(), MockResponse(data, status, None, content_type))
        except OpenAPIError as error:
            return _reason(error)
        return ""

    def filled(self, schema: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return an object with all fields that a schema requires; missing fields are null or the smallest value."""
        out: dict[str, Any] = self._filled(self._components["schemas"][schema], given)
        return out

    def _filled(self, rules: Mapping[str, Any], value: Any) -> Any:
        rules = self._resolved(rules)
        for way in rules.get("oneOf") or rules.get("anyOf") or ():
            if value is _NOTHING or (self._resolved(way).get("type") == "object") == isinstance(value, Mapping):
                return self._filled(way, value)
        if value is _NOTHING:
            return self._least(rules)
        if isinstance(value, list):
            return [self._filled(rules.get("items", {}), item) for item in value]
        if not isinstance(value, Mapping) or "properties" not in rules:
            return value
        known = rules["properties"]
        if value.keys() - known.keys():
            raise TypeError(f"GitHub has no {value.keys() - known.keys()} here, only {sorted(known)}")
        needed = [name for name in known if name in value or name in rules.get("required", ())]
        return {name: self._filled(known[name], value.get(name, _NOTHING)) for name in needed}

    def _least(self, rules: Mapping[str, Any]) -> Any:
        if rules.get("nullable"):
            return None
        if "enum" in rules:
            return rules["enum"][0]
        if rules.get("type") == "object":
            return self._filled(rules, {})
        return _LEAST_TEXT.get(rules.get("format", ""), _LEAST.get(rules.get("type", "")))


@cache
def github() -> Description:
    """Return the description, read once in a process."""
    return Description(json.loads(DESCRIPTION.read_text(encoding="utf-8")))


def _reason(error: OpenAPIError) -> str:
    """Return the message with the fields at fault, which openapi-core keeps inside its errors."""
    details = getattr(error.__cause__, "schema_errors", ())
    messages = [f"{detail.json_path}: {detail.message[-300:]}" for detail in details]
    return "; ".join(messages[:5]) or f"{error} {error.__cause__ or ''}"

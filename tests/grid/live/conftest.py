"""A server on this machine that answers as grid sources do, fault by fault."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

NOW = datetime(2026, 11, 20, 10, 10, tzinfo=UTC)


class FakeService:
    """Answers by path. An answer is JSON, bytes, or a function of the query that returns one; a status may go first."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.otherwise: Any = (404, {"error": "Not found."})
        self.requests: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Print nothing."""

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                headers_here = {name.lower(): text for name, text in self.headers.items()}
                service.requests.append((parts.path, query, headers_here))
                answer = service.answers.get(parts.path, service.otherwise)
                answer = answer(query) if callable(answer) else answer
                status, body, headers = [*answer, {}][:3] if isinstance(answer, tuple) else (200, answer, {})
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    if headers.get("X-Slow"):
                        for byte in data:
                            self.wfile.write(bytes([byte]))
                            self.wfile.flush()
                            time.sleep(0.05)
                    else:
                        self.wfile.write(data)
                except OSError:
                    pass  # the client has had enough

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def service() -> Iterator[FakeService]:
    """Return a service that answers nothing yet."""
    service = FakeService()
    yield service
    service.close()


Answer = Callable[[dict[str, list[str]]], Any]

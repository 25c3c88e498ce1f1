"""A metadata service on loopback, which can be hostile."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread

import pytest

AZURE = "GET /metadata/instance/compute/location?api-version=2021-02-01&format=text"
TOKEN, AWS = "PUT /latest/api/token", "GET /latest/meta-data/placement/region"
GOOGLE = "GET /computeMetadata/v1/instance/zone"
FLAVOR = "Metadata-Flavor: Google"


def http(body: str | bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Return an answer as bytes."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


class FakeMetadata:
    """Answers by the first line of a question; 404 to every other question. ``pause_s`` is a pause before each byte."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.needed: dict[str, str] = {}
        self.questions: list[str] = []
        self.pause_s = 0.0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._server.getsockname()
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop to listen."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._server.accept()
            except OSError:
                return
            with link, suppress(OSError):
                question = link.recv(8192).decode()
                self.questions.append(question)
                self._send(self._answer(question), link.sendall)

    def _answer(self, question: str) -> bytes:
        begin = question.partition(" HTTP/1.1\r\n")[0]
        if self.needed.get(begin, "") not in question:
            return http("", "400 Bad Request")
        return self.answers.get(begin, http("", "404 Not Found"))

    def _send(self, answer: bytes, send: Callable[[bytes], None]) -> None:
        if not self.pause_s:
            send(answer)
            return
        for byte in answer:
            send(bytes([byte]))
            time.sleep(self.pause_s)


@pytest.fixture
def metadata() -> Iterator[FakeMetadata]:
    """A service without answers."""
    service = FakeMetadata()
    yield service
    service.close()

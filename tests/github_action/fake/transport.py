"""HTTP/1.1 over sockets: reads whole requests, writes responses, and closes every connection with the test."""

from __future__ import annotations

import contextlib
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from tests.github_action.fake.rest import Answer

Answerer = Callable[[str, str, Mapping[str, str], bytes], Answer | None]


class Server(ThreadingHTTPServer):
    """An HTTP server on a free port of this machine. ``faults`` lists the errors in its threads."""

    daemon_threads = False

    def __init__(self, answerer: Answerer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answerer = answerer
        self.faults: list[str] = []
        self._open: set[socket.socket] = set()

    def server_bind(self) -> None:
        """Bind without a look-up of the machine's name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Close all connections, also those that clients keep open, and wait for their threads."""
        self.shutdown()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as the standard library has it
        """Note an error; a client that closed its connection is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            self.faults.append(traceback.format_exc())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def _answer(self) -> None:
        body = self._chunks() if "chunked" in self.headers.get("transfer-encoding", "") else self._counted()
        headers = {name.lower(): ", ".join(self.headers.get_all(name, ())) for name in self.headers}  # twice is a list
        answer = self.server.answerer(self.command, self.path, headers, body)
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("content-type", answer.content_type)
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _counted(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _chunks(self) -> bytes:
        """Read a chunked body, which git sends for a large push."""
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, format: str, *args: object) -> None:
        """Write no log; the fake notes its requests itself."""

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer

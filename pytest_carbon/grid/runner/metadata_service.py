"""The client of metadata services: one literal address on this machine's own link, bounded in time and bytes.

No name is looked up, no proxy is used and no redirect is followed, so that nothing leaves the machine's host.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pytest_carbon.core.errors import CarbonError

LINK_LOCAL = ("169.254.169.254", 80)
"""The address of the metadata service in Azure, AWS and Google Cloud. No router passes on what is sent there."""
ANSWER_BYTES = 16_384
"""The most of an answer, with its headers, that is read."""


class MetadataError(CarbonError):
    """A metadata service that told no region. The message is a clause without any text of the answer."""


class MetadataAnswer(NamedTuple):
    """An answer of status 200."""

    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class MetadataService:
    """Asks the service until ``until_s`` of the monotonic clock. ``address`` is an IP address and a port."""

    until_s: float
    address: tuple[str, int] = LINK_LOCAL

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> MetadataAnswer:
        """Return an answer. Raises MetadataError for a status that is not 200, a long body, silence and no HTTP."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.address[0]}", "Connection: close", "Content-Length: 0"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        try:
            received = self._exchange("\r\n".join([*lines, "", ""]).encode("ascii"))
            response = http.client.HTTPResponse(_WholeAnswer(received))  # type: ignore[arg-type]  # as a socket
            response.begin()
            answer = MetadataAnswer(dict(response.headers.items()), response.read())
        except MetadataError:
            raise
        except Exception as fault:  # also what tests may have left in place of Python's sockets
            raise MetadataError(_reason(fault)) from None
        if response.status != 200:
            raise MetadataError(f"answered with status {response.status}")
        return answer

    def _exchange(self, question: bytes) -> bytes:
        """Send a question, and return all bytes until the other side ends, or has sent the length that it named."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as link:
            link.settimeout(self._left_s())
            link.connect(self.address)
            link.sendall(question)
            answer = bytearray()
            while not _is_whole(answer):
                link.settimeout(self._left_s())
                if not (part := link.recv(4096)):
                    break
                answer += part
                if len(answer) > ANSWER_BYTES:
                    raise MetadataError(f"answered with more than {ANSWER_BYTES:,} bytes")
            return bytes(answer)

    def _left_s(self) -> float:
        left_s = self.until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s


class _WholeAnswer:
    """Bytes that were received, as the one thing of a socket that the parser of HTTP uses."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, *_: Any) -> io.BytesIO:
        """Return the bytes as a file."""
        return io.BytesIO(self._received)


def _reason(fault: Exception) -> str:
    if isinstance(fault, TimeoutError):
        return "did not answer within 1 s"
    if isinstance(fault, http.client.HTTPException | ValueError):  # the first has faults that are OSErrors, too
        return "did not answer with HTTP"
    if isinstance(fault, OSError) and fault.strerror:
        return f"could not be asked ({fault.strerror})"
    return f"could not be asked ({type(fault).__name__}; do tests replace sockets?)"


def _is_whole(answer: bytearray) -> bool:
    """Return whether all of the body that the headers announce is there."""
    head, end, body = bytes(answer).partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n") if end else ():
        name, _, length = line.partition(b":")
        if name == b"content-length" and length.strip().isdigit():
            return len(body) >= int(length)
    return False

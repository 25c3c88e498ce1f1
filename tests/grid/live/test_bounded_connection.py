"""Connections: through proxies, with TLS, and to no address of a machine's own cloud."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from pytest_carbon.grid.live.bounded_connection import is_refused
from pytest_carbon.grid.live.http_client import HttpClient, HttpError


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("169.254.169.254", True),
        ("169.254.0.1", True),
        ("::ffff:169.254.169.254", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("100.100.100.200", True),
        ("168.63.129.16", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.0.0.7", False),
        ("93.184.216.34", False),
    ],
)
def test_refused_addresses(address: str, refused: bool) -> None:
    """This machine and the user's network may have a service; the link of a cloud's machine has its keys."""
    assert is_refused(address) is refused


@contextmanager
def _server(*parts: bytes, again: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """Serve one connection: an answer to each request, then the same bytes again and again; yield what was asked."""
    received: list[bytes] = []

    def serve() -> None:
        link, _ = listener.accept()
        with link, suppress(OSError):
            for part in parts:
                received.append(link.recv(65_536))
                link.sendall(part)
            while again:
                link.sendall(again)
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve)
        serving.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", received
        serving.join()


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes an address the proxy of all hosts."""

    def use(address: str) -> None:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://{address}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)

    return use


def test_a_proxy_is_asked(proxied: Any) -> None:
    """The proxy of the environment gets the request, and finds the host."""
    with _server(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n5") as (address, received):
        proxied(address)
        assert HttpClient().json("http://grid.invalid/data", {"zone": "DE"}) == 5
    assert received[0].startswith(b"GET http://grid.invalid/data?zone=DE HTTP/1.1\r\n")


def test_a_proxy_that_refuses_https(proxied: Any) -> None:
    """A tunnel that is not opened is a fault."""
    with _server(b"HTTP/1.1 403 Forbidden\r\n\r\n") as (address, received):
        proxied(address)
        with pytest.raises(HttpError, match=r"grid\.invalid/data could not be asked"):
            HttpClient().json("https://grid.invalid/data", {"api_key": "Xq7-not-shown"})
    assert received[0].startswith(b"CONNECT grid.invalid:443 HTTP/1")
    assert b"Xq7" not in received[0]


def test_a_proxy_that_drips(proxied: Any) -> None:
    """The head of a proxy's answer ends in time as well."""
    with _server(b"", again=b"H") as (address, _):
        proxied(address)
        with pytest.raises(HttpError, match=r"did not end its answer within 0\.3 s"):
            HttpClient(0.3).json("https://grid.invalid/data")


@pytest.mark.parametrize("again", [b"", b"\x16\x03\x01\x40\x00", b"no TLS at all "])
def test_a_host_without_tls(again: bytes) -> None:
    """What is not TLS is a fault, however long it lasts."""
    with _server(b"", again=again) as (address, _), pytest.raises(HttpError, match=r"could not be asked|did not end"):
        HttpClient(0.5).json(f"https://{address}/data")


def test_all_addresses_of_a_host_are_tried() -> None:
    """A host may have an address that nobody listens at; localhost has two on most machines."""
    with _server(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n5") as (address, _):
        assert HttpClient().json(f"http://localhost:{address.rpartition(':')[2]}/data") == 5

"""Connections on which all waiting ends at one moment, and which lead to no service of the machine's own cloud."""

from __future__ import annotations

import http.client
import io
import socket
import time
import urllib.request
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Any

MOST_SILENCE_S = 10.0
"""A host that sends nothing for so long has failed."""
_OF_CLOUDS = frozenset(["fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"])
"""Services of clouds that give their machines keys, at addresses that are not link-local."""


class RefusedAddressError(OSError):
    """A host whose address is that of a machine's own cloud, which gives keys to whoever asks from the machine."""

    def __init__(self) -> None:
        super().__init__(None, "an address of the machine's own network link or cloud is not asked")


def opener(until: float) -> urllib.request.OpenerDirector:
    """Return what opens http and https alone, by the proxies of the environment; no redirect is followed.

    All reading from a connection ends at ``until``, on the clock of ``time.monotonic``: of a proxy's answer, of the
    first lines and of the body.
    """
    director = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Handler(until),
        urllib.request.UnknownHandler(),
        _EveryStatus(),
    ):
        director.add_handler(handler)
    return director


def is_refused(address: str) -> bool:
    """Return whether a numeric address is link-local, or that of a service which gives a cloud's keys."""
    known = ip_address(address.partition("%")[0])
    if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    return known.is_link_local or str(known) in _OF_CLOUDS


class _EveryStatus(urllib.request.HTTPErrorProcessor):
    """Leaves every answer as it is: no redirect is followed, and a fault has a body to show."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:  # noqa: ARG002 - its caller's
        return response

    https_response = http_response


class _Handler(urllib.request.AbstractHTTPHandler):
    """Opens http and https with connections that end in time."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self._until = until

    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(self._connections(http.client.HTTPConnection), request)

    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(self._connections(http.client.HTTPSConnection), request)

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_

    def _connections(self, kind: type[http.client.HTTPConnection]) -> Any:
        def make(host: str, **options: Any) -> Any:
            connection: Any = kind(host, **options)
            connection._create_connection = partial(_connect, self._until)  # there is no other way to choose
            connection.response_class = self._response
            return connection

        return make

    def _response(self, link: socket.socket, *more: Any, **options: Any) -> http.client.HTTPResponse:
        bounded: Any = _Link(link, self._until)
        return http.client.HTTPResponse(bounded, *more, **options)


class _Link:
    """A socket, for a response that reads from it."""

    def __init__(self, link: socket.socket, until: float) -> None:
        self._link, self._until = link, until

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Received(self._link, self._until))


class _Received(io.RawIOBase):
    """What a socket receives until a moment. Its timeout alone would begin anew with each byte that comes."""

    def __init__(self, link: socket.socket, until: float) -> None:
        self._link, self._until, self._raw = link, until, link.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._link.settimeout(_left_s(self._until))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _connect(until: float, address: tuple[str, int], *_: object) -> socket.socket:
    """Connect to the first address of a host that answers. Raises OSError of the last one that does not."""
    fault = OSError("the host has no address")
    for family, kind, protocol, _name, place in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
        if is_refused(str(place[0])):
            raise RefusedAddressError
        link = socket.socket(family, kind, protocol)
        try:
            link.settimeout(_left_s(until))
            link.connect(place)
        except OSError as error:
            link.close()
            fault = error
        else:
            return link
    raise fault


def _left_s(until: float) -> float:
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return min(MOST_SILENCE_S, left_s)

"""The client of grid sources: bounded in time and bytes, follows nobody, shows no key."""

from __future__ import annotations

import json
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from pytest_carbon.grid.live.http_client import ANSWER_BYTES, HttpClient, HttpError


@contextmanager
def _raw_server(first: bytes, again: bytes) -> Iterator[str]:
    """Serve one connection: some bytes at once, and others again and again until the client goes."""

    def serve() -> None:
        link, _ = listener.accept()
        with link, suppress(OSError):
            link.sendall(first)
            while True:
                link.sendall(again)
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve)
        serving.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        serving.join()


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (b"HTTP/1.1 200 OK\r\nA: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1"),
    ],
    ids=["status line", "header name", "header", "100 Continue", "body", "length of a chunk"],
)
def test_no_part_of_an_answer_takes_longer(first: bytes, again: bytes) -> None:
    """Bytes that come one by one end with the time, whichever part of the answer they are."""
    with (
        _raw_server(first, again) as url,
        pytest.raises(HttpError, match=r"did not end its answer within 0\.3 s"),
    ):
        HttpClient(0.3).json(f"{url}/data")


@pytest.mark.parametrize(
    "echo",
    [
        lambda key: key,
        lambda key: key.upper(),
        quote,
        quote_plus,
        escape,
        lambda key: json.dumps({"key": key}),
        lambda key: b64encode(key.encode()).decode(),
        lambda key: "x" * 110 + key,
        lambda key: "x" * 475 + key,
    ],
    ids=["plain", "capitals", "URL", "form", "HTML", "JSON", "Base64", "at the cut", "at the end"],
)
@pytest.mark.parametrize("status", [200, 403])
def test_a_repeated_key_is_hidden(service: Any, echo: Any, status: int) -> None:
    """An error page that repeats the key shows none of it."""
    key = 'Xq7 not&shown"/'
    service.answers["/data"] = (status, f"<p>{echo(key)}</p>".encode())
    with pytest.raises(HttpError) as caught:
        HttpClient(5.0, [key]).json(f"{service.url}/data", {"api_key": key})
    shown = str(caught.value).casefold()
    assert "xq7" not in shown
    assert b64encode(b"Xq7").decode().casefold() not in shown


def test_without_quotes_no_answer_is_shown(service: Any) -> None:
    """What a policy's own address answers is not shown: the address may be somebody else's."""
    for answer in ((500, b"root:x:0:0"), (200, b"root:x:0:0")):
        service.answers["/data"] = answer
        with pytest.raises(HttpError) as caught:
            HttpClient(5.0, quotes=False).json(f"{service.url}/data")
        assert "root" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200"]
)
def test_link_local_addresses_are_refused(host: str) -> None:
    """Nobody asks the service that gives a machine of a cloud its keys."""
    with pytest.raises(HttpError, match="could not be asked \\(an address of the machine's own network link or cloud"):
        HttpClient(5.0).json(f"http://{host}/latest/meta-data/")


def test_an_answer_with_a_key_in_it_is_read_without(service: Any) -> None:
    """A service that repeats the request in a good answer tells the key to nobody further on."""
    service.answers["/data"] = {"request": {"api_key": "Xq7-not-shown"}, "value": 3}
    client = HttpClient(5.0, ["Xq7-not-shown", "value"])
    assert client.json(f"{service.url}/data") == {"request": {"api_key": "***"}, "value": 3}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, {"error": {"code": "500 Internal Server Error"}}), "answered with status 500 ("),
        ((400, b"'xx' is not the code for an available country"), "answered with status 400 ('xx' is not the code"),
        ((410, b""), "is gone (status 410): its provider has ended the service"),
        ((302, b"", {"Location": "http://169.254.169.254/"}), "sends to another address, which is not asked"),
        (b"<html>", "answered with no JSON (<html>)"),
        (b"x" * (ANSWER_BYTES + 1), "answered with more than 5,000,000 bytes"),
        ((200, b"x" * 400, {"X-Slow": "1"}), "did not end its answer within 1 s"),
    ],
    ids=["500", "400 as text", "410", "redirect", "no JSON", "too long", "slow bytes"],
)
def test_faults(service: Any, answer: Any, said: str) -> None:
    """Each fault ends soon, and is told with the address, but without the query, which holds a key."""
    service.answers["/data"] = answer
    begun = time.monotonic()
    with pytest.raises(HttpError) as caught:
        HttpClient(1.0).json(f"{service.url}/data", {"api_key": "Xq7-not-shown"})
    assert str(caught.value).startswith(f"127.0.0.1/data {said}")
    assert "Xq7-not-shown" not in str(caught.value)
    assert time.monotonic() - begun < 30
    assert len(service.requests) == 1


def test_silence_and_other_schemes() -> None:
    """Nobody listens, or the address is no web address: an error names the place and no key."""
    for url in ("http://127.0.0.1:1/data", "file:///etc/passwd"):
        with pytest.raises(HttpError, match=r"could not be asked \("):
            HttpClient(1.0).json(url, {"api_key": "Xq7-not-shown"})


def test_a_short_wait_is_kept_and_a_long_one_is_not(service: Any) -> None:
    """A source that asks for patience is asked once more after it, if the patience is short."""
    answers: list[Any] = [(429, {}, {"Retry-After": "1"}), {"a": 1}, (429, {}, {"Retry-After": "3600"})]
    service.answers["/data"] = lambda _: answers.pop(0)
    assert HttpClient().json(f"{service.url}/data") == {"a": 1}
    with pytest.raises(HttpError, match="status 429"):
        HttpClient().json(f"{service.url}/data")
    assert len(service.requests) == 3


def test_all_questions_share_the_time(service: Any) -> None:
    """After its time a client asks nobody any more."""
    service.answers["/data"] = {}
    client = HttpClient(0.2)
    client.json(f"{service.url}/data")
    time.sleep(0.25)
    with pytest.raises(HttpError, match=r"was not asked: the 0\.2 s for all questions are over"):
        client.json(f"{service.url}/data")

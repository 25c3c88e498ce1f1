"""The client of metadata services: bounded in time and bytes, follows nobody, tells no text of an answer."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pytest_carbon.grid.runner.metadata_service import LINK_LOCAL, MetadataError, MetadataService
from tests.grid.runner.conftest import http

PATH = "GET /a"
FAULTS = {
    "500": (http("<h1>secret</h1>", "500 Internal Server Error"), "answered with status 500"),
    "redirect": (http("", "302 Found", "Location: http://127.0.0.1:1/secret"), "answered with status 302"),
    "50 MB": (http(b"x" * 50_000_000), "answered with more than 16,384 bytes"),
    "endless header": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "answered with more than 16,384 bytes"),
    "no HTTP": (b"secret\r\n\r\n", "did not answer with HTTP"),
    "cut off": (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nwest", "did not answer with HTTP"),
    "no number": (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nwest", "did not answer with HTTP"),
    "nothing": (b"", "did not answer with HTTP"),
}


def _ask(metadata: Any) -> Any:
    return MetadataService(time.monotonic() + 1.0, metadata.address).ask("GET", "/a", {"Metadata": "true"})


def test_the_address_is_the_link_local_one() -> None:
    """A literal address, so that no name is looked up; no setting changes that."""
    assert MetadataService(0.0).address == LINK_LOCAL == ("169.254.169.254", 80)


@pytest.mark.parametrize(
    "answer",
    [
        http("body", "200 OK", "A: b"),
        b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ],
    ids=["with its length", "to the end", "in parts"],
)
def test_an_answer(metadata: Any, answer: bytes) -> None:
    """Headers and body, in each way that HTTP has to end a body; what is asked is all that is sent."""
    metadata.answers[PATH] = answer
    given = _ask(metadata)
    assert (given.headers["A"], given.body) == ("b", b"body")
    assert metadata.questions == [
        "GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\nMetadata: true\r\n\r\n"
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_text_of_a_wrong_answer_is_told(metadata: Any, fault: str) -> None:
    """The reason is a clause of ours, and no second question follows."""
    metadata.answers[PATH], said = FAULTS[fault]
    with pytest.raises(MetadataError) as caught:
        _ask(metadata)
    assert str(caught.value) == said
    assert len(metadata.questions) == 1


def test_every_other_fault_is_a_reason_too() -> None:
    """Tests may have left sockets that raise anything; the report is not lost. Here no port has such a number."""
    with pytest.raises(MetadataError) as caught:
        MetadataService(time.monotonic() + 1.0, ("127.0.0.1", 99_999)).ask("GET", "/a", {})
    assert str(caught.value) == "could not be asked (OverflowError; do tests replace sockets?)"


def test_a_proxy_of_the_environment_is_not_used(metadata: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would learn that somebody asks, and could answer instead."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    metadata.answers[PATH] = http("body")
    assert _ask(metadata).body == b"body"

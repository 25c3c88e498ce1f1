"""New lifecycles are fetched from a server on this machine, all of them or none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.device_facts import endoflife_date, lifecycles
from pytest_carbon.device_facts.endoflife_date import RefreshError
from tests.core.devices.device_check import NOW


def _release(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "releaseDate": "2020-01-01", "isEol": False, "eolFrom": None, "custom": None, **more}


ANSWERS: dict[str, list[dict[str, Any]]] = {
    **{product: [_release("1")] for product in endoflife_date.PRODUCTS},
    "python": [_release("3.15", isEol=False, eolFrom="2031-10-31"), _release("3.1", isEol=True)],
    "iphone": [
        _release("18", discontinuedFrom="2027-09-01", custom={"supportedIosVersions": "27 - 31"}),
        _release("22", custom={"supportedIosVersions": "31 - 32"}),
    ],
    "debian": [_release("14", eolFrom="2030-01-01", eoesFrom="2032-01-01")],
}


class _Server(ThreadingHTTPServer):
    """Answers with the releases of a product, or as a test sets it."""

    instead: bytes | None = None
    status = 200
    silent = False


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.server.silent:
            return
        product = self.path.rsplit("/", 1)[-1]
        answer = json.dumps({"result": {"releases": ANSWERS[product]}}).encode()
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(answer if self.server.instead is None else self.server.instead)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    """Return a server on the loopback interface, for one test."""
    running = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def _url(server: _Server) -> str:
    return f"http://127.0.0.1:{server.server_port}/api/v1/products"


def test_fetched_facts_are_used(server: _Server, tmp_path: Path) -> None:
    """All products are written to one file and used from then on; our own tables stay in use."""
    path = tmp_path / lifecycles.REFRESHED_TABLE
    counts = endoflife_date.refresh_lifecycles(path, NOW, _url(server))
    assert (len(counts), counts["python"]) == (13, 2)
    facts = lifecycles.load_facts(tmp_path)
    assert (facts.as_of, facts.source) == (NOW.date(), "endoflife.date (MIT), .carbon/lifecycles.json")
    newest, oldest = facts.releases["python"]
    assert (newest.name, newest.until, oldest.until) == ("3.15", date(2031, 10, 31), date.min)
    assert facts.releases["debian"][0].extended == date(2032, 1, 1)
    (phone,) = facts.groups["ios"]
    assert (phone.name, phone.last, phone.newest, phone.until) == ("iPhone 18", "31", date(2027, 9, 1), date.max)
    assert facts.needs == lifecycles.shipped_facts().needs
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("instead", "status", "error"),
    [
        (b"not json", 200, "answered, but not with releases"),
        (b"[]", 200, "answered, but not with releases"),
        (b'{"result": {"releases": []}}', 200, "answered without any release"),
        (b'{"result": {"releases": [{"name": 3, "releaseDate": "2020-01-01"}]}}', 200, "not with releases"),
        (b'{"result": {"releases": [{"name": "3", "releaseDate": "soon"}]}}', 200, "not with lifecycles"),
        (b"[" * 100_000, 200, "answered, but not with releases"),
        (b" " * (endoflife_date.MAX_ANSWER_BYTES + 1), 200, "answered with more than 2,000,000 bytes"),
        (b"", 500, "could not be fetched (HTTP Error 500"),
    ],
)
def test_a_wrong_answer_changes_nothing(
    server: _Server, tmp_path: Path, instead: bytes, status: int, error: str
) -> None:
    """An answer that is no table of releases is refused with the address, and the old file stays unchanged."""
    path = tmp_path / "lifecycles.json"
    path.write_text("old", encoding="ascii")
    server.instead, server.status = instead, status
    with pytest.raises(RefreshError) as caught:
        endoflife_date.refresh_lifecycles(path, NOW, _url(server))
    assert error in str(caught.value)
    assert path.read_text(encoding="ascii") == "old"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_silent_server_is_an_error(server: _Server, tmp_path: Path) -> None:
    """A server that never answers or does not exist is an error with a next step."""
    server.silent = True
    with pytest.raises(RefreshError, match="could not be fetched"):
        endoflife_date.refresh_lifecycles(tmp_path / "x.json", NOW, _url(server), timeout_s=0.2)
    with pytest.raises(RefreshError, match="check the network and try again"):
        endoflife_date.refresh_lifecycles(tmp_path / "x.json", NOW, "http://127.0.0.1:9/none", timeout_s=0.2)


def test_a_folder_that_cannot_be_written_is_an_error(server: _Server, tmp_path: Path) -> None:
    """A file in the place of the folder is an error with a next step, not a traceback."""
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(RefreshError, match="could not be written"):
        endoflife_date.refresh_lifecycles(tmp_path / "file" / "x.json", NOW, _url(server))

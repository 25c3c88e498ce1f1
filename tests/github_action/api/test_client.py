"""The client, when GitHub, the network or an address on the way is not as it should be."""

from __future__ import annotations

import gzip
import json
import logging
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from github_action.api.client import TRIES, ApiError, Client, quote_path_part
from pytest_carbon.core.errors import ConfigError
from tests.attack import Attack

TOKEN = "ghs_0123456789secret"  # noqa: S105 - nobody's
PATH = "repos/octo/shop/pulls/7"
DROP, HANG, CUT = "drop", "hang", "cut"
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
AT_DATE = 1_767_225_600


@dataclass
class Reply:
    """What the server does with one request."""

    status: int = 200
    body: Any = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass
class ScriptedServer:
    """A server that sends one reply after the other, the last one again and again, and keeps the requests."""

    url: str = ""
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    received: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)
    finished: threading.Event = field(default_factory=threading.Event)

    def will_reply(self, *replies: Reply) -> None:
        """Set the replies, in order."""
        self.replies = list(replies)

    def next_reply(self) -> Reply:
        """Return the next reply; the last one stays."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    @property
    def lines(self) -> list[str]:
        """Method and path of each request."""
        return [f"{method} {path}" for method, path, _, _ in self.received]

    @property
    def tokens(self) -> list[str | None]:
        """The header Authorization of each request."""
        return [headers.get("Authorization") for _, _, headers, _ in self.received]


def _handler(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.received.append((self.command, self.path, dict(self.headers), body))
            reply = server.next_reply()
            if reply.fault == HANG:
                server.finished.wait(20)
            if reply.fault in (DROP, HANG):
                self.close_connection = True
                return
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response_only(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.fault == CUT:
                content, self.close_connection = content[: len(content) // 2], True
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def _run_server(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.finished.set()
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A server that is reached without a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield from _run_server()


@pytest.fixture
def other_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A second server at another port, which is another host to HTTP."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield from _run_server()


class FakeClock:
    """A clock that only pauses move on; it keeps the pauses and the client's notices."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.pauses: list[float] = []
        self.notices: list[str] = []

    def now(self) -> float:
        """Return the time in seconds."""
        return self.now_s

    def pause(self, seconds: float) -> None:
        """Move the clock on."""
        self.pauses.append(seconds)
        self.now_s += seconds


@pytest.fixture
def clock() -> FakeClock:
    """A clock that starts at 1000 s."""
    return FakeClock()


@pytest.fixture
def client(server: ScriptedServer, clock: FakeClock) -> Client:
    """A client of the server, below a path like that of GitHub Enterprise Server."""
    return _client(server, clock)


def _client(server: ScriptedServer, clock: FakeClock, token: str | None = TOKEN, **more: float) -> Client:
    return Client(f"{server.url}/api/v3/", token, log=clock.notices.append, pause=clock.pause, clock=clock.now, **more)


CALLS: dict[str, Callable[[Client], object]] = {
    "GET": lambda client: client.get(PATH),
    "PATCH": lambda client: client.patch(PATH, {"a": 1}),
    "DELETE": lambda client: client.delete(PATH),
    "POST": lambda client: client.post(PATH, {"a": 1}),
}
REPEATABLE = [method for method in CALLS if method != "POST"]
PASSING = {
    "500": Reply(500),
    "502 with a page": Reply(502, b"<html>Bad gateway</html>"),
    "503": Reply(503),
    "dropped": Reply(fault=DROP),
    "cut short": Reply(body=b'{"whole": true}', fault=CUT),
}


def test_requests_are_what_github_expects(server: ScriptedServer, client: Client) -> None:
    """A request goes below the API's path, with the token, JSON both ways and the version of the API."""
    server.will_reply(Reply(body={"number": 7}), Reply(201, {"id": 1}), Reply(204, b""))
    assert client.get(PATH, state="open", page=2) == {"number": 7}
    assert client.post("repos/octo/shop/statuses/abc", {"state": "ö"}) == {"id": 1}
    assert client.delete("repos/octo/shop/issues/comments/3") is None
    assert server.lines == [
        f"GET /api/v3/{PATH}?state=open&page=2",
        "POST /api/v3/repos/octo/shop/statuses/abc",
        "DELETE /api/v3/repos/octo/shop/issues/comments/3",
    ]
    assert server.tokens == [f"token {TOKEN}"] * 3
    headers = server.received[1][2]
    assert json.loads(server.received[1][3]) == {"state": "ö"}
    assert headers["Accept"] == "application/vnd.github+json"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert len(server.received) == 3


@pytest.mark.parametrize("method", REPEATABLE)
@pytest.mark.parametrize("fault", list(PASSING))
def test_passing_failure_is_retried(
    server: ScriptedServer, client: Client, clock: FakeClock, method: str, fault: str
) -> None:
    """A request that does no harm twice is repeated, after a short pause without a notice."""
    server.will_reply(PASSING[fault], Reply())
    CALLS[method](client)
    assert len(server.received) == 2
    assert [0.5 <= pause <= 1 for pause in clock.pauses] == [True]
    assert not clock.notices


@pytest.mark.parametrize("fault", list(PASSING))
def test_post_is_never_sent_twice_blindly(server: ScriptedServer, client: Client, fault: str) -> None:
    """A comment whose response was lost may exist: the client raises, and the caller looks."""
    server.will_reply(PASSING[fault], Reply())
    with pytest.raises(ApiError) as caught:
        client.post(PATH, {})
    assert len(server.received) == 1
    assert not caught.value.permission_missing


@pytest.mark.parametrize("method", list(CALLS))
def test_unreachable_server_is_tried_again(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    """A request that was never sent can be sent again, even a POST; the pauses grow, and the last error is raised."""
    caplog.set_level(logging.DEBUG, "urllib3.connectionpool")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as taken:  # bound and not listening: nobody else can take the port meanwhile
        taken.bind(("127.0.0.1", 0))
        client = _client(ScriptedServer(f"http://127.0.0.1:{taken.getsockname()[1]}"), clock)
        with pytest.raises(ApiError, match="could not be reached") as caught:
            CALLS[method](client)
    assert caught.value.status is None
    assert caplog.text.count("Starting new HTTP connection") == TRIES
    assert [2**n / 2 <= pause <= 2**n for n, pause in enumerate(clock.pauses)] == [True] * (TRIES - 1)
    assert all(method in notice and "could not be reached" in notice for notice in clock.notices)


@pytest.mark.parametrize("method", list(CALLS))
@pytest.mark.parametrize(
    ("reply", "pause"),
    [
        pytest.param(Reply(429, headers={"Retry-After": "7"}), 7.0, id="429 with a time"),
        pytest.param(Reply(429), 60.0, id="429 without"),
        pytest.param(Reply(403, headers={"Retry-After": "9"}), 9.0, id="403 with a time"),
        pytest.param(Reply(403, {"message": "You have exceeded a secondary rate limit."}), 60.0, id="secondary limit"),
        pytest.param(
            Reply(403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(AT_DATE + 30), "Date": DATE}),
            31.0,
            id="used up",
        ),
        pytest.param(
            Reply(403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(AT_DATE - 5), "Date": DATE}),
            1.0,
            id="used up until a moment ago",
        ),
        pytest.param(
            Reply(403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}), 60.0, id="no time in it"
        ),
    ],
)
def test_rate_limit_is_waited_for(
    server: ScriptedServer, client: Client, clock: FakeClock, method: str, reply: Reply, pause: float
) -> None:
    """A refusal for too many requests did nothing: even a POST is sent again, after the wait that GitHub names."""
    server.will_reply(reply, Reply())
    CALLS[method](client)
    assert len(server.received) == 2
    assert clock.pauses == [pytest.approx(pause)]
    expected = [f"{method} {PATH}: waiting {pause:.0f} s, because GitHub asks for fewer requests"] if pause > 2 else []
    assert clock.notices == expected


@pytest.mark.parametrize("after", ["3600", "9" * 400])
def test_too_long_wait_is_not_begun(server: ScriptedServer, client: Client, clock: FakeClock, after: str) -> None:
    """A job cannot wait an hour: the error says when to try again, and is not taken for a missing permission."""
    server.will_reply(Reply(403, {"message": "slow down"}, {"Retry-After": after}))
    with pytest.raises(
        ApiError, match=r"\(slow down\); too many requests were made of late; try again in \d+ s"
    ) as caught:
        client.get(PATH)
    assert (caught.value.status, caught.value.rate_limited, caught.value.permission_missing) == (403, True, False)
    assert not clock.pauses


def test_waiting_time_is_shared_by_all_requests(server: ScriptedServer, clock: FakeClock) -> None:
    """All requests share one waiting time: a dead API delays a job once."""
    client = _client(server, clock, max_wait_s=10.0)
    server.will_reply(Reply(503))
    for _ in range(6):
        with pytest.raises(ApiError, match=r"answered with 503; GitHub has a fault"):
            client.get(PATH)
    assert sum(clock.pauses) <= 10
    assert len(server.received) == 6 + len(clock.pauses)


@pytest.mark.parametrize(
    ("status", "refused", "advice"),
    [
        (401, True, "the token is wrong or has expired"),
        (403, True, "the token lacks the permission"),
        (404, True, "or the token may not see it"),
        (410, False, "the object was deleted"),
        (422, False, "bug in pytest-carbon"),
        (301, False, "was the repository renamed?"),
    ],
)
def test_refusal_is_raised_at_once(
    server: ScriptedServer, client: Client, status: int, refused: bool, advice: str
) -> None:
    """The error names the request, the status, GitHub's own message with its reasons, and what to do."""
    errors = [{"code": "custom", "message": "body is too long"}, "and more", {"code": "missing"}]
    server.will_reply(
        Reply(status, {"message": "Validation Failed", "errors": errors}, {"X-RateLimit-Remaining": "4999"})
    )
    with pytest.raises(ApiError) as caught:
        client.patch(PATH, {})
    failure = f"PATCH {PATH} was answered with {status} (Validation Failed; body is too long; and more; missing); "
    assert str(caught.value).startswith(failure)
    assert advice in str(caught.value)
    assert (caught.value.status, caught.value.permission_missing, len(server.received)) == (status, refused, 1)


@pytest.mark.parametrize("status", [404, 410])
def test_deleting_twice_is_no_error(server: ScriptedServer, client: Client, status: int) -> None:
    """Two runs may remove the same comment."""
    server.will_reply(Reply(status, {"message": "Not Found"}))
    client.delete(PATH)


def test_slow_response_times_out(server: ScriptedServer, clock: FakeClock) -> None:
    """A server that takes the request and stays silent is given up after the time-out."""
    client = _client(server, clock, read_timeout_s=0.2)
    server.will_reply(Reply(fault=HANG), Reply(body={"a": 1}))
    assert client.get(PATH) == {"a": 1}
    server.will_reply(Reply(fault=HANG))
    with pytest.raises(ApiError, match=r"POST .* failed: the server did not respond in time"):
        client.post(PATH, {})


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"\xff\xfe", b"[" * 100_000, b"{", b"9" * 5000])
def test_response_that_is_not_json_is_an_error(server: ScriptedServer, client: Client, body: bytes) -> None:
    """The page of a captive portal is not taken for a response."""
    server.will_reply(Reply(body=body))
    with pytest.raises(ApiError, match="the response is not JSON; is a proxy between"):
        client.get(PATH)


def test_response_is_read_up_to_the_limit(server: ScriptedServer, client: Client) -> None:
    """A response that grows when it is unpacked is given up at the limit, without a second try."""
    bomb = gzip.compress(b" " * 20_000_001, compresslevel=9)
    server.will_reply(Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(ApiError, match="the response is over 20 MB"):
        client.get(PATH)
    assert len(server.received) == 1


def test_broken_encoding_is_an_error(server: ScriptedServer, client: Client) -> None:
    """A response that cannot be unpacked raises ApiError."""
    server.will_reply(Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(ApiError, match=r"the connection failed \(ContentDecodingError\)"):
        client.get(PATH)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_renamed_repository_is_followed(server: ScriptedServer, client: Client, status: int) -> None:
    """GitHub redirects a GET of a renamed repository to the repository's number."""
    server.will_reply(
        Reply(status, headers={"Location": "/api/v3/repositories/9/pulls/7?a=b"}), Reply(body={"number": 7})
    )
    assert client.get(PATH, a="b") == {"number": 7}
    assert server.lines[1] == "GET /api/v3/repositories/9/pulls/7?a=b"
    assert server.tokens == [f"token {TOKEN}"] * 2


def test_redirect_to_another_host_is_not_followed(
    server: ScriptedServer, other_server: ScriptedServer, client: Client
) -> None:
    """The token is for GitHub's API alone."""
    server.will_reply(Reply(301, headers={"Location": f"{other_server.url}/api/v3/{PATH}"}))
    with pytest.raises(ApiError, match="another host, which must not get the token"):
        client.get(PATH)
    assert not other_server.received


@pytest.mark.parametrize(
    ("location", "complaint", "most"),
    [
        ("/api/v3/there", "was the repository renamed", 4),
        (f"/api/v3/{PATH}", "leads nowhere safe", 1),
        ("ftp://127.0.0.1/x", "leads nowhere safe", 1),
        ("file:///etc/passwd", "leads nowhere safe", 1),
        ("http://[", "the connection failed", 1),
        ("", "leads nowhere safe", 1),
    ],
)
def test_redirects_end(server: ScriptedServer, client: Client, location: str, complaint: str, most: int) -> None:
    """A circle of redirects, and a redirect to nowhere, raise an error."""
    back = Reply(302, headers={"Location": f"/api/v3/{PATH}"})
    server.will_reply(*[Reply(302, headers={"Location": location}), back] * 5)
    with pytest.raises(ApiError, match=complaint):
        client.get(PATH)
    assert len(server.received) <= most


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_changes_are_not_redirected(server: ScriptedServer, client: Client, method: str) -> None:
    """A change goes only to the address that the user named."""
    server.will_reply(Reply(307, headers={"Location": "/api/v3/there"}))
    with pytest.raises(ApiError, match="answered with 307; the address has moved"):
        CALLS[method](client)
    assert len(server.received) == 1


@pytest.mark.parametrize("same_host", [True, False])
def test_file_is_fetched_without_the_token(
    server: ScriptedServer, other_server: ScriptedServer, client: Client, same_host: bool
) -> None:
    """The signed address of a file needs no token, whatever its host is."""
    at = server if same_host else other_server
    server.will_reply(Reply(302, headers={"Location": f"{at.url}/blob?sig=abc"}), Reply(body=b"PK\0zip"))
    other_server.will_reply(Reply(body=b"PK\0zip"))
    assert client.download("repos/octo/shop/actions/artifacts/5/zip", 6) == b"PK\0zip"
    assert at.lines[-1] == "GET /blob?sig=abc"
    assert (at.tokens[-1], server.tokens[0]) == (None, f"token {TOKEN}")
    assert sum(line.startswith("GET /api/v3/") for line in server.lines) == 1


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (Reply(body=b"x" * 1001), "the response is over 0.001 MB"),
        (Reply(404), "answered with 404"),
        (Reply(302, headers={"Location": "/again"}), "answered with 302"),
    ],
)
def test_error_hides_the_signed_address(server: ScriptedServer, client: Client, reply: Reply, complaint: str) -> None:
    """The error names the API's path; who reads the log must not be able to fetch the file."""
    server.will_reply(Reply(302, headers={"Location": "/blob?sig=abc"}), reply)
    with pytest.raises(ApiError, match=complaint) as caught:
        client.download(PATH, 1000)
    assert PATH in str(caught.value)
    assert "sig" not in str(caught.value)
    assert len(server.received) == 2


def test_download_is_retried_at_the_signed_address(server: ScriptedServer, client: Client) -> None:
    """The second half of a download is retried like any GET."""
    server.will_reply(
        Reply(302, headers={"Location": "/blob?sig=abc"}), Reply(503), Reply(fault=DROP), Reply(body=b"zip")
    )
    assert client.download(PATH, 1000) == b"zip"
    assert sum(line.startswith("GET /api/v3/") for line in server.lines) == 1


def test_pages_are_read_to_the_end(server: ScriptedServer, client: Client) -> None:
    """All objects of all pages are returned; other values are left out; of the next address only the query is used."""
    link = '<http://evil.example/x?per_page=100&page=2&after=Y3Vyc29y>; rel="next", <http://a/?page=9>; rel="last"'
    server.will_reply(
        Reply(body={"artifacts": [{"id": 1}, None, 5]}, headers={"Link": link}),
        Reply(body={"artifacts": [{"id": 2}, []]}, headers={"Link": '<http://a/?page=1>; rel="prev"'}),
    )
    assert [item["id"] for item in client.list_items(PATH, key="artifacts", state="all")] == [1, 2]
    assert server.lines == [
        f"GET /api/v3/{PATH}?per_page=100&state=all",
        f"GET /api/v3/{PATH}?per_page=100&state=all&page=2&after=Y3Vyc29y",
    ]


def test_pages_are_read_up_to_the_limit(server: ScriptedServer, client: Client) -> None:
    """An endless list is given up after ``max_pages``."""
    server.will_reply(Reply(body=[{"id": 1}], headers={"Link": f'<{server.url}/?page=2>; rel="next"'}))
    assert len(list(client.list_items(PATH, max_pages=3))) == len(server.received) == 3


@pytest.mark.parametrize(
    "link", ["", "<", "nonsense", '<>; rel="next"', '<http://a/>; rel="next"', "<http://[>;rel=next"]
)
def test_broken_link_ends_the_list(server: ScriptedServer, client: Client, link: str) -> None:
    """A header Link that cannot be read ends the list."""
    server.will_reply(Reply(body=[{"id": 1}], headers={"Link": link}))
    assert list(client.list_items(PATH)) == [{"id": 1}]


@pytest.mark.parametrize(("key", "body"), [(None, {}), ("artifacts", {}), ("artifacts", []), ("artifacts", None)])
def test_missing_list_is_an_error(server: ScriptedServer, client: Client, key: str | None, body: object) -> None:
    """A response of another shape is never taken for an empty list."""
    server.will_reply(Reply(body=body))
    if isinstance(body, list):
        assert list(client.list_items(PATH, key=key)) == []
        return
    with pytest.raises(ApiError, match="the response has no list"):
        list(client.list_items(PATH, key=key))


@pytest.mark.parametrize("token", [TOKEN, f" {TOKEN}\n", "", None])
def test_netrc_is_not_used(
    server: ScriptedServer, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    """A password of ~/.netrc replaces neither the token nor a missing token."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password hunter2\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.will_reply(Reply(302, headers={"Location": "/blob"}), Reply())
    _client(server, clock, token).download(PATH, 10)
    assert server.tokens == [f"token {TOKEN}" if token else None, None]


def test_proxy_is_used(server: ScriptedServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go through the proxy of the environment."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    client = Client("http://github.invalid", TOKEN, pause=clock.pause)
    assert client.get(PATH) == {}
    assert server.lines == [f"GET http://github.invalid/{PATH}"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate with")
def test_own_authority_is_trusted_when_named(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown certificate is refused at once, and trusted once REQUESTS_CA_BUNDLE names its authority."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *make.split(), *more], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    for server in _run_server(tls):
        client = _client(server, clock)
        with pytest.raises(ApiError, match="certificate is not trusted; set REQUESTS_CA_BUNDLE"):
            client.get(PATH)
        assert not clock.pauses
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert client.get(PATH) == {}


@pytest.mark.attack("token")
def test_token_is_never_shown(
    server: ScriptedServer,
    client: Client,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    attack: Attack,
) -> None:
    """The token stands in no repr, error, log or notice."""
    caplog.set_level(logging.DEBUG)
    server.will_reply(
        Reply(503), Reply(429, headers={"Retry-After": "3"}), Reply(403, {"message": f"token {TOKEN} is bad"})
    )
    with pytest.raises(ApiError, match=r"\(token \*\*\* is bad\)") as caught:
        client.get(PATH)
    shown = [repr(client), str(client), repr(caught.value), caplog.text, *clock.notices, repr(client._session.auth)]
    assert not [text for text in shown if "0123456789" in text]
    assert repr(client) == f"Client('{server.url}/api/v3')"
    attack.harmless(*shown)


@pytest.mark.parametrize("token", ["gh s_secret", "ghs_sec\nret", "ghs_sécret", "ghs\0secret"])
def test_broken_token_is_not_shown(token: str) -> None:
    """Our check comes before the HTTP library's own error, which would show the token."""
    with pytest.raises(ConfigError, match="is the secret whole") as caught:
        Client("https://api.github.com", token)
    assert "secret?" not in str(caught.value).replace("is the secret whole?", "")
    assert token not in str(caught.value)


def test_message_of_the_server_is_harmless(server: ScriptedServer, client: Client) -> None:
    """The message of a server becomes one short line without control characters."""
    server.will_reply(Reply(403, {"message": "::error::\n\x1b[31m\u202e" + "x" * 10_000}))
    with pytest.raises(ApiError) as caught:
        client.get(PATH)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "body", [{}, [], {"message": None}, {"message": 1, "errors": 2}, {"message": "a", "errors": [None]}, b"no", b""]
)
def test_refusal_without_a_message_is_raised(server: ScriptedServer, client: Client, body: object) -> None:
    """A refusal with content of any shape raises ApiError."""
    server.will_reply(Reply(400, body))
    with pytest.raises(ApiError, match="was answered with 400"):
        client.get(PATH)


def test_many_changes_are_spaced(server: ScriptedServer, client: Client, clock: FakeClock) -> None:
    """The first four changes go at once, later ones a second after the last change; reading never waits."""
    for _ in range(6):
        client.patch(PATH, {})
        client.get(PATH)
    assert clock.pauses == [1.0, 1.0]
    assert len(server.received) == 12


@pytest.mark.parametrize(
    ("part", "safe"),
    [
        ("main", "main"),
        ("heads/a b", "heads%2Fa%20b"),
        ("a/../../b?c#d", "a%2F..%2F..%2Fb%3Fc%23d"),
        ("100%", "100%25"),
        ("ä\n\0", "%C3%A4%0A%00"),
        ("\ud800", "%3F"),
    ],
)
def test_part_of_a_path_is_quoted(server: ScriptedServer, client: Client, part: str, safe: str) -> None:
    """Any name stays one part of the path."""
    assert quote_path_part(part) == safe
    client.get(f"repos/octo/shop/branches/{quote_path_part(part)}")
    assert server.lines == [f"GET /api/v3/repos/octo/shop/branches/{safe}"]


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_part_that_changes_the_path_is_refused(part: str) -> None:
    """An empty name and dots would lead to another address."""
    with pytest.raises(ApiError, match="cannot be part of an address"):
        quote_path_part(part)


@pytest.mark.parametrize("body", [[], "x", 7, None])
def test_json_of_another_kind(server: ScriptedServer, client: Client, body: object) -> None:
    """A proxy answers 200 with its own JSON: that is no fault of ours."""
    server.will_reply(Reply(body=body))
    with pytest.raises(ApiError, match="no JSON dict; is a proxy between here and GitHub"):
        client.get(PATH)

"""The client: what it does when GitHub, the network or an address on the way is not as it should be."""

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
class Script:
    """A server that answers one reply after the other, the last one again and again, and keeps what it was asked."""

    url: str = ""
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    asked: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def says(self, *replies: Reply) -> None:
        """Set what is answered."""
        self.replies = list(replies)

    def take(self) -> Reply:
        """Return the reply that comes next."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    @property
    def lines(self) -> list[str]:
        """What was asked, as the first lines of the requests."""
        return [f"{method} {path}" for method, path, _, _ in self.asked]

    @property
    def tokens(self) -> list[str | None]:
        """The Authorization that each request carried."""
        return [headers.get("Authorization") for _, _, headers, _ in self.asked]


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.asked.append((self.command, self.path, dict(self.headers), body))
            reply = script.take()
            if reply.fault == HANG:
                script.over.wait(20)
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


def _served(tls: ssl.SSLContext | None = None) -> Iterator[Script]:
    script = Script()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield script
    script.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A server that no proxy stands before."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield from _served()


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A second server, at another port and so another host to HTTP."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield from _served()


class Patience:
    """A clock that only pauses move on, and what was said meanwhile."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.pauses: list[float] = []
        self.said: list[str] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now_s

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses.append(seconds)
        self.now_s += seconds


@pytest.fixture
def patience() -> Patience:
    """A clock of the test's own."""
    return Patience()


@pytest.fixture
def client(server: Script, patience: Patience) -> Client:
    """A client of the server, below a path as GitHub Enterprise Server has one."""
    return _client(server, patience)


def _client(server: Script, patience: Patience, token: str | None = TOKEN, **more: float) -> Client:
    return Client(
        f"{server.url}/api/v3/", token, log=patience.said.append, pause=patience.pause, clock=patience.clock, **more
    )


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


def test_calls_are_what_github_expects(server: Script, client: Client) -> None:
    """A call goes below the API's path, with the token, JSON both ways and the version of the API."""
    server.says(Reply(body={"number": 7}), Reply(201, {"id": 1}), Reply(204, b""))
    assert client.get(PATH, state="open", page=2) == {"number": 7}
    assert client.post("repos/octo/shop/statuses/abc", {"state": "ö"}) == {"id": 1}
    assert client.delete("repos/octo/shop/issues/comments/3") is None
    assert server.lines == [
        f"GET /api/v3/{PATH}?state=open&page=2",
        "POST /api/v3/repos/octo/shop/statuses/abc",
        "DELETE /api/v3/repos/octo/shop/issues/comments/3",
    ]
    assert server.tokens == [f"token {TOKEN}"] * 3
    headers = server.asked[1][2]
    assert json.loads(server.asked[1][3]) == {"state": "ö"}
    assert headers["Accept"] == "application/vnd.github+json"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert client.calls == 3


@pytest.mark.parametrize("method", REPEATABLE)
@pytest.mark.parametrize("fault", list(PASSING))
def test_fault_that_passes_is_waited_out(
    server: Script, client: Client, patience: Patience, method: str, fault: str
) -> None:
    """What does no harm twice is asked again, after a short pause that nobody is told of."""
    server.says(PASSING[fault], Reply())
    CALLS[method](client)
    assert (len(server.asked), client.calls) == (2, 2)
    assert [0.5 <= pause <= 1 for pause in patience.pauses] == [True]
    assert not patience.said


@pytest.mark.parametrize("fault", list(PASSING))
def test_post_is_never_sent_twice_blindly(server: Script, client: Client, fault: str) -> None:
    """A comment whose answer was lost may be there: the caller is told, and looks."""
    server.says(PASSING[fault], Reply())
    with pytest.raises(ApiError) as caught:
        client.post(PATH, {})
    assert len(server.asked) == 1
    assert not caught.value.permission_missing


@pytest.mark.parametrize("method", list(CALLS))
def test_server_that_is_away_is_tried_again(patience: Patience, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """A request that was never sent can be sent again, a POST as well; pauses grow, and in the end it is said."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as taken:  # bound and not listening: nobody else can take the port meanwhile
        taken.bind(("127.0.0.1", 0))
        client = _client(Script(f"http://127.0.0.1:{taken.getsockname()[1]}"), patience)
        with pytest.raises(ApiError, match="could not be reached") as caught:
            CALLS[method](client)
    assert caught.value.status is None
    assert client.calls == TRIES
    assert [2**n / 2 <= pause <= 2**n for n, pause in enumerate(patience.pauses)] == [True] * (TRIES - 1)
    assert all(method in said and "could not be reached" in said for said in patience.said)


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
def test_too_many_calls_are_waited_for(
    server: Script, client: Client, patience: Patience, method: str, reply: Reply, pause: float
) -> None:
    """A refusal for too many calls did nothing, so even a POST is sent again, when GitHub says."""
    server.says(reply, Reply())
    CALLS[method](client)
    assert len(server.asked) == 2
    assert patience.pauses == [pytest.approx(pause)]
    expected = [f"{method} {PATH}: waiting {pause:.0f} s, because GitHub asks for fewer calls"] if pause > 2 else []
    assert patience.said == expected


@pytest.mark.parametrize("after", ["3600", "9" * 400])
def test_wait_that_does_not_fit_is_not_begun(server: Script, client: Client, patience: Patience, after: str) -> None:
    """An hour of waiting is no use to a job: the error says when to try again, and that nobody lacks a permission."""
    server.says(Reply(403, {"message": "slow down"}, {"Retry-After": after}))
    with pytest.raises(
        ApiError, match=r"\(slow down\); too many calls were made of late; try again in \d+ s"
    ) as caught:
        client.get(PATH)
    assert (caught.value.status, caught.value.rate_limited, caught.value.permission_missing) == (403, True, False)
    assert not patience.pauses


def test_waiting_has_an_end_over_all_calls(server: Script, patience: Patience) -> None:
    """What was waited for one call is missing for the next: a dead API holds a job up once."""
    client = _client(server, patience, limit_s=10.0)
    server.says(Reply(503))
    for _ in range(6):
        with pytest.raises(ApiError, match=r"answered with 503; GitHub has a fault"):
            client.get(PATH)
    assert sum(patience.pauses) <= 10
    assert len(server.asked) == client.calls == 6 + len(patience.pauses)


@pytest.mark.parametrize(
    ("status", "refused", "advice"),
    [
        (401, True, "the token is wrong or has expired"),
        (403, True, "give the job the permission"),
        (404, True, "or the token may not see it"),
        (410, False, "it is gone"),
        (422, False, "fault of pytest-carbon"),
        (301, False, "was the repository renamed?"),
    ],
)
def test_refusal_is_told_and_not_asked_again(
    server: Script, client: Client, status: int, refused: bool, advice: str
) -> None:
    """The error names the call, the status, GitHub's own words with their reasons, and what to do."""
    errors = [{"code": "custom", "message": "body is too long"}, "and more", {"code": "missing"}]
    server.says(Reply(status, {"message": "Validation Failed", "errors": errors}, {"X-RateLimit-Remaining": "4999"}))
    with pytest.raises(ApiError) as caught:
        client.patch(PATH, {})
    said = f"PATCH {PATH} was answered with {status} (Validation Failed; body is too long; and more; missing); "
    assert str(caught.value).startswith(said)
    assert advice in str(caught.value)
    assert (caught.value.status, caught.value.permission_missing, len(server.asked)) == (status, refused, 1)


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_deleted(server: Script, client: Client, status: int) -> None:
    """Two runs may remove the same comment."""
    server.says(Reply(status, {"message": "Not Found"}))
    client.delete(PATH)


def test_slow_answer_is_not_waited_for(server: Script, patience: Patience) -> None:
    """A server that takes the request and says nothing is left after the time-out."""
    client = _client(server, patience, read_s=0.2)
    server.says(Reply(fault=HANG), Reply(body=[1]))
    assert client.get(PATH) == [1]
    server.says(Reply(fault=HANG))
    with pytest.raises(ApiError, match=r"POST .* failed: the server did not answer in time"):
        client.post(PATH, {})


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"\xff\xfe", b"[" * 100_000, b"{", b"9" * 5000])
def test_answer_that_is_no_json_is_an_error(server: Script, client: Client, body: bytes) -> None:
    """A captive portal's page is told, and not taken for an answer."""
    server.says(Reply(body=body))
    with pytest.raises(ApiError, match="something that is no JSON; is a proxy between"):
        client.get(PATH)


def test_answer_is_read_only_so_far(server: Script, client: Client) -> None:
    """An answer that grows when it is unpacked is left at the limit, once."""
    bomb = gzip.compress(b" " * 20_000_001, compresslevel=9)
    server.says(Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(ApiError, match="the answer is over 20 MB"):
        client.get(PATH)
    assert len(server.asked) == 1


def test_broken_encoding_is_an_error(server: Script, client: Client) -> None:
    """An answer that cannot be unpacked is no traceback."""
    server.says(Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(ApiError, match=r"the connection failed \(ContentDecodingError\)"):
        client.get(PATH)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_renamed_repository_is_followed(server: Script, client: Client, status: int) -> None:
    """GitHub sends a GET of a renamed repository on to its number."""
    server.says(Reply(status, headers={"Location": "/api/v3/repositories/9/pulls/7?a=b"}), Reply(body={"number": 7}))
    assert client.get(PATH, a="b") == {"number": 7}
    assert server.lines[1] == "GET /api/v3/repositories/9/pulls/7?a=b"
    assert server.tokens == [f"token {TOKEN}"] * 2


def test_redirect_to_another_host_is_not_followed(server: Script, other: Script, client: Client) -> None:
    """The token is for GitHub's API alone."""
    server.says(Reply(301, headers={"Location": f"{other.url}/api/v3/{PATH}"}))
    with pytest.raises(ApiError, match="another host, which is not to see the token"):
        client.get(PATH)
    assert not other.asked


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
def test_redirects_end(server: Script, client: Client, location: str, complaint: str, most: int) -> None:
    """A circle of redirects, and one to nowhere, is an error and not a loop."""
    back = Reply(302, headers={"Location": f"/api/v3/{PATH}"})
    server.says(*[Reply(302, headers={"Location": location}), back] * 5)
    with pytest.raises(ApiError, match=complaint):
        client.get(PATH)
    assert len(server.asked) <= most


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_changes_are_not_sent_on(server: Script, client: Client, method: str) -> None:
    """Where a write would land is for the user to say."""
    server.says(Reply(307, headers={"Location": "/api/v3/there"}))
    with pytest.raises(ApiError, match="answered with 307; it has moved"):
        CALLS[method](client)
    assert len(server.asked) == 1


@pytest.mark.parametrize("same_host", [True, False])
def test_file_is_fetched_without_the_token(server: Script, other: Script, client: Client, same_host: bool) -> None:
    """The signed address that GitHub gives for a file is its own permission, on whatever host."""
    at = server if same_host else other
    server.says(Reply(302, headers={"Location": f"{at.url}/blob?sig=abc"}), Reply(body=b"PK\0zip"))
    other.says(Reply(body=b"PK\0zip"))
    assert client.download("repos/octo/shop/actions/artifacts/5/zip", 6) == b"PK\0zip"
    assert at.lines[-1] == "GET /blob?sig=abc"
    assert (at.tokens[-1], server.tokens[0]) == (None, f"token {TOKEN}")
    assert client.calls == 1


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (Reply(body=b"x" * 1001), "the answer is over 0.001 MB"),
        (Reply(404), "answered with 404"),
        (Reply(302, headers={"Location": "/again"}), "answered with 302"),
    ],
)
def test_file_that_cannot_be_had_is_told_without_its_address(
    server: Script, client: Client, reply: Reply, complaint: str
) -> None:
    """The error names the API's path; who reads the log must not be able to fetch the file."""
    server.says(Reply(302, headers={"Location": "/blob?sig=abc"}), reply)
    with pytest.raises(ApiError, match=complaint) as caught:
        client.download(PATH, 1000)
    assert PATH in str(caught.value)
    assert "sig" not in str(caught.value)
    assert len(server.asked) == 2


def test_file_of_a_shaky_host_is_fetched_again(server: Script, client: Client) -> None:
    """The second half of a download is a GET like any other."""
    server.says(Reply(302, headers={"Location": "/blob?sig=abc"}), Reply(503), Reply(fault=DROP), Reply(body=b"zip"))
    assert client.download(PATH, 1000) == b"zip"
    assert client.calls == 1


def test_pages_are_read_to_the_end(server: Script, client: Client) -> None:
    """All objects of all pages come; what is no object is left out; of a next address only the query is used."""
    link = '<http://evil.example/x?per_page=100&page=2&after=Y3Vyc29y>; rel="next", <http://a/?page=9>; rel="last"'
    server.says(
        Reply(body={"artifacts": [{"id": 1}, None, 5]}, headers={"Link": link}),
        Reply(body={"artifacts": [{"id": 2}, []]}, headers={"Link": '<http://a/?page=1>; rel="prev"'}),
    )
    assert [item["id"] for item in client.list_items(PATH, key="artifacts", state="all")] == [1, 2]
    assert server.lines == [
        f"GET /api/v3/{PATH}?per_page=100&state=all",
        f"GET /api/v3/{PATH}?per_page=100&state=all&page=2&after=Y3Vyc29y",
    ]


def test_pages_are_read_only_so_far(server: Script, client: Client) -> None:
    """A list without an end is left after so many pages."""
    server.says(Reply(body=[{"id": 1}], headers={"Link": f'<{server.url}/?page=2>; rel="next"'}))
    assert len(list(client.list_items(PATH, max_pages=3))) == len(server.asked) == 3


@pytest.mark.parametrize(
    "link", ["", "<", "nonsense", '<>; rel="next"', '<http://a/>; rel="next"', "<http://[>;rel=next"]
)
def test_link_that_leads_nowhere_ends_the_list(server: Script, client: Client, link: str) -> None:
    """A header that is none is the end."""
    server.says(Reply(body=[{"id": 1}], headers={"Link": link}))
    assert list(client.list_items(PATH)) == [{"id": 1}]


@pytest.mark.parametrize(("key", "body"), [(None, {}), ("artifacts", {}), ("artifacts", []), ("artifacts", None)])
def test_list_that_is_none_is_an_error(server: Script, client: Client, key: str | None, body: object) -> None:
    """An answer of another shape is never taken for an empty list."""
    server.says(Reply(body=body))
    if isinstance(body, list):
        assert list(client.list_items(PATH, key=key)) == []
        return
    with pytest.raises(ApiError, match="answered with no list"):
        list(client.list_items(PATH, key=key))


@pytest.mark.parametrize("token", [TOKEN, f" {TOKEN}\n", "", None])
def test_netrc_is_not_used(
    server: Script, patience: Patience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    """A password that lies about for the host neither replaces the token nor stands in for a missing one."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password hunter2\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.says(Reply(302, headers={"Location": "/blob"}), Reply())
    _client(server, patience, token).download(PATH, 10)
    assert server.tokens == [f"token {TOKEN}" if token else None, None]


def test_proxy_is_used(server: Script, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy of the environment is asked, as every other tool asks it."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    client = Client("http://github.invalid", TOKEN, pause=patience.pause)
    assert client.get(PATH) == {}
    assert server.lines == [f"GET http://github.invalid/{PATH}"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate with")
def test_own_authority_is_trusted_when_named(
    tmp_path: Path, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with a certificate of its own is refused at once with the way out, and accepted when that is taken."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *make.split(), *more], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    for server in _served(tls):
        client = _client(server, patience)
        with pytest.raises(ApiError, match="certificate is not trusted; set REQUESTS_CA_BUNDLE"):
            client.get(PATH)
        assert not patience.pauses
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert client.get(PATH) == {}


def test_token_is_never_shown(
    server: Script, client: Client, patience: Patience, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the client's own text nor an error, a log or a word said on the way holds the token."""
    caplog.set_level(logging.DEBUG)
    server.says(Reply(503), Reply(429, headers={"Retry-After": "3"}), Reply(403, {"message": f"token {TOKEN} is bad"}))
    with pytest.raises(ApiError, match=r"\(token \*\*\* is bad\)") as caught:
        client.get(PATH)
    shown = [repr(client), str(client), repr(caught.value), caplog.text, *patience.said, repr(client._session.auth)]
    assert not [text for text in shown if "0123456789" in text]
    assert repr(client) == f"Client('{server.url}/api/v3')"


@pytest.mark.parametrize("token", ["gh s_secret", "ghs_sec\nret", "ghs_sécret", "ghs\0secret"])
def test_broken_token_is_told_without_it(token: str) -> None:
    """A secret that was pasted with something in it would be shown by the HTTP library's own error."""
    with pytest.raises(ConfigError, match="is the secret whole") as caught:
        Client("https://api.github.com", token)
    assert "secret?" not in str(caught.value).replace("is the secret whole?", "")
    assert token not in str(caught.value)


def test_words_of_the_server_are_harmless(server: Script, client: Client) -> None:
    """What a proxy or a server says is one short line without control characters."""
    server.says(Reply(403, {"message": "::error::\n\x1b[31m\u202e" + "x" * 10_000}))
    with pytest.raises(ApiError) as caught:
        client.get(PATH)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "body", [{}, [], {"message": None}, {"message": 1, "errors": 2}, {"message": "a", "errors": [None]}, b"no", b""]
)
def test_refusal_without_words_is_told(server: Script, client: Client, body: object) -> None:
    """An error of any shape is an error."""
    server.says(Reply(400, body))
    with pytest.raises(ApiError, match="was answered with 400"):
        client.get(PATH)


def test_many_changes_are_spaced(client: Client, patience: Patience) -> None:
    """The first four changes go at once, the others a second after the one before; reading is not held up."""
    for _ in range(6):
        client.patch(PATH, {})
        client.get(PATH)
    assert patience.pauses == [1.0, 1.0]
    assert client.calls == 12


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
def test_part_of_a_path_is_quoted(server: Script, client: Client, part: str, safe: str) -> None:
    """A name stays one part of the path, whatever it holds, also on the wire."""
    assert quote_path_part(part) == safe
    client.get(f"repos/octo/shop/branches/{quote_path_part(part)}")
    assert server.lines == [f"GET /api/v3/repos/octo/shop/branches/{safe}"]


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_part_that_would_change_the_path_is_refused(part: str) -> None:
    """The empty name and dots would address something else."""
    with pytest.raises(ApiError, match="cannot be part of an address"):
        quote_path_part(part)

"""What the HTTP library raises becomes a plain sentence, and a decision whether to try again."""

from __future__ import annotations

import pytest
import requests
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProxyError, ReadTimeoutError

from github_action.api.failed_response import failed_response

SIGNED = "https://blob.example/x?sig=secret"
POOL = HTTPConnectionPool("blob.example")
REFUSED = NewConnectionError(HTTPConnection("blob.example"), SIGNED)


def _connection_error(reason: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(POOL, SIGNED, reason))


@pytest.mark.parametrize(
    ("error", "problem", "post_repeated", "get_repeated"),
    [
        (_connection_error(REFUSED), "could not be reached (NewConnectionError)", True, True),
        (_connection_error(ProxyError(SIGNED, REFUSED)), "could not be reached (NewConnectionError)", True, True),
        (_connection_error(ConnectTimeoutError(SIGNED)), "could not be reached (ConnectTimeoutError)", True, True),
        (_connection_error(ReadTimeoutError(POOL, SIGNED, SIGNED)), "did not respond in time", False, True),
        (requests.ReadTimeout(ReadTimeoutError(POOL, SIGNED, SIGNED)), "did not respond in time", False, True),
        (requests.exceptions.SSLError(f"CERTIFICATE_VERIFY_FAILED {SIGNED}"), "set REQUESTS_CA_BUNDLE", False, False),
        (requests.ConnectionError(SIGNED), "the connection failed (ConnectionError)", False, True),
        (requests.exceptions.ChunkedEncodingError(SIGNED), "failed (ChunkedEncodingError)", False, True),
        (requests.exceptions.ContentDecodingError(SIGNED), "failed (ContentDecodingError)", False, False),
        (ValueError(SIGNED), "the connection failed (ValueError)", False, False),
        (requests.ConnectionError(), "the connection failed (ConnectionError)", False, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_exception_becomes_a_response(error: Exception, problem: str, post_repeated: bool, get_repeated: bool) -> None:
    """The sentence names the failure without the signed address, and only a request that never left repeats a POST."""
    response = failed_response(error)
    assert response.status is None
    assert problem in response.problem
    assert "secret" not in response.problem
    assert (response.may_retry("POST"), response.may_retry("GET")) == (post_repeated, get_repeated)

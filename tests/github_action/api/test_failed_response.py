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
    ("error", "problem", "post_repeated"),
    [
        (_connection_error(REFUSED), "could not be reached (NewConnectionError)", True),
        (_connection_error(ProxyError(SIGNED, REFUSED)), "could not be reached (NewConnectionError)", True),
        (_connection_error(ConnectTimeoutError(SIGNED)), "could not be reached (ConnectTimeoutError)", True),
        (_connection_error(ReadTimeoutError(POOL, SIGNED, SIGNED)), "did not respond in time", False),
        (requests.ReadTimeout(ReadTimeoutError(POOL, SIGNED, SIGNED)), "did not respond in time", False),
        (requests.ConnectionError(SIGNED), "the connection failed (ConnectionError)", False),
        (requests.ConnectionError(), "the connection failed (ConnectionError)", False),
        (requests.exceptions.ChunkedEncodingError(SIGNED), "failed (ChunkedEncodingError)", False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_failure_that_may_pass(error: Exception, problem: str, post_repeated: bool) -> None:
    """A GET is repeated; a POST only if it never left. The sentence lacks the signed address."""
    response = failed_response(error, may_pass=True)
    assert response.status is None
    assert problem in response.problem
    assert "secret" not in response.problem
    assert (response.may_retry("POST"), response.may_retry("GET")) == (post_repeated, True)


@pytest.mark.parametrize(
    ("error", "may_pass", "problem"),
    [
        (requests.exceptions.SSLError(f"CERTIFICATE_VERIFY_FAILED {SIGNED}"), True, "set REQUESTS_CA_BUNDLE"),
        (requests.exceptions.ContentDecodingError(SIGNED), False, "the connection failed (ContentDecodingError)"),
        (ValueError(SIGNED), False, "the connection failed (ValueError)"),
    ],
)
def test_permanent_failure(error: Exception, may_pass: bool, problem: str) -> None:
    """An unknown certificate never passes, nor does a failure that the caller knows to stay."""
    response = failed_response(error, may_pass=may_pass)
    assert problem in response.problem
    assert "secret" not in response.problem
    assert not response.may_retry("GET")

"""The client of grid sources: bounded in time and bytes, follows nobody, shows no key."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pytest_carbon.grid.live.http_client import ANSWER_BYTES, HttpClient, HttpError


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

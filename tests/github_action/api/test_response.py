"""The meaning of a response: success, repeating the request, waiting, and what the user is advised."""

from __future__ import annotations

from typing import Any

import pytest

from github_action.api.response import Response

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
AT_DATE_S = 1_767_225_600
USED_UP = {"x-ratelimit-remaining": "0", "date": DATE}
NEVER_SENT = Response(None, problem="the server could not be reached", may_have_arrived=False)
LOST = Response(None, problem="the connection failed")
TOO_LARGE = Response(None, problem="the response is over 20 MB", permanent=True)
SECONDARY_LIMIT = Response(403, content=b'{"message": "You have exceeded a secondary rate limit."}')


FULL = b"""{"message": "Validation Failed", "errors": [{"resource": "Status", "code": "custom",
"message": "This SHA and context has reached the maximum number of statuses."}]}"""


@pytest.mark.parametrize(
    ("status", "success"), [(None, False), (199, False), (200, True), (204, True), (299, True), (300, False)]
)
def test_success_is_a_status_from_200_to_299(status: int | None, success: bool) -> None:
    """Without a status there was no response, which is no success."""
    assert Response(status).is_success is success


@pytest.mark.parametrize(
    ("response", "limited"),
    [
        (Response(429), True),
        (SECONDARY_LIMIT, True),
        (Response(403, {"retry-after": "1"}), True),
        (Response(403, USED_UP), True),
        (Response(403, {"x-ratelimit-remaining": "1"}), False),
        (Response(403, content=b'{"message": "Resource not accessible by integration"}'), False),
        (Response(503, {"retry-after": "1"}), False),
        (Response(None), False),
    ],
)
def test_rate_limit_differs_from_a_missing_permission(response: Response, limited: bool) -> None:
    """Both have the status 403: a header or GitHub's message tells them apart."""
    assert response.is_rate_limited is limited


@pytest.mark.parametrize(
    ("response", "wait_s"),
    [
        (Response(200), 0.0),
        (Response(503), 0.0),
        (Response(503, {"retry-after": "5"}), 5.0),
        (Response(503, {"retry-after": "soon"}), 0.0),
        (Response(429, {"retry-after": "9" * 400}), 1e9),
        (Response(429, {"retry-after": "-1"}), 60.0),
        (SECONDARY_LIMIT, 60.0),
        (Response(403, {**USED_UP, "x-ratelimit-reset": str(AT_DATE_S + 30)}), 31.0),
        (Response(403, {**USED_UP, "x-ratelimit-reset": str(AT_DATE_S - 30)}), 1.0),
        (Response(403, {**USED_UP, "x-ratelimit-reset": "soon"}), 60.0),
        (Response(403, USED_UP), 60.0),
        (Response(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1", "date": "today"}), 60.0),
        (Response(429, {"x-ratelimit-remaining": "9", "x-ratelimit-reset": str(AT_DATE_S), "date": DATE}), 60.0),
    ],
)
def test_requested_wait(response: Response, wait_s: float) -> None:
    """GitHub names the wait in Retry-After or as the moment of the reset; else it is a minute after a rate limit."""
    assert response.requested_wait_s() == wait_s


@pytest.mark.parametrize(
    ("response", "repeated", "post_repeated"),
    [
        (Response(500), True, False),
        (Response(503), True, False),
        (LOST, True, False),
        (NEVER_SENT, True, True),
        (Response(429), True, True),
        (SECONDARY_LIMIT, True, True),
        (TOO_LARGE, False, False),
        (Response(200), False, False),
        (Response(302), False, False),
        (Response(404), False, False),
        (Response(499), False, False),
    ],
)
def test_request_is_repeated_where_that_does_no_harm(response: Response, repeated: bool, post_repeated: bool) -> None:
    """A POST that may have been carried out is never repeated."""
    assert {response.may_retry(method) for method in ("GET", "PATCH", "DELETE")} == {repeated}
    assert response.may_retry("POST") is post_repeated


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"message": "Not Found"}', "Not Found"),
        (b'{"message": "Bad", "errors": ["a", {"message": "b"}, {"code": "c"}]}', "Bad; a; b; c"),
        (b'{"message": "Bad", "errors": null}', "Bad"),
        (b'{"errors": ["a"]}', ""),
        (b'{"message": "Bad", "errors": [1]}', ""),
        (b"[]", ""),
        (b"<html>", ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
        (b"", ""),
    ],
)
def test_message_is_githubs_own(content: bytes, message: str) -> None:
    """The message has its reasons behind it, and is empty for content of another shape."""
    assert Response(422, content=content).message() == message


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (Response(429), "GitHub asks for fewer requests"),
        (LOST, "the connection failed"),
        (Response(502), "the response was 502"),
    ],
)
def test_failure_reason(response: Response, reason: str) -> None:
    """A few words say why the request failed."""
    assert response.failure_reason() == reason


@pytest.mark.parametrize(
    ("response", "advice"),
    [
        (Response(429, {"retry-after": "7"}), "too many requests were made of late; try again in 7 s"),
        (Response(301), "the address has moved; was the repository renamed? Use its new name"),
        (Response(500), "GitHub has a fault; see its status page and try again later"),
        (Response(401), "the token is wrong or has expired; give the job a new token"),
        (Response(403), "the token lacks the permission; give it to the job in the workflow's permissions"),
        (Response(404), "the object does not exist, or the token may not see it"),
        (Response(422), "this is a bug in pytest-carbon; please report it"),
        (Response(422, content=FULL), "GitHub takes only 1,000 statuses of one name on a commit; push another commit"),
    ],
)
def test_advice_names_cause_and_next_step(response: Response, advice: Any) -> None:
    """Every refusal has an advice; a status that nobody foresaw is our bug."""
    assert response.advice() == advice


def test_advice_names_the_permission_of_the_call() -> None:
    """A refusal that a permission mends names it; no other does."""
    assert "lacks the permission (statuses: read); give" in Response(403).advice("statuses: read")
    assert Response(404).advice("actions: read").endswith("may not see it (actions: read)")
    assert "statuses" not in Response(500).advice("statuses: read")

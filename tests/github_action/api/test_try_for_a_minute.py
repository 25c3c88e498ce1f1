"""The last call of a job has a minute of its own, whatever was waited for before."""

from __future__ import annotations

import pytest

from github_action.api.client import ApiError, Client
from github_action.api.try_for_a_minute import try_for_a_minute

FAULT = ApiError("GitHub has a fault", 502)
LOST = ApiError("no answer")
LIMIT = ApiError("too many requests", 403, rate_limited=True, wait_s=60.0)
LONG = ApiError("too many requests", 429, rate_limited=True, wait_s=600.0)
REFUSED = ApiError("no permission", 403)


@pytest.mark.parametrize(
    ("errors", "waits", "succeeds"),
    [
        ([], [], True),
        ([FAULT, LOST], [1, 2], True),
        ([FAULT] * 6, [1, 2, 4, 8, 16, 32], True),
        ([FAULT] * 7, [1, 2, 4, 8, 16, 32], False),
        ([LIMIT], [60], True),
        ([LIMIT, FAULT], [60, 2], True),
        ([LIMIT, LIMIT], [60], False),
        ([LONG], [], False),
        ([REFUSED], [], False),
    ],
)
def test_call_is_tried_for_a_minute(errors: list[ApiError], waits: list[float], succeeds: bool) -> None:
    """A fault, a lost answer and a short limit may pass in time; a refusal and a long limit do not."""
    pauses: list[float] = []
    client, left = Client("http://127.0.0.1", "t", max_wait_s=0.0, pause=pauses.append), list(errors)

    def call() -> str:
        if left:
            raise left.pop(0)
        return "written"

    if succeeds:
        assert try_for_a_minute(client, call) == "written"
    else:
        with pytest.raises(ApiError) as caught:
            try_for_a_minute(client, call)
        assert caught.value is errors[-1]
    assert pauses == waits

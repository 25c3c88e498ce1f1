"""How good advice was, and when it is not to be trusted."""

from __future__ import annotations

import pytest

from pytest_carbon.core.forecast.score import Decision, Score, score


def test_score() -> None:
    """The share of the possible saving, and of decisions that were worse than to start at once."""
    found = score(
        [Decision(1, 100, 80, 60), Decision(1, 100, 100, 80), Decision(2, 100, 110, 60), Decision(2, 50, 50, 50)]
    )
    assert found == Score(4, pytest.approx(0.1), 0.25)
    assert score([]) == Score(0, None, None)
    assert score([Decision(1, 5, 5, 5)]) == Score(1, None, 0.0)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (Score(100, 0.4, 0.10), ""),
        (Score(99, 0.9, 0.0), "only 99 decisions of its last 60 days can be checked; 100 are needed"),
        (Score(0, None, None), "only 0 decisions of its last 60 days can be checked; 100 are needed"),
        (Score(100, None, 0.0), "the last 60 days had nothing to save"),
        (Score(100, 0.39, 0.0), "its advice got 39% of what could be saved in the last 60 days, less than 40%"),
        (
            Score(100, 0.9, 0.11),
            "11% of its decisions of the last 60 days were worse than to start at once; 10% may be",
        ),
    ],
)
def test_reasons(one: Score, reason: str) -> None:
    """At the limit, advice is trusted."""
    assert one.reason_to_abstain == reason

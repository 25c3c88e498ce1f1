"""Runs that a newer commit supersedes: only what they used after it had begun could be saved."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.wasted.superseded_runs import LINES, find
from tests.core.advice.sample_runs import run, window


def test_the_rest_of_a_run_could_be_saved(bench: Any) -> None:
    """A run of 600 s goes on for 450 s after the newer commit; the newer run is read by somebody."""
    entries = [run(bench, 1, ago_h=10.0), run(bench, 2, ago_h=10.0 - 150 / 3600), run(bench, 3, ago_h=2.0)]
    (finding,) = find(window(*entries))
    assert finding.action == "Cancel the runs of job tests that a newer commit of their pull request supersedes"
    assert finding.evidence == (
        "1 of 3 runs of pull requests went on for 7.5 min on average after a run of a newer commit had begun"
    )
    assert {id_: saved.central for id_, saved in finding.savings.items()} == {"run-1": pytest.approx(0.75)}
    assert (finding.effort, finding.lines) == ("a line", LINES)


@pytest.mark.parametrize(
    "second",
    [
        {"commit": f"{1:040x}"},
        {"pr": 8},
        {"attempt": 2},
        {"job": "lint"},
        {"branch": "main"},
        {"ago_h": 9.0},
    ],
    ids=["the same commit", "another pull request", "run again", "another job", "merged", "after its end"],
)
def test_what_supersedes_nothing(bench: Any, second: dict[str, Any]) -> None:
    """Only a first run of another commit of the same pull request, in the same job, supersedes a run."""
    assert not list(find(window(run(bench, 1, ago_h=10.0), run(bench, 2, **{"ago_h": 9.95, **second}))))


def test_unknown_duration(bench: Any) -> None:
    """Nobody knows whether a run of unknown duration went on."""
    entries = [run(bench, 1, ago_h=10.0, wall_s=None), run(bench, 2, ago_h=9.95)]
    assert not list(find(window(*entries)))

"""The commit status: its states, its description, and which of several runs decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_action.publish import commit_status
from tests.github_action.publish.cases import FAILED, FINE, HOSTILE, US, Bench


@pytest.mark.parametrize(
    ("verdict", "on_error", "state", "text"),
    [
        (FINE, "fail", "success", "Both limits hold."),
        (FAILED, "fail", "failure", "This change does not fit its carbon budget: checkout used 131 g of 120 g."),
        (replace(FINE, state="inconclusive"), "fail", "success", "Both limits hold."),
        (replace(FAILED, advisory="A fork measured this."), "fail", "success", "A fork measured this."),
        (None, "fail", "error", "No verdict: the tests left no report."),
        (None, "neutral", "success", "No verdict (does not block): the tests left no report."),
    ],
)
def test_status_of_an_outcome(bench: Bench, verdict: object, on_error: str, state: str, text: str) -> None:
    """The status has the outcome's state, the whole sentence, and a link to the run."""
    publication = bench.publication(verdict, on_error=on_error)
    commit_status.set_outcome(bench.client(), publication)
    (result,) = bench.repo.statuses
    assert (result["state"], result["description"]) == (state, text)
    assert (result["context"], result["target_url"], result["sha"]) == (
        "carbon/budget", publication.context.run_url, bench.head_sha
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 140, "x" * 140),
        ("x" * 141, "x" * 139 + "…"),
        ("used 1 g " * 20, "used 1 g " * 15 + "used…"),
        ("used 10 g " * 20, "used 10 g " * 13 + "used 10 g…"),
        ("a " + "x" * 200, "a " + "x" * 137 + "…"),
        ("a\nb\x1b\u202ec", "a\\nb\\x1b\\u202ec"),
        ("bug \U0001f41b", "bug \\U0001f41b"),
        ("", ""),
    ],
)
def test_description(text: str, expected: str) -> None:
    """A description is one line, cut at a word if enough is left, without characters that GitHub refuses."""
    assert commit_status.format_description(text) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
@example(HOSTILE)
def test_description_is_always_accepted(text: str) -> None:
    """Any text becomes at most 140 printable characters of at most three bytes."""
    result = commit_status.format_description(text)
    assert len(result) <= 140
    assert result.isprintable()
    assert max((len(char.encode()) for char in result), default=0) <= 3


@pytest.mark.parametrize(
    ("before", "run", "later"),
    [
        ([], "100.1", ""),
        (["pending 100.1"], "100.1", ""),
        (["pending 100.1", "success 100.1"], "100.1", ""),
        (["pending 100.1", "pending 101.1", "success 101.1"], "100.1", "101.1"),
        (["pending 100.1", "pending 101.1"], "100.1", "101.1"),
        (["pending 100.1", "pending 101.1", "success 101.1"], "101.1", ""),
        (["pending 101.1", "success 101.1", "pending 100.2"], "100.2", ""),  # run again, by hand
        (["pending 100.1", "pending 101.1", "failure 101.1", "pending 100.1"], "100.1", ""),  # it measured meanwhile
        (["pending 100.2", "pending 101.1", "pending 100.2"], "101.1", "100.2"),
        (["success 101.1"], "100.1", "101.1"),
        (["success 101.1"], "101.2", ""),
        (["success 101.2"], "101.1", "101.2"),
        (["success 99.1"], "100.1", ""),
        (["pending 99.1"], "100.1", ""),
        (["pending 100.1", "success 101.1"], "100.1", "101.1"),
        (["pending 101.1", "failure 99.1"], "101.1", ""),
    ],
)
def test_run_that_began_last_decides(bench: Bench, before: list[str], run: str, later: str) -> None:
    """A run begins with its pending status; if that could not be written, the numbers of the runs decide."""
    for line in before:
        state, _, written = line.partition(" ")
        publication = bench.publication(FAILED if state == "failure" else FINE, written)
        (commit_status.set_pending if state == "pending" else commit_status.set_outcome)(bench.client(), publication)
    assert commit_status.find_later_run(bench.client(), bench.publication(run=run)) == later


def test_statuses_of_others_are_ignored(bench: Bench) -> None:
    """A status of another account, another context or another page is not of our run."""
    client, other = bench.client(), bench.client(login="stranger")
    commit_status.set_outcome(other, bench.publication(run="200.1"))
    commit_status.set_outcome(client, bench.publication(run="201.1", status_context="carbon/other"))
    elsewhere = bench.publication(run="202.1")
    path = f"repos/octo/shop/statuses/{bench.head_sha}"
    body = {"state": "success", "context": "carbon/budget", "target_url": "https://x.example/actions/runs/9"}
    client.post(path, body)
    assert commit_status.find_later_run(client, bench.publication(run="100.1")) == ""
    commit_status.set_outcome(client, elsewhere)
    assert commit_status.find_later_run(client, bench.publication(run="100.1")) == "202.1"


@pytest.mark.parametrize("carried_out", [True, False])
def test_status_is_set_once_after_a_lost_response(bench: Bench, carried_out: bool) -> None:
    """After a failure there is one status, whether or not GitHub carried out the first request."""
    bench.hub.fault("POST", "/statuses/", status=502, after=carried_out)
    commit_status.set_outcome(bench.client(), bench.publication())
    assert bench.posted_statuses() == [("success", "100.1")]
    assert bench.repo.statuses[0]["creator"]["login"] == US

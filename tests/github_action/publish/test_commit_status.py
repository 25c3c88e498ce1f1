"""The commit status: its states, its description, and which of several runs decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_action.publish import commit_status
from github_action.publish.publish import publish
from tests.attack import Attack
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


def test_the_end_of_a_description_is_never_cut() -> None:
    """What an earlier verdict was compared with is read again later, so it is always whole."""
    assert commit_status.format_description("x" * 200, " Base: 10 runs.") == "x" * 124 + "… Base: 10 runs."
    assert commit_status.format_description("Fine.", " Base: 10 runs.") == "Fine. Base: 10 runs."


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
        (["pending 100.1", "pending 101.1", "waiting 101.1"], "100.1", ""),  # it waits for ours
        (["pending 100.1", "waiting 100.1", "pending 101.1", "waiting 101.1"], "100.1", ""),
        (["pending 100.1", "waiting 101.1", "waiting 100.1"], "101.1", ""),
        (["pending 101.1", "success 101.1", "waiting 100.1"], "100.1", ""),
    ],
)
def test_run_that_began_last_decides(bench: Bench, before: list[str], run: str, later: str) -> None:
    """A run begins with its pending status; if that could not be written, the numbers of the runs decide."""
    attempts = dict(sorted(tuple(map(int, name.rpartition(" ")[2].split("."))) for name in [*before, run]))
    for number, attempt in attempts.items():
        bench.add_runs(number, run_attempt=attempt)
    for line in before:
        _say(bench, line)
    assert _later(bench, run) == later


def _say(bench: Bench, line: str, **more: object) -> None:
    """Write a status such as ``success 100.1``."""
    state, _, run = line.partition(" ")
    publication = bench.publication(FAILED if state == "failure" else FINE, run, waits=state == "waiting", **more)
    (commit_status.set_pending if state == "pending" else commit_status.set_outcome)(bench.client(), publication)


def _later(bench: Bench, run: str = "100.1") -> str:
    found = commit_status.find_later_run(bench.client(), bench.publication(run=run))
    return found.name + (" ?" if found.doubt else "") if found else ""


@pytest.mark.attack("planted-runs")
@pytest.mark.parametrize(
    ("lines", "facts"),
    [
        (["success 99999999.1"], {}),  # no such run
        (["pending 99999999.1"], {}),
        (["success 100.9"], {}),  # no such attempt of our own run
        (["success 101.3"], {}),
        (["success 101.0"], {}),
        (["success 101.1"], {"head_sha": "d" * 40}),  # a run of another commit
        (["pending 101.2"], {"status": "completed", "conclusion": "success"}),  # it has ended, and judges nothing now
        (["pending 101.1"], {}),  # the second attempt goes on, not the first
        (["pending 99.2"], {"status": "completed", "conclusion": "success"}),
        ([f"success {n}.1" for n in range(200, 205)], {}),
        (["success 101.1"], {"path": ".github/workflows/lint.yml"}),  # a run of this commit that judges nothing
        (["pending 101.2"], {"path": ".github/workflows/lint.yml", "event": "push"}),
    ],
)
def test_planted_run_silences_nobody(bench: Bench, attack: Attack, lines: list[str], facts: dict[str, object]) -> None:
    """A run that GitHub does not have, or that cannot judge this commit, is none; our verdict is written."""
    bench.add_runs(99, 100, 101, **facts)
    _say(bench, "pending 100.1")
    for line in lines:
        _say(bench, line)
    own = bench.publication(FAILED, workflows=frozenset({"carbon.yml"}))
    assert commit_status.find_later_run(bench.client(), own) is None
    assert publish(bench.client(), own).status_written
    attack.ended(bench.repo.statuses[-1]["state"])


@pytest.mark.parametrize("event", ["workflow_run", "pull_request_target"])
def test_run_that_judges_for_another(bench: Bench, event: str) -> None:
    """A run of these events belongs to the default branch, and judges the pull request's commit all the same."""
    bench.add_runs(101, event=event, head_sha="d" * 40)
    _say(bench, "success 101.1")
    assert _later(bench) == "101.1"


def test_status_of_a_run_that_begins_the_judging_of_another(bench: Bench) -> None:
    """A run of workflow_run that only said pending has ended; the one that judges comes when the tests end."""
    bench.add_runs(101, event="workflow_run", head_sha="d" * 40, status="completed", conclusion="success")
    _say(bench, "pending 101.2")
    assert _later(bench) == "101.2"


def test_no_run_is_asked_for_if_none_is_named(bench: Bench) -> None:
    """The usual case costs no more calls of the API."""
    bench.add_runs(99, 100)
    for line in ("success 99.1", "pending 100.1"):
        _say(bench, line)
    assert _later(bench) == ""
    assert bench.count_requests("GET", "/actions/runs/") == 0


@pytest.mark.parametrize("fault", [403, 503, "too many"])
def test_doubt_about_a_later_run(bench: Bench, fault: int | str) -> None:
    """If GitHub cannot tell, the run is neither believed nor forgotten; so many runs are not looked up."""
    for number in range(200, 206):
        _say(bench, f"success {number}.1")
    if isinstance(fault, int):
        bench.hub.fault("GET", "/actions/runs/", status=fault, times=None)
    assert _later(bench).endswith(" ?")
    assert bench.count_requests("GET", "/actions/runs/20") <= 5


@pytest.mark.parametrize(
    ("ours", "theirs", "worse"),
    [(FAILED, "success", True), (FAILED, "pending", True), (FAILED, "error", False), (FAILED, "failure", False),
     (FINE, "success", False), (FINE, "pending", False), (FINE, "failure", False)],
)  # fmt: skip
def test_which_status_is_worse(bench: Bench, ours: object, theirs: str, worse: bool) -> None:
    """A failure is worse than pending, pending worse than success; an error is a failure."""
    assert commit_status.is_worse(bench.publication(ours), theirs) == worse


def test_statuses_of_others_are_ignored(bench: Bench) -> None:
    """A status of another account, another context or another page is not of our run."""
    client, other = bench.client(), bench.client(login="stranger")
    commit_status.set_outcome(other, bench.publication(run="200.1"))
    commit_status.set_outcome(client, bench.publication(run="201.1", status_context="carbon/other"))
    elsewhere = bench.publication(run="202.1")
    bench.add_runs(200, 201, 202)
    path = f"repos/octo/shop/statuses/{bench.head_sha}"
    body = {"state": "success", "context": "carbon/budget", "target_url": "https://x.example/actions/runs/9"}
    client.post(path, body)
    assert _later(bench) == ""
    commit_status.set_outcome(client, elsewhere)
    assert _later(bench) == "202.1"


@pytest.mark.parametrize("carried_out", [True, False])
def test_status_is_set_once_after_a_lost_response(bench: Bench, carried_out: bool) -> None:
    """After a failure there is one status, whether or not GitHub carried out the first request."""
    bench.hub.fault("POST", "/statuses/", status=502, after=carried_out)
    commit_status.set_outcome(bench.client(), bench.publication())
    assert bench.posted_statuses() == [("success", "100.1")]
    assert bench.repo.statuses[0]["creator"]["login"] == US

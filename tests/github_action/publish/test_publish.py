"""Publishing as a whole: the order, what fails is told and never raised, and a later run keeps its word."""

from __future__ import annotations

import pytest

from github_action.publish.publish import PublishResult, publish, publish_pending
from tests.github_action.publish.cases import FAILED, FINE, HOSTILE, RIGHTS, Bench, make_publication


def test_everything_is_told(bench: Bench) -> None:
    """Comment, check run and, last of all, the status: six calls with the one that begins."""
    client = bench.client()
    assert publish_pending(client, bench.publication(None)) == ()
    published = publish(client, bench.publication(FAILED))
    assert published == PublishResult(
        bench.repo.comments(bench.number)[0]["html_url"], bench.repo.check_runs[0]["html_url"], status_written=True
    )
    assert bench.posted_statuses() == [("pending", "100.1"), ("failure", "100.1")]
    last = [request.path.rsplit("/octo/shop/")[-1] for request in bench.hub.requests if request.method == "POST"]
    assert [path.split("/")[0] for path in last] == ["statuses", "issues", "check-runs", "statuses"]
    assert client.calls == 6


def test_merge_group_has_no_comment(bench: Bench) -> None:
    """Where there is no one pull request, the status and the check run are on the commit all the same."""
    published = publish(bench.client(), bench.publication(FAILED, pull=None))
    assert published.problems == ()
    assert bench.bodies() == []
    assert bench.posted_statuses() == [("failure", "100.1")]
    assert len(bench.repo.check_runs) == 1


def test_older_run_keeps_silent(bench: Bench) -> None:
    """A run that finishes after one that began later writes nothing, and says so."""
    publish_pending(bench.client(), bench.publication(None, "100.1"))
    publish_pending(bench.client(), bench.publication(None, "101.1"))
    publish(bench.client(), bench.publication(FAILED, "101.1"))
    published = publish(bench.client(), bench.publication(FINE, "100.1"))
    assert published.superseded
    assert not published.status_written
    assert published.problems == ("run 101.1 began later to judge this commit, and has the word",)
    assert bench.posted_statuses()[-1] == ("failure", "101.1")
    assert "131 g" in bench.bodies()[0]
    assert len(bench.repo.check_runs) == 1


def test_run_that_is_done_again_has_the_word(bench: Bench) -> None:
    """A second attempt of an older run, started by hand, replaces what a label's run has said."""
    for run, verdict in (("100.1", FAILED), ("101.1", FAILED), ("100.2", FINE)):
        publish_pending(bench.client(), bench.publication(None, run))
        assert publish(bench.client(), bench.publication(verdict, run)).problems == ()
    assert bench.posted_statuses()[-1] == ("success", "100.2")
    assert "Both limits hold" in bench.bodies()[0]


def test_newer_commit_keeps_its_comment(bench: Bench) -> None:
    """A late run of an older commit finishes that commit's status, and leaves the comment to the newer commit."""
    newer = bench.repo.commit({"a.py": "3\n"}, branch="topic", message="third")
    publish(bench.client(), bench.publication(FAILED, "101.1", head_sha=newer))
    published = publish(bench.client(), bench.publication(FINE, "100.1"))
    assert published.problems == (
        "the comment was not written: run 101.1, a later one than this, has written the comment",
    )
    assert "131 g" in bench.bodies()[0]
    assert bench.posted_statuses()[-1] == ("success", "100.1")


@pytest.mark.parametrize(
    ("missing", "problem"),
    [
        ("pull-requests", "the comment was not written: "),
        ("checks", "the check run was not created: "),
        ("statuses", "the status was not set: "),
    ],
)
def test_missing_permission_is_named(bench: Bench, missing: str, problem: str) -> None:
    """What the token may not write is told with the permission that it needs; the rest is written."""
    alias = {missing, "issues"} if missing == "pull-requests" else {missing}
    client = bench.client({name: level for name, level in RIGHTS.items() if name not in alias})
    published = publish(client, bench.publication(FAILED))
    problems = published.problems
    assert published.status_written == (missing != "statuses")
    assert problems[-1].startswith(problem)
    assert f"({missing}: write)" in problems[-1]
    assert len(bench.bodies()) == (missing != "pull-requests")
    assert len(bench.repo.check_runs) == (missing != "checks")
    assert len(bench.repo.statuses) == (missing != "statuses")


def test_token_that_may_nothing(bench: Bench) -> None:
    """A fork's token only reads: every refusal is told, none is raised."""
    client = bench.client({"contents": "read"})
    problems = [*publish_pending(client, bench.publication(None)), *publish(client, bench.publication(FAILED)).problems]
    assert len(problems) >= 4
    assert all("403" in problem and ": write)" in problem for problem in problems)


def test_no_token() -> None:
    """Without a client nothing is asked, and that is told."""
    told = make_publication(FAILED)
    assert publish_pending(None, told) == ("there is no token for GitHub, so nothing was published there",)
    assert publish(None, told).problems == publish_pending(None, told)


def test_locked_conversation_is_told(bench: Bench) -> None:
    """A locked conversation takes no comment; the status and the check run do not mind."""
    bench.repo.locked.add(bench.number)
    published = publish(bench.client(), bench.publication(FAILED))
    assert published.problems == ("the comment was not written: the conversation is locked",)
    assert bench.posted_statuses() == [("failure", "100.1")]


def test_api_that_is_dead(bench: Bench) -> None:
    """Faults of GitHub are told, and end."""
    bench.hub.fault("GET", ".*", status=503, times=None)
    bench.hub.fault("POST", ".*", status=503, times=None)
    published = publish(bench.client(), bench.publication(FAILED))
    assert len(published.problems) == 4
    assert all("503" in problem for problem in published.problems)


def test_fault_that_passes(bench: Bench) -> None:
    """One fault of each call changes nothing in what stands there in the end."""
    for method, path in (
        ("GET", "/statuses"),
        ("POST", "/comments$"),
        ("POST", "/check-runs$"),
        ("POST", "/statuses/"),
    ):
        bench.hub.fault(method, path, status=502)
    published = publish(bench.client(), bench.publication(FAILED))
    assert published.problems == ()
    assert (len(bench.bodies()), len(bench.repo.check_runs), bench.posted_statuses()) == (1, 1, [("failure", "100.1")])


def test_hostile_problem_is_published(bench: Bench) -> None:
    """A reason with anything in it is taken by GitHub everywhere."""
    assert publish(bench.client(), bench.publication(None, problem=HOSTILE * 100)).problems == ()
    assert bench.repo.statuses[-1]["state"] == "error"
    assert bench.bodies()[0].count("<!--") == 2

"""Publishing as a whole: its order; failures are noted and never raised; a later run is never overwritten."""

from __future__ import annotations

import pytest

from github_action.publish import commit_status
from github_action.publish.publish import PublishResult, publish, publish_pending
from pytest_carbon.core.verdict.verdict import Verdict
from tests.attack import Attack
from tests.github_action.publish.cases import FAILED, FINE, HOSTILE, RIGHTS, Bench, make_publication


def test_everything_is_published(bench: Bench) -> None:
    """Comment, check run and, last of all, the status: seven requests with the pending status."""
    client = bench.client()
    assert publish_pending(client, bench.publication(None)) == ()
    published = publish(client, bench.publication(FAILED))
    assert published == PublishResult(
        bench.repo.comments(bench.number)[0]["html_url"], bench.repo.check_runs[0]["html_url"], status_written=True
    )
    assert bench.posted_statuses() == [("pending", "100.1"), ("failure", "100.1")]
    posted = [request.path.rsplit("/octo/shop/")[-1] for request in bench.hub.requests if request.method == "POST"]
    assert [path.split("/")[0] for path in posted] == ["statuses", "issues", "check-runs", "statuses"]
    assert bench.hub.api_calls == 7


@pytest.mark.parametrize(
    ("theirs", "state", "superseded", "overtaken"),
    [
        ("success 101.1", "failure", False, "run 101.1 judged this commit meanwhile"),
        ("pending 101.1", "pending", True, ""),
        ("success 99.1", "failure", False, ""),
        ("success 999.1", "failure", False, ""),  # GitHub has no such run
        ("", "failure", False, ""),
    ],
)
def test_status_that_was_written_over_that_of_a_later_run(
    bench: Bench, theirs: str, state: str, superseded: bool, overtaken: str
) -> None:
    """Between our look and our status another run may write: what it says must not be lost."""
    bench.add_runs(99, 101, run_attempt=1)
    their_state, _, run = theirs.partition(" ")

    def write() -> None:
        publication = bench.publication(None if their_state == "pending" else FINE, run)
        (publish_pending if their_state == "pending" else commit_status.set_outcome)(bench.client(), publication)

    if theirs:
        bench.hub.meanwhile("POST", "/check-runs$", write)
    published = publish(bench.client(), bench.publication(FAILED))
    assert bench.repo.statuses[-1]["state"] == state
    assert (published.superseded, published.status_written, published.overtaken) == (
        superseded, not superseded, overtaken
    )  # fmt: skip
    again = publish(bench.client(), bench.publication(FAILED))
    assert (again.superseded, again.overtaken) == (False, "")


def test_doubt_whether_another_run_judged_meanwhile(bench: Bench) -> None:
    """The status is written, and the job fails, so that somebody looks."""
    bench.hub.meanwhile("POST", "/statuses/", lambda: bench.hub.fault("GET", "/statuses", status=502, times=None))
    published = publish(bench.client(), bench.publication(FINE))
    assert (published.status_written, published.doubtful) == (True, True)
    assert "could not check whether another run judged this commit meanwhile" in published.problems[-1]


def test_merge_group_has_no_comment(bench: Bench) -> None:
    """Without a pull request there are a status and a check run on the commit, and no comment."""
    published = publish(bench.client(), bench.publication(FAILED, pull_number=None))
    assert published.problems == ()
    assert bench.bodies() == []
    assert bench.posted_statuses() == [("failure", "100.1")]
    assert len(bench.repo.check_runs) == 1


def test_older_run_writes_nothing(bench: Bench) -> None:
    """A run that ends after a later run writes nothing, and notes why."""
    bench.add_runs(101)
    publish_pending(bench.client(), bench.publication(None, "100.1"))
    publish_pending(bench.client(), bench.publication(None, "101.1"))
    publish(bench.client(), bench.publication(FAILED, "101.1"))
    published = publish(bench.client(), bench.publication(FINE, "100.1"))
    assert published.superseded
    assert not published.status_written
    assert published.problems == (
        "nothing was published, because run 101.1 began to judge this commit later; see its verdict",
    )
    assert bench.posted_statuses()[-1] == ("failure", "101.1")
    assert "131 g" in bench.bodies()[0]
    assert len(bench.repo.check_runs) == 1


def test_new_attempt_of_an_older_run_decides(bench: Bench) -> None:
    """A second attempt of an older run, started by hand, overwrites the verdict of a label's run."""
    for run, verdict in (("100.1", FAILED), ("101.1", FAILED), ("100.2", FINE)):
        publish_pending(bench.client(), bench.publication(None, run))
        assert publish(bench.client(), bench.publication(verdict, run)).problems == ()
    assert bench.posted_statuses()[-1] == ("success", "100.2")
    assert "Both limits hold" in bench.bodies()[0]


def test_newer_commit_keeps_its_comment(bench: Bench) -> None:
    """A late run of an older commit finishes that commit's status, and leaves the comment to the newer commit."""
    newer = bench.repo.commit({"a.py": "3\n"}, branch="topic", message="third")
    bench.add_runs(101, head_sha=newer)
    publish(bench.client(), bench.publication(FAILED, "101.1", head_sha=newer))
    published = publish(bench.client(), bench.publication(FINE, "100.1"))
    assert published.problems == ("the comment was not written: the later run 101.1 has already written it",)
    assert "131 g" in bench.bodies()[0]
    assert bench.posted_statuses()[-1] == ("success", "100.1")


@pytest.mark.attack("planted-runs")
@pytest.mark.parametrize("status", [403, 503])
@pytest.mark.parametrize(
    ("ours", "theirs", "written"), [(FAILED, FINE, True), (FINE, FINE, False), (FAILED, None, False)]
)
def test_doubt_about_a_later_run_fails_closed(
    bench: Bench, attack: Attack, status: int, ours: Verdict, theirs: Verdict | None, written: bool
) -> None:
    """If GitHub cannot tell whether there is the later run, the worse status stands, and somebody is told."""
    publish(bench.client(), bench.publication(theirs, "200.1"))
    bench.hub.fault("GET", "/actions/runs/", status=status, times=None)
    published = publish(bench.client(), bench.publication(ours))
    assert published.status_written == written
    assert published.doubtful != written
    assert "could not tell whether run 200.1" in published.problems[0]
    attack.ended(bench.repo.statuses[-1]["state"] if theirs is None or written else int(published.doubtful))


@pytest.mark.attack("planted-runs")
@pytest.mark.parametrize(("verdict", "written"), [(FINE, False), (FAILED, True)])
def test_statuses_that_cannot_be_read(bench: Bench, attack: Attack, verdict: Verdict, written: bool) -> None:
    """There may be a later failure among them: only a failure is written, else the job fails."""
    publish(bench.client(), bench.publication(FAILED, "200.1"))
    bench.hub.fault("GET", "/statuses", status=502, times=None)
    published = publish(bench.client(), bench.publication(verdict))
    assert (published.status_written, published.doubtful) == (written, not written)
    assert "could not check whether a later run judges this commit" in published.problems[0]
    attack.ended(bench.repo.statuses[-1]["state"])


def test_statuses_that_cannot_be_read_by_who_may_write_them(bench: Bench) -> None:
    """That is a fault: the commit is pending, and the job fails."""
    bench.hub.fault("GET", "/statuses", status=403, times=None)
    published = publish(bench.client(), bench.publication(FINE))
    assert (published.status_written, published.doubtful) == (False, True)
    assert bench.posted_statuses() == [("pending", "100.1")]


def test_statuses_that_may_not_be_read(bench: Bench) -> None:
    """Who may not read them may not write them either: the job's exit code is the gate, and a success stays one."""
    client = bench.client({**RIGHTS, "statuses": "none"})
    published = publish(client, bench.publication(FINE, base_branch="main"))
    assert (published.status_written, published.doubtful) == (False, False)
    published = publish(client, bench.publication(FINE))  # nobody knows which branch it is for
    assert (published.status_written, published.doubtful) == (False, True)
    assert "a rule of a branch requires the status carbon/budget, or GitHub does not tell" in published.problems[-1]


def test_each_pull_request_of_a_commit_has_its_comment(bench: Bench) -> None:
    """The first decides the status, whose text names it, and the check run; the others get their comments only."""
    bench.repo.commit({"r": "r"}, branch="release")
    other = bench.repo.open_pull(head="topic", base="release")
    own = bench.publication(FAILED, shared=True)
    publish(bench.client(), own, [bench.publication(FINE, pull_number=other, shared=True, comment_mode="always")])
    (status,), (check,) = bench.repo.statuses, bench.repo.check_runs
    assert status["description"].startswith(f"#{bench.number}: This change does not fit")
    assert (status["state"], check["conclusion"]) == ("failure", "failure")
    assert "131 g" in bench.bodies()[0]
    assert "Both limits hold" in bench.repo.comments(other)[0]["body"]


def test_waiting_decides_after_failures(bench: Bench) -> None:
    """A run that waits writes a pending status, no check run, and the comments of those that were judged."""
    waits = bench.publication(None, shared=True, waits=True, problem="#2 is still being measured by run 7")
    publish(bench.client(), waits, [bench.publication(FAILED, shared=True)])
    (status,) = bench.repo.statuses
    assert (status["state"], status["description"]) == (
        "pending", "Waits for another run: #2 is still being measured by run 7"
    )  # fmt: skip
    assert bench.repo.check_runs == []
    assert "131 g" in bench.bodies()[0]


@pytest.mark.parametrize(
    ("missing", "problem"),
    [
        ("pull-requests", "the comment was not written: "),
        ("checks", "the check run was not created: "),
        ("statuses", "the status was not set: "),
    ],
)
def test_missing_permission_is_named(bench: Bench, missing: str, problem: str) -> None:
    """A refused write is noted with the permission that it needs; the rest is written."""
    alias = {missing, "issues"} if missing == "pull-requests" else {missing}
    client = bench.client({name: level for name, level in RIGHTS.items() if name not in alias})
    published = publish(client, bench.publication(FAILED))
    problems = published.problems
    assert published.status_written == (missing != "statuses")
    assert problems[-1].startswith(problem)
    assert f"{missing}: write" in problems[-1]
    assert len(bench.bodies()) == (missing != "pull-requests")
    assert len(bench.repo.check_runs) == (missing != "checks")
    assert len(bench.repo.statuses) == (missing != "statuses")


def test_token_without_write_permissions(bench: Bench) -> None:
    """The token of a fork only reads: every refusal is noted, and none is raised."""
    client = bench.client({"contents": "read"})
    problems = [*publish_pending(client, bench.publication(None)), *publish(client, bench.publication(FAILED)).problems]
    assert len(problems) >= 4
    assert all("403" in problem and "the token lacks the permission (" in problem for problem in problems)


def test_no_token() -> None:
    """Without a token no request is sent, and the problem names the input to set."""
    problem = "nothing was published on GitHub, because the job has no token; set the Action's input token"
    assert publish_pending(None, make_publication(FAILED)) == (problem,)
    assert publish(None, make_publication(FAILED)).problems == (problem,)


def test_locked_conversation_is_noted(bench: Bench) -> None:
    """A locked conversation takes no comment; the status and the check run are written all the same."""
    bench.repo.locked.add(bench.number)
    published = publish(bench.client(), bench.publication(FAILED))
    assert published.problems == ("the comment was not written: the conversation is locked",)
    assert bench.posted_statuses() == [("failure", "100.1")]


def test_dead_api(bench: Bench) -> None:
    """Every failure of a dead API is noted, and publishing ends."""
    bench.hub.fault("GET", ".*", status=503, times=None)
    bench.hub.fault("POST", ".*", status=503, times=None)
    published = publish(bench.client(), bench.publication(FAILED))
    assert len(published.problems) == 4
    assert all("503" in problem for problem in published.problems)


def test_passing_failures(bench: Bench) -> None:
    """One failure of each request changes nothing in the end."""
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
    """GitHub accepts every text, whatever stands in the problem."""
    assert publish(bench.client(), bench.publication(None, problem=HOSTILE * 100)).problems == ()
    assert bench.repo.statuses[-1]["state"] == "error"
    assert bench.bodies()[0].count("<!--") == 2

"""Which pull request is judged and which pay, from the event and the API alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.reports.find_pull_request import (
    NothingToJudge,
    Subject,
    find_commit_to_record,
    find_pull_requests_to_judge,
)
from pytest_carbon.core.errors import CarbonError
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository

READS = dict.fromkeys(("actions", "contents", "pull-requests"), "read")


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A repository with a commit on main."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    return repo


def _client(hub: FakeGitHub) -> Client:
    return Client(hub.api_url, hub.token(READS))


def _context(hub: FakeGitHub, event: str, payload: dict[str, Any], ref: str = "refs/heads/main") -> GitHubContext:
    sha = str(payload.get("after") or "e" * 40)
    return GitHubContext(event, "octo/shop", sha, ref, 77, 1, "test", hub.server_url, hub.api_url, payload)


def _judged(hub: FakeGitHub, event: str, payload: dict[str, Any]) -> Subject:
    (subject,) = find_pull_requests_to_judge(_client(hub), _context(hub, event, payload))
    return subject


def _pull(repo: Repository, branch: str = "topic", **more: Any) -> int:
    repo.commit({f"{branch}.py": "b = 1\n"}, branch=branch)
    return repo.open_pull(head=branch, **more)


# -- a pull request's own event ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "action", "own_run"),
    [
        ("pull_request", "opened", True),
        ("pull_request", "synchronize", True),
        ("pull_request", "labeled", False),
        ("pull_request", "edited", False),
        ("pull_request_target", "labeled", False),
        ("pull_request_target", "opened", False),
    ],
)
def test_run_that_measured(hub: FakeGitHub, repo: Repository, event: str, action: str, own_run: bool) -> None:
    """The event's own run has measured, unless labels changed or a stranger's code may not run."""
    number = _pull(repo)
    result = _judged(hub, event, repo.event_pull_request(number, action))
    assert (result.head_sha, result.run_id) == (repo.pull(number)["head"]["sha"], 77 if own_run else None)


@pytest.mark.parametrize(
    ("change", "why"), [("close", "is closed"), ("push", "has a newer commit"), ("none", "is not about a pull request")]
)
def test_pull_request_that_is_not_judged(hub: FakeGitHub, repo: Repository, change: str, why: str) -> None:
    """A closed pull request, an older commit and a push are not judged."""
    number = _pull(repo)
    event, payload = "pull_request", repo.event_pull_request(number)
    if change == "close":
        repo.close_pull(number)
    elif change == "push":
        repo.commit({"more.py": "c = 1\n"}, branch="topic")
    else:
        event, payload = "push", repo.event_push(repo.commit({"d.py": "d = 1\n"}))
    with pytest.raises(NothingToJudge, match=why):
        _judged(hub, event, payload)


@pytest.mark.parametrize("event", ["pull_request", "workflow_run"])
def test_kind_14_a_branch_main_of_a_fork_is_none_of_ours(hub: FakeGitHub, repo: Repository, event: str) -> None:
    """Its run is of the pull request, so what the ledger has of our main is not its own."""
    fork = hub.repository("eve/shop", fork_of=repo)
    fork.commit({"b.py": "b = 1\n"}, branch="main")
    number = repo.open_pull(head="main", head_repository=fork)
    payload = repo.event_pull_request(number) if event == "pull_request" else _measured(repo, "main", fork)
    assert _judged(hub, event, payload).branch == f"pull/{number}"


def test_deleted_fork(hub: FakeGitHub, repo: Repository) -> None:
    """A pull request outlives its fork, and still counts as a fork's."""
    fork = hub.repository("eve/shop", fork_of=repo)
    fork.commit({"b.py": "b = 1\n"}, branch="topic")
    number = repo.open_pull(head="topic", head_repository=fork)
    hub.delete(fork)
    pull = _judged(hub, "pull_request_target", repo.event_pull_request(number, "labeled", label="x")).pull
    assert pull is not None
    assert (pull.from_fork, pull.head_repository, pull.head_repository_id) == (True, "", 0)


# -- a run of another workflow -----------------------------------------------------------------------------


def _measured(repo: Repository, branch: str, fork: Repository | None = None) -> dict[str, Any]:
    head = (fork or repo).bare.branches()[branch]
    return repo.event_workflow_run(repo.workflow_run(head_sha=head, head_branch=branch, head_repository=fork))


@pytest.mark.parametrize(
    "branch",
    ["a/b", "50%off", "fix#12", "a&state=closed", "a+b=c", "größe-🎉", "it's;$(touch-owned)", "a,b{c}", "%2e%2e", "@"],
)
def test_odd_name_of_a_branch(hub: FakeGitHub, repo: Repository, branch: str) -> None:
    """Any name that git allows is quoted in the request, and changes nothing else of it."""
    fork = hub.repository("eve/shop", fork_of=repo)
    fork.commit({"b.py": "b = 1\n"}, branch=branch)
    number = repo.open_pull(head=branch, head_repository=fork)
    result = _judged(hub, "workflow_run", _measured(repo, branch, fork))
    assert [(pull.number, pull.head_ref) for pull in result.pulls] == [(number, branch)]


@pytest.mark.parametrize("branch", ["a b", "../../user", "a?state=closed#x", "", None, "\u202e", "x" * 5000])
def test_name_that_no_branch_can_have(hub: FakeGitHub, repo: Repository, branch: str | None) -> None:
    """The branch of a run is a name that strangers choose: only the commit counts, and nothing is asked by the name."""
    number = _pull(repo)
    payload = _measured(repo, "topic")
    payload["workflow_run"]["head_branch"] = branch
    assert [pull.number for pull in _judged(hub, "workflow_run", payload).pulls] == [number]
    assert [request.path for request in hub.asked("GET", "/")] == ["/repos/octo/shop/pulls"]


def test_fork_that_was_renamed_since(hub: FakeGitHub, repo: Repository) -> None:
    """A repository is identified by its id, because its name may have changed."""
    fork = hub.repository("eve/shop", fork_of=repo)
    fork.commit({"b.py": "b = 1\n"}, branch="topic")
    number = repo.open_pull(head="topic", head_repository=fork)
    payload = _measured(repo, "topic", fork)
    payload["workflow_run"]["head_repository"]["full_name"] = "eve/old-name"
    assert [pull.number for pull in _judged(hub, "workflow_run", payload).pulls] == [number]


def test_same_commit_in_another_fork(hub: FakeGitHub, repo: Repository) -> None:
    """The run of one fork does not count as that of the pull request of another, even with the same commit."""
    forks = [hub.repository(f"{owner}/shop", fork_of=repo) for owner in ("eve", "mallory")]
    head = forks[0].commit({"b.py": "b = 1\n"}, branch="topic")
    forks[1].bare.point("refs/heads/topic", head)
    number = repo.open_pull(head="topic", head_repository=forks[0])
    result = _judged(hub, "workflow_run", _measured(repo, "topic", forks[1]))
    assert ([pull.number for pull in result.pulls], result.run_id) == ([number], None)


def test_deleted_author(hub: FakeGitHub, repo: Repository) -> None:
    """A pull request of a deleted account has an author without a name."""
    _pull(repo, author=None)
    assert [pull.author for pull in _judged(hub, "workflow_run", _measured(repo, "topic")).pulls] == [""]


def test_run_of_a_deleted_fork(hub: FakeGitHub, repo: Repository) -> None:
    """Its pull request stays open, and its status must not stay pending; it is no run of another repository."""
    fork = hub.repository("eve/shop", fork_of=repo)
    fork.commit({"b.py": "b = 1\n"}, branch="topic")
    number = repo.open_pull(head="topic", head_repository=fork)
    payload = _measured(repo, "topic", fork)
    hub.delete(fork)
    payload["workflow_run"]["head_repository"] = None
    result = _judged(hub, "workflow_run", payload)
    assert ([pull.number for pull in result.pulls], result.run_id) == ([number], payload["workflow_run"]["id"])


# -- pull requests that share a commit ---------------------------------------------------------------------


def _sharing(repo: Repository) -> tuple[int, int]:
    """Open two pull requests of one branch."""
    repo.commit({"r": "r"}, branch="release")
    return _pull(repo), repo.open_pull(head="topic", base="release")


def _runs_of(hub: FakeGitHub, event: str, payload: dict[str, Any]) -> dict[int, int | None]:
    """Return the run that measured each pull request that is to be judged."""
    subjects = find_pull_requests_to_judge(_client(hub), _context(hub, event, payload))
    return {subject.pulls[0].number: subject.run_id for subject in subjects}


@pytest.mark.parametrize(
    ("event", "action"),
    [
        *(("pull_request", action) for action in ("opened", "synchronize", "labeled", "unlabeled", "edited", "closed")),
        *(("pull_request_target", action) for action in ("labeled", "edited", "closed")),
    ],
)
def test_event_of_one_of_two(hub: FakeGitHub, repo: Repository, event: str, action: str) -> None:
    """Both are judged, each by its own base, whatever happened to one; the run has measured for its own one only."""
    first, second = _sharing(repo)
    assert _runs_of(hub, event, repo.event_pull_request(second, action)) == {
        first: None,
        second: 77 if action in ("opened", "synchronize") else None,
    }
    assert [request.path for request in hub.asked("GET", "/")] == ["/repos/octo/shop/pulls"]


@pytest.mark.parametrize("gone", ["closed", "newer commit"])
def test_other_pull_request_of_a_commit(hub: FakeGitHub, repo: Repository, gone: str) -> None:
    """If the event's own one is gone, the other is judged: nobody else would end its pending status."""
    first = _pull(repo)
    repo.bare.point("refs/heads/twin", repo.bare.branches()["topic"])
    second = repo.open_pull(head="twin")
    payload = repo.event_pull_request(first)
    if gone == "closed":
        repo.close_pull(first)
    else:
        repo.commit({"more.py": "c = 1\n"}, branch="topic")
    assert _runs_of(hub, "pull_request", payload) == {second: None}


def test_run_of_two(hub: FakeGitHub, repo: Repository) -> None:
    """GitHub names both for a run of their branch, so it is not known whose it is."""
    numbers = _sharing(repo)
    assert _runs_of(hub, "workflow_run", _measured(repo, "topic")) == dict.fromkeys(numbers)


def test_run_that_github_names_for_one(hub: FakeGitHub, repo: Repository) -> None:
    """If GitHub names one of them alone, the run is its own."""
    first, second = _sharing(repo)
    payload = _measured(repo, "topic")
    run = payload["workflow_run"]
    run["pull_requests"] = [pull for pull in run["pull_requests"] if pull["number"] == second]
    assert _runs_of(hub, "workflow_run", payload) == {first: None, second: run["id"]}


def test_commit_of_a_fork_and_of_our_branch(hub: FakeGitHub, repo: Repository) -> None:
    """A fork's pull request of the same commit shares its status, too; the run is that of one repository."""
    own = _pull(repo)
    fork = hub.repository("eve/shop", fork_of=repo)
    fork.bare.point("refs/heads/mine", repo.bare.branches()["topic"])
    theirs = repo.open_pull(head="mine", head_repository=fork, author="eve")
    payload = _measured(repo, "topic")
    assert _runs_of(hub, "workflow_run", payload) == {own: payload["workflow_run"]["id"], theirs: None}


def test_commit_that_was_merged_already(hub: FakeGitHub, repo: Repository) -> None:
    """A commit of the default branch can be the head of pull requests to other branches."""
    repo.commit({"r": "r"}, branch="release")
    repo.bare.point("refs/heads/twin", repo.bare.branches()["main"])
    numbers = [repo.open_pull(head=head, base="release") for head in ("main", "twin")]
    assert _runs_of(hub, "pull_request", repo.event_pull_request(numbers[0])) == {numbers[0]: 77, numbers[1]: None}


@pytest.mark.attack("shared-commit")
def test_too_many_pull_requests_of_a_commit(hub: FakeGitHub, repo: Repository, attack: Attack) -> None:
    """Nobody can use up the limit of the API with pull requests of one commit: there is no verdict, which blocks."""
    number = _pull(repo)
    for n in range(10):
        repo.commit({f"r{n}": "r"}, branch=f"release-{n}")
        repo.open_pull(head="topic", base=f"release-{n}", author="eve")
    with pytest.raises(CarbonError, match="11 open pull requests have the commit") as refused:
        _judged(hub, "pull_request", repo.event_pull_request(number))
    assert "at most 10 are judged; close some: #1, #2" in str(refused.value)
    assert hub.api_calls == 1
    attack.ended("error", str(refused.value))


def test_more_open_pull_requests_than_are_read(hub: FakeGitHub, repo: Repository) -> None:
    """Then GitHub is also asked for those of the commit and of the branch."""
    first, second = _sharing(repo)
    other = {**repo.pull(first), "number": 9_999, "head": {**repo.pull(first)["head"], "sha": "d" * 40}}
    page = {"link": f'<{hub.api_url}/repos/octo/shop/pulls?page=2>; rel="next"'}
    hub.fault("GET", "/pulls$", status=200, body=[other] * 100, headers=page, times=20)
    assert set(_runs_of(hub, "pull_request", repo.event_pull_request(second))) == {first, second}
    asked = [request.path for request in hub.asked("GET", "/")][20:]
    assert asked == [f"/repos/octo/shop/commits/{repo.pull(first)['head']['sha']}/pulls", "/repos/octo/shop/pulls"]


# -- a merge queue -----------------------------------------------------------------------------------------


def test_merge_group_is_one_subject(hub: FakeGitHub, repo: Repository) -> None:
    """Its commit is judged against the commit below the group, and is the head of no pull request."""
    base, number = repo.bare.branches()["main"], _pull(repo)
    head = repo.commit({"x": "x"}, branch=f"gh-readonly-queue/main/pr-{number}-{base}")
    result = _judged(hub, "merge_group", repo.event_merge_group(head, base, [number]))
    assert [pull.number for pull in result.pulls] == [number]
    assert (result.head_sha, result.base_sha, result.branch, result.run_id) == (head, base, "main", 77)
    assert result.pull is None


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/heads/gh-readonly-queue/main/pr-1", None])
def test_ref_that_is_no_queue_branch(hub: FakeGitHub, repo: Repository, ref: str | None) -> None:
    """A ref that is not a queue's branch is not judged."""
    base = repo.bare.branches()["main"]
    payload = repo.event_merge_group(base, base, [1])
    payload["merge_group"]["head_ref"] = ref
    with pytest.raises(NothingToJudge, match="not a branch of a merge queue"):
        _judged(hub, "merge_group", payload)


# -- what a push to main has brought -----------------------------------------------------------------------


def _pushed(repo: Repository, *shas: str) -> dict[str, Any]:
    """Return the event of a push of several commits, the newest last."""
    events = [repo.event_push(sha) for sha in shas]
    return {**events[-1], "commits": [commit for event in events for commit in event["commits"]]}


def _payers(
    hub: FakeGitHub, payload: dict[str, Any], ref: str = "refs/heads/main"
) -> tuple[list[int], Sequence[float]]:
    """Return the pull requests that pay for a push, and the waits in seconds."""
    waited: list[float] = []
    client = Client(hub.api_url, hub.token(READS), pause=waited.append)
    result = find_commit_to_record(client, _context(hub, "push", payload, ref))
    return [pull.number for pull in result.pulls], waited


def _merge_commit(repo: Repository, number: int) -> list[str]:
    head = repo.pull(number)["head"]["sha"]
    merged = repo.bare.merged(repo.bare.branches()["main"], head) or ""
    repo.bare.point("refs/heads/main", merged)
    repo.close_pull(number, merged_as=merged)
    return [head, merged]


def _squash(repo: Repository, number: int) -> list[str]:
    merged = repo.commit({f"squashed-{number}": "x"}, message=f"Work (#{number})")
    repo.close_pull(number, merged_as=merged)
    return [merged]


def _rebase(repo: Repository, number: int) -> list[str]:
    shas = [repo.commit({f"rebased-{number}": str(n)}, message=f"Step {n}") for n in range(3)]
    repo.close_pull(number, merged_as=shas[-1], introduced=shas[:-1])
    return shas


@pytest.mark.parametrize("merge", [_merge_commit, _squash, _rebase])
@pytest.mark.parametrize("count", [1, 2])
def test_merged_pull_requests_pay(hub: FakeGitHub, repo: Repository, merge: Any, count: int) -> None:
    """Each way to merge, for one pull request and for several at once; no commit is looked up twice."""
    numbers = [_pull(repo, f"topic-{n}") for n in range(count)]
    shas = [sha for number in numbers for sha in merge(repo, number)]
    paid, waited = _payers(hub, _pushed(repo, *shas))
    assert sorted(paid) == numbers
    assert waited == []
    assert len(hub.asked("GET", r"/commits/\w+/pulls")) == len(shas)


def test_pull_request_that_is_known_only_after_a_pause(hub: FakeGitHub, repo: Repository) -> None:
    """GitHub may need some seconds; only commits without a pull request are looked up again."""
    first, second = _pull(repo, "one"), _pull(repo, "two")
    shas = [*_squash(repo, first), *_squash(repo, second)]
    hub.fault("GET", f"/commits/{shas[0]}/pulls", status=200, body=[], times=2)
    assert _payers(hub, _pushed(repo, *shas)) == ([second, first], [2.0, 5.0])
    assert [len(hub.asked("GET", f"/commits/{sha}/pulls")) for sha in shas] == [3, 1]


def test_number_in_the_merge_message(hub: FakeGitHub, repo: Repository) -> None:
    """The last resort: the number that GitHub wrote, if that pull request was merged as this commit."""
    number = _pull(repo)
    (sha,) = _squash(repo, number)
    hub.fault("GET", r"/commits/\w+/pulls", status=200, body=[], times=None)
    assert _payers(hub, _pushed(repo, sha))[0] == [number]


@pytest.mark.parametrize("message", ["Sneak (#{})", "Merge pull request #{} from ann/topic", "Sneak (#404)", "(#{}) x"])
@pytest.mark.parametrize("state", ["open", "merged before", "closed"])
def test_number_that_somebody_made_up_does_not_count(
    hub: FakeGitHub, repo: Repository, message: str, state: str
) -> None:
    """A direct push that names a pull request does not make it pay."""
    number = _pull(repo)
    if state == "merged before":
        _squash(repo, number)
    elif state == "closed":
        repo.close_pull(number)
    sha = repo.commit({"sneaky.py": "x = 1\n"}, message=message.format(number))
    assert _payers(hub, _pushed(repo, sha)) == ([], [2.0, 5.0])


def test_open_pull_request_with_the_commit_does_not_pay(hub: FakeGitHub, repo: Repository) -> None:
    """Neither an open pull request pays, nor one that was merged into another branch."""
    repo.commit({"r": "r"}, branch="release")
    sha = repo.commit({"s": "s"}, branch="release")
    repo.open_pull(head="release")
    elsewhere = _pull(repo, "topic", base="release")
    repo.close_pull(elsewhere, merged_as=sha)
    assert _payers(hub, _pushed(repo, sha), "refs/heads/release")[0] == [elsewhere]
    assert _payers(hub, _pushed(repo, sha))[0] == []


def test_large_push_looks_up_its_newest_commits(hub: FakeGitHub, repo: Repository) -> None:
    """A push of hundreds of commits does not use up the API's hourly limit."""
    number = _pull(repo)
    (sha,) = _squash(repo, number)
    payload = _pushed(repo, sha)
    payload["commits"] = [{"id": f"{n:040x}"} for n in range(300)] + payload["commits"]
    hub.fault("GET", r"/commits/0\w+/pulls", status=200, body=[], times=None)
    assert _payers(hub, payload)[0] == [number]
    assert hub.api_calls == 20 + 2 * 19


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_runs_that_nobody_pushed_have_no_pull_request(hub: FakeGitHub, event: str) -> None:
    """The features of the tests pay for a nightly run; the API is not called."""
    result = find_commit_to_record(_client(hub), _context(hub, event, {"schedule": "17 3 * * *"}))
    assert (result.pulls, result.branch, hub.api_calls) == ((), "main", 0)

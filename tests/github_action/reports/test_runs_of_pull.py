"""Which runs of a commit may have measured a pull request: a surely own one replaces older ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from github_action.api.client import Client
from github_action.reports.find_pull_request import NothingToJudge
from github_action.reports.pull_request import PullRequest, read_pull_request
from github_action.reports.report_parts import ReportParts
from github_action.reports.runs_of_head import HeadRun
from github_action.reports.runs_of_pull import RunsOfPull, find_measurements, measurements_of_event
from pytest_carbon.core.errors import ReportError
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository

RIGHTS = {"pull-requests": "read"}


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A repository with pull request 1 of the branch topic."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    repo.commit({"r": "r"}, branch="release")
    repo.commit({"b.py": "b = 1\n"}, branch="topic")
    repo.open_pull(head="topic")
    return repo


def _run(repo: Repository, *pulls: int, **more: object) -> HeadRun:
    """Return a run that measured now."""
    run = HeadRun(repo.world.new_id(), True, True, False, repo.id, frozenset(pulls), False, "topic", repo.world.tick())
    return replace(run, **more)  # type: ignore[arg-type]


def _own(hub: FakeGitHub, repo: Repository, number: int = 1, sharing: Sequence[int] = (1,)) -> RunsOfPull:
    pull = read_pull_request(repo.pull(number))
    assert isinstance(pull, PullRequest)
    client = Client(hub.api_url, hub.token(RIGHTS), pause=lambda _: None)
    return RunsOfPull(client, "octo/shop", pull, frozenset(sharing))


def _asked(own: RunsOfPull, runs: Sequence[HeadRun], without: Sequence[HeadRun] = ()) -> list[HeadRun]:
    """Return which runs count, newest first; those ``without`` a report have uploaded none."""
    asked: list[HeadRun] = []

    def read(run_id: int) -> ReportParts:
        (run,) = [run for run in runs if run.id == run_id]
        asked.append(run)
        return ReportParts((), (), (str(run_id),), found=run not in without)

    found = find_measurements(own, sorted(runs, key=lambda run: -run.id), read)
    assert [parts.notes for parts in found] == [(str(run.id),) for run in asked if run not in without][: len(found)]
    return [run for run in asked if (str(run.id),) in [parts.notes for parts in found]]


def test_newest_of_the_only_pull_request(hub: FakeGitHub, repo: Repository) -> None:
    """It is surely its own, so that no older one is asked; one without a report is no measurement."""
    first, second, third = (_run(repo) for _ in range(3))
    own = _own(hub, repo)
    assert _asked(own, [first, second, third]) == [third]
    assert _asked(own, [first, second, third], without=[third]) == [second]
    assert _asked(own, []) == []
    assert _asked(own, [replace(third, cancelled=True), first]) == [first]


def test_one_run_asks_for_no_list_of_pull_requests(hub: FakeGitHub, repo: Repository) -> None:
    """The usual case costs one call of the API, for the base."""
    before, run = hub.api_calls, _run(repo)
    assert _asked(_own(hub, repo), [run]) == [run]
    assert hub.api_calls - before == 1


@pytest.mark.parametrize("closed", [True, False])
def test_runs_beside_another_of_the_branch(hub: FakeGitHub, repo: Repository, closed: bool) -> None:
    """While another one was open, each run may be of both; from before and after, each is surely of one."""
    before = _run(repo)
    repo.open_pull(head="topic", base="release")
    beside, again = _run(repo), _run(repo)
    if closed:
        repo.close_pull(2)
    assert _asked(_own(hub, repo), [before, beside, again]) == [again, beside, before]
    assert _asked(_own(hub, repo, 2, (1, 2)), [before, beside, again]) == [again, beside]
    if closed:
        after = _run(repo)
        assert _asked(_own(hub, repo), [before, beside, after]) == [after]


def test_run_of_another_branch(hub: FakeGitHub, repo: Repository) -> None:
    """It counts only if no run of the own branch has a report."""
    own, other = _run(repo), _run(repo, head_branch="again")
    assert _asked(_own(hub, repo), [own, other]) == [own]
    assert _asked(_own(hub, repo), [own, other], without=[own]) == [other]


def test_run_that_github_names_for_another(hub: FakeGitHub, repo: Repository) -> None:
    """GitHub's list of a run's pull requests excludes, if it names one that shares the commit; else it says nothing."""
    repo.open_pull(head="topic", base="release")
    own, other, unclear = _run(repo, 1), _run(repo, 2), _run(repo, 99)
    assert _asked(_own(hub, repo, 1, (1, 2)), [own, other, unclear]) == [unclear, own]


def test_deleted_fork(hub: FakeGitHub, repo: Repository) -> None:
    """Nobody knows which other pull requests it had: all runs count."""
    own = _own(hub, repo)
    own.pull = replace(own.pull, head_repository="", head_repository_id=0)
    runs = [_run(repo), _run(repo)]
    assert _asked(own, runs) == runs[::-1]


def test_another_base(hub: FakeGitHub, repo: Repository) -> None:
    """What began before the base changed measured another merge, and is refused even if there is nothing else."""
    old = _run(repo)
    repo.change_base(1, "release")
    with pytest.raises(ReportError, match="#1 got its base release after its runs began"):
        _asked(_own(hub, repo), [old])
    new = _run(repo)
    assert _asked(_own(hub, repo), [old, new]) == [new]
    assert _asked(_own(hub, repo), [replace(old, began_measuring=False)]) == []


def test_run_that_has_not_judged(hub: FakeGitHub, repo: Repository) -> None:
    """It judges its report itself."""
    with pytest.raises(NothingToJudge):
        _asked(_own(hub, repo), [_run(repo, will_judge=True)])


def test_too_many(hub: FakeGitHub, repo: Repository) -> None:
    """If so many runs may be the one, none is left out silently; a surely own one needs no others."""
    runs = [_run(repo) for _ in range(31)]
    assert _asked(_own(hub, repo), runs) == runs[-1:]
    repo.open_pull(head="topic", base="release")
    with pytest.raises(ReportError, match="31 runs of the commit may have measured #1, and at most 30 are asked"):
        _asked(_own(hub, repo), [_run(repo) for _ in range(31)])


def test_run_of_the_event(hub: FakeGitHub, repo: Repository) -> None:
    """It counts alone if it is surely the own one, or has no report; else the others count, too."""
    repo.world.tick()
    run, others = _run(repo), [_run(repo)]

    def read(run_id: int) -> ReportParts:
        return ReportParts((), (), (str(run_id),), found=True)

    def count(own: RunsOfPull) -> int:
        return len(measurements_of_event(own, run, lambda: [run, *others], read))

    assert count(_own(hub, repo)) == 1
    repo.open_pull(head="topic", base="release")
    run = _run(repo)
    assert count(_own(hub, repo)) == 2
    repo.change_base(1, "release")
    with pytest.raises(ReportError, match="for another base"):
        count(_own(hub, repo))

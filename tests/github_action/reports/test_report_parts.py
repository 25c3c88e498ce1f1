"""Which run measured a pull request, whether it has judged already, and which parts are missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.reports.find_pull_request import NothingToJudge, Subject
from github_action.reports.pull_request import read_pull_request
from github_action.reports.report_parts import ReportParts, artifact_name, download_parts, read_own_part
from pytest_carbon.reporters.run import report_file
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository
from tests.github_action.project import zip_report
from tests.samples import make_report

RIGHTS = {"actions": "read", "statuses": "write", "pull-requests": "read"}
INPUTS = ActionInputs(shard="test", measure_workflow="carbon.yml", running_workflow="carbon.yml")


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A repository with an open pull request of its own."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    repo.commit({"b.py": "b = 1\n"}, branch="topic")
    repo.open_pull(head="topic")
    return repo


def _client(hub: FakeGitHub, **rights: str) -> Client:
    return Client(hub.api_url, hub.token({**RIGHTS, **rights}), pause=lambda _: None)


def _run(repo: Repository, *parts: str, **run: Any) -> int:
    """Add a run with uploaded reports; return its id, which is in the ids of the reports too."""
    facts = {"head_sha": repo.pull(1)["head"]["sha"], "head_branch": "topic", **run}
    run_id = repo.workflow_run(**facts)
    for part in parts:
        repo.artifact(
            run_id, f"carbon-report-{part}", zip_report(make_report(id=f"run-{run_id}-{part}"), repo.world.clock)
        )
    return run_id


def _say(hub: FakeGitHub, repo: Repository, run_id: int, *states: str, login: str = "github-actions[bot]") -> None:
    """Write the statuses of a run."""
    client = Client(hub.api_url, hub.token({"statuses": "write"}, login=login))
    sha = repo.pull(1)["head"]["sha"]
    for state in states:
        page = f"{repo.page}/actions/runs/{run_id}/attempts/1"
        body = {"state": state, "context": "carbon/budget", "description": "x", "target_url": page}
        client.post(f"repos/octo/shop/statuses/{sha}", body)


def _uploaded(
    hub: FakeGitHub, repo: Repository, run_id: int | None = None, inputs: ActionInputs = INPUTS, **rights: str
) -> ReportParts:
    pull = read_pull_request(repo.pull(1))
    assert pull is not None
    context = GitHubContext("pull_request", "octo/shop", "e" * 40, "refs/heads/main", 9_999, 1, "test")
    subject = Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), run_id)
    (parts,) = download_parts(_client(hub, **rights), context, inputs, subject)
    return parts


def _ids(parts: ReportParts) -> list[str]:
    return [report.run.id for _, report in parts.reports]


def test_any_number_of_labels_may_change(hub: FakeGitHub, repo: Repository) -> None:
    """Each change starts a run that measures nothing; the run that measured is found at once."""
    measured = _run(repo, "test")
    _say(hub, repo, measured, "pending", "success")
    for _ in range(25):
        _say(hub, repo, _run(repo), "success")
    before = hub.api_calls
    assert _ids(_uploaded(hub, repo)) == [f"run-{measured}-test"]
    assert (
        hub.api_calls - before == 7
    )  # the runs, statuses, events, pull requests; artifacts and times of the run, the report


@pytest.mark.parametrize("right", ["none", "read"])
def test_newest_report_is_found_without_statuses(hub: FakeGitHub, repo: Repository, right: str) -> None:
    """A token that may not write statuses leaves none; the newest report is found all the same."""
    for _ in range(2):
        measured = _run(repo, "test")
    for _ in range(5):
        _run(repo)
    assert _ids(_uploaded(hub, repo, statuses=right)) == [f"run-{measured}-test"]


def test_newest_of_two_that_measured(hub: FakeGitHub, repo: Repository) -> None:
    """A pull request that was closed and opened again is measured again."""
    for _ in range(2):
        measured = _run(repo, "test")
        _say(hub, repo, measured, "pending", "failure")
    assert _ids(_uploaded(hub, repo)) == [f"run-{measured}-test"]


@pytest.mark.parametrize(
    ("states", "login", "judged"),
    [
        ((), "", False),
        (("pending",), "github-actions[bot]", False),
        (("pending", "success"), "github-actions[bot]", True),
        (("pending", "failure", "pending"), "github-actions[bot]", False),
        (("pending", "success"), "ann", False),
    ],
)
def test_run_that_goes_on(hub: FakeGitHub, repo: Repository, states: tuple[str, ...], login: str, judged: bool) -> None:
    """A run that has not judged will read the labels itself; a run that has judged will not do so again."""
    run_id = _run(repo, "test", conclusion=None)
    _say(hub, repo, run_id, *states, login=login)
    if judged:
        assert _ids(_uploaded(hub, repo)) == [f"run-{run_id}-test"]
    else:
        with pytest.raises(NothingToJudge, match="is being measured, and is judged when that run ends"):
            _uploaded(hub, repo)


def test_run_that_has_only_begun(hub: FakeGitHub, repo: Repository) -> None:
    """A run that has uploaded nothing yet is no missing report."""
    _run(repo, conclusion=None)
    with pytest.raises(NothingToJudge):
        _uploaded(hub, repo)


def test_runs_of_others_do_not_count(hub: FakeGitHub, repo: Repository) -> None:
    """Runs of a fork, of another commit and of another event do not count, and neither does our own run."""
    fork = hub.repository("eve/shop", fork_of=repo)
    _run(repo, "test", head_repository=fork)
    _run(repo, "test", head_sha="d" * 40)
    _run(repo, "test", event="push")
    repo.runs[9_999] = {**repo.runs[_run(repo)], "id": 9_999}
    assert _uploaded(hub, repo) == ReportParts((), (), ())


def test_workflow_that_measures_comes_before_newer_ones(hub: FakeGitHub, repo: Repository) -> None:
    """If several workflows use the Action, the named workflow counts."""
    measured = _run(repo, "test", path=".github/workflows/carbon.yml@refs/heads/main")
    _run(repo, "test", path=".github/workflows/other.yml")
    assert _ids(_uploaded(hub, repo)) == [f"run-{measured}-test"]


@pytest.mark.parametrize(
    ("there", "shards", "missing"),
    [
        (["py3.11", "py3.12"], ("py3.11", "py3.12"), []),
        (["py3.11"], ("py3.11", "py3.12"), ["py3.12"]),
        (["py-3.11-linux"], ("py 3.11/linux",), []),
        (["py3.11.of3", "py3.12.of3"], (), ["a matrix job whose name is not known"]),
        (["py3.11.of3"], ("py3.11",), []),
        (["py3.11.of99999", "x.ofx"], (), []),
        ([], ("py3.11",), ["py3.11"]),
    ],
)
def test_missing_parts(
    hub: FakeGitHub, repo: Repository, there: list[str], shards: tuple[str, ...], missing: list[str]
) -> None:
    """The named parts are expected, however a user writes them; else as many as the matrix has jobs."""
    inputs = replace(INPUTS, shards=shards)
    result = _uploaded(hub, repo, _run(repo, *there), inputs)
    assert (list(result.missing), len(result.reports)) == (missing, len(there))


def test_name_of_an_artifact() -> None:
    """Each job of a matrix has its own name, which states the number of jobs."""
    assert artifact_name(ActionInputs(shard="test")) == "carbon-report-test"
    assert artifact_name(ActionInputs(shard="test-3.12", matrix_jobs=3)) == "carbon-report-test-3.12.of3"


def test_report_of_this_job_that_cannot_be_read(tmp_path: Path) -> None:
    """The part is missing, and a note says why."""
    path = tmp_path / "report.json"
    path.write_text("{", encoding="utf-8")
    subject = Subject("a" * 40, "b" * 40, "topic", (), None)
    result = read_own_part(INPUTS, path, subject)
    assert (result.reports, result.missing) == ((), ("test",))
    assert "is not complete JSON" in result.notes[0]
    report_file.write(make_report(), path)
    assert [name for name, _ in read_own_part(INPUTS, path, subject).reports] == ["test"]

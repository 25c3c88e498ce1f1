"""The files of a change, as GitHub lists them: whole, of the judged commit, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from github_action.judge.changed_files import MOST_COMPARED, MOST_FILES, why_nothing_to_measure
from github_action.reports.find_pull_request import Subject
from github_action.reports.pull_request import read_pull_request
from tests.github_action.judge.judging import judge_of
from tests.github_action.project import FakeProject

GLOBS = ("docs/**",)
ALL = "all {} changed files are in no-measurement of the policy"
ONE = "the only changed file is in no-measurement of the policy"


def _why(project: FakeProject, number: int, *, folder: str = ".", **subject: Any) -> str:
    judge = judge_of(project, working_directory=folder)
    pull = read_pull_request(judge.client.get(f"repos/octo/shop/pulls/{number}"))
    assert pull is not None
    facts = {"head_sha": pull.head_sha, "base_sha": pull.base_sha, "pulls": (pull,), **subject}
    return why_nothing_to_measure(judge, Subject(branch="topic", run_id=None, **facts), GLOBS)


def test_every_changed_file_counts(project: FakeProject) -> None:
    """New, changed and removed files are all looked at."""
    project.repo.commit({"docs/old.md": "old", "docs/gone.md": "gone"})
    files = {"docs/old.md": "new", "docs/gone.md": None, "docs/a/b.md": "b"}
    assert _why(project, project.open_pull(files=files)) == ALL.format(3)


@pytest.mark.parametrize(
    "files",
    [{"docs/a.md": "a", "src.py": "x = 1"}, {"README.md": None}, {"docs/carbon.toml": ""}, {"carbon.toml": "#"}],
)
def test_one_other_file_needs_a_measurement(project: FakeProject, files: dict[str, str | None]) -> None:
    """A single file outside of the list, or one that may hold a policy, is enough."""
    assert _why(project, project.open_pull(files=files)) == ""


@pytest.mark.parametrize(("was", "text"), [("src.py", ""), ("docs/src.py", ONE)])
def test_moved_file_counts_with_its_old_name(project: FakeProject, was: str, text: str) -> None:
    """A file that moves from the code into the documentation changes the code."""
    number = project.open_pull(files={"docs/a.py": "a"})
    (file,) = judge_of(project).client.get(f"repos/octo/shop/pulls/{number}/files", list)
    moved = [{**file, "status": "renamed", "previous_filename": was}]
    project.hub.fault("GET", rf"/pulls/{number}/files", status=200, body=moved)
    assert _why(project, number) == text


def test_paths_are_below_the_projects_folder(project: FakeProject) -> None:
    """With a working directory the globs begin there, and a file outside of it is never excused."""
    number = project.open_pull(files={"shop/docs/a.md": "a"})
    assert _why(project, number, folder="shop") == _why(project, number, folder="./shop/") == ONE
    assert _why(project, number) == ""
    number = project.open_pull(files={"docs/a.md": "a"})
    assert _why(project, number, folder="shop") == ""


def test_list_of_another_commit_excuses_nothing(project: FakeProject) -> None:
    """The list is of the head of now; if that is not the judged commit, nothing is known of the judged commit."""
    number = project.open_pull(files={"docs/a.md": "a"})
    assert _why(project, number) == ONE
    pull = read_pull_request(judge_of(project).client.get(f"repos/octo/shop/pulls/{number}"))
    assert pull is not None
    other = replace(pull, head_sha="f" * 40)
    assert _why(project, number, head_sha=other.head_sha, pulls=(other,)) == ""


@pytest.mark.parametrize(
    ("listed", "stated", "excused"), [(2, 2, True), (1, 2, False), (2, 1, False), (2, 3000, False)]
)
def test_list_must_have_as_many_files_as_github_counts(
    project: FakeProject, listed: int, stated: int, excused: bool
) -> None:
    """A list with fewer or more files than the pull request is not whole."""
    number = project.open_pull(files={f"docs/{n}.md": "a" for n in range(listed)})
    judge = judge_of(project)
    pull = judge.client.get(f"repos/octo/shop/pulls/{number}")
    subject = read_pull_request(pull)
    assert subject is not None
    project.hub.fault("GET", rf"/pulls/{number}$", status=200, body={**pull, "changed_files": stated}, times=1)
    why = why_nothing_to_measure(judge, Subject(subject.head_sha, subject.base_sha, "topic", (subject,), None), GLOBS)
    assert bool(why) is excused


def test_list_that_may_be_cut_excuses_nothing(project: FakeProject) -> None:
    """GitHub lists at most 3,000 files of a pull request, and at most 300 of a comparison."""
    number = project.open_pull(files={f"docs/{n}.md": str(n) for n in range(MOST_COMPARED)})
    assert _why(project, number) == ALL.format(MOST_COMPARED)
    assert _why(project, number, pulls=()) == ""
    project.repo.commit({"docs/0.md": None}, branch="topic")
    assert _why(project, number, pulls=()) == ALL.format(MOST_COMPARED - 1)
    project.repo.commit({f"docs/more/{n}.md": str(n) for n in range(MOST_FILES)}, branch="topic")
    assert _why(project, number) == ""


def test_merge_group_is_one_change(project: FakeProject) -> None:
    """The files of all pull requests of the group count, whatever their own lists say."""
    base = project.repo.bare.commit_of("refs/heads/main")
    assert base is not None
    first = project.repo.commit({"docs/a.md": "a"}, branch="queue")
    second = project.repo.commit({"src.py": "x = 1"}, branch="queue")
    number = project.open_pull(files={"docs/b.md": "b"})
    assert _why(project, number, head_sha=first, base_sha=base, pulls=()) == ONE
    assert _why(project, number, head_sha=second, base_sha=base, pulls=()) == ""
    assert _why(project, number, head_sha=second, base_sha=first, pulls=()) == ""
    assert _why(project, number, head_sha=base, base_sha=base, pulls=()) == ""

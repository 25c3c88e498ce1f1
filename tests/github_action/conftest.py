"""What the tests of the Action share: a GitHub that fails them for every request that GitHub would refuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.raw_client import RIGHTS, RawClient
from tests.github_action.project import FAILS, FakeProject
from tests.ledgers.sql.conftest import database, made_file, postgres, server, sqlite  # noqa: F401
from tests.samples import POLICY


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeGitHub]:
    """Return a GitHub of the test's own. A test that means to be refused empties ``hub.refused``."""
    with FakeGitHub(tmp_path / "github") as hub:
        yield hub
    assert hub.refused == []


@pytest.fixture
def api(hub: FakeGitHub) -> Iterator[RawClient]:
    """Return a client with all permissions for a repository with a file, a pull request 1 and an issue 2."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    repo.commit({"b.py": "b = 1\n"}, branch="topic")
    repo.open_pull(head="topic")
    repo.open_issue("Slow")
    client = RawClient(hub, repo, hub.token(dict.fromkeys(RIGHTS, "write")))
    with client.session:
        yield client


@pytest.fixture
def project(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose policy has no limits."""
    return FakeProject(hub, tmp_path, capsys)


@pytest.fixture
def strict(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose feature checkout is over its limit in every run."""
    return FakeProject(hub, tmp_path, capsys, POLICY + FAILS)

"""The policy of a commit, read through the API: which file, from which folder, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from github_action.api.client import ApiError, Client
from github_action.repository.policy_at_commit import find_policy_files, read_config
from pytest_carbon.config.load import Config
from pytest_carbon.core.errors import ConfigError
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.git import git
from tests.github_action.fake.repository import Repository

POLICY = '[budget]\nper-run = "{} J"\n'
PYPROJECT = f'[project]\nname = "shop"\n[tool.pytest-carbon.budget]\n{POLICY.partition(chr(10))[2]}'


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A repository with nothing in it."""
    return hub.repository("octo/shop")


def _read(hub: FakeGitHub, commit: str, folder: str = ".", branch: str = "main") -> Config:
    client = Client(hub.api_url, hub.token({"contents": "read"}))
    files = find_policy_files(client, "octo/shop", commit, folder)
    return read_config(client, "octo/shop", files, hub.folder / "policy", branch)


def _at(folder: str, name: str) -> str:
    return (PurePosixPath(folder) / name).as_posix()


def _limits(config: Config) -> list[float]:
    return [budget.per_run.value for budget in config.budgets if budget.per_run]


@pytest.mark.parametrize(
    ("files", "limits", "source"),
    [
        ({"carbon.toml": POLICY.format(1)}, [1], "carbon.toml at "),
        ({"pyproject.toml": PYPROJECT.format(2)}, [2], "[tool.pytest-carbon] of pyproject.toml at "),
        ({"carbon.toml": POLICY.format(1), "pyproject.toml": PYPROJECT.format(2)}, [1], "carbon.toml at "),
        ({"pyproject.toml": "[project]\nname = 'shop'\n"}, [], "no configuration file at "),
        ({"sub/carbon.toml": POLICY.format(1)}, [], "no policy file"),
        ({"carbon.toml/a": "a folder"}, [], "no policy file"),
        ({"carbon.toml/a": "a folder", "pyproject.toml": PYPROJECT.format(2)}, [2], "[tool.pytest-carbon] of "),
    ],
    ids=["carbon.toml", "pyproject.toml", "both", "no table", "elsewhere", "a folder", "a folder and pyproject.toml"],
)
def test_file_that_holds_the_policy(
    hub: FakeGitHub, repo: Repository, files: dict[str, str], limits: list[float], source: str
) -> None:
    """carbon.toml counts, and without it pyproject.toml; the source names the file and the commit."""
    commit = repo.commit(files)
    result = _read(hub, commit)
    assert _limits(result) == limits
    assert result.source == source + (commit[:12] if source.endswith(" at ") else "") or source.endswith(" of ")


@pytest.mark.parametrize("empty", ["", "# nothing yet\n", 'zone = "DE"\n', "\ufeff"])
@pytest.mark.parametrize("folder", [".", "packages/shop"])
def test_file_without_a_budget_does_not_hide_the_policy(
    hub: FakeGitHub, repo: Repository, empty: str, folder: str
) -> None:
    """Beside a table in pyproject.toml nobody can say which one counts: that is an error, as it is in a test run."""
    commit = repo.commit({_at(folder, "carbon.toml"): empty, _at(folder, "pyproject.toml"): PYPROJECT.format(2)})
    with pytest.raises(ConfigError, match="keep one of them, so that it is clear which file counts") as told:
        _read(hub, commit, folder)
    assert ("carbon.toml is empty, so remove it" in str(told.value)) == ("zone" not in empty)
    assert str(hub.folder) not in str(told.value)


def test_empty_policy_beside_a_file_of_other_tools(hub: FakeGitHub, repo: Repository) -> None:
    """It says that no rule is meant."""
    commit = repo.commit({"carbon.toml": "", "pyproject.toml": "[project]\n"})
    assert _read(hub, commit).source == f"carbon.toml at {commit[:12]}"


@pytest.mark.parametrize("text", ["", 'zone = "DE"\n', POLICY.format(3)])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Carbon.toml", "Carbon.toml at .* is not read, .*; keep one of them, in small letters"),
        ("pyproject.toml", "pyproject.toml at .* is larger than 200 kB"),
        ("link", "pyproject.toml at .* is a symbolic link"),
    ],
)
def test_policy_that_cannot_be_read_beside_another(
    hub: FakeGitHub, repo: Repository, text: str, name: str, why: str
) -> None:
    """The policy may be in it, if the other file has no budget; else it is nobody's concern."""
    commit = repo.commit(
        {"carbon.toml": text, **({} if name == "link" else {name: PYPROJECT.format(2) + "#" * 200_001})}
    )
    if name == "link":
        commit = _linked(repo, "pyproject.toml", "other.toml", {"carbon.toml": text})
    if "budget" in text:
        assert _limits(_read(hub, commit)) == [3]
        return
    with pytest.raises(ConfigError, match=f"carbon.toml has no budget, and what is beside it is not read: {why}"):
        _read(hub, commit)


@pytest.mark.parametrize("name", ["CARBON.TOML", "Carbon.toml"])
@pytest.mark.parametrize("folder", [".", "packages/shop"])
def test_policy_in_another_case_is_seen_and_said(hub: FakeGitHub, repo: Repository, name: str, folder: str) -> None:
    """A commit with CARBON.TOML is not one without a policy, whatever is beside it."""
    commit = repo.commit({_at(folder, name): POLICY.format(1), _at(folder, "pyproject.toml"): PYPROJECT.format(2)})
    with pytest.raises(ConfigError, match=f"{name} at {commit[:12]} is not read, .*git mv {name} carbon.toml"):
        _read(hub, commit, folder)


def test_byte_order_mark_is_accepted_and_another_encoding_is_said(hub: FakeGitHub, repo: Repository) -> None:
    """As on the command line."""
    assert _limits(_read(hub, repo.commit({"carbon.toml": "\ufeff" + POLICY.format(4)}))) == [4]
    with pytest.raises(ConfigError, match="it looks like UTF-16"):
        _read(hub, repo.commit({"carbon.toml": POLICY.format(4).encode("utf-16")}))


def test_policy_is_that_of_the_commit(hub: FakeGitHub, repo: Repository) -> None:
    """A newer commit or a branch makes no difference."""
    old = repo.commit({"carbon.toml": POLICY.format(1)})
    repo.commit({"carbon.toml": POLICY.format(9)})
    assert _limits(_read(hub, old)) == [1]


@pytest.mark.parametrize("folder", ["packages/shop", "./packages/shop/", "packages//shop", "ünï cödé/100% #1"])
def test_folder_of_a_monorepo(hub: FakeGitHub, repo: Repository, folder: str) -> None:
    """The project's own folder counts, however it is written, and not the root of the repository."""
    path = "/".join(part for part in folder.split("/") if part not in ("", "."))
    commit = repo.commit({"carbon.toml": POLICY.format(9), f"{path}/carbon.toml": POLICY.format(3)})
    assert _limits(_read(hub, commit, folder)) == [3]


@pytest.mark.parametrize("folder", ["packages/new", "new", "packages/old/new"])
def test_folder_that_the_commit_does_not_have(hub: FakeGitHub, repo: Repository, folder: str) -> None:
    """If a pull request adds the project, its base has no policy, which is no error."""
    commit = repo.commit({"packages/old/carbon.toml": POLICY.format(3)})
    assert _read(hub, commit, folder).source == "no policy file"


@pytest.mark.parametrize(
    ("folder", "other"), [("Packages/old", "packages in place of Packages"), ("packages/OLD", "old in place of OLD")]
)
def test_folder_in_another_case_is_said(hub: FakeGitHub, repo: Repository, folder: str, other: str) -> None:
    """A runner whose disk ignores case would find it, and its policy would not be read."""
    commit = repo.commit({"packages/old/carbon.toml": POLICY.format(3)})
    with pytest.raises(ConfigError, match=f"has no folder {folder}, but {other}; write working-directory as git"):
        _read(hub, commit, folder)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_commit_that_cannot_be_read(hub: FakeGitHub, repo: Repository, status: int) -> None:
    """A failed call is an error, not a commit without a policy."""
    commit = repo.commit({"shop/carbon.toml": POLICY.format(3)})
    hub.fault("GET", "/git/trees/", status=status, times=None)
    client = Client(hub.api_url, hub.token({"contents": "read"}), pause=lambda _: None)
    for folder in (".", "shop"):
        with pytest.raises(ApiError):
            find_policy_files(client, "octo/shop", commit, folder)


def test_folder_with_too_many_files(hub: FakeGitHub, repo: Repository) -> None:
    """The policy may be among the files that GitHub does not list: an error."""
    commit = repo.commit({"carbon.toml": POLICY.format(1)})
    hub.fault("GET", "/git/trees/", status=200, body={"sha": commit, "tree": [], "truncated": True}, times=None)
    with pytest.raises(ConfigError, match="too many files for GitHub to list"):
        _read(hub, commit)


def _linked(repo: Repository, name: str, target: str, beside: Mapping[str, str] | None = None) -> str:
    """Commit a symbolic link, with other files beside it."""
    stream = "commit refs/heads/main\nmark :1\ncommitter A <a@example.org> 0 +0000\ndata 0\n"
    stream += f"M 120000 inline {name}\ndata {len(target.encode())}\n{target}\n"
    for other, text in (beside or {}).items():
        stream += f"M 100644 inline {other}\ndata {len(text.encode())}\n{text}\n"
    stream += "\nget-mark :1\n"
    return git(repo.git, "fast-import", "--quiet", "--force", stdin=stream.encode()).decode().strip()


@pytest.mark.parametrize("target", ["../carbon.toml", "/etc/passwd", 'zone = "DE"'])
@pytest.mark.parametrize("name", ["carbon.toml", "pyproject.toml"])
def test_link_is_not_followed(hub: FakeGitHub, repo: Repository, name: str, target: str) -> None:
    """A symbolic link is refused, wherever it leads and whatever its target says."""
    with pytest.raises(ConfigError, match=f"{name} at .* is a symbolic link"):
        _read(hub, _linked(repo, name, target))


@pytest.mark.parametrize("folder", ["shop", "shop/sub"])
def test_folder_that_is_a_link(hub: FakeGitHub, repo: Repository, folder: str) -> None:
    """A link to the project's folder is an error, not a project without a policy."""
    with pytest.raises(ConfigError, match="a link, a file or a submodule; set working-directory to the folder itself"):
        _read(hub, _linked(repo, "shop", "packages/shop"), folder)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#" * 200_001, "larger than 200 kB"),
        (f"{'a.' * 50_000}b = 1", "more than 200 dots"),
        (f"[{'a.' * 50_000}b]", "more than 200 dots"),
        (f"a = {'[' * 5_000}", "not valid TOML"),
        (f"a = {'1' * 10_000}", "not valid TOML"),
        ("a = \x00", "not valid TOML"),
        (b"\xff\xfe", "not UTF-8 text"),
        ("zone = [", "not valid TOML"),
        ("zonee = 'DE'", "unknown key 'zonee'"),
    ],
    ids=["large", "dotted key", "dotted table", "nested", "digits", "zero byte", "no text", "broken", "unknown key"],
)
def test_invalid_policy(hub: FakeGitHub, repo: Repository, text: str | bytes, why: str) -> None:
    """The error comes fast, names the commit, and has no path of this machine."""
    commit = repo.commit({"carbon.toml": text})
    begun_s = time.process_time()
    with pytest.raises(ConfigError, match=why) as told:
        _read(hub, commit)
    assert time.process_time() - begun_s < 2
    assert str(hub.folder) not in str(told.value)
    assert why == "more than 200 dots" or commit[:12] in str(told.value)


@pytest.mark.parametrize(
    ("text", "event", "branch"),
    [("", "trunk", "trunk"), ('default-branch = "main"\n', "trunk", "main"), ("", "", None)],
)
def test_default_branch(hub: FakeGitHub, repo: Repository, text: str, event: str, branch: str | None) -> None:
    """The policy names the default branch, else the event; otherwise it is unknown."""
    assert _read(hub, repo.commit({"carbon.toml": text}), branch=event).policy.default_branch == branch


def test_branch_of_the_ledger(hub: FakeGitHub, repo: Repository) -> None:
    """The policy names the branch of the ledger."""
    assert _read(hub, repo.commit({"carbon.toml": '[ledger]\nbranch = "energy"\n'})).ledger.branch == "energy"


def test_environment_does_not_count(hub: FakeGitHub, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the runner does not change the policy."""
    monkeypatch.setenv("PYTEST_CARBON_ZONE", "FR")
    assert _read(hub, repo.commit({"carbon.toml": ""})).zone is None


def test_answer_that_is_no_base64(hub: FakeGitHub, repo: Repository, tmp_path: Path) -> None:
    """A file that is not base64, from a proxy for example, is an error, and nothing is written."""
    commit = repo.commit({"carbon.toml": ""})
    hub.fault("GET", "/git/blobs/", status=200, body={"content": "x"})
    with pytest.raises(ApiError, match="is not base64"):
        _read(hub, commit)
    assert not list(tmp_path.rglob("carbon.toml"))

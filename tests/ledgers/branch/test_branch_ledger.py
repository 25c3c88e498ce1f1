"""The branch of a ledger: the user's repository stays untouched, remotes of every kind work, refusals are explained."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.git import remote_access, run_git
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger

EVER = (date.min, date.max)
JUNE_1 = (date(2026, 6, 1), date(2026, 6, 1))


def _state(lab: SimpleNamespace, folder: Path) -> dict[str, object]:
    """What of a repository a ledger must not change."""
    git_dir = Path(lab.git(folder, "rev-parse", "--absolute-git-dir").strip())
    common = Path(lab.git(folder, "rev-parse", "--path-format=absolute", "--git-common-dir").strip())
    refs = lab.git(folder, "for-each-ref").splitlines()
    return {
        "status": lab.git(folder, "--no-optional-locks", "status", "--porcelain=v2", "--branch"),
        "config": lab.git(folder, "config", "--list", "--local"), "file": (common / "config").read_bytes(),
        "head": (git_dir / "HEAD").read_bytes(), "index": (git_dir / "index").read_bytes(),
        "refs": [line for line in refs if lab.BRANCH not in line], "stash": lab.git(folder, "stash", "list"),
        "files": sorted(path.name for path in folder.iterdir()),
        "git": {path.name for path in common.iterdir()} - {"logs", "pytest-carbon"},
        "worktrees": lab.git(folder, "worktree", "list"),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["local", "remote"])
@pytest.mark.parametrize("position", ["branch", "detached", "worktree", "below"])
def test_repository_of_the_user_is_untouched(tmp_path: Path, lab: SimpleNamespace, kind: str, position: str) -> None:
    """The work tree, the index with staged changes, HEAD and the configuration are the same before and after."""
    lab.ledger(kind, tmp_path)
    folder = tmp_path / "clone"
    lab.git(folder, "config", "core.splitIndex", "false")
    if position == "detached":
        lab.git(folder, "checkout", "--quiet", "--detach")
    if position == "worktree":
        lab.git(folder, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
        folder = tmp_path / "linked"
    (folder / "below").mkdir()
    (folder / "staged.py").write_text("x = 1\n", encoding="utf-8")
    lab.git(folder, "add", "staged.py")
    (folder / "staged.py").write_text("x = 2\n", encoding="utf-8")
    (folder / "new.py").write_text("x = 3\n", encoding="utf-8")
    before = _state(lab, folder)
    ledger = BranchLedger(folder / "below" if position == "below" else folder, lab.BRANCH, lab.NOW)
    assert ledger.append([lab.entry("run-1"), lab.entry("run-2", "2026-04-01T00:00:00Z")], lab.baseline()) != []
    assert ledger.compact(date(2026, 5, 1)) == ["2026/04.jsonl.gz"]
    assert len(ledger.read(*EVER).records) == 2
    assert _state(lab, folder) == before
    assert lab.git(folder, "fsck", "--strict", "--no-dangling") == ""


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_variables_of_a_git_hook_are_ignored(
    tmp_path: Path, lab: SimpleNamespace, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables of a git hook name another repository and index; the ledger still uses the folder's repository."""
    ledger = lab.ledger(kind, tmp_path)
    other = lab.clone(tmp_path / "other", None)
    before = _state(lab, other)
    with monkeypatch.context() as patch:
        patch.setenv("GIT_DIR", str(other / ".git"))
        patch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
        patch.setenv("GIT_WORK_TREE", str(other))
        assert BranchLedger(tmp_path / "clone", lab.BRANCH, lab.NOW).append([lab.entry()]) == ["run-1"]
    assert len(ledger.read(*EVER).records) == 1
    assert _state(lab, other) == before


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_every_append_is_one_commit_on_a_separate_branch(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """The branch has no history of the project, and every append is one commit with a one-line message."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([lab.entry("run-1")])
    ledger.append([lab.entry("run-2"), lab.entry("run-3"), lab.entry("run-4")])
    ledger.append([], lab.baseline("run-5"))
    where = tmp_path / ("clone" if kind == "local" else "server.git")
    log = lab.git(where, "log", "--format=%an <%cn> %s", lab.BRANCH).splitlines()
    assert log == [
        "pytest-carbon <pytest-carbon> Add baseline run-5",
        "pytest-carbon <pytest-carbon> Add run-2 and 2 more",
        "pytest-carbon <pytest-carbon> Add run-1",
    ]


@pytest.mark.parametrize("url", ["file", "bare path", "relative path", "instead of"])
@pytest.mark.parametrize("filters", [True, False])
def test_remotes_of_every_kind_work(tmp_path: Path, lab: SimpleNamespace, url: str, filters: bool) -> None:
    """A ledger is shared through any address that git accepts, on servers with and without partial clones."""
    server = lab.server(tmp_path / "server.git", *(["uploadpack.allowFilter"] if filters else []))
    urls = {
        "file": server.as_uri(),
        "bare path": str(server),
        "relative path": "../server.git",
        "instead of": "our:server.git",
    }
    ledgers = []
    for name in ("one", "two"):
        folder = lab.clone(tmp_path / name, urls[url])
        if url == "instead of":
            lab.git(folder, "config", f"url.{tmp_path.as_uri()}/.insteadOf", "our:")
        ledgers.append(BranchLedger(folder, lab.BRANCH, lab.NOW))
    assert [ledger.append([lab.entry(f"run-{n}")]) for n, ledger in enumerate(ledgers)] == [["run-0"], ["run-1"]]
    assert [ledger.append([lab.entry("run-0"), lab.entry("run-1")]) for ledger in ledgers] == [[], []]
    assert ledgers[0].read(*EVER) == ledgers[1].read(*EVER)
    assert ledgers[0].verify().runs == 2


def _blobs(lab: SimpleNamespace, clone: Path) -> int:
    cache = clone / ".git" / "pytest-carbon" / "ledger.git"
    objects = lab.git(cache, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)", GIT_DIR=str(cache))
    return objects.split().count("blob")


def test_only_the_files_of_the_days_read_are_fetched(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A new clone fetches only the files of the days that are read, and appends without fetching any."""
    lab.ledger("remote", tmp_path).append(
        [lab.entry(f"run-{n}", f"2026-0{1 + n % 5}-0{1 + n % 9}T00:00:00Z") for n in range(40)] + [lab.entry("june")]
    )
    server = (tmp_path / "server.git").as_uri()
    reader = lab.clone(tmp_path / "reader", server)
    assert len(BranchLedger(reader, lab.BRANCH, lab.NOW).read(*JUNE_1).records) == 1
    assert _blobs(lab, reader) == 1
    writer = lab.clone(tmp_path / "writer", server)
    assert BranchLedger(writer, lab.BRANCH, lab.NOW).append([lab.entry("new")]) == ["new"]
    assert _blobs(lab, writer) == 1
    assert BranchLedger(writer, lab.BRANCH, lab.NOW).verify().runs == 42
    assert BranchLedger(reader, lab.BRANCH, lab.NOW).verify().whole


def test_shallow_clone_of_a_project_works(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A clone of one commit, as in CI, reads and appends, and stays shallow."""
    ledger = lab.ledger("remote", tmp_path)
    lab.git(tmp_path / "clone", "commit", "--quiet", "--allow-empty", "-m", "more")
    lab.git(tmp_path / "clone", "push", "--quiet", "origin", "main")
    ledger.append([lab.entry("run-1")])
    url = (tmp_path / "server.git").as_uri()
    lab.git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=main", url, "shallow")
    before = _state(lab, tmp_path / "shallow")
    ci = BranchLedger(tmp_path / "shallow", lab.BRANCH, lab.NOW)
    assert ci.append([lab.entry("run-2")]) == ["run-2"]
    assert len(ci.read(*EVER).records) == 2
    assert _state(lab, tmp_path / "shallow") == before
    assert lab.git(tmp_path / "shallow", "rev-list", "--count", "HEAD").strip() == "1"
    assert lab.git(tmp_path / "server.git", "rev-list", "--count", lab.BRANCH).strip() == "2"


def test_bare_repository_works(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A repository without a work tree can hold a ledger."""
    ledger = BranchLedger(lab.server(tmp_path / "bare.git"), lab.BRANCH, lab.NOW)
    assert ledger.append([lab.entry()]) == ["run-1"]
    assert ledger.verify().whole


def _hook(server: Path, text: str) -> None:
    hook = server / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    hook.chmod(0o755)


def test_refusal_of_the_server_is_not_tried_again(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A refusal by a rule of the server is an error at once, with the server's message and the next step."""
    ledger = lab.ledger("remote", tmp_path, time_limit_s=30.0)
    _hook(tmp_path / "server.git", "echo asked >> count; echo GH013: no such branch please; exit 1")
    with pytest.raises(LedgerError) as caught:
        ledger.append([lab.entry()])
    output = str(caught.value)
    assert output.startswith("branch carbon-ledger of origin: the server refuses changes of this branch; exempt it")
    assert "GH013: no such branch please" in output
    assert (tmp_path / "server.git" / "count").read_text(encoding="utf-8") == "asked\n"
    assert ledger.read(*EVER).records == ()


def test_append_gives_up_at_its_time_limit(tmp_path: Path, lab: SimpleNamespace) -> None:
    """The error of an append that loses every race says how many attempts were made."""
    server = lab.server(tmp_path / "server.git", "uploadpack.allowFilter")
    ledger = BranchLedger(lab.clone(tmp_path / "clone", server.as_uri()), lab.BRANCH, lab.NOW, time_limit_s=1.5)
    moving = (
        "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES; export GIT_AUTHOR_NAME=x "
        "GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x; tree=$(git mktree </dev/null); "
        f"git update-ref refs/heads/{lab.BRANCH} $(date +%N | git commit-tree $tree)"
    )
    _hook(server, moving)
    with pytest.raises(
        LedgerError, match=r"faster, or the server was busy, in [1-9]\d* attempts within 2 s. Try again"
    ):
        ledger.append([lab.entry()])


@pytest.mark.parametrize("url", ["{path}/gone.git", "file://{path}/gone.git", "http://localhost:9/gone.git"])
def test_unreachable_remote_is_an_error_at_once(tmp_path: Path, lab: SimpleNamespace, url: str) -> None:
    """Nothing hangs, nothing is written, and the error names the next step."""
    ledger = BranchLedger(lab.clone(tmp_path / "clone", url.format(path=tmp_path)), lab.BRANCH, lab.NOW)
    start = time.monotonic()
    for use in (lambda: ledger.append([lab.entry()]), lambda: ledger.read(*EVER), ledger.verify):
        with pytest.raises(LedgerError, match="the remote cannot be reached; check its address with git remote -v"):
            use()
    assert time.monotonic() - start < 10


def test_branch_that_cannot_hold_a_ledger_is_explained(tmp_path: Path, lab: SimpleNamespace) -> None:
    """No repository, a missing remote, an invalid branch name and the user's own branch each have an error."""
    (tmp_path / "plain").mkdir()
    clone = lab.clone(tmp_path / "clone", str(tmp_path))
    with pytest.raises(LedgerError, match="there is no git repository at"):
        BranchLedger(tmp_path / "plain", lab.BRANCH, lab.NOW)
    with pytest.raises(LedgerError, match="there is no git repository at"):
        BranchLedger(tmp_path / "gone", lab.BRANCH, lab.NOW)
    with pytest.raises(LedgerError, match=r"there is no remote 'up'; this repository has origin"):
        BranchLedger(clone, lab.BRANCH, lab.NOW, remote="up")
    with pytest.raises(LedgerError, match=r"branch is '\.\./x', which git does not accept as a branch name"):
        BranchLedger(clone, "../x", lab.NOW)
    before = _state(lab, clone)
    with pytest.raises(LedgerError, match=r"it holds other files, such as 'code\.py'"):
        BranchLedger(clone, "main", lab.NOW, remote=None).append([lab.entry()])
    lab.git(clone, "rm", "--quiet", "code.py")
    lab.git(clone, "commit", "--quiet", "-m", "nothing")
    with pytest.raises(LedgerError, match="branch main is checked out"):
        BranchLedger(clone, "main", lab.NOW, remote=None).append([lab.entry()])
    with pytest.raises(LedgerError, match="another branch has the first part of this name"):
        BranchLedger(clone, "main/ledger", lab.NOW, remote=None).append([lab.entry()])
    assert before["config"] == _state(lab, clone)["config"]


TOKEN = "c2VjcmV0LXRva2Vu"  # noqa: S105 - it opens nothing


def test_credentials_of_the_repository_reach_git_in_the_environment(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Credentials that actions/checkout stored are given to git, from included files too, and never written to disk."""
    clone = lab.clone(tmp_path / "clone", f"http://ann:{TOKEN}@localhost:9/x.git")
    (tmp_path / "more").write_text(
        f'[http "https://h/"]\n\textraheader = AUTHORIZATION: basic {TOKEN}\n', encoding="utf-8"
    )
    lab.git(clone, "config", "includeIf.gitdir:" + str(clone / ".git") + ".path", str(tmp_path / "more"))
    lab.git(clone, "config", "credential.helper", "")
    lab.git(clone, "config", "core.sshCommand", "ssh -i key")
    lab.git(clone, "config", "user.signingKey", "x")
    pairs = remote_access.read_settings(clone, "origin")
    own = remote_access.settings_environment(pairs)
    assert {pair for pair in pairs if not pair[0].startswith(("core.h", "core.f", "core.sp", "gc.", "maint"))} == {
        ("remote.origin.url", f"http://ann:{TOKEN}@localhost:9/x.git"),
        ("http.https://h/.extraheader", f"AUTHORIZATION: basic {TOKEN}"),
        ("credential.helper", ""), ("core.sshcommand", "ssh -i key"),
    }  # fmt: skip
    output = run_git.run(["config", "--get-all", "http.https://h/.extraheader"], tmp_path, environment=own).decode()
    assert output == f"AUTHORIZATION: basic {TOKEN}\n"
    ledger = BranchLedger(clone, lab.BRANCH, lab.NOW)
    with pytest.raises(LedgerError) as caught:
        ledger.append([lab.entry()])
    assert TOKEN not in str(caught.value)
    home = clone / ".git" / "pytest-carbon"
    assert not [path for path in home.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def test_reads_see_one_state_until_an_append(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Runs and baselines of a verdict are read of one commit; after an append that is the newest."""
    other = lab.ledger("remote", tmp_path)
    ledger = BranchLedger(tmp_path / "clone", lab.BRANCH, lab.NOW)
    ledger.one_state = True
    ledger.append([lab.entry("run-1")])
    assert [record.id for record in ledger.read(*EVER).records] == [lab.entry("run-1").id]
    other.append([lab.entry("run-2")], lab.baseline())
    assert len(ledger.read(*EVER).records) == 1
    assert ledger.baselines("main") == ((), ())
    ledger.append([lab.entry("run-3")])
    assert len(ledger.read(*EVER).records) == 3
    assert len(ledger.baselines("main")[0]) == 1

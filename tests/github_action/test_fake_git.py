"""The git server of the fake: clone, fetch and push over HTTP, with the right tokens."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.git import git

Git = Callable[..., bytes]
BIG = hashlib.shake_256(b"").digest(200_000)
"""More than git sends in one piece, and not to be packed any smaller."""


@pytest.fixture
def run(tmp_path: Path) -> Git:
    """Return a function that runs git in a folder of the test, with a token as actions/checkout passes it."""

    def run(*arguments: str, token: str | None = None, scheme: str = "basic") -> bytes:
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode() if scheme == "basic" else token
        header = ("-c", f"http.extraheader=AUTHORIZATION: {scheme} {secret}") if token else ()
        return git(tmp_path, "-c", "credential.helper=", "-c", "core.askPass=true", *header, *arguments)

    return run


@pytest.mark.parametrize("path", ["octo/shop", "octo/shop.git"])
def test_public_repository_is_cloned_by_anybody(hub: FakeGitHub, run: Git, tmp_path: Path, path: str) -> None:
    """A clone has the files, and a fetch gets pull requests and single commits, also those of a fork."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    fork = hub.repository("eve/shop", fork_of=repo)
    head = fork.commit({"b.py": "b = 1\n"}, branch="patch-1")
    repo.open_pull(head="patch-1", head_repository=fork)
    run("clone", "--filter=blob:none", f"{hub.server_url}/{path}", "here")
    assert (tmp_path / "here" / "a.py").read_text(encoding="utf-8") == "a = 1\n"
    for what in ("refs/pull/1/head", "refs/pull/1/merge", head):
        run("-C", "here", "fetch", "--depth=1", "origin", what)
    assert run("-C", "here", "rev-parse", "FETCH_HEAD").decode().strip() == head
    assert hub.api_calls == 0


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
def test_private_repository_needs_permission_to_read(hub: FakeGitHub, run: Git, scheme: str) -> None:
    """No token, an unknown token and a token without the permission are refused; ``contents: read`` is enough."""
    hub.repository("octo/secret", public=False).commit({"a.py": ""})
    url = f"{hub.server_url}/octo/secret"
    for token in (None, "ghs_stolen", hub.token({"issues": "write"})):
        with pytest.raises(ValueError, match=r"Authentication failed|returned error: 403"):
            run("ls-remote", url, token=token, scheme=scheme)
    assert b"refs/heads/main" in run("ls-remote", url, token=hub.token({"contents": "read"}), scheme=scheme)
    with pytest.raises(ValueError, match="not found"):
        run("ls-remote", f"{hub.server_url}/octo/none", token=hub.token({"contents": "read"}), scheme=scheme)


def test_push_needs_permission_to_write(hub: FakeGitHub, run: Git, tmp_path: Path) -> None:
    """A large push, which git sends in pieces, arrives whole; without the permission nothing arrives."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": ""})
    run("clone", f"{hub.server_url}/octo/shop", "here")
    (tmp_path / "here" / "big").write_bytes(BIG)
    run("-C", "here", "add", "big")
    run("-C", "here", "commit", "-m", "Big")
    push = ("-C", "here", "-c", "http.postBuffer=65536", "push", "origin", "HEAD:refs/heads/carbon-ledger")
    for token in (None, hub.token({"contents": "read"}), hub.token({"contents": "write"}, repository="octo/other")):
        with pytest.raises(ValueError, match=r"Authentication failed|returned error: 403"):
            run(*push, token=token)
    assert list(repo.bare.branches()) == ["main"]
    run(*push, token=hub.token({"contents": "write"}))
    assert repo.bare.branches()["carbon-ledger"] == run("-C", "here", "rev-parse", "HEAD").decode().strip()
    assert repo.bare.blob("carbon-ledger:big") == BIG


def test_push_can_fail(hub: FakeGitHub, run: Git) -> None:
    """Injected faults hit git as well."""
    hub.repository("octo/shop").commit({"a.py": ""})
    hub.fault("GET", r"/info/refs$", status=503)
    with pytest.raises(ValueError, match="returned error: 503"):
        run("ls-remote", f"{hub.server_url}/octo/shop")
    assert b"refs/heads/main" in run("ls-remote", f"{hub.server_url}/octo/shop")

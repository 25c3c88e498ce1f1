"""The operations on the repository and its git: branches, commits, files, trees, blobs, comparisons."""

from __future__ import annotations

import base64
import posixpath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.github_action.fake import shapes
from tests.github_action.fake.openapi import github
from tests.github_action.fake.pushes import NOTHING
from tests.github_action.fake.rest import Answer, Call, route, told
from tests.github_action.fake.state import Refusal

if TYPE_CHECKING:
    from tests.github_action.fake.git import Entry
    from tests.github_action.fake.repository import Repository

_LARGEST_TOLD = 1_000_000
_LINK = "120000"


def commit_or_refusal(repo: Repository, name: str) -> str:
    """Return the commit of a hash, a branch or a tag. Raises Refusal without such a commit."""
    sha = repo.bare.commit_of(f"refs/heads/{name}") or repo.bare.commit_of(name)
    if sha is None:
        raise Refusal(422 if len(name) == 40 else 404, f"No commit found for SHA: {name}")
    return sha


def changed_files(repo: Repository, base: str, head: str) -> list[dict[str, Any]]:
    """Return the files that differ between a commit and its merge base with another commit."""
    start = repo.bare.text("merge-base", base, head).strip()
    return [
        github().filled("diff-entry", {**change, "raw_url": f"{repo.page}/raw/{head}/{change['filename']}"})
        for change in repo.bare.changes(start, head)
    ]


@route("repos/get", "read", "metadata")
def _repository(call: Call) -> Answer:
    return told(github().filled("full-repository", call.repo.facts()))


@route("repos/list-activities", "read", "contents")
def _pushes(call: Call) -> Answer:
    """List the pushes to a branch, the newest first. Its pages have no numbers, only a mark of where they begin."""
    repo, ref = call.repo, call.take("ref")
    newest_first = [push for push in reversed(repo.pushes) if push["ref"] in (ref, f"refs/heads/{ref}")]
    size, first = min(int(call.take("per_page", "30")), 100), int(call.take("after", "0"))
    shown = [{**push, "activity_type": _kind_of_push(repo, push)} for push in newest_first[first : first + size]]
    url = f"{repo.url}/activity?{urlencode({**call.query, 'after': first + size})}"
    links = {"link": f'<{url}>; rel="next"'} if len(newest_first) > first + size else {}
    return told([github().filled("activity", push) for push in shown], headers=links)


def _kind_of_push(repo: Repository, push: dict[str, Any]) -> str:
    before, after = push["before"], push["after"]
    if NOTHING in (before, after):
        return "branch_creation" if before == NOTHING else "branch_deletion"
    return "push" if repo.bare.text("merge-base", before, after, check=False).strip() == before else "force_push"


@route("repos/get-branch", "read", "contents")
def _branch(call: Call) -> Answer:
    repo, name = call.repo, call.parts["branch"]
    sha = call.known(name, repo.bare.branches())
    required = repo.protected.get(name, [])
    facts = {
        "name": name,
        "commit": shapes.commit(repo, repo.bare.commits("-1", sha)[0]),
        "protected": bool(required),
        "protection": {"enabled": bool(required), "required_status_checks": {"contexts": required, "checks": []}},
    }
    return told(github().filled("branch-with-protection", facts))


@route("repos/get-branch-rules", "read", "metadata")
def _branch_rules(call: Call) -> Answer:
    checks = [{"context": context} for context in call.repo.ruled.get(call.parts["branch"], [])]
    parameters = {"required_status_checks": checks, "strict_required_status_checks_policy": False}
    rule = {"type": "required_status_checks", "parameters": parameters}
    return call.page([github().filled("repository-rule-required-status-checks", rule)] if checks else [])


@route("git/list-matching-refs", "read", "contents")
def _matching_refs(call: Call) -> Answer:
    repo = call.repo
    result = {f"refs/heads/{name}": sha for name, sha in repo.bare.branches().items()}
    refs = [
        github().filled(
            "git-ref",
            {"ref": ref, "object": {"type": "commit", "sha": sha, "url": f"{repo.url}/git/commits/{sha}"}},
        )
        for ref, sha in result.items()
        if ref.startswith(f"refs/{call.parts['ref']}")
    ]
    return told(refs)


@route("repos/get-commit", "read", "contents")
def _commit(call: Call) -> Answer:
    repo, sha = call.repo, commit_or_refusal(call.repo, call.parts["ref"])
    (shown,) = repo.bare.commits("-1", sha)
    call.take("per_page", "30")  # of the files, which nobody reads here
    return told(shapes.commit(repo, shown))


@route("repos/compare-commits-with-basehead", "read", "contents")
def _compare(call: Call) -> Answer:
    repo = call.repo
    base, head = (commit_or_refusal(repo, part) for part in call.parts["basehead"].split("..."))
    start = repo.bare.text("merge-base", base, head, check=False).strip()
    if not start:
        raise Refusal(404, f"No common ancestor between {base} and {head}.")
    ahead, behind = repo.bare.commits(f"{base}..{head}")[::-1], repo.bare.commits(f"{head}..{base}")
    most = int(call.take("per_page", "250"))
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    return told(github().filled("commit-comparison", {
        "base_commit": shapes.commit(repo, repo.bare.commits("-1", base)[0]),
        "merge_base_commit": shapes.commit(repo, repo.bare.commits("-1", start)[0]),
        "status": status[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [shapes.commit(repo, shown) for shown in ahead[:most]],
        "files": changed_files(repo, base, head),
    }))  # fmt: skip


@route("repos/get-content", "read", "contents")
def _contents(call: Call) -> Answer:
    repo, path = call.repo, call.parts["path"].strip("/")
    sha = commit_or_refusal(repo, call.take("ref", repo.bare.branch))
    entry = _entry(repo, sha, path)
    if entry is None:
        raise Refusal(404, "Not Found")
    if entry.mode == _LINK:  # GitHub follows a link to a file of the repository, and tells of any other
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), repo.bare.blob(entry.sha).decode()))
        entry = next((e for e in [_entry(repo, sha, target)] if e and e.kind == "blob"), entry)
    if entry.kind == "tree":
        inside = repo.bare.entries(f"{sha}:{path}")
        return told([_content(call, sha, part, f"{path}/{part.path}") for part in inside])
    return told(_content(call, sha, entry, path, whole=True))


def _entry(repo: Repository, sha: str, path: str) -> Entry | None:
    inside = not path.startswith(("/", ".."))
    return next(iter(repo.bare.entries(sha, path)), None) if inside else None


def _content(call: Call, sha: str, entry: Entry, path: str, *, whole: bool = False) -> dict[str, Any]:
    """Return a file, a link, a folder or a submodule; ``whole`` with its content, up to a megabyte."""
    repo = call.repo
    kind = {_LINK: "symlink", "160000": "submodule", "040000": "dir"}.get(entry.mode, "file")
    facts: dict[str, Any] = {
        "type": kind,
        "size": entry.size or 0,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "url": f"{repo.url}/contents/{path}?ref={sha}",
        "git_url": f"{repo.url}/git/blobs/{entry.sha}",
        "html_url": f"{repo.page}/blob/{sha}/{path}",
        "download_url": f"{repo.page}/raw/{sha}/{path}",
        "_links": {"self": f"{repo.url}/contents/{path}", "git": repo.url, "html": repo.page},
    }
    if whole and kind == "file":
        told_here = facts["size"] <= _LARGEST_TOLD
        facts |= _encoded(repo.bare.blob(entry.sha)) if told_here else {"content": "", "encoding": "none"}
    elif whole and kind == "symlink":
        facts["target"] = repo.bare.blob(entry.sha).decode("utf-8", "replace")
    elif whole and kind == "submodule":
        facts["submodule_git_url"] = ""
    return facts


@route("git/get-tree", "read", "contents")
def _tree(call: Call) -> Answer:
    repo, name = call.repo, call.parts["tree_sha"]
    recursive = bool(call.take("recursive"))
    sha = repo.bare.text("rev-parse", "--verify", "-q", f"{name}^{{tree}}", check=False).strip()
    if not sha:
        raise Refusal(404, "Not Found")
    lines = [
        {"path": e.path, "mode": e.mode, "type": e.kind, "sha": e.sha, "url": f"{repo.url}/git/{e.kind}s/{e.sha}"}
        | ({} if e.size is None else {"size": e.size})
        for e in repo.bare.entries(sha, recursive=recursive)
    ]
    return told({"sha": sha, "url": f"{repo.url}/git/trees/{sha}", "tree": lines, "truncated": False})


@route("git/get-blob", "read", "contents")
def _blob(call: Call) -> Answer:
    repo, sha = call.repo, call.parts["file_sha"]
    if repo.bare.kind(sha) != "blob":
        raise Refusal(404, "Not Found")
    data = repo.bare.blob(sha)
    facts = {"sha": sha, "url": f"{repo.url}/git/blobs/{sha}", "size": len(data), **_encoded(data)}
    return told(github().filled("blob", facts))


def _encoded(data: bytes) -> dict[str, str]:
    """Return bytes in base64, in lines of 60 characters as from GitHub."""
    text = base64.b64encode(data).decode()
    return {"content": "".join(f"{text[i : i + 60]}\n" for i in range(0, len(text), 60)), "encoding": "base64"}

"""A repository of the fake: the API and git return what a test put in, in GitHub's form."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.github_action.fake.git import git
from tests.github_action.fake.raw_client import RawClient


def test_pull_request_follows_its_branch(api: RawClient) -> None:
    """A push moves the head and the trial merge; the base stays that of the last push, as on GitHub."""
    first = api.get_json("~/pulls/1")
    moved = api.repo.commit({"a.py": "a = 2\n"})
    assert api.get_json("~/pulls/1")["base"]["sha"] == first["base"]["sha"] != moved
    head = api.repo.commit({"b.py": "b = 2\n"}, branch="topic")
    second = api.get_json("~/pulls/1")
    assert (second["head"]["sha"], second["base"]["sha"], second["mergeable"]) == (head, moved, True)
    assert api.repo.bare.commit_of("refs/pull/1/head") == head
    assert api.repo.bare.commits("-1", "refs/pull/1/merge")[0].parents == (moved, head)
    assert second["merge_commit_sha"] == api.repo.bare.commit_of("refs/pull/1/merge") != first["merge_commit_sha"]
    assert [file["filename"] for file in api.get_json("~/pulls/1/files")] == ["b.py"]


def test_conflict_has_no_trial_merge(api: RawClient) -> None:
    """A pull request that conflicts with its base cannot be merged."""
    api.repo.commit({"b.py": "b = 3\n"})
    api.repo.commit({"b.py": "b = 4\n"}, branch="topic")
    pull = api.get_json("~/pulls/1")
    assert (pull["mergeable"], pull["merge_commit_sha"]) == (False, None)


def test_fork_is_seen_from_its_parent(api: RawClient) -> None:
    """The parent has the head of a fork's pull request; after the fork is deleted, the head has no repository."""
    fork = api.hub.repository("eve/shop", fork_of=api.repo)
    head = fork.commit({"carbon.toml": "mine"}, branch="patch/1", author="Eve")
    number = api.repo.open_pull(head="patch/1", head_repository=fork, author="eve")
    pull = api.get_json(f"~/pulls/{number}")
    assert (pull["head"]["repo"]["full_name"], pull["head"]["label"]) == ("eve/shop", "eve:patch/1")
    assert pull["user"]["login"] == "eve"
    assert api.get_json(f"~/commits/{head}")["commit"]["author"]["name"] == "Eve"
    assert [p["number"] for p in api.get_json("~/pulls", head="eve:patch/1")] == [number]
    assert "carbon.toml" not in [entry["path"] for entry in api.get_json("~/git/trees/main")["tree"]]
    api.hub.delete(fork)
    pull = api.get_json(f"~/pulls/{number}")
    assert (pull["head"]["repo"], pull["head"]["sha"]) == (None, head)
    with pytest.raises(ValueError, match="eve/shop has no branch 'patch/2'"):
        api.repo.open_pull(head="patch/2", head_repository=fork)


def test_commit_knows_the_pull_request_that_brought_it(api: RawClient) -> None:
    """A commit of the default branch lists the pull request merged as it; another commit lists open and merged ones."""
    head = api.repo.bare.branches()["topic"]
    assert [p["number"] for p in api.get_json(f"~/commits/{head}/pulls")] == [1]
    api.repo.commit({"c.py": ""}, branch="other")
    api.repo.close_pull(api.repo.open_pull(head="other"))
    assert api.get_json(f"~/commits/{api.repo.bare.branches()['other']}/pulls") == []
    squashed, direct = api.repo.commit({"b.py": "b = 1\n"}), api.repo.commit({"d.py": ""})
    assert api.get_json(f"~/commits/{squashed}/pulls") == []
    api.repo.close_pull(1, merged_as=squashed)
    (merged,) = api.get_json(f"~/commits/{squashed}/pulls")
    assert (merged["number"], merged["merge_commit_sha"], merged["merged_at"] is None) == (1, squashed, False)
    assert [p["number"] for p in api.get_json(f"~/commits/{head}/pulls")] == [1]
    assert api.get_json(f"~/commits/{direct}/pulls") == []
    assert api("GET", f"~/commits/{'0' * 40}/pulls").status_code == 422


def test_labels_leave_events(api: RawClient) -> None:
    """Events list who set and removed a label; the labels list the present state."""
    api.repo.label(1, "carbon/override", by="bob")
    api.repo.unlabel(1, "carbon/override", by=None)
    api("POST", "~/issues/1/labels", {"labels": ["feature:søk"]})
    api.repo.comment(1, "why?", by="ann")
    assert [label["name"] for label in api.get_json("~/issues/1/labels")] == ["feature:søk"]
    assert [label["name"] for label in api.get_json("~/pulls/1")["labels"]] == ["feature:søk"]
    events = api.get_json("~/issues/1/events")
    assert [(e["event"], e["label"]["name"], (e["actor"] or {}).get("login")) for e in events] == [
        ("labeled", "carbon/override", "bob"),
        ("unlabeled", "carbon/override", None),
        ("labeled", "feature:søk", "github-actions[bot]"),
    ]
    assert sorted(e["created_at"] for e in events) == [e["created_at"] for e in events]
    assert [e["event"] for e in api.get_json("~/issues/1/timeline")] == ["labeled", "unlabeled", "labeled", "commented"]
    assert api("DELETE", "~/issues/1/labels/feature%3As%C3%B8k").json() == []
    assert api("DELETE", "~/issues/1/labels/feature%3As%C3%B8k").status_code == 404


def test_comments_are_written_changed_and_deleted(api: RawClient) -> None:
    """A comment has an author, who may be deleted; a locked conversation takes no new comment."""
    lost = api.repo.comment(1, "old", by=None)
    made = api("POST", "~/issues/1/comments", {"body": "new"}).json()
    assert made["user"]["login"] == "github-actions[bot]"
    assert made["html_url"] == f"{api.hub.server_url}/octo/shop/issues/1#issuecomment-{made['id']}"
    api.repo.locked.add(1)
    response = api("POST", "~/issues/1/comments", {"body": "more"})
    assert (response.status_code, response.json()["message"]) == (
        403, "Unable to create comment because issue is locked.",
    )  # fmt: skip
    assert api("PATCH", f"~/issues/comments/{made['id']}", {"body": "newer"}).json()["body"] == "newer"
    assert [(c["body"], c["user"] and c["user"]["type"]) for c in api.repo.comments(1)] == [
        ("old", None),
        ("newer", "Bot"),
    ]
    assert api.get_json(f"~/issues/comments/{lost}")["user"] is None
    assert api("DELETE", f"~/issues/comments/{lost}").status_code == 204
    assert api("DELETE", f"~/issues/comments/{lost}").status_code == 404
    assert [c["id"] for c in api.get_json("~/issues/1/comments", since=api.hub.now())] == [made["id"]]


@pytest.mark.parametrize(
    "path",
    ["issues/9", "pulls/2", "issues/comments/9", "check-runs/9", "actions/runs/9", "actions/runs/9/artifacts",
     "actions/artifacts/9", "branches/none", "commits/none", "contents/none", "git/blobs/none", "git/trees/none"],
)  # fmt: skip
def test_missing_object_is_not_found(api: RawClient, path: str) -> None:
    """A request for a missing object gets 404, and does not fail the test."""
    assert api("GET", f"~/{path}").status_code == 404


def test_newest_status_of_a_context_counts(api: RawClient) -> None:
    """Statuses are listed newest first, and the combined state is that of the worst context."""
    sha = api.repo.bare.branches()["topic"]
    for context, state in (("carbon/budget", "pending"), ("lint", "success"), ("carbon/budget", "failure")):
        assert api("POST", f"~/statuses/{sha}", {"state": state, "context": context}).ok
    assert [s["state"] for s in api.get_json(f"~/commits/{sha}/statuses")] == ["failure", "success", "pending"]
    assert api.get_json("~/commits/topic/status")["state"] == "failure"
    assert [(s["sha"], s["creator"]["login"]) for s in api.repo.statuses] == [(sha, "github-actions[bot]")] * 3
    api("POST", f"~/statuses/{sha}", {"state": "success", "context": "carbon/budget"})
    assert api.get_json("~/commits/topic/status")["state"] == "success"
    assert api("POST", f"~/statuses/{'0' * 40}", {"state": "success"}).status_code == 422


def test_check_run_gathers_annotations(api: RawClient) -> None:
    """A conclusion completes a check run; annotations add up; the newest check run of a name is listed."""
    sha = api.repo.bare.branches()["topic"]
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "costly"}
    output = {"title": "Fine", "summary": "All of it.", "annotations": [note]}
    api("POST", "~/check-runs", {"name": "Carbon report", "head_sha": sha})
    run = api("POST", "~/check-runs", {"name": "Carbon report", "head_sha": sha, "output": output}).json()
    assert (run["status"], run["conclusion"], run["output"]["annotations_count"]) == ("queued", None, 1)
    run = api("PATCH", f"~/check-runs/{run['id']}", {"conclusion": "neutral", "output": output}).json()
    assert (run["status"], run["conclusion"], run["output"]["annotations_count"]) == ("completed", "neutral", 2)
    assert api.repo.check_runs[1]["output"]["annotations"] == [note, note]
    assert api.get_json(f"~/commits/{sha}/check-runs", check_name="Carbon report") == {
        "total_count": 1,
        "check_runs": [run],
    }
    assert api.get_json(f"~/commits/{sha}/check-runs", filter="all")["total_count"] == 2


def test_files_have_githubs_form(api: RawClient) -> None:
    """A file up to a megabyte is in base64, a folder is a list, and a link to a file is followed."""
    api.repo.commit({"d/ä b.toml": b"\xff\n" * 50, "big": "x" * 1_000_001, "links/own": "", "links/out": ""})
    folder = Path(api.repo.git)
    for name, target in (("own", "../d/ä b.toml"), ("out", "../../etc/passwd")):
        blob = git(folder, "hash-object", "-w", "--stdin", stdin=target.encode()).decode().strip()
        line = f"120000 blob {blob}\t{name}\n".encode()
        tree = git(folder, "mktree", stdin=line).decode().strip()
        top = git(folder, "ls-tree", "main").replace(b"links", b"old") + f"040000 tree {tree}\tlinks\n".encode()
        root = git(folder, "mktree", stdin=top).decode().strip()
        commit = git(folder, "commit-tree", root, "-m", name).decode().strip()
        api.repo.bare.point(f"refs/heads/link/{name}", commit)
    file = api.get_json("~/contents/d/ä b.toml")
    assert (base64.b64decode(file["content"]), file["type"], file["size"]) == (b"\xff\n" * 50, "file", 100)
    assert api.get_json("~/contents/d%2F%C3%A4%20b.toml", ref="main") == file
    assert [(part["name"], part["type"]) for part in api.get_json("~/contents/links")] == [
        ("out", "file"),
        ("own", "file"),
    ]
    assert (api.get_json("~/contents/big")["encoding"], api.get_json("~/contents/big")["content"]) == ("none", "")
    assert api.get_json("~/contents/links/own", ref="link/own")["content"] == file["content"]
    link = api.get_json("~/contents/links/out", ref="link/out")
    assert (link["type"], link["target"]) == ("symlink", "../../etc/passwd")
    assert api.get_json(f"~/git/blobs/{file['sha']}")["content"] == file["content"]
    assert [e["path"] for e in api.get_json("~/git/trees/main", recursive=1)["tree"]] == [
        "a.py", "big", "d", "d/ä b.toml", "links", "links/out", "links/own",
    ]  # fmt: skip


def test_branches_are_compared_from_their_merge_base(api: RawClient) -> None:
    """A comparison lists commits and files of one side, and counts the commits of the other side."""
    api.repo.commit({"a.py": "a = 2\n"})
    head = api.repo.commit({"x/y.py": "1\n2\n", "b.py": None}, branch="topic")
    data = api.get_json("~/compare/main...topic")
    assert (data["status"], data["ahead_by"], data["behind_by"], data["commits"][-1]["sha"]) == ("diverged", 2, 1, head)
    assert [(f["filename"], f["status"], f["additions"]) for f in data["files"]] == [("x/y.py", "added", 2)]
    assert api.get_json("~/compare/topic...topic")["status"] == "identical"
    assert api.get_json("~/branches/topic")["commit"]["sha"] == head


def test_run_of_a_fork_names_no_pull_request(api: RawClient) -> None:
    """Runs are found by commit, event and status; only runs of the repository itself list their pull requests."""
    fork = api.hub.repository("eve/shop", fork_of=api.repo)
    theirs, ours = fork.commit({"e.py": ""}, branch="topic"), api.repo.bare.branches()["topic"]
    api.repo.open_pull(head="topic", head_repository=fork)
    foreign = api.repo.workflow_run(head_sha=theirs, head_branch="topic", head_repository=fork)
    own = api.repo.workflow_run(head_sha=ours, head_branch="topic", conclusion=None, attempt=2)
    api.repo.workflow_run(head_sha=ours, head_branch="main", event="push")
    assert api.get_json(f"~/actions/runs/{foreign}")["pull_requests"] == []
    run = api.get_json(f"~/actions/runs/{own}")
    assert ([p["number"] for p in run["pull_requests"]], run["run_attempt"], run["conclusion"]) == ([1], 2, None)
    result = api.get_json("~/actions/runs", head_sha=ours, event="pull_request", status="in_progress")
    assert [r["id"] for r in result["workflow_runs"]] == [own]
    data = api.repo.event_workflow_run(foreign)["workflow_run"]
    assert (data["pull_requests"], data["head_repository"]["full_name"]) == ([], "eve/shop")


def test_artifact_is_at_a_signed_address(api: RawClient) -> None:
    """The API redirects to a signed address that refuses tokens; an expired artifact gets 410."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("report.json", "{}")
    run = api.repo.workflow_run(head_sha="a" * 40, head_branch="topic")
    old, new = (api.repo.artifact(run, "carbon-report-x", buffer.getvalue(), expired=old) for old in (True, False))
    listed = api.get_json(f"~/actions/runs/{run}/artifacts", name="carbon-report-x")["artifacts"]
    assert [(a["id"], a["expired"], a["workflow_run"]["id"]) for a in listed] == [(new, False, run), (old, True, run)]
    assert api("GET", f"~/actions/artifacts/{old}/zip").status_code == 410
    response = api("GET", f"~/actions/artifacts/{new}/zip")
    assert response.status_code == 302
    place = response.headers["location"]
    assert api.session.get(place, headers={"Authorization": f"Bearer {api.token}"}).status_code == 400
    assert api.session.get(place.replace("signed", "guessed")).status_code == 403
    assert api.session.get(place).content == buffer.getvalue()
    api.token = None
    assert api("GET", f"~/actions/artifacts/{new}/zip").status_code == 401


@pytest.mark.parametrize(
    ("role", "public", "permission"),
    [
        ("admin", True, "admin"),
        ("maintain", True, "write"),
        ("triage", True, "read"),
        (None, True, "read"),
        (None, False, "none"),
    ],
)
def test_permission_of_a_role(api: RawClient, role: str | None, public: bool, permission: str) -> None:
    """Maintainers write, triagers read, and strangers read a public repository."""
    api.repo.public = public
    if role:
        api.repo.collaborators["bob"] = role
    data = api.get_json("~/collaborators/bob/permission")
    assert (data["permission"], data["role_name"]) == (permission, role or permission)


def test_issues_are_kept(api: RawClient) -> None:
    """Issues are created, changed, closed, listed by label, and have sub-issues."""
    made = api("POST", "~/issues", {"title": "Carbon of checkout", "labels": ["carbon-report"]}).json()
    assert api("PATCH", f"~/issues/{made['number']}", {"body": "x", "state": "closed", "labels": ["b"]}).ok
    assert [i["number"] for i in api.get_json("~/issues", state="all", labels="b")] == [made["number"]]
    assert ["pull_request" in issue for issue in api.get_json("~/issues")] == [False, True]
    assert api("POST", "~/issues/2/sub_issues", {"sub_issue_id": made["id"]}).status_code == 201
    assert [i["title"] for i in api.get_json("~/issues/2/sub_issues")] == ["Carbon of checkout"]
    api.repo.milestones.append({"number": 1, "title": "June"})
    assert [m["title"] for m in api.get_json("~/milestones")] == ["June"]
    assert api("POST", "~/labels", {"name": "b"}).status_code == 422
    assert {label["name"] for label in api.get_json("~/labels")} == {"carbon-report", "b"}


def test_issue_names_who_closed_it(api: RawClient) -> None:
    """An issue closed by a person or a token names the login until the issue is open again."""
    closed_by = []
    for act in (api.repo.close_issue, api.repo.open_again):
        act(2)
        closed_by.append(api.get_json("~/issues/2")["closed_by"])
    api("PATCH", "~/issues/2", {"state": "closed", "body": "x"})
    closed_by.append(api.get_json("~/issues/2")["closed_by"])
    assert [user and user["login"] for user in closed_by] == ["ann", None, "github-actions[bot]"]


def test_rerun_is_a_new_attempt(api: RawClient) -> None:
    """The id of the run stays; attempt and start time are new."""
    run_id = api.repo.workflow_run(head_sha=api.repo.pull(1)["head"]["sha"], head_branch="topic", conclusion="failure")
    first = api.get_json(f"~/actions/runs/{run_id}")
    api.repo.run_again(run_id)
    again = api.get_json(f"~/actions/runs/{run_id}")
    assert (again["run_attempt"], again["conclusion"], again["created_at"]) == (2, "success", first["created_at"])
    assert again["run_started_at"] > first["run_started_at"]


def test_events_have_githubs_form(api: RawClient) -> None:
    """The payload of an event names the repository, the sender and the subject."""
    labeled = api.repo.event_pull_request(1, "labeled", label="feature:checkout", sender="bob")
    assert (labeled["action"], labeled["number"], labeled["label"]["name"]) == ("labeled", 1, "feature:checkout")
    assert (labeled["sender"]["login"], labeled["repository"]["full_name"]) == ("bob", "octo/shop")
    assert labeled["pull_request"] == api.get_json("~/pulls/1")
    base, head = api.repo.bare.branches()["main"], api.repo.bare.branches()["topic"]
    push = api.repo.event_push(head)
    assert (push["before"], push["after"], push["head_commit"]["message"]) == (base, head, "Work")
    group: dict[str, Any] = api.repo.event_merge_group(head, base, [3, 1])["merge_group"]
    assert group["head_ref"] == f"refs/heads/gh-readonly-queue/main/pr-1-{base}"

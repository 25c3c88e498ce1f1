"""A repository of the fake: what a test puts into it is what the API and git tell, as GitHub tells it."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.github_action.fake.git import git
from tests.github_action.fake.raw_client import RawClient


def test_pull_request_follows_its_branch(ask: RawClient) -> None:
    """A push moves the head and the trial merge; the base is the one of the last push, as on GitHub."""
    first = ask.get_json("~/pulls/1")
    moved = ask.repo.commit({"a.py": "a = 2\n"})
    assert ask.get_json("~/pulls/1")["base"]["sha"] == first["base"]["sha"] != moved
    head = ask.repo.commit({"b.py": "b = 2\n"}, branch="topic")
    second = ask.get_json("~/pulls/1")
    assert (second["head"]["sha"], second["base"]["sha"], second["mergeable"]) == (head, moved, True)
    assert ask.repo.bare.commit_of("refs/pull/1/head") == head
    assert ask.repo.bare.commits("-1", "refs/pull/1/merge")[0].parents == (moved, head)
    assert second["merge_commit_sha"] == ask.repo.bare.commit_of("refs/pull/1/merge") != first["merge_commit_sha"]
    assert [file["filename"] for file in ask.get_json("~/pulls/1/files")] == ["b.py"]


def test_conflict_has_no_trial_merge(ask: RawClient) -> None:
    """A pull request that conflicts with its base cannot be merged."""
    ask.repo.commit({"b.py": "b = 3\n"})
    ask.repo.commit({"b.py": "b = 4\n"}, branch="topic")
    pull = ask.get_json("~/pulls/1")
    assert (pull["mergeable"], pull["merge_commit_sha"]) == (False, None)


def test_fork_is_seen_from_its_parent(ask: RawClient) -> None:
    """The head of a fork's pull request is readable in the parent; a deleted fork leaves a head without repository."""
    fork = ask.hub.repository("eve/shop", fork_of=ask.repo)
    head = fork.commit({"carbon.toml": "mine"}, branch="patch/1", author="Eve")
    number = ask.repo.open_pull(head="patch/1", head_repository=fork, author="eve")
    pull = ask.get_json(f"~/pulls/{number}")
    assert (pull["head"]["repo"]["full_name"], pull["head"]["label"]) == ("eve/shop", "eve:patch/1")
    assert pull["user"]["login"] == "eve"
    assert ask.get_json(f"~/commits/{head}")["commit"]["author"]["name"] == "Eve"
    assert [p["number"] for p in ask.get_json("~/pulls", head="eve:patch/1")] == [number]
    assert "carbon.toml" not in [entry["path"] for entry in ask.get_json("~/git/trees/main")["tree"]]
    ask.hub.delete(fork)
    pull = ask.get_json(f"~/pulls/{number}")
    assert (pull["head"]["repo"], pull["head"]["sha"]) == (None, head)
    with pytest.raises(ValueError, match="eve/shop has no branch 'patch/2'"):
        ask.repo.open_pull(head="patch/2", head_repository=fork)


def test_commit_knows_the_pull_request_that_brought_it(ask: RawClient) -> None:
    """A commit of the default branch knows what was merged as it, any other what is open or merged with it."""
    head = ask.repo.bare.branches()["topic"]
    assert [p["number"] for p in ask.get_json(f"~/commits/{head}/pulls")] == [1]
    ask.repo.commit({"c.py": ""}, branch="other")
    ask.repo.close_pull(ask.repo.open_pull(head="other"))
    assert ask.get_json(f"~/commits/{ask.repo.bare.branches()['other']}/pulls") == []
    squashed, direct = ask.repo.commit({"b.py": "b = 1\n"}), ask.repo.commit({"d.py": ""})
    assert ask.get_json(f"~/commits/{squashed}/pulls") == []
    ask.repo.close_pull(1, merged_as=squashed)
    (merged,) = ask.get_json(f"~/commits/{squashed}/pulls")
    assert (merged["number"], merged["merge_commit_sha"], merged["merged_at"] is None) == (1, squashed, False)
    assert [p["number"] for p in ask.get_json(f"~/commits/{head}/pulls")] == [1]
    assert ask.get_json(f"~/commits/{direct}/pulls") == []
    assert ask("GET", f"~/commits/{'0' * 40}/pulls").status_code == 422


def test_labels_leave_events(ask: RawClient) -> None:
    """Who put which label on when is told apart from the labels as they are."""
    ask.repo.label(1, "carbon/override", by="bob")
    ask.repo.unlabel(1, "carbon/override", by=None)
    ask("POST", "~/issues/1/labels", {"labels": ["feature:søk"]})
    ask.repo.comment(1, "why?", by="ann")
    assert [label["name"] for label in ask.get_json("~/issues/1/labels")] == ["feature:søk"]
    assert [label["name"] for label in ask.get_json("~/pulls/1")["labels"]] == ["feature:søk"]
    events = ask.get_json("~/issues/1/events")
    assert [(e["event"], e["label"]["name"], (e["actor"] or {}).get("login")) for e in events] == [
        ("labeled", "carbon/override", "bob"),
        ("unlabeled", "carbon/override", None),
        ("labeled", "feature:søk", "github-actions[bot]"),
    ]
    assert sorted(e["created_at"] for e in events) == [e["created_at"] for e in events]
    assert [e["event"] for e in ask.get_json("~/issues/1/timeline")] == ["labeled", "unlabeled", "labeled", "commented"]
    assert ask("DELETE", "~/issues/1/labels/feature%3As%C3%B8k").json() == []
    assert ask("DELETE", "~/issues/1/labels/feature%3As%C3%B8k").status_code == 404


def test_comments_are_written_changed_and_deleted(ask: RawClient) -> None:
    """A comment is its author's, who may be gone; a locked conversation takes no new one."""
    lost = ask.repo.comment(1, "old", by=None)
    made = ask("POST", "~/issues/1/comments", {"body": "new"}).json()
    assert made["user"]["login"] == "github-actions[bot]"
    assert made["html_url"] == f"{ask.hub.server_url}/octo/shop/issues/1#issuecomment-{made['id']}"
    ask.repo.locked.add(1)
    answer = ask("POST", "~/issues/1/comments", {"body": "more"})
    assert (answer.status_code, answer.json()["message"]) == (
        403, "Unable to create comment because issue is locked.",
    )  # fmt: skip
    assert ask("PATCH", f"~/issues/comments/{made['id']}", {"body": "newer"}).json()["body"] == "newer"
    assert [(c["body"], c["user"] and c["user"]["type"]) for c in ask.repo.comments(1)] == [
        ("old", None),
        ("newer", "Bot"),
    ]
    assert ask.get_json(f"~/issues/comments/{lost}")["user"] is None
    assert ask("DELETE", f"~/issues/comments/{lost}").status_code == 204
    assert ask("DELETE", f"~/issues/comments/{lost}").status_code == 404
    assert [c["id"] for c in ask.get_json("~/issues/1/comments", since=ask.hub.now())] == [made["id"]]


@pytest.mark.parametrize(
    "path",
    ["issues/9", "pulls/2", "issues/comments/9", "check-runs/9", "actions/runs/9", "actions/runs/9/artifacts",
     "actions/artifacts/9", "branches/none", "commits/none", "contents/none", "git/blobs/none", "git/trees/none"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(ask: RawClient, path: str) -> None:
    """An honest question about nothing is a 404, and no fault of the client."""
    assert ask("GET", f"~/{path}").status_code == 404


def test_newest_status_of_a_context_counts(ask: RawClient) -> None:
    """Statuses are listed newest first, and the whole is as bad as the worst of the contexts."""
    sha = ask.repo.bare.branches()["topic"]
    for context, state in (("carbon/budget", "pending"), ("lint", "success"), ("carbon/budget", "failure")):
        assert ask("POST", f"~/statuses/{sha}", {"state": state, "context": context}).ok
    assert [s["state"] for s in ask.get_json(f"~/commits/{sha}/statuses")] == ["failure", "success", "pending"]
    assert ask.get_json("~/commits/topic/status")["state"] == "failure"
    assert [(s["sha"], s["creator"]["login"]) for s in ask.repo.statuses] == [(sha, "github-actions[bot]")] * 3
    ask("POST", f"~/statuses/{sha}", {"state": "success", "context": "carbon/budget"})
    assert ask.get_json("~/commits/topic/status")["state"] == "success"
    assert ask("POST", f"~/statuses/{'0' * 40}", {"state": "success"}).status_code == 422


def test_check_run_gathers_annotations(ask: RawClient) -> None:
    """A check run is changed until a conclusion ends it; annotations add up; the newest of a name is listed."""
    sha = ask.repo.bare.branches()["topic"]
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "costly"}
    output = {"title": "Fine", "summary": "All of it.", "annotations": [note]}
    ask("POST", "~/check-runs", {"name": "Carbon report", "head_sha": sha})
    run = ask("POST", "~/check-runs", {"name": "Carbon report", "head_sha": sha, "output": output}).json()
    assert (run["status"], run["conclusion"], run["output"]["annotations_count"]) == ("queued", None, 1)
    run = ask("PATCH", f"~/check-runs/{run['id']}", {"conclusion": "neutral", "output": output}).json()
    assert (run["status"], run["conclusion"], run["output"]["annotations_count"]) == ("completed", "neutral", 2)
    assert ask.repo.check_runs[1]["output"]["annotations"] == [note, note]
    assert ask.get_json(f"~/commits/{sha}/check-runs", check_name="Carbon report") == {
        "total_count": 1,
        "check_runs": [run],
    }
    assert ask.get_json(f"~/commits/{sha}/check-runs", filter="all")["total_count"] == 2


def test_files_are_told_as_github_tells_them(ask: RawClient) -> None:
    """Files come in base64 up to a megabyte, folders as lists, links followed if they lead to a file."""
    ask.repo.commit({"d/ä b.toml": b"\xff\n" * 50, "big": "x" * 1_000_001, "links/own": "", "links/out": ""})
    folder = Path(ask.repo.git)
    for name, target in (("own", "../d/ä b.toml"), ("out", "../../etc/passwd")):
        blob = git(folder, "hash-object", "-w", "--stdin", stdin=target.encode()).decode().strip()
        line = f"120000 blob {blob}\t{name}\n".encode()
        tree = git(folder, "mktree", stdin=line).decode().strip()
        top = git(folder, "ls-tree", "main").replace(b"links", b"old") + f"040000 tree {tree}\tlinks\n".encode()
        root = git(folder, "mktree", stdin=top).decode().strip()
        commit = git(folder, "commit-tree", root, "-m", name).decode().strip()
        ask.repo.bare.point(f"refs/heads/link/{name}", commit)
    file = ask.get_json("~/contents/d/ä b.toml")
    assert (base64.b64decode(file["content"]), file["type"], file["size"]) == (b"\xff\n" * 50, "file", 100)
    assert ask.get_json("~/contents/d%2F%C3%A4%20b.toml", ref="main") == file
    assert [(part["name"], part["type"]) for part in ask.get_json("~/contents/links")] == [("out", "file"), ("own", "file")]
    assert (ask.get_json("~/contents/big")["encoding"], ask.get_json("~/contents/big")["content"]) == ("none", "")
    assert ask.get_json("~/contents/links/own", ref="link/own")["content"] == file["content"]
    link = ask.get_json("~/contents/links/out", ref="link/out")
    assert (link["type"], link["target"]) == ("symlink", "../../etc/passwd")
    assert ask.get_json(f"~/git/blobs/{file['sha']}")["content"] == file["content"]
    assert [e["path"] for e in ask.get_json("~/git/trees/main", recursive=1)["tree"]] == [
        "a.py", "big", "d", "d/ä b.toml", "links", "links/out", "links/own",
    ]  # fmt: skip


def test_branches_are_compared_from_where_they_parted(ask: RawClient) -> None:
    """A comparison has the commits and files of one side, and counts those of the other."""
    ask.repo.commit({"a.py": "a = 2\n"})
    head = ask.repo.commit({"x/y.py": "1\n2\n", "b.py": None}, branch="topic")
    told = ask.get_json("~/compare/main...topic")
    assert (told["status"], told["ahead_by"], told["behind_by"], told["commits"][-1]["sha"]) == ("diverged", 2, 1, head)
    assert [(f["filename"], f["status"], f["additions"]) for f in told["files"]] == [("x/y.py", "added", 2)]
    assert ask.get_json("~/compare/topic...topic")["status"] == "identical"
    assert ask.get_json("~/branches/topic")["commit"]["sha"] == head


def test_run_of_a_fork_names_no_pull_request(ask: RawClient) -> None:
    """Runs are found by commit, event and end; only those of the repository itself name their pull requests."""
    fork = ask.hub.repository("eve/shop", fork_of=ask.repo)
    theirs, ours = fork.commit({"e.py": ""}, branch="topic"), ask.repo.bare.branches()["topic"]
    ask.repo.open_pull(head="topic", head_repository=fork)
    foreign = ask.repo.workflow_run(head_sha=theirs, head_branch="topic", head_repository=fork)
    own = ask.repo.workflow_run(head_sha=ours, head_branch="topic", conclusion=None, attempt=2)
    ask.repo.workflow_run(head_sha=ours, head_branch="main", event="push")
    assert ask.get_json(f"~/actions/runs/{foreign}")["pull_requests"] == []
    run = ask.get_json(f"~/actions/runs/{own}")
    assert ([p["number"] for p in run["pull_requests"]], run["run_attempt"], run["conclusion"]) == ([1], 2, None)
    found = ask.get_json("~/actions/runs", head_sha=ours, event="pull_request", status="in_progress")
    assert [r["id"] for r in found["workflow_runs"]] == [own]
    told = ask.repo.event_workflow_run(foreign)["workflow_run"]
    assert (told["pull_requests"], told["head_repository"]["full_name"]) == ([], "eve/shop")


def test_artifact_is_fetched_from_elsewhere_without_the_token(ask: RawClient) -> None:
    """The API sends to a signed address that refuses GitHub's tokens; what expired is gone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("report.json", "{}")
    run = ask.repo.workflow_run(head_sha="a" * 40, head_branch="topic")
    old, new = (ask.repo.artifact(run, "carbon-report-x", buffer.getvalue(), expired=old) for old in (True, False))
    listed = ask.get_json(f"~/actions/runs/{run}/artifacts", name="carbon-report-x")["artifacts"]
    assert [(a["id"], a["expired"], a["workflow_run"]["id"]) for a in listed] == [(new, False, run), (old, True, run)]
    assert ask("GET", f"~/actions/artifacts/{old}/zip").status_code == 410
    answer = ask("GET", f"~/actions/artifacts/{new}/zip")
    assert answer.status_code == 302
    place = answer.headers["location"]
    assert ask.session.get(place, headers={"Authorization": f"Bearer {ask.token}"}).status_code == 400
    assert ask.session.get(place.replace("signed", "guessed")).status_code == 403
    assert ask.session.get(place).content == buffer.getvalue()
    ask.token = None
    assert ask("GET", f"~/actions/artifacts/{new}/zip").status_code == 401


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
def test_permission_is_told_coarse_and_fine(ask: RawClient, role: str | None, public: bool, permission: str) -> None:
    """Maintainers may write, triagers read, and strangers read what is public."""
    ask.repo.public = public
    if role:
        ask.repo.collaborators["bob"] = role
    told = ask.get_json("~/collaborators/bob/permission")
    assert (told["permission"], told["role_name"]) == (permission, role or permission)


def test_issues_are_kept_for_later(ask: RawClient) -> None:
    """Issues are made, changed, closed, listed by label, and have children."""
    made = ask("POST", "~/issues", {"title": "Carbon of checkout", "labels": ["carbon-report"]}).json()
    assert ask("PATCH", f"~/issues/{made['number']}", {"body": "x", "state": "closed", "labels": ["b"]}).ok
    assert [i["number"] for i in ask.get_json("~/issues", state="all", labels="b")] == [made["number"]]
    assert ["pull_request" in issue for issue in ask.get_json("~/issues")] == [False, True]
    assert ask("POST", "~/issues/2/sub_issues", {"sub_issue_id": made["id"]}).status_code == 201
    assert [i["title"] for i in ask.get_json("~/issues/2/sub_issues")] == ["Carbon of checkout"]
    ask.repo.milestones.append({"number": 1, "title": "June"})
    assert [m["title"] for m in ask.get_json("~/milestones")] == ["June"]
    assert ask("POST", "~/labels", {"name": "b"}).status_code == 422
    assert {label["name"] for label in ask.get_json("~/labels")} == {"carbon-report", "b"}


def test_issue_tells_who_closed_it(ask: RawClient) -> None:
    """A person or a token may close an issue; who did is told until it is open again."""
    closed_by = []
    for act in (ask.repo.close_issue, ask.repo.open_again):
        act(2)
        closed_by.append(ask.get_json("~/issues/2")["closed_by"])
    ask("PATCH", "~/issues/2", {"state": "closed", "body": "x"})
    closed_by.append(ask.get_json("~/issues/2")["closed_by"])
    assert [user and user["login"] for user in closed_by] == ["ann", None, "github-actions[bot]"]


def test_run_that_is_tried_again(ask: RawClient) -> None:
    """Its number stays, its attempt and the time of its start are new."""
    run_id = ask.repo.workflow_run(head_sha=ask.repo.pull(1)["head"]["sha"], head_branch="topic", conclusion="failure")
    first = ask.get_json(f"~/actions/runs/{run_id}")
    ask.repo.run_again(run_id)
    again = ask.get_json(f"~/actions/runs/{run_id}")
    assert (again["run_attempt"], again["conclusion"], again["created_at"]) == (2, "success", first["created_at"])
    assert again["run_started_at"] > first["run_started_at"]


def test_events_are_as_jobs_find_them(ask: RawClient) -> None:
    """Payloads name the repository, who did it and what it was about."""
    labeled = ask.repo.event_pull_request(1, "labeled", label="feature:checkout", sender="bob")
    assert (labeled["action"], labeled["number"], labeled["label"]["name"]) == ("labeled", 1, "feature:checkout")
    assert (labeled["sender"]["login"], labeled["repository"]["full_name"]) == ("bob", "octo/shop")
    assert labeled["pull_request"] == ask.get_json("~/pulls/1")
    base, head = ask.repo.bare.branches()["main"], ask.repo.bare.branches()["topic"]
    push = ask.repo.event_push(head)
    assert (push["before"], push["after"], push["head_commit"]["message"]) == (base, head, "Work")
    group: dict[str, Any] = ask.repo.event_merge_group(head, base, [3, 1])["merge_group"]
    assert group["head_ref"] == f"refs/heads/gh-readonly-queue/main/pr-1-{base}"

"""Commit statuses and check runs."""

from __future__ import annotations

from typing import Any

from tests.github_action.fake.openapi import github
from tests.github_action.fake.rest import Answer, Call, route, told
from tests.github_action.fake.rest_git import commit_or_refusal
from tests.github_action.fake.state import Refusal


@route("repos/create-commit-status", "write", "statuses")
def _set_status(call: Call) -> Answer:
    repo, sha, made = call.repo, call.parts["sha"], call.world.tick()
    if repo.bare.commit_of(sha) != sha:
        raise Refusal(422, f"No commit found for SHA: {sha}")
    key = call.world.new_id()
    status = github().filled("status", {
        "id": key,
        "url": f"{repo.url}/statuses/{sha}",
        "state": call.body["state"],
        "description": call.body.get("description"),
        "target_url": call.body.get("target_url"),
        "context": call.body.get("context", "default"),
        "created_at": made,
        "updated_at": made,
        "creator": call.world.user(call.login),
    })  # fmt: skip
    repo.statuses.append({**status, "sha": sha})
    return told(status, 201)


def _statuses(call: Call) -> tuple[str, list[dict[str, Any]]]:
    sha = commit_or_refusal(call.repo, call.parts["ref"])
    newest_first = [s for s in reversed(call.repo.statuses) if s["sha"] == sha]
    return sha, [{name: value for name, value in s.items() if name != "sha"} for s in newest_first]


@route("repos/list-commit-statuses-for-ref", "read", "statuses")
def _list_statuses(call: Call) -> Answer:
    return call.page(_statuses(call)[1])


@route("repos/get-combined-status-for-ref", "read", "statuses")
def _combined_status(call: Call) -> Answer:
    sha, statuses = _statuses(call)
    newest = list({s["context"]: s for s in reversed(statuses)}.values())
    states = {s["state"] for s in newest}
    bad, waiting = states & {"failure", "error"}, "pending" in states or not states
    simple = [{k: v for k, v in s.items() if k != "creator"} for s in newest]
    return told(github().filled("combined-commit-status", {
        "state": "failure" if bad else "pending" if waiting else "success",
        "sha": sha,
        "total_count": len(newest),
        "statuses": simple,
        "repository": call.repo.facts(),
    }))  # fmt: skip


@route("checks/create", "write", "checks")
def _create_check(call: Call) -> Answer:
    repo, sha, key = call.repo, call.body["head_sha"], call.world.new_id()
    if repo.bare.commit_of(sha) != sha:
        raise Refusal(422, f"No commit found for SHA: {sha}")
    run = github().filled("check-run", {
        "id": key,
        "name": call.body["name"],
        "head_sha": sha,
        "url": f"{repo.url}/check-runs/{key}",
        "html_url": f"{repo.page}/runs/{key}",
        "status": "queued",
        "output": {"annotations_url": f"{repo.url}/check-runs/{key}/annotations"},
        "app": {"id": 15368, "slug": "github-actions", "name": "GitHub Actions"},
        "check_suite": {"id": 1},
    })  # fmt: skip
    run["output"]["annotations"] = []
    repo.check_runs.append(run)
    return told(_changed(call, run), 201)


@route("checks/update", "write", "checks")
def _update_check(call: Call) -> Answer:
    return told(_changed(call, _check(call)))


@route("checks/get", "read", "checks")
def _get_check(call: Call) -> Answer:
    return told(_shown(_check(call)))


@route("checks/list-for-ref", "read", "checks")
def _list_checks(call: Call) -> Answer:
    sha, name, status = commit_or_refusal(call.repo, call.parts["ref"]), call.take("check_name"), call.take("status")
    runs = [run for run in call.repo.check_runs if run["head_sha"] == sha and name in {"", run["name"]}]
    if call.take("filter", "latest") == "latest":
        runs = list({run["name"]: run for run in runs}.values())
    return call.page([_shown(run) for run in reversed(runs) if status in {"", run["status"]}], "check_runs")


def _check(call: Call) -> dict[str, Any]:
    result: dict[str, Any] = call.known(call.number("check_run_id"), {run["id"]: run for run in call.repo.check_runs})
    return result


def _changed(call: Call, run: dict[str, Any]) -> dict[str, Any]:
    """Change a check run by a request. A conclusion completes the check run; annotations add up."""
    now, output = call.world.tick(), dict(call.body.get("output") or {})
    for name in ("name", "details_url", "external_id", "status", "started_at", "conclusion", "completed_at"):
        run[name] = call.body.get(name, run[name])
    if run["conclusion"]:
        run["status"], run["completed_at"] = "completed", run["completed_at"] or now
    run["started_at"] = run["started_at"] or now
    notes = run["output"]["annotations"] + output.pop("annotations", [])
    run["output"] |= {name: output[name] for name in ("title", "summary", "text") if name in output}
    run["output"] |= {"annotations": notes, "annotations_count": len(notes)}
    return _shown(run)


def _shown(run: dict[str, Any]) -> dict[str, Any]:
    return {**run, "output": {name: value for name, value in run["output"].items() if name != "annotations"}}

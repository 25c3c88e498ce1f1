"""The operations on workflow runs and artifacts, permissions, the user and the rate limit."""

from __future__ import annotations

from typing import Any

from tests.github_action.fake import shapes
from tests.github_action.fake.openapi import github
from tests.github_action.fake.rest import Answer, Call, route, told
from tests.github_action.fake.state import Refusal


@route("actions/list-workflow-runs-for-repo", "read", "actions")
def _runs(call: Call) -> Answer:
    event, sha, branch = call.take("event"), call.take("head_sha"), call.take("branch")
    status = call.take("status")
    matching = [
        key
        for key, run in reversed(call.repo.runs.items())
        if event in {"", run["event"]} and sha in {"", run["head_sha"]} and branch in {"", run["head_branch"]}
        and status in {"", run["status"], run["conclusion"]}
    ]  # fmt: skip
    return call.page([shapes.run(call.repo, key) for key in matching], "workflow_runs")


@route("actions/get-workflow-run", "read", "actions")
def _run(call: Call) -> Answer:
    return told(shapes.run(call.repo, call.known(call.number("run_id"), call.repo.runs)["id"]))


@route("actions/get-workflow-run-attempt", "read", "actions")
def _attempt(call: Call) -> Answer:
    """Return a run as of one of its attempts."""
    key, number = call.known(call.number("run_id"), call.repo.runs)["id"], call.number("attempt_number")
    started = call.known(number, dict(enumerate(call.repo.attempts[key], 1)))
    return told({**shapes.run(call.repo, key), "run_attempt": number, "run_started_at": started})


def _named(call: Call) -> list[dict[str, Any]]:
    name = call.take("name")
    return [artifact for artifact in reversed(call.repo.artifacts) if name in {"", artifact["name"]}]


def _whole(artifact: dict[str, Any]) -> dict[str, Any]:
    return github().filled("artifact", artifact)


@route("actions/list-artifacts-for-repo", "read", "actions")
def _artifacts(call: Call) -> Answer:
    return call.page([_whole(artifact) for artifact in _named(call)], "artifacts")


@route("actions/list-workflow-run-artifacts", "read", "actions")
def _artifacts_of_run(call: Call) -> Answer:
    key = call.known(call.number("run_id"), call.repo.runs)["id"]
    of_run = [_whole(artifact) for artifact in _named(call) if artifact["workflow_run"]["id"] == key]
    return call.page(of_run if call.take("direction", "desc") == "desc" else of_run[::-1], "artifacts")


def _artifact(call: Call) -> dict[str, Any]:
    result: dict[str, Any] = call.known(call.number("artifact_id"), {a["id"]: a for a in call.repo.artifacts})
    return result


@route("actions/get-artifact", "read", "actions")
def _get_artifact(call: Call) -> Answer:
    return told(_whole(_artifact(call)))


@route("actions/download-artifact", "read", "actions")
def _download(call: Call) -> Answer:
    """Redirect to a signed address of the storage, which takes no token."""
    artifact = _artifact(call)
    if call.token is None:
        raise Refusal(401, "You must have the actions scope to download artifacts.")
    if artifact["expired"]:
        raise Refusal(410, "Artifact has expired")
    return Answer(302, {"location": f"{call.world.server_url}/_artifacts/{artifact['id']}?sig=signed"})


@route("repos/get-collaborator-permission-level", "read", "metadata")
def _permission(call: Call) -> Answer:
    if call.token is None:
        raise Refusal(401, "Requires authentication")
    permission, role = call.repo.role(call.parts["username"])
    facts = {"permission": permission, "role_name": role, "user": call.world.user(call.parts["username"])}
    return told(github().filled("repository-collaborator-permission", facts))


@route("users/get-authenticated", "read")
def _user(call: Call) -> Answer:
    if call.token is None:
        raise Refusal(401, "Requires authentication")
    if not call.token.user:
        raise Refusal(403, "Resource not accessible by integration")
    return told(github().filled("public-user", call.world.user(call.login) or {}))


@route("rate-limit/get", "read")
def _rate_limit(call: Call) -> Answer:
    rate = call.world.rate(0)
    return told(github().filled("rate-limit-overview", {"rate": rate, "resources": {"core": rate, "search": rate}}))

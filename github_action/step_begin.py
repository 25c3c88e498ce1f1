"""The step before measuring: says that it begins, and fetches what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from github_action import commands
from github_action.client import Client
from github_action.context import Context
from github_action.fetching import fetch
from github_action.inputs import Inputs
from github_action.publication import begin
from github_action.stages import Stage
from github_action.telling import Publication


def run(
    context: Context,
    inputs: Inputs,
    stages: frozenset[Stage],
    environment: Mapping[str, str],
    pause: Callable[[float], None],
) -> int:
    """Say that this commit is being measured, and fetch what that needs; what goes wrong is only told."""
    token, sha = environment.get("CARBON_TOKEN") or None, context.head_sha
    problems: list[str] = []
    if "begin" in stages and sha:
        told = Publication(context, sha, None, None, status_context=inputs.status_context, login=inputs.login)
        problems += begin(Client(context.api_url, token, say=commands.notice, pause=pause), told)
    if "measure" in stages:
        problems += fetch(context, inputs, token)
    for problem in problems:
        commands.notice(problem, "pytest-carbon")
    return 0

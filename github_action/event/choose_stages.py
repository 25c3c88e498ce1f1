"""What a run of the workflow is for: chosen from the event, unless a stage is asked for."""

from __future__ import annotations

from typing import Literal

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from pytest_carbon.core.errors import ConfigError

Stage = Literal["begin", "measure", "gate", "record", "summary"]
_JUDGED = ("pull_request", "pull_request_target", "workflow_run", "merge_group")
_TRUSTED = ("pull_request_target", "workflow_run")
_RECORDED = ("push", "schedule", "workflow_dispatch")


def choose_stages(context: GitHubContext, inputs: ActionInputs) -> frozenset[Stage]:
    """Return the stages of this job.

    A pull request is measured and judged, and only judged again when its labels or its base change. What a push to
    the default branch, a nightly or a run by hand there measured is recorded, and after the last two the issues for
    product managers are brought up to date. A job of a matrix only measures: its parts are judged together, by a job
    after them. The events whose token may write for a stranger's pull request never measure: ConfigError if that is
    asked for.
    """
    if inputs.stage == "auto":
        return _chosen(context, inputs)
    if inputs.stage == "measure" and not inputs.measures:
        raise ConfigError('stage: measure needs the input command, such as "pytest --carbon", or reports')
    if inputs.stage == "measure" and context.event in _TRUSTED:
        raise ConfigError(
            f"stage: measure was asked for by {context.event}, whose token may write; code of a pull request must "
            "never run beside it. Measure on pull_request, and publish from here"
        )
    return frozenset({inputs.stage})


def _chosen(context: GitHubContext, inputs: ActionInputs) -> frozenset[Stage]:
    if context.event in _JUDGED:
        return _judging(context, inputs)
    measures = _measuring(inputs)
    if context.event not in _RECORDED or not context.on_default_branch or (measures and inputs.matrix_jobs > 1):
        return measures
    ledger: frozenset[Stage] = frozenset({"record"} if context.event == "push" else {"record", "summary"})
    return measures | ledger


def _judging(context: GitHubContext, inputs: ActionInputs) -> frozenset[Stage]:
    if context.action == "closed" or (context.action == "edited" and not _new_base(context)):
        return frozenset()
    if context.event == "workflow_run" and context.action != "completed":
        return frozenset({"begin"})
    if context.event in _TRUSTED or context.labels_or_base_changed:
        return frozenset({"gate"})
    measures = _measuring(inputs)
    return measures if measures and inputs.matrix_jobs > 1 else measures | {"begin", "gate"}


def _measuring(inputs: ActionInputs) -> frozenset[Stage]:
    return frozenset({"measure"}) if inputs.measures else frozenset()


def _new_base(context: GitHubContext) -> bool:
    changes = context.payload.get("changes")
    return isinstance(changes, dict) and "base" in changes

"""Which stages a job runs: chosen by the event, or named by the input stage."""

from __future__ import annotations

from typing import Literal

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from pytest_carbon.core.errors import ConfigError

ActionStage = Literal["begin", "measure", "gate", "record", "summary"]
_JUDGED_EVENTS = ("pull_request", "pull_request_target", "workflow_run", "merge_group", "issue_comment")
_EVENTS_WITH_WRITE_TOKEN = ("pull_request_target", "workflow_run", "issue_comment")
_RECORDED_EVENTS = ("push", "schedule", "workflow_dispatch")


def choose_stages(context: GitHubContext, inputs: ActionInputs) -> frozenset[ActionStage]:
    """Return the stages of this job.

    - A pull request or a merge queue is measured and judged, also when the base changes. When only labels change, it is
      judged again. When it is closed, the other pull requests of its commit are judged again. When somebody comments on
      it, it is judged again, because the comment may give the reason of a label.
    - A push to the default branch is measured and recorded. A scheduled or manual run there also updates the issues.
    - A job of a matrix only measures. A later job judges or records all its parts together.
    - An event whose token may write for a stranger's pull request never measures.

    Raises ConfigError if the input stage asks to measure with such an event, or with nothing to measure.
    """
    if inputs.stage == "auto":
        return _stages_of_event(context, inputs)
    if inputs.stage == "measure" and not inputs.measures:
        raise ConfigError('stage: measure needs the input command, such as "pytest --carbon", or the input reports')
    if inputs.stage == "measure" and context.event in _EVENTS_WITH_WRITE_TOKEN:
        raise ConfigError(
            f"stage: measure is not allowed on {context.event}, whose token may write: code of a pull request must "
            "never run beside it. Measure on pull_request, and publish from here"
        )
    return frozenset({inputs.stage})


def _stages_of_event(context: GitHubContext, inputs: ActionInputs) -> frozenset[ActionStage]:
    if context.event in _JUDGED_EVENTS:
        return _stages_of_judged_event(context, inputs)
    measure = _measure_stage(inputs)
    if context.event not in _RECORDED_EVENTS or not context.on_default_branch or (measure and inputs.matrix_jobs > 1):
        return measure
    record: frozenset[ActionStage] = frozenset({"record"} if context.event == "push" else {"record", "summary"})
    return measure | record


def _stages_of_judged_event(context: GitHubContext, inputs: ActionInputs) -> frozenset[ActionStage]:
    if context.event == "issue_comment":
        return frozenset({"gate"} if context.may_give_a_reason else ())
    if context.action == "edited" and not context.base_changed:
        return frozenset()
    if context.event == "workflow_run" and context.action != "completed":
        return frozenset({"begin"})
    if context.event in _EVENTS_WITH_WRITE_TOKEN or not context.commits_changed:
        return frozenset({"gate"})
    measure = _measure_stage(inputs)
    return measure if measure and inputs.matrix_jobs > 1 else measure | {"begin", "gate"}


def _measure_stage(inputs: ActionInputs) -> frozenset[ActionStage]:
    return frozenset({"measure"}) if inputs.measures else frozenset()

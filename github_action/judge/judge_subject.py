"""From a subject and its parts to the verdict: policy of the base, ledger, live labels. Publishes nothing."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from github_action.api.client import ApiError
from github_action.event import log_commands
from github_action.event.github_context import GitHubContext
from github_action.judge.approval_labels import LabelApproval, RefusedLabel, check_label, make_overrides
from github_action.judge.dropped_devices import DroppedDevices
from github_action.judge.judge_context import JudgeContext
from github_action.reports.find_pull_request import Subject
from github_action.reports.report_parts import Parts
from github_action.repository import policy_at_commit
from github_action.repository.open_ledger import unused
from pytest_carbon.config.load import Config
from pytest_carbon.config.loosened_settings import config_changed, loosened_settings
from pytest_carbon.core.budget.needed_history import exact_days
from pytest_carbon.core.errors import CarbonError, ConfigError, ReportError
from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.labels_to_payers import payers_of_pull_requests
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Override
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.verdict import Verdict
from pytest_carbon.ledgers.ledger import Ledger
from pytest_carbon.usecases.judge_run import gather_inputs
from pytest_carbon.usecases.ledger_history import counts_every_run, paying_features

MOST_DAYS, MOST_FEATURES = 30, 20
"""What a proposed policy may have read beside the policy that holds: days run by run, for some ten windows more."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, the report that it judges, and the overrides that it let count."""

    verdict: Verdict
    report: Report
    overrides: tuple[Override, ...]


def judge_subject(judge: JudgeContext, subject: Subject, parts: Parts) -> Judgement:
    """Judge a subject by the parts that are there; CarbonError, telling why, where no verdict can be reached."""
    files = judge.policy_files(subject.base_sha)
    config = judge.read_config(files)
    hearing = RunUnderJudgement(
        judge, subject, parts, merge_reports(parts.reports), judge.ledger(config), DroppedDevices(judge, subject)
    )
    proposed, proposal = _read_proposed_policy(judge, subject, files, config)
    case, overrides = _apply_override_label(judge, subject, hearing.verdict_inputs(config))
    if proposed is not None:
        proposal = (_preview_proposed_policy(hearing, config, proposed, overrides), *proposal)
    verdict = evaluate(replace(case, policy_changes=proposal, notes=(*unused(config, judge.secrets), *case.notes)))
    excused = {one.name for one in verdict.judged if one.state == "overridden"}
    return Judgement(verdict, hearing.report, tuple(one for one in overrides if one.feature in excused))


@dataclass(frozen=True, slots=True)
class RunUnderJudgement:
    """What is judged, by whatever policy, and the ledger that is believed."""

    judge: JudgeContext
    subject: Subject
    parts: Parts
    report: Report
    ledger: Ledger
    devices: DroppedDevices

    def verdict_inputs(self, config: Config) -> VerdictInputs:
        """Gather what a policy asks for. Of the ledger it reads as far back as that policy looks."""
        desk, subject, parts = self.judge, self.subject, self.parts
        case = gather_inputs(
            config, self.report, run_source(config.policy, subject, desk.context), self.ledger, desk.now
        )
        _refuse_runs_of_others(parts, case, subject)
        gathered = {part.run.id for _, part in parts.reports} - {self.report.run.id}  # they are in the ledger by now
        return replace(
            case,
            entries=tuple(entry for entry in case.entries if entry.run not in gathered),
            notes=(*parts.notes, *case.notes),
            reported_parts=len(parts.reports),
            missing_parts=parts.missing,
            override_by_label=True,
            provenance=_provenance(desk.context, subject),
            devices=self.devices.verdict(config.policy.devices),
            self_reported=any(pull.fork for pull in subject.pulls) and subject.pull is not None,
        )


def _preview_proposed_policy(run: RunUnderJudgement, config: Config, proposed: Config, granted: Sequence[Override]) -> str:
    """Say what a proposed policy would decide: a case of its own, on which the verdict does not depend."""
    try:
        _refuse_costly_proposal(config, proposed, run.judge.now)
        case = run.verdict_inputs(proposed)
        would = evaluate(replace(case, overrides=(*case.overrides, *granted)))
    except CarbonError as error:
        why = str(error)
    except Exception:  # somebody else wrote that policy, and what holds is judged all the same
        with log_commands.stop_commands():
            traceback.print_exc()
        why = log_commands.INTERNAL_ERROR
    else:
        return f"By the new policy the verdict would be: {would.state}. {would.sentence}"
    return f"What the verdict would be by the new policy could not be told: {why}"


def _refuse_costly_proposal(config: Config, proposed: Config, now: datetime) -> None:
    """Raise ConfigError for a proposal that would read much more of an organisation's database than the policy does."""
    if config.ledger.sql is None:
        return
    if config.ledger.organisation and counts_every_run(proposed) and not counts_every_run(config):
        raise ConfigError("it asks for the runs of every repository, which no budget did before")
    new = paying_features(proposed.budgets) - paying_features(config.budgets)
    if config.ledger.organisation and (UNATTRIBUTED in new or len(new) > MOST_FEATURES):
        raise ConfigError(f"it asks for what {len(new)} more features have used in every repository")
    days = len(exact_days(proposed.budgets, now) - exact_days(config.budgets, now))
    if days > MOST_DAYS:
        raise ConfigError(f"its windows ask for {days} more days run by run; give fewer of them other lengths")


def _refuse_runs_of_others(parts: Parts, inputs: VerdictInputs, subject: Subject) -> None:
    """Raise ReportError for a report that says it is a run of somebody else, which would not be counted then."""
    own = subject.pull.number if subject.pull else None
    others = {entry.run for entry in inputs.entries if own is None or entry.pr != own}
    for name, report in parts.reports:
        if report.run.id in others:
            raise ReportError(
                f"part {name} says that it is run {report.run.id}, which the ledger has from elsewhere; was a report "
                "of another run uploaded? measure this commit again"
            )


def run_source(policy: Policy, subject: Subject, context: GitHubContext) -> RunSource:
    """Return who pays: the features that one pull request's labels name, or every pull request an equal part."""
    pull = subject.pulls[0] if len(subject.pulls) == 1 else None
    if pull is not None:
        return RunSource(subject.branch, pull.number, pull.labels, context.attempt)
    shares = payers_of_pull_requests([pull.labels for pull in subject.pulls], policy)
    return RunSource(subject.branch, attempt=context.attempt, shares=shares)


def _provenance(context: GitHubContext, subject: Subject) -> str:
    pull = subject.pull
    if pull is not None and pull.fork:
        return f"self-reported by the fork {pull.head_repository or 'that is deleted by now'}"
    return f"measured by run {subject.run_id or context.run_id} of this repository"


def _apply_override_label(judge: JudgeContext, subject: Subject, inputs: VerdictInputs) -> tuple[VerdictInputs, tuple[Override, ...]]:
    """Let the override label count, if it is there and there is something to override."""
    pull, label = subject.pull, inputs.policy.override_label
    if pull is None or label not in pull.labels:
        return inputs, ()
    try:
        approval = check_label(judge.client, judge.context, pull, label, judge.inputs.login)
    except ApiError as error:
        approval = RefusedLabel(f"whether the label {label} counts could not be told: {error}")
    if not isinstance(approval, LabelApproval):
        return (replace(inputs, notes=(approval.why, *inputs.notes)) if approval else inputs), ()
    overrides = make_overrides(approval, pull, evaluate(inputs))
    return replace(inputs, overrides=(*inputs.overrides, *overrides)), overrides


def bind_labels_to_head(judge: JudgeContext, subject: Subject) -> None:
    """Let a label that approves hold for this commit from now on, though there is no verdict yet that needs it."""
    if judge.context.action != "labeled" or subject.pull is None:
        return
    with suppress(CarbonError):
        policy = judge.config_at(subject.base_sha).policy
        for label in (policy.override_label, policy.devices.approval_label):
            check_label(judge.client, judge.context, subject.pull, label, judge.inputs.login)


def _read_proposed_policy(
    judge: JudgeContext, subject: Subject, base: policy_at_commit.Files, config: Config
) -> tuple[Config | None, tuple[str, ...]]:
    """Return the configuration with the policy that a pull request proposes, if it changes it, and what it loosens."""
    if subject.pull is None:
        return None, ()
    try:
        head = judge.policy_files(subject.head_sha)
        if head.blobs == base.blobs:
            return None, ()
        proposed = judge.read_config(head)
    except (ApiError, ConfigError) as error:
        return None, (f"This change edits the policy, and the new one cannot be read: {error}",)
    if not config_changed(config, proposed):
        return None, ()
    return replace(proposed, ledger=config.ledger), tuple(loosened_settings(_without_folder_ledger(config), _without_folder_ledger(proposed)))


def _without_folder_ledger(config: Config) -> Config:
    """Return a configuration as the Action reads it, which keeps no ledger in a folder."""
    return replace(config, ledger=replace(config.ledger, folder_named=False))

"""Makes the verdict on a subject from its report parts, the policy of its base, the ledger and the labels of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from github_action.api.client import ApiError
from github_action.event import log_commands
from github_action.event.github_context import GitHubContext
from github_action.judge.approval_labels import LabelApproval, check_label, drop_refused_labels, make_overrides
from github_action.judge.dropped_devices import DroppedDevices
from github_action.judge.earlier_verdicts import EarlierVerdicts
from github_action.judge.judge_context import JudgeContext
from github_action.judge.label_rule import RefusedLabel
from github_action.judge.pairs_of_base import drop_pairs_of_others
from github_action.reports.find_pull_request import Subject
from github_action.reports.report_parts import ReportParts
from github_action.repository import policy_at_commit
from github_action.repository.open_ledger import unused_url_notes
from pytest_carbon.config.load import Config
from pytest_carbon.config.loosened_settings import config_changed, loosened_settings
from pytest_carbon.core.advice.add_advice import top_of_repository
from pytest_carbon.core.budget.needed_history import exact_days
from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.errors import CarbonError, ConfigError, ReportError
from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.label_names import find_label
from pytest_carbon.core.policy.labels_to_payers import payers_of_pull_requests
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Override, parse_time
from pytest_carbon.core.records.run_entry import RunSource, make_entry, refuse_other_run
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.verdict import Verdict
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.ledgers.ledger import Ledger
from pytest_carbon.usecases.gather_verdict_inputs import gather_inputs
from pytest_carbon.usecases.ledger_history import counts_every_run, counts_on_ledger, paying_features

MOST_DAYS, MOST_FEATURES = 30, 20
"""What a proposed policy may read beyond the policy in force: days run by run (some ten more windows), and features."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the report that it judges (None if nothing was measured), and the overrides that it accepts.

    ``label_refused``: a label that would excuse what fails is there, and does not count.
    """

    verdict: Verdict
    report: Report | None
    overrides: tuple[Override, ...]
    label_refused: bool = False


def judge_subject(judge: JudgeContext, subject: Subject, parts: ReportParts) -> Judgement:
    """Judge a subject by the report parts that are there. Raises CarbonError if no verdict can be reached."""
    config, files = judge.config_of_base(subject), judge.policy_files(subject.base_sha)
    earlier = EarlierVerdicts(judge, subject, config.policy.default_branch or judge.context.default_branch)
    run = RunUnderJudgement(
        judge,
        subject,
        parts,
        drop_pairs_of_others(judge, subject, merge_reports(parts.reports)),
        judge.ledger(config),
        DroppedDevices(judge, subject),
        earlier,
    )
    proposed, proposal = _read_proposed_policy(judge, subject, files, config)
    inputs = drop_refused_labels(judge, subject.pulls, run.verdict_inputs(config))
    inputs, overrides = _apply_override_label(judge, subject, inputs)
    if proposed is not None:
        proposal = (_preview_proposed_policy(run, config, proposed, overrides), *proposal)
    notes = (*unused_url_notes(config, judge.secrets), *inputs.notes)
    verdict = evaluate(replace(inputs, policy_changes=proposal, notes=notes))
    overridden = {holder.name for holder in verdict.judged if holder.state == "overridden"}
    accepted = tuple(override for override in overrides if override.feature in overridden)
    refused = bool(inputs.override_refusal or (verdict.devices and verdict.devices.refusal))
    return Judgement(verdict, run.report if parts.measured else None, accepted, refused)


@dataclass(frozen=True, slots=True)
class RunUnderJudgement:
    """A measured run with all that a policy judges it by. The ledger is the one that the policy of the base names."""

    judge: JudgeContext
    subject: Subject
    parts: ReportParts
    report: Report
    ledger: Ledger
    devices: DroppedDevices
    earlier: EarlierVerdicts

    def verdict_inputs(self, config: Config) -> VerdictInputs:
        """Gather the inputs of a verdict by this policy. The ledger is read as far back as the policy looks.

        Raises ReportError for a report whose run is in the ledger under another pull request.
        """
        judge, subject, parts = self.judge, self.subject, self.parts
        source = run_source(config.policy, subject, judge.context)
        inputs = gather_inputs(config, self.report, source, self.ledger, judge.now)
        _refuse_runs_of_others(parts, inputs, subject)
        for _, part in parts.reports:
            refuse_other_run(make_entry(part, source), inputs.entries)
        others = sum(run.run != self.report.run.id for run in inputs.baseline)
        if counts_on_ledger(config) and others < LEAST_BASELINE:
            inputs = replace(inputs, lost_runs=inputs.lost_runs or self.earlier.lost_runs(others))
        # A nightly run may have recorded the single parts already; they must not count beside the merged report.
        recorded = {part.run.id for _, part in parts.reports} - {self.report.run.id}
        advice = top_of_repository(
            config.policy, inputs.entries, inputs.entries_since, judge.now, inputs.default_branch
        )
        return replace(
            inputs,
            advice=advice,
            entries=tuple(entry for entry in inputs.entries if entry.run not in recorded),
            notes=(*parts.notes, *inputs.notes),
            reported_parts=len(parts.reports),
            missing_parts=parts.missing,
            override_by_label=True,
            provenance=_provenance(judge.context, subject, parts.run_id) if parts.measured else "",
            devices=self.devices.verdict(config.policy),
            self_reported=parts.measured and subject.pull is not None and subject.pull.from_fork,
            why_not_measured=parts.problem,
            nothing_to_measure=parts.nothing_to_measure,
        )


def _preview_proposed_policy(
    run: RunUnderJudgement, config: Config, proposed: Config, granted: Sequence[Override]
) -> str:
    """Return a sentence on what a proposed policy would decide. The verdict itself does not depend on it."""
    try:
        _refuse_costly_proposal(config, proposed, run.judge.now)
        inputs = drop_refused_labels(run.judge, run.subject.pulls, run.verdict_inputs(proposed))
        preview = evaluate(_with_overrides(inputs, granted))
    except CarbonError as error:
        why = str(error)
    except Exception:  # a stranger wrote the proposed policy; the policy in force is judged all the same
        log_commands.print_traceback()
        why = log_commands.INTERNAL_ERROR
    else:
        return f"With the new policy, the verdict would be {preview.state}: {preview.sentence}"
    return f"Could not tell what the verdict with the new policy would be: {why}"


def _refuse_costly_proposal(config: Config, proposed: Config, now: datetime) -> None:
    """Raise ConfigError if a proposed policy would read much more of a database than the policy in force reads."""
    if config.ledger.sql is None:
        return
    if config.ledger.organisation and counts_every_run(proposed) and not counts_every_run(config):
        raise ConfigError("it counts the runs of every repository, which no budget does now")
    new = paying_features(proposed.budgets) - paying_features(config.budgets)
    if config.ledger.organisation and (UNATTRIBUTED in new or len(new) > MOST_FEATURES):
        raise ConfigError(f"it reads the use of {count_text(len(new), 'more feature')} in every repository")
    days = len(exact_days(proposed.budgets, now) - exact_days(config.budgets, now))
    if days > MOST_DAYS:
        raise ConfigError(
            f"its windows read {count_text(days, 'more day')} run by run; give fewer windows different lengths"
        )


def _refuse_runs_of_others(parts: ReportParts, inputs: VerdictInputs, subject: Subject) -> None:
    """Raise ReportError for a report with the id of a run of another pull request: that run would not be counted.

    Pull requests of one commit may share its run.
    """
    own = subject.pull.number if subject.pull else None
    others = {
        entry.run
        for entry in inputs.entries
        if own is None or (entry.pr != own and (entry.pr is None or entry.commit != subject.head_sha))
    }
    for name, report in parts.reports:
        if report.run.id in others:
            raise ReportError(
                f"part {name} says that it is run {report.run.id}, which the ledger has from another pull request or "
                "branch; was the report of another run uploaded? Measure this commit again"
            )


def run_source(policy: Policy, subject: Subject, context: GitHubContext) -> RunSource:
    """Return who pays: the features that the labels of one pull request name; several pull requests pay equal parts."""
    pull = subject.pulls[0] if len(subject.pulls) == 1 else None
    if pull is not None:
        return RunSource(subject.branch, pull.number, pull.labels, context.attempt)
    shares = payers_of_pull_requests([pull.labels for pull in subject.pulls], policy)
    return RunSource(subject.branch, attempt=context.attempt, shares=shares)


def _provenance(context: GitHubContext, subject: Subject, measured_by: int | None) -> str:
    pull = subject.pull
    if pull is not None and pull.from_fork:
        return (
            f"measured by the fork {pull.head_repository or 'that was deleted since'}; nobody here checked the figures"
        )
    return f"measured by run {measured_by or subject.run_id or context.run_id} of this repository"


def _apply_override_label(
    judge: JudgeContext, subject: Subject, inputs: VerdictInputs
) -> tuple[VerdictInputs, tuple[Override, ...]]:
    """Add an override for each failing holder if the label counts; note why a label does not count.

    In a merge queue the label of a group's only pull request counts. In a larger group nobody can tell whose change
    makes a holder fail, so nothing is overridden there.
    """
    label = inputs.policy.override_label
    labelled = [pull for pull in subject.pulls if find_label(label, pull.labels)]
    if not labelled:
        return inputs, ()
    if len(subject.pulls) > 1:
        if evaluate(inputs).state != "fail":
            return inputs, ()
        named = ", ".join(f"#{pull.number}" for pull in labelled)
        why = (
            f"the label {label} of {named} overrides nothing in a group of {len(subject.pulls)} pull requests; "
            "merge alone what needs an override"
        )
        return replace(inputs, notes=(why, *inputs.notes)), ()
    (pull,) = labelled
    try:
        approval = check_label(judge, pull, label)
    except ApiError as error:
        approval = RefusedLabel(f"could not tell whether the label {label} counts: {error}")
    if not isinstance(approval, LabelApproval):
        refusal = approval.reason if approval else ""
        notes = (refusal, *inputs.notes) if approval else inputs.notes
        return replace(inputs, notes=notes, override_refusal=refusal), ()
    overrides = make_overrides(approval, pull, evaluate(inputs), subject.head_sha)
    return _with_overrides(inputs, overrides), overrides


def _with_overrides(inputs: VerdictInputs, granted: Sequence[Override]) -> VerdictInputs:
    """Add overrides by labels. GitHub's clock told when they were granted, and that of this machine may be behind."""
    now = max(inputs.now, *(parse_time(override.granted) for override in granted)) if granted else inputs.now
    return replace(inputs, now=now, overrides=(*inputs.overrides, *granted))


def _read_proposed_policy(
    judge: JudgeContext, subject: Subject, base: policy_at_commit.PolicyFiles, config: Config
) -> tuple[Config | None, tuple[str, ...]]:
    """Return the configuration that a pull request proposes (None: no change), and sentences on what it loosens."""
    if subject.pull is None:
        return None, ()
    try:
        head = judge.policy_files(subject.head_sha)
        same_beside = (head.beside, head.refusal == "") == (base.beside, base.refusal == "")
        if head.blobs == base.blobs and (config.budgets or same_beside):
            return None, ()
        proposed = judge.read_config(head)
    except (ApiError, ConfigError) as error:
        return None, (f"This change edits the policy, and the new policy cannot be read: {error}",)
    if not config_changed(config, proposed):
        return None, ()
    loosened = loosened_settings(_without_folder_ledger(config), _without_folder_ledger(proposed))
    return replace(proposed, ledger=config.ledger), tuple(loosened)


def _without_folder_ledger(config: Config) -> Config:
    """Return a configuration without the setting of a ledger folder, which the Action never uses."""
    return replace(config, ledger=replace(config.ledger, folder_named=False))

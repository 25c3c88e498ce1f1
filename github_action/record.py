"""Puts what the default branch measured into the ledger, paid by the pull requests that brought the commit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from github_action import policyfile
from github_action.judging import Desk, config_at, ruling, source_of
from github_action.ledgers import ledger_of
from github_action.parts import Parts, own_parts, uploaded_parts
from github_action.subject import Subject, recorded
from pytest_carbon.core.entry import Override
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.merging import merge
from pytest_carbon.decision import append_parts


def record(desk: Desk, report: Path | None) -> list[str]:
    """Append a run of the default branch, job by job, and the overrides its pull requests had; say what was added."""
    subject = recorded(desk.client, desk.context)
    if report is not None:
        parts = own_parts(desk.inputs, report, subject)
    else:
        parts = uploaded_parts(desk.client, desk.context, desk.inputs, subject)
    if not parts.reports:
        raise ReportError(f"there is no carbon report of {subject.head_sha[:12]} to record. {' '.join(parts.notes)}")
    files = policyfile.files_at(desk.client, desk.context.repository, subject.head_sha, desk.inputs.folder)
    config = config_at(desk, files)
    ledger = ledger_of(desk.context, config, desk.token, desk.folder / "ledger", desk.now)
    source, whole = source_of(config.policy, subject, desk.context), None if parts.missing else merge(parts.reports)
    said = list(parts.notes)
    for pull in subject.pulls:
        said.append(f"paid by pull request #{pull.number} ({', '.join(pull.labels) or 'without a label'})")
    overrides = [one for pull in subject.pulls for one in _overrides(desk, replace(subject, pulls=(pull,)), said)]
    added = append_parts(config, parts.reports, source, ledger, whole, overrides)
    said.append(f"added to the {ledger.where}: {', '.join(added) or 'nothing that was not there'}")
    if parts.missing:
        said.append(f"not taken as a base for comparisons, for parts are missing: {', '.join(parts.missing)}")
    return said


def _overrides(desk: Desk, subject: Subject, said: list[str]) -> tuple[Override, ...]:
    """Judge a merged pull request's head once more, if it had an override, so that the override becomes a debt."""
    pull = subject.pulls[0]
    head = Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), None)
    try:
        files = policyfile.files_at(desk.client, desk.context.repository, pull.base_sha, desk.inputs.folder)
        if config_at(desk, files).policy.override_label not in pull.labels:
            return ()
        parts: Parts = uploaded_parts(desk.client, desk.context, desk.inputs, head)
        return ruling(desk, head, parts).overrides if parts.reports else ()
    except CarbonError as error:
        said.append(f"the override of pull request #{pull.number} could not be recorded: {error}")
        return ()

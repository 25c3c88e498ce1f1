"""Puts what the default branch measured into the ledger, paid by the pull requests that brought the commit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from github_action.judging import Desk, config_at, ruling, source_of
from github_action.ledgers import ledger_of
from github_action.parts import parts_of, uploaded_parts
from github_action.subject import Subject, recorded
from pytest_carbon.config import Config
from pytest_carbon.core.entry import Override
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.merging import merge
from pytest_carbon.decision import append_parts


def record(desk: Desk, report: Path | None, pause: Callable[[float], None] = time.sleep) -> list[str]:
    """Append a run of the default branch, job by job, and the overrides its pull requests had; say what was added.

    A run of another branch is appended as well, but is no base for comparisons.
    """
    subject = recorded(desk.client, desk.context, pause)
    parts = parts_of(desk.client, desk.context, desk.inputs, subject, report)
    attempt = 1 if report is None else desk.context.attempt  # however often we read what others have uploaded
    if not parts.reports:
        raise ReportError(f"there is no carbon report of {subject.head_sha[:12]} to record. {' '.join(parts.notes)}")
    config = _config(desk, subject)
    ledger = ledger_of(desk.context, config, desk.token, desk.folder / "ledger", desk.now)
    source = replace(source_of(config.policy, subject, desk.context), attempt=attempt)
    base = subject.branch == config.policy.default_branch and not parts.missing
    said = list(parts.notes)
    for pull in subject.pulls:
        said.append(f"paid by pull request #{pull.number} ({', '.join(pull.labels) or 'without a label'})")
    overrides = [one for pull in subject.pulls for one in _overrides(desk, replace(subject, pulls=(pull,)), said)]
    added = append_parts(config, parts.reports, source, ledger, merge(parts.reports) if base else None, overrides)
    said.append(f"added to the {ledger.where}: {', '.join(added) or 'nothing that was not there'}")
    if parts.missing:
        said.append(f"not taken as a base for comparisons, for parts are missing: {', '.join(parts.missing)}")
    return said


def _config(desk: Desk, subject: Subject) -> Config:
    """Read the configuration of the commit. A schedule does not tell the default branch, and runs on nothing else."""
    config = config_at(desk, subject.head_sha)
    branch = config.policy.default_branch or subject.branch
    return replace(config, policy=replace(config.policy, default_branch=branch))


def _overrides(desk: Desk, subject: Subject, said: list[str]) -> tuple[Override, ...]:
    """Judge a merged pull request's head once more, if it had an override, so that the override becomes a debt."""
    pull = subject.pulls[0]
    head = Subject(pull.head_sha, pull.base_sha, pull.head_ref, (pull,), None)
    try:
        if config_at(desk, pull.base_sha).policy.override_label not in pull.labels:
            return ()
        parts = uploaded_parts(desk.client, desk.context, desk.inputs, head)
        if not parts.reports:
            raise ReportError(f"there is no carbon report of {head.head_sha[:12]} any more")
        return ruling(desk, head, parts).overrides
    except CarbonError as error:
        said.append(f"the override of pull request #{pull.number} could not be recorded: {error}")
        return ()

"""Whether the pairs of a report were measured against the base that is judged: a commit of its branch."""

from __future__ import annotations

from dataclasses import replace

from github_action.api.client import ApiError, quote_path_part
from github_action.event.github_context import is_sha
from github_action.judge.judge_context import JudgeContext
from github_action.reports.find_pull_request import Subject
from pytest_carbon.core.escape import visible
from pytest_carbon.core.report import Report

_NO_COMMIT = (404, 422)


def drop_pairs_of_others(judge: JudgeContext, subject: Subject, report: Report) -> Report:
    """Return a report whose pairs, if they were measured against another base, only say so.

    The base branch may have moved on since the subject's base, and a person may compare with the commit where a branch
    began. So every commit of the base branch is a base; what the ledger knows of the base's cost is compared as well.
    """
    pairs = report.pairs
    if pairs is None or pairs["base"] == subject.base_sha:
        return report
    why = _why_no_base(judge, subject, pairs["base"])
    return replace(report, pairs={**pairs, "runs": [], "spoiled": why}) if why else report


def _why_no_base(judge: JudgeContext, subject: Subject, base: str) -> str:
    branch = subject.pulls[0].base_ref if subject.pulls else judge.context.default_branch
    shown = f"the commit {visible(base[:12])}"
    why = f"the pairs were measured against {shown}, which is not on {visible(branch)}; measure this change again"
    if not is_sha(base):
        return why
    path = f"repos/{judge.context.repository}"
    try:
        tip = judge.client.get(f"{path}/branches/{quote_path_part(branch)}")["commit"]["sha"]
        compared = judge.client.get(f"{path}/compare/{base}...{tip}", per_page=1)
    except ApiError as error:
        if error.status in _NO_COMMIT:
            return why
        return f"could not tell whether {shown}, against which pairs were measured, is on {visible(branch)}: {error}"
    return "" if compared.get("status") in ("ahead", "identical") else why

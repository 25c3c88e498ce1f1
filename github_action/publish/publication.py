"""What is published of a run: the outcome and the texts that status, check run, comment and summary share."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import CommentMode, OnError
from pytest_carbon.core import escape
from pytest_carbon.core.verdict.evidence_lines import short_commit
from pytest_carbon.core.verdict.verdict import Verdict
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.reporters.verdict import markdown, markdown_style

Outcome = Literal["success", "failure", "neutral", "waiting", "error"]
WAITING = "Waits for another run"
"""So the sentence begins, and the pending status, of a pull request that another run is going to judge."""
_WORST_FIRST: tuple[Outcome, ...] = ("failure", "error", "waiting", "neutral", "success")
_PROBLEM_CELLS = 1000
_BASE = re.compile(r".* Base: \d{1,4} runs\.")


@dataclass(frozen=True, slots=True)
class Publication:
    """What to publish, and where.

    ``head_sha`` is the judged commit. ``pull_number`` is None in a merge queue and on a branch. Without a verdict,
    ``problem`` says why, and ``on_error`` whether the status fails. ``comment_mode`` says when a comment is created;
    an existing comment is always updated, except with the mode off. ``login`` is the account that our comments and
    statuses are of. ``working_directory`` is the project's folder below the repository's root. ``shared``: other open
    pull requests have the same commit, and so the same status. ``waits``: another run measures, and will judge.
    ``workflows`` are the files of the workflows that judge or measure, empty if not known. ``label_refused``: a label
    that would excuse what fails does not count. ``base_branch`` is where the commit is to go, empty if not known.
    """

    context: GitHubContext
    head_sha: str
    pull_number: int | None
    verdict: Verdict | None
    problem: str = ""
    comment_mode: CommentMode = "changes"
    status_context: str = "carbon/budget"
    on_error: OnError = "fail"
    login: str = "github-actions[bot]"
    working_directory: str = "."
    shared: bool = False
    waits: bool = False
    workflows: frozenset[str] = frozenset()
    label_refused: bool = False
    base_branch: str = ""

    @property
    def run_name(self) -> str:
        """The run and its attempt, such as ``123.1``."""
        return f"{self.context.run_id}.{self.context.attempt}"


def outcome(publication: Publication) -> Outcome:
    """Return what the commit gets: ``neutral`` decides nothing and lets it pass; ``error`` is no verdict and blocks."""
    verdict = publication.verdict
    if publication.waits:
        return "waiting"
    if verdict is not None and verdict.advisory and verdict.state != "error":
        return "neutral"
    if verdict is not None and verdict.exit_code and verdict.state != "error":
        return "failure"
    if verdict is None or verdict.state in ("error", "not-measured"):
        return "error" if publication.on_error == "fail" else "neutral"
    return "neutral" if verdict.state == "inconclusive" else "success"


def passes_without_verdict(publication: Publication) -> bool:
    """Return whether ``on_error`` lets a commit pass although there is no verdict."""
    return outcome(publication) == "neutral" and outcome(replace(publication, on_error="fail")) == "error"


def worst_first(publication: Publication) -> tuple[int, int]:
    """Return by what the publications of one commit are sorted: the first decides its status."""
    return _WORST_FIRST.index(outcome(publication)), publication.pull_number or 0


def sentence(publication: Publication) -> str:
    """Return the result in one sentence, which names the pull request if others have the same commit.

    Names in it may come from strangers.
    """
    if publication.waits:
        return f"{WAITING}: {publication.problem}"
    name = f"#{publication.pull_number}: " if publication.shared else ""
    if publication.verdict is not None:
        return name + (publication.verdict.advisory or publication.verdict.sentence)
    effect = " (does not block)" if outcome(publication) == "neutral" else ""
    return f"{name}No verdict{effect}: {publication.problem}"


def label_text(publication: Publication) -> str:
    """Return what the status says to whoever gave a label that does not count; empty if nobody waits for its effect."""
    waits = publication.label_refused and outcome(publication) == "failure"
    return " A label does not count: see what to do." if waits else ""


def base_text(publication: Publication) -> str:
    """Return the end of the status of a verdict that had runs of the ledger to compare with; empty without them."""
    base = publication.verdict.base if publication.verdict is not None else None
    return f" Base: {base.runs} runs." if base is not None and base.age_s is not None else ""


def tells_of_base(text: str) -> bool:
    """Return whether the text of an earlier status says that the ledger had runs to compare with."""
    return _BASE.fullmatch(text) is not None


def document(publication: Publication, limit: int, *, full: bool = False) -> str:
    """Return the whole result as GitHub's Markdown of at most ``limit`` bytes; ``full``: with as many tests as fit."""
    if publication.verdict is not None:
        return markdown.render(publication.verdict, limit, full=full)
    head = escape.code(short_commit(publication.head_sha))
    return (
        f"### {markdown_style.SYMBOLS['error']} Carbon budget: no verdict\n\n"
        f"{escape.markdown(shorten(sentence(publication), _PROBLEM_CELLS))}\n\n"
        "**What to do**\n\n"
        f"1. Find the cause in the log of [this run]({publication.context.run_url}).\n"
        "2. Mend the cause, and run the job again. A push helps only if the cause is in what is pushed.\n\n"
        f"Numbers shown here before belong to an earlier run, and say nothing about {head}.\n\n"
        f"Head: {head}. Run: {publication.run_name}.\n"
    )

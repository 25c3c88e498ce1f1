"""What is told of a run: the words and the colour that the status, the check run, the comment and the summary share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import CommentMode, OnError
from pytest_carbon.core import escape
from pytest_carbon.core.verdict.evidence_lines import short_commit
from pytest_carbon.core.verdict.verdict import Verdict
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.reporters.verdict import markdown, markdown_style

Outcome = Literal["success", "failure", "neutral", "error"]
_PROBLEM_CELLS = 1000


@dataclass(frozen=True, slots=True)
class Publication:
    """What is told, and where.

    ``head_sha`` is the commit that was judged, ``pull`` None in a merge queue and on a branch. Without a verdict
    ``problem`` says why, in whole sentences, and ``on_error`` whether the status fails for it. ``mode`` says when a
    comment is created; once there it is kept up to date. ``login`` is who we are: whose comments and statuses are ours.
    ``folder`` is where the project is in its repository.
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

    @property
    def run_name(self) -> str:
        """The run and its attempt, as they stand in what is published: ``123.1``."""
        return f"{self.context.run_id}.{self.context.attempt}"


def outcome(told: Publication) -> Outcome:
    """Return what becomes of the commit: ``neutral`` lets it pass and decides nothing, ``error`` is no verdict."""
    verdict = told.verdict
    if verdict is None or verdict.state == "error":
        return "error" if told.on_error == "fail" else "neutral"
    if verdict.advisory:
        return "neutral"
    if verdict.exit_code:
        return "failure"
    return "neutral" if verdict.state in ("inconclusive", "not-measured") else "success"


def sentence(told: Publication) -> str:
    """Return the whole answer in one sentence; its names may come from strangers."""
    if told.verdict is not None:
        return told.verdict.advisory or told.verdict.sentence
    passes = " and this does not block" if outcome(told) == "neutral" else ""
    return f"No verdict was reached{passes}: {told.problem}"


def document(told: Publication, limit: int, *, full: bool = False) -> str:
    """Return it all as GitHub's Markdown of at most ``limit`` bytes; ``full`` asks for as many tests as fit."""
    if told.verdict is not None:
        return markdown.render(told.verdict, limit, full=full)
    head = escape.code(short_commit(told.head_sha))
    return (
        f"### {markdown_style.SYMBOLS['error']} Carbon budget: no verdict\n\n"
        f"{escape.markdown(shorten(sentence(told), _PROBLEM_CELLS))}\n\n"
        "**What to do**\n\n"
        f"1. see what [the run]({told.context.run_url}) says in its log\n"
        "2. run it again, or push a commit that mends it\n\n"
        f"Numbers that stood here before were those of an earlier run, and say nothing of {head}.\n\n"
        f"Head: {head}. Run: {told.run_name}.\n"
    )

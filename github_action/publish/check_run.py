"""The check run: the whole report beside the commit, and a mark at every test that costs more than before."""

from __future__ import annotations

import posixpath
from typing import Any

from github_action.api import create_once
from github_action.api.client import Client
from github_action.publish.commit_status import format_description
from github_action.publish.publication import Outcome, Publication, document, outcome, sentence
from pytest_carbon.core.escape import visible
from pytest_carbon.core.quantities import format_amount
from pytest_carbon.core.verdict.verdict import TestChange, Verdict
from pytest_carbon.core.verdict.wording import TEST_CELLS, shorten

NAME = "Carbon report"
MAX_BYTES = 65_000  # GitHub counts bytes, and takes 65,535 (github/docs issue 35252)
MAX_ANNOTATIONS = 20
_CONCLUSIONS: dict[Outcome, str] = {
    "success": "success",
    "neutral": "neutral",
    "failure": "failure",
    "error": "failure",
}


def create(client: Client, told: Publication) -> str:
    """Create the check run and return the URL of its page; ApiError if it could not be created."""
    output = {
        "title": format_description(sentence(told)),
        "summary": document(told, MAX_BYTES, full=True),
        "annotations": annotate_tests(told.verdict, told.working_directory) if told.verdict else [],
    }
    body = {
        "name": NAME,
        "head_sha": told.head_sha,
        "status": "completed",
        "conclusion": _CONCLUSIONS[outcome(told)],
        "external_id": told.run_name,
        "details_url": told.context.run_url,
        "output": output,
    }
    return create_once.create_page_once(
        client, f"repos/{told.context.repository}/check-runs", body, lambda: _found(client, told)
    )


def _found(client: Client, told: Publication) -> str | None:
    path = f"repos/{told.context.repository}/commits/{told.head_sha}/check-runs"
    listed = client.list_items(path, key="check_runs", check_name=NAME)
    return next((create_once.page_url(item) for item in listed if item.get("external_id") == told.run_name), None)


def annotate_tests(verdict: Verdict, folder: str = ".") -> list[dict[str, Any]]:
    """Return a mark for each of the tests that cost most more than before, where the verdict is not fine.

    New tests are among them. That an old one costs more is told only where a holder's growth says so: noise moves all.
    """
    if verdict.state == "pass":
        return []
    grown = any(one.growth and one.growth.state in ("costlier", "suspicious") for one in verdict.judged)
    more = [
        test
        for test in verdict.tests
        if test.kind != "gone" and test.difference_j > 0 and (grown or test.kind == "new") and file_of_test(test.nodeid)
    ]
    return [
        _annotation(test, folder) for test in sorted(more, key=lambda t: (-t.difference_j, t.nodeid))[:MAX_ANNOTATIONS]
    ]


def _annotation(test: TestChange, folder: str) -> dict[str, Any]:
    now, extra = (format_amount(joules, "reference") for joules in (test.head_j or 0.0, test.difference_j))
    new = test.kind == "new"
    text = f"is new and costs {now} each run" if new else f"costs {now} each run, {extra} more than before"
    return {
        "path": posixpath.normpath(posixpath.join(folder, file_of_test(test.nodeid))),
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "warning",
        "title": "New test" if new else "Costlier test",
        "message": f"{visible(shorten(test.nodeid, TEST_CELLS))} {text}.",
    }


def file_of_test(nodeid: str) -> str:
    """Return the file of a test, below the repository's root; empty for a name that is none, or leads out of it."""
    path = nodeid.partition("::")[0]
    sound = path.isprintable() and not set(path) & set("\\:") and len(path) <= 1000
    return path if sound and not {"", ".", ".."} & set(path.split("/")) else ""

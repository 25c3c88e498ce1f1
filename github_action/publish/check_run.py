"""The check run: the whole verdict beside the commit, and annotations at the tests that cost more than before."""

from __future__ import annotations

import posixpath
from typing import Any

from github_action.api.client import Client
from github_action.api.create_once import create_page_once, page_url
from github_action.publish.commit_status import format_description
from github_action.publish.publication import Outcome, Publication, base_text, document, outcome, sentence
from pytest_carbon.core.escape import visible
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.verdict.verdict import TestChange, Verdict
from pytest_carbon.core.verdict.wording import TEST_CELLS, shorten

NAME = "Carbon report"
MAX_BYTES = 65_000  # GitHub takes 65,535 bytes (github/docs issue 35252)
MAX_ANNOTATIONS = 20
_CONCLUSIONS: dict[Outcome, str] = {
    "success": "success",
    "neutral": "neutral",
    "failure": "failure",
    "error": "failure",
}


def create(client: Client, publication: Publication) -> str:
    """Create the check run and return the URL of its page. Raises ApiError."""
    output = {
        "title": format_description(sentence(publication), base_text(publication)),
        "summary": document(publication, MAX_BYTES, full=True),
        "annotations": annotate_tests(publication.verdict, publication.working_directory)
        if publication.verdict
        else [],
    }
    body = {
        "name": NAME,
        "head_sha": publication.head_sha,
        "status": "completed",
        "conclusion": _CONCLUSIONS[outcome(publication)],
        "external_id": publication.run_name,
        "details_url": publication.context.run_url,
        "output": output,
    }
    return create_page_once(
        client, f"repos/{publication.context.repository}/check-runs", body, lambda: _find_existing(client, publication)
    )


def _find_existing(client: Client, publication: Publication) -> str | None:
    path = f"repos/{publication.context.repository}/commits/{publication.head_sha}/check-runs"
    listed = client.list_items(path, key="check_runs", check_name=NAME)
    return next((page_url(item) for item in listed if item.get("external_id") == publication.run_name), None)


def annotate_tests(verdict: Verdict, folder: str = ".") -> list[dict[str, Any]]:
    """Return annotations for the tests whose cost rose most; none if the verdict is a pass.

    A new test is always among them. An older test only if the growth of a holder is sure: noise moves every test.
    """
    if verdict.state == "pass":
        return []
    grown = any(holder.growth and holder.growth.state in ("costlier", "suspicious") for holder in verdict.judged)
    costlier = [
        test
        for test in verdict.tests
        if test.kind != "gone" and test.difference_j > 0 and (grown or test.kind == "new") and file_of_test(test.nodeid)
    ]
    return [
        _annotation(test, folder)
        for test in sorted(costlier, key=lambda t: (-t.difference_j, t.nodeid))[:MAX_ANNOTATIONS]
    ]


def _annotation(test: TestChange, folder: str) -> dict[str, Any]:
    cost, increase = (format_energy(joules) for joules in (test.head_j or 0.0, test.difference_j))
    new = test.kind == "new"
    costs = f"costs {cost} of reference energy in each run"
    text = f"is new and {costs}" if new else f"{costs}, {increase} more than before"
    return {
        "path": posixpath.normpath(posixpath.join(folder, file_of_test(test.nodeid))),
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "warning",
        "title": "New test" if new else "Costlier test",
        "message": f"{visible(shorten(test.nodeid, TEST_CELLS))} {text}.",
    }


def file_of_test(nodeid: str) -> str:
    """Return the file of a test below the root; empty if its name has none, or leads out of the root."""
    path = nodeid.partition("::")[0]
    is_plain = path.isprintable() and not set(path) & set("\\:") and len(path) <= 1000
    return path if is_plain and not {"", ".", ".."} & set(path.split("/")) else ""

"""A verdict as SARIF 2.1.0, for the security tab of GitHub and for editors."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from pytest_carbon import __version__
from pytest_carbon.core.escape import json_for_log, visible
from pytest_carbon.core.verdict.holder_lines import sort_by_relevance
from pytest_carbon.core.verdict.verdict import Check, HolderVerdict, State, TestChange, Verdict
from pytest_carbon.core.verdict.wording import TEST_CELLS, TEXT_CELLS, distinct_percent, shorten

MOST_RESULTS = 1000
"""The most results and notifications, each. GitHub takes 25,000 results of one file and shows far fewer."""
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "growth": "A test got costlier than on the base.",
    "per-run": "A run used more than its limit.",
    "budget": "A budget over a window is used up.",
    "tests": "Tests of the base did not run.",
}
_LEVELS: dict[State, str] = {"fail": "error", "error": "error", "warn": "warning", "overridden": "note"}
_DRIVE = re.compile(r"[A-Za-z]:")


def render(verdict: Verdict) -> str:
    """Return a SARIF log of the tests that got costlier beyond the allowed growth, and of the exceeded limits.

    A limit is located at the holder's costliest test. GitHub refuses a whole file because of one result without a
    location, so a check without a test becomes a notification of the tool, as does a rule that was not judged.
    """
    results: dict[tuple[str, str], dict[str, Any]] = {}
    notifications = []
    for holder in sort_by_relevance(verdict.judged):
        tests = _placed_tests(holder, verdict.tests)
        for check in holder.checks:
            if check.not_judged:
                notifications.append(_notification(check))
            if check.state not in _LEVELS:
                continue
            shown = _tests_to_show(check, tests)
            for test in shown:
                results.setdefault((check.rule, test.nodeid), _result(check, test))
            if not shown:
                notifications.append(_notification(check))
    return _log(list(results.values())[:MOST_RESULTS], notifications[:MOST_RESULTS])


def _placed_tests(holder: HolderVerdict, tests: Sequence[TestChange]) -> list[TestChange]:
    """Return the holder's tests that have a location, the costliest first; the tests of a team are not known here."""
    own = [t for t in tests if holder.level == "repository" or (holder.level == "feature" and t.feature == holder.name)]
    placed = [test for test in own if test.head_j is not None and _uri(test.nodeid) is not None]
    return sorted(placed, key=lambda test: (-(test.head_j or 0.0), test.nodeid))


def _tests_to_show(check: Check, tests: Sequence[TestChange]) -> list[TestChange]:
    if check.rule != "growth":
        return list(tests[:1])
    return [test for test in tests if test.kind in ("same", "changed") and (test.change or 0.0) > 0]


def _uri(nodeid: str) -> str | None:
    """Return the path of a test's file as a relative URI; None for a path that leads out of the repository."""
    path = nodeid.partition("::")[0]
    parts = path.split("/")
    if not path.isprintable() or "\\" in path or _DRIVE.match(path) or {"", ".", ".."} & set(parts):
        return None
    return quote(path)


def _result(check: Check, test: TestChange) -> dict[str, Any]:
    rule = f"carbon/{check.rule}"
    text = check.reason
    if check.rule == "growth" and test.change is not None:
        text = f"{shorten(test.nodeid, TEST_CELLS)} costs {distinct_percent(test.change, 0, [0.0])} %. {text}"
    fingerprint = sha256(f"{rule}\n{test.nodeid}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    place = {"artifactLocation": {"uri": _uri(test.nodeid)}, "region": {"startLine": 1}}
    return {
        "ruleId": rule,
        "level": _LEVELS[check.state],
        "message": {"text": _message(text)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1"},  # all of a file's are on its first line
    }


def _notification(check: Check) -> dict[str, Any]:
    rule, level = {"id": f"carbon/{check.rule}"}, _LEVELS.get(check.state, "note")
    return {"associatedRule": rule, "level": level, "message": {"text": _message(check.reason)}}


def _message(text: str) -> str:
    return visible(shorten(text, TEXT_CELLS)).replace("](", "]\u200b(")  # a message may hold links


def _log(results: list[dict[str, Any]], notifications: list[dict[str, Any]]) -> str:
    rules = [
        {"id": f"carbon/{rule}", "shortDescription": {"text": description}} for rule, description in _RULES.items()
    ]
    driver = {"name": "pytest-carbon", "version": __version__, "rules": rules}
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": notifications}
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    return json_for_log(json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)) + "\n"

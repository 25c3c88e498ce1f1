"""A verdict as SARIF 2.1.0."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.verdict.verdict import Check, HolderVerdict, Level, RuleName, State, TestChange, Verdict
from pytest_carbon.reporters.verdict.sarif import MOST_RESULTS, render

LAW = settings(max_examples=150, deadline=None)
CHECKOUT = HolderVerdict("checkout", "feature", "fail", (), 9, None, None, None, None, None, (), ())
CART = TestChange("tests/test_pay.py::test_cart", "same", 1.0, 1.4, 0.4, "checkout")
VERDICT = Verdict(
    "fail", "It failed.", (), (), (CART,), "r", None, None, None, None, 0.0, "modelled", "bench", None, "DE", "policy",
    (), {},
)  # fmt: skip


def _of(rule: RuleName, state: State = "fail", reason: str = "too much.", level: Level = "feature") -> Verdict:
    judged = replace(CHECKOUT, level=level, state=state, checks=(Check(rule, state, reason),))
    return replace(VERDICT, judged=(judged,))


def _run(verdict: Verdict) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return results and notifications, after checking the log against the schema and GitHub's rules."""
    log = json.loads(render(verdict))
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    rules = {rule["id"] for rule in driver["rules"]}
    assert rules == {"carbon/growth", "carbon/per-run", "carbon/budget", "carbon/tests"}
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (place,) = result["locations"]
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"([A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
        assert not uri.startswith("/")
        assert not {"", ".", ".."} & set(unquote(uri).split("/"))
        assert place["physicalLocation"]["region"]["startLine"] == 1
        assert re.fullmatch(r"[0-9a-f]{16}:1", result["partialFingerprints"]["primaryLocationLineHash"])
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    for notice in invocation["toolExecutionNotifications"]:
        assert notice["associatedRule"]["id"] in rules
        assert notice["message"]["text"]
    return run["results"], invocation["toolExecutionNotifications"]


def test_costlier_test_is_a_result_at_its_file() -> None:
    """The message names the test and its change, then the reason of the check."""
    ((result,), notices) = _run(_of("growth"))
    assert result["message"]["text"] == "tests/test_pay.py::test_cart costs +40 %. too much."
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "tests/test_pay.py"
    assert notices == []


@pytest.mark.parametrize(
    ("state", "level"),
    [("fail", "error"), ("error", "error"), ("warn", "warning"), ("overridden", "note"), ("pass", None),
     ("inconclusive", None), ("not-measured", None)],
)  # fmt: skip
@pytest.mark.parametrize("rule", ["growth", "budget", "per-run"])
def test_level_is_that_of_the_state(rule: RuleName, state: State, level: str | None) -> None:
    """A check that passed, or could not be told, is no result."""
    results, notices = _run(_of(rule, state))
    assert [(result["ruleId"], result["level"]) for result in results] == ([(f"carbon/{rule}", level)] if level else [])
    assert notices == []


@pytest.mark.parametrize(
    "test",
    [
        replace(CART, change=-0.1),
        replace(CART, change=0.0),
        replace(CART, kind="new", base_j=None, change=None),
        replace(CART, kind="gone", head_j=None, change=None),
        replace(CART, feature="search"),
        replace(CART, feature=None),
    ],
)
def test_other_tests_are_no_results(test: TestChange) -> None:
    """Only a feature's own tests that got costlier are results; without any the check is a notification."""
    results, (notice,) = _run(replace(_of("growth"), tests=(test,)))
    assert results == []
    assert notice["message"]["text"] == "too much."


def test_limit_is_placed_at_the_costliest_test() -> None:
    """A budget has no file, so its result is located at the feature's costliest test."""
    tests = (CART, replace(CART, nodeid="tests/big.py::test_all", head_j=9.0))
    ((result,), _) = _run(replace(_of("budget"), tests=tests))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "tests/big.py"
    assert result["message"]["text"] == "too much."


@pytest.mark.parametrize(("level", "results", "notices"), [("repository", 1, 0), ("team", 0, 1), ("feature", 1, 0)])
def test_repository_has_all_tests_and_a_team_none(level: Level, results: int, notices: int) -> None:
    """The verdict does not say which features belong to a team."""
    result = _run(_of("growth", level=level))
    assert (len(result[0]), len(result[1])) == (results, notices)


def test_test_is_one_result() -> None:
    """A test that makes both its feature and the repository fail is one result."""
    whole = replace(CHECKOUT, name="all", level="repository", checks=(Check("growth", "fail", "too much."),))
    verdict = _of("growth")
    assert len(_run(replace(verdict, judged=(*verdict.judged, whole)))[0]) == 1


@pytest.mark.parametrize(
    "nodeid",
    ["../x.py::t", "a/../../x.py::t", "/etc/passwd::t", "C:/x.py::t", "c:x.py::t", "a\\..\\b.py::t", "//evil/x.py::t",
     "::t", "", "a//b.py", "./a.py", "a\nb.py::t", "\ud800.py::t"],
)  # fmt: skip
def test_path_out_of_the_repository_has_no_location(nodeid: str) -> None:
    """A path that is absolute, climbs, or cannot be written as a URI makes a notification instead of a result."""
    results, notices = _run(replace(_of("growth"), tests=(replace(CART, nodeid=nodeid),)))
    assert (len(results), len(notices)) == (0, 1)


def test_path_is_encoded() -> None:
    """Blanks, signs and other scripts are percent-encoded."""
    ((result,), _) = _run(replace(_of("growth"), tests=(replace(CART, nodeid="tests/a b#é?.py::t"),)))
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "tests/a%20b%23%C3%A9%3F.py"


def test_number_of_results_is_limited() -> None:
    """The costliest tests are kept, each with a fingerprint of its own."""
    tests = tuple(replace(CART, nodeid=f"tests/a.py::t{n}", head_j=float(n + 2)) for n in range(MOST_RESULTS + 500))
    results, _ = _run(replace(_of("growth"), tests=tests))
    assert len(results) == MOST_RESULTS
    assert results[0]["message"]["text"].startswith(f"tests/a.py::t{MOST_RESULTS + 499} ")
    assert len({result["partialFingerprints"]["primaryLocationLineHash"] for result in results}) == MOST_RESULTS


@LAW
@given(st.text() | st.text("/.\\:%a", max_size=8), st.text())
def test_any_name_gives_a_valid_log(nodeid: str, reason: str) -> None:
    """Whatever the name of a test, its location is inside the repository and the message is harmless."""
    results, notices = _run(replace(_of("growth", reason=f"x{reason}"), tests=(replace(CART, nodeid=nodeid),)))
    assert len(results) + len(notices) == 1
    for entry in (*results, *notices):
        assert "](" not in entry["message"]["text"]
        assert entry["message"]["text"].replace("\u200b", "").isprintable()


def test_rule_that_was_not_judged_is_a_note() -> None:
    """It is no result, and a notification gives the reason."""
    verdict = _of("growth", "pass", "it is not known")
    (holder,) = verdict.judged
    checks = tuple(replace(check, not_judged="too small") for check in holder.checks)
    results, notices = _run(replace(verdict, judged=(replace(holder, checks=checks),)))
    assert results == []
    assert [(notice["level"], notice["message"]["text"]) for notice in notices] == [("note", "it is not known")]

"""The growth of each holder, and which tests must be measured in turns."""

from __future__ import annotations

from typing import Any

from pytest_carbon.core.judge.holder_growth import pairs_are_enough, unclear_tests

GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'


def test_tests_of_no_feature_can_grow(bench: Any) -> None:
    """The tests that no feature claims are judged like those of a feature."""
    policy = '[features.unattributed.budget]\ngrowth = "5 %"\n'
    tests = {"": 25, "search": 25}
    report = bench.report(tests=tests, costs={"": 1.5})
    verdict = bench.judge(policy, report=report, baseline=bench.baseline(tests=tests))
    assert bench.judged(verdict, "unattributed").growth.state == "suspicious"
    assert len(verdict.tests) == 25
    assert unclear_tests(bench.inputs(policy, report=report, baseline=bench.baseline(tests=tests))) == {
        "unattributed": {f"tests//t.py::test_{n}" for n in range(25)}
    }


def test_only_unclear_tests_are_confirmed(bench: Any) -> None:
    """Tests that one run made suspicious are measured in turns until the pairs give a clear answer."""
    report = bench.report(costs={"checkout": 1.5})
    parts: dict[str, Any] = {"report": report, "baseline": bench.baseline()}
    names = {f"tests/checkout/t.py::test_{n}" for n in range(25)}
    assert unclear_tests(bench.inputs(GROWTH, **parts)) == {"checkout": names}
    assert unclear_tests(bench.inputs(GROWTH, baseline=bench.baseline())) == {}
    assert unclear_tests(bench.inputs("", **parts)) == {}
    assert not pairs_are_enough(bench.inputs(GROWTH, **parts, pairs=bench.pairs(2, costs={"checkout": 1.5})))
    assert pairs_are_enough(bench.inputs(GROWTH, **parts, pairs=bench.pairs(6, costs={"checkout": 1.5})))
    assert pairs_are_enough(bench.inputs(GROWTH, **parts, pairs=bench.pairs(6)))

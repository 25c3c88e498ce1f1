"""The growth of each holder, and which tests must be measured in turns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
from pytest_carbon.core.judge.holder_growth import HolderGrowth, pairs_are_enough, unclear_tests
from pytest_carbon.core.records.ledger_records import SelfTest
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_entry import environment_digest
from tests.attack import Attack

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


@pytest.mark.parametrize(
    ("runs", "selftest", "advisory"),
    [(5, None, False), (4, None, True), (0, {}, False), (0, {"comparisons": 19}, True), (0, {"false_alarms": 1}, True)],
)
def test_growth_is_advisory_without_baseline_or_selftest(
    bench: Any, runs: int, selftest: dict[str, Any] | None, advisory: bool
) -> None:
    """Growth counts with 5 baseline runs, or with a self-test of 20 comparisons without a false alarm."""
    own = environment_digest(bench.report().machine.fingerprint)
    passed = SelfTest("s-1", "2026-03-01T00:00:00Z", own, 20, 0, {}, {})
    selftests = () if selftest is None else (replace(passed, **selftest),)
    inputs = bench.inputs(GROWTH, baseline=bench.baseline(runs), selftests=selftests)
    why = HolderGrowth(BaselineComparison(inputs)).why_advisory
    assert why.startswith("growth only warns until the ledger has 5 runs of main") == advisory
    assert bool(why) == advisory


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("runs", [(5, 0), (1, 4)])
def test_another_package_does_not_make_growth_advisory(bench: Any, attack: Attack, runs: tuple[int, int]) -> None:
    """A growth that is confirmed in turns fails although main never ran with the packages of the change."""
    other, same = bench.baseline(sum(runs), fingerprint={"cpu": "CPU", "packages": "other"}), bench.baseline(sum(runs))
    costs = {"report": bench.report(costs={"checkout": 1.5}), "pairs": bench.pairs(6, costs={"checkout": 1.5})}
    verdict = bench.judge(GROWTH, baseline=[*other[: runs[0]], *same[runs[0] :]], **costs)
    check = bench.check(verdict, "growth")
    assert (verdict.state, check.state) == ("fail", "fail")
    attack.ended(verdict.state, verdict.sentence)
    young = bench.judge(GROWTH, baseline=other[:4], **costs)
    assert (young.state, "growth only warns until" in young.sentence) == ("warn", True)


@pytest.mark.attack("lost-base")
def test_lost_base_does_not_make_growth_advisory(bench: Any, attack: Attack) -> None:
    """Whoever cuts the ledger does not get the mildness of a beginning for a growth that is confirmed in turns."""
    costs = {"report": bench.report(costs={"checkout": 1.5}), "pairs": bench.pairs(6, costs={"checkout": 1.5})}
    lost = LostRuns("the branch carbon-ledger is gone", "bring it back", only_base=True)
    verdict = bench.judge(GROWTH, lost_runs=lost, **costs)
    assert bench.check(verdict, "growth").state == "fail"
    attack.ended(verdict.state, verdict.sentence)

"""A run of which parts are missing, that somebody else measured, or that edits its own policy."""

from __future__ import annotations

from typing import Any

import pytest

LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
PER_RUN = '[features.checkout.budget]\nper-run = "{}"\non-exceeded = "fail"\n'
GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
QUEUE = '[github]\nforks = "queue"\n'
LEAD = "Could not tell whether this change fits its carbon budget"
ONE = "1 of 4 parts is missing: linux-3.12"
MISSING = {"reported_parts": 3, "missing_parts": ("linux-3.12",)}


@pytest.mark.parametrize(
    ("policy", "grams"),
    [("", 0.1), (LIMIT, 29.5), (LIMIT.replace("fail", "warn"), 131), (PER_RUN.format("1 kJ"), 0.1), (GROWTH, 0.1)],
)
def test_with_a_part_missing_nothing_is_fine(bench: Any, policy: str, grams: float) -> None:
    """Whatever the others used, it is not known whether the whole fits; the sentence names what is missing."""
    verdict = bench.judge(policy, entries=bench.spent(grams), baseline=bench.baseline(), **MISSING)
    assert (verdict.state, verdict.sentence) == ("inconclusive", f"{LEAD}: {ONE}.")
    assert {one.state for one in verdict.judged if one.checks} <= {"inconclusive"}
    assert [todo.text for todo in verdict.todo] == [
        f"find out why parts of the run sent no report, and run them again: {ONE}"
    ]
    assert verdict.notes[0] == f"{ONE}; these figures cover only the other parts"
    assert (verdict.base, verdict.tests, verdict.no_base) == (None, (), ONE)


@pytest.mark.parametrize(
    ("policy", "grams", "reason"),
    [
        (LIMIT, 131, "feature checkout has used 132 g of 120 g in 28d"),
        (PER_RUN.format("40 J"), 0.1, "feature checkout used 50 J, over its limit of 40 J per run by 25 %"),
    ],
)
def test_what_is_over_already_fails(bench: Any, policy: str, grams: float, reason: str) -> None:
    """The missing part can only add to it."""
    verdict = bench.judge(policy, entries=bench.spent(grams), baseline=bench.baseline(), **MISSING)
    assert verdict.state == "fail"
    assert verdict.sentence.startswith(f"This change does not fit its carbon budget: {reason}")
    assert verdict.sentence.endswith(f"; {ONE}.")


def test_growth_is_not_judged_by_half_a_suite(bench: Any) -> None:
    """Tests of a missing part are not gone, and pairs of the others confirm nothing."""
    report = bench.report(tests={"checkout": 25}, costs={"checkout": 1.5})
    pairs = bench.pairs(5, costs={"checkout": 1.5})
    verdict = bench.judge(GROWTH, report=report, baseline=bench.baseline(), pairs=pairs, **MISSING)
    growth = bench.judged(verdict).growth
    assert (growth.state, growth.why, growth.totals.gone_tests) == ("could not tell", ONE, 0)
    assert bench.check(verdict, "growth").reason == f"the growth of feature checkout is not known: {ONE}"


def test_feature_of_a_missing_part_used_not_nothing(bench: Any) -> None:
    """It has no test in what reported, and is not called fine for that."""
    policy = LIMIT + '[features.search.budget]\nlimit = "10 g"\n'
    verdict = bench.judge(policy, report=bench.report(tests={"checkout": 5}), entries=bench.spent(29.5), **MISSING)
    assert bench.judged(verdict, "search").state == "inconclusive"
    nothing = bench.judge(policy, report=bench.report(tests={}), **MISSING)
    assert nothing.state == "inconclusive"


@pytest.mark.parametrize("grams", [29.5, 131])
def test_numbers_of_a_fork_decide_nothing_where_the_queue_does(bench: Any, grams: float) -> None:
    """The verdict is what it is, and says that it is not the last word; without the policy's word it decides."""
    who = {"provenance": "self-reported by the fork stranger/shop", "self_reported": True}
    plain = bench.judge(LIMIT, entries=bench.spent(grams))
    waiting = bench.judge(LIMIT + QUEUE, entries=bench.spent(grams), **who)
    assert (waiting.state, waiting.sentence) == (plain.state, plain.sentence)
    assert (waiting.provenance, waiting.exit_code) == (who["provenance"], 0)
    assert waiting.advisory.startswith("This verdict decides nothing yet")
    accepted = bench.judge(LIMIT, entries=bench.spent(grams), **who)
    assert (accepted.advisory, accepted.exit_code) == ("", plain.exit_code)
    assert bench.judge(LIMIT + QUEUE, entries=bench.spent(grams)).advisory == ""


def test_proposal_changes_no_verdict(bench: Any) -> None:
    """What a change does to the policy is told, and nothing is judged by it."""
    plain, told = (bench.judge(LIMIT, entries=bench.spent(131), policy_changes=words) for words in ((), ("more",)))
    assert told.proposal == ("more",)
    assert (told.state, told.sentence, told.judged) == (plain.state, plain.sentence, plain.judged)


def test_override_is_asked_for_where_it_counts(bench: Any) -> None:
    """On GitHub by the policy's label, elsewhere by the command."""
    policy = LIMIT + '[github]\noverride-label = "ok"\n'
    verdict = bench.judge(policy, entries=bench.spent(131), override_by_label=True)
    assert verdict.todo[-1].text == (
        'ask the owners of checkout for an override: the label ok, and a comment "carbon override: why it cannot wait"'
    )
    per_run = bench.judge(policy.replace("limit", "per-run").replace("120 g", "40 J"), override_by_label=True)
    assert per_run.todo[-1] == verdict.todo[-1]


def test_costliest_tests_are_told(bench: Any) -> None:
    """The first is the costliest; there are 200 at most."""
    verdict = bench.judge(report=bench.report(tests={"checkout": 150, "search": 150}, costs={"search": 2.0}))
    assert len(verdict.costliest) == 200
    first, last = verdict.costliest[0], verdict.costliest[-1]
    assert (first.nodeid, first.reference_j, first.feature) == ("tests/search/t.py::test_0", 2.0, "search")
    assert (last.reference_j, last.feature) == (1.0, "checkout")


def test_use_of_a_limit_per_run_is_a_figure(bench: Any) -> None:
    """The share is told where it is known, with the limit as it was written."""
    check = bench.check(bench.judge(PER_RUN.format("40 J")), "per-run")
    assert (check.used, check.limit) == (pytest.approx(1.25), "40 J")
    unknown = bench.check(bench.judge(PER_RUN.format("40 J"), report=bench.report(known=False)), "per-run")
    assert unknown.used is None

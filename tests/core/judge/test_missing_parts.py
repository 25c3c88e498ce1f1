"""A run with missing parts, a run that somebody else measured, and a change that edits its own policy."""

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
def test_missing_part_makes_the_verdict_inconclusive(bench: Any, policy: str, grams: float) -> None:
    """Whatever the other parts used, nobody knows whether the whole fits; the sentence names the missing part."""
    verdict = bench.judge(policy, entries=bench.spent(grams), baseline=bench.baseline(), **MISSING)
    assert (verdict.state, verdict.sentence) == ("inconclusive", f"{LEAD}: {ONE}.")
    assert {one.state for one in verdict.judged if one.checks} <= {"inconclusive"}
    assert [todo.text for todo in verdict.todo] == [
        "find out why no report of the job linux-3.12 can be read (log, upload, download), and run that job again"
    ]
    assert verdict.notes[0] == f"{ONE}; these figures cover only the other parts"
    assert (verdict.base, verdict.tests, verdict.no_base) == (None, (), ONE)


@pytest.mark.parametrize(
    ("policy", "grams", "reason"),
    [
        (LIMIT, 131, "feature checkout has used 132 g of 120 g in 28 days"),
        (PER_RUN.format("40 J"), 0.1, "feature checkout used 50 J, over its limit of 40 J per run by 25 %"),
    ],
)
def test_limit_exceeded_without_the_missing_part_fails(bench: Any, policy: str, grams: float, reason: str) -> None:
    """The missing part can only add to the use."""
    verdict = bench.judge(policy, entries=bench.spent(grams), baseline=bench.baseline(), **MISSING)
    assert verdict.state == "fail"
    assert verdict.sentence.startswith(f"This change does not fit its carbon budget: {reason}")
    assert verdict.sentence.endswith(f". {ONE}.")


def test_growth_is_not_judged_with_a_part_missing(bench: Any) -> None:
    """Tests of a missing part do not count as gone, and pairs of the other parts confirm nothing."""
    report = bench.report(tests={"checkout": 25}, costs={"checkout": 1.5})
    pairs = bench.pairs(5, costs={"checkout": 1.5})
    verdict = bench.judge(GROWTH, report=report, baseline=bench.baseline(), pairs=pairs, **MISSING)
    growth = bench.judged(verdict).growth
    assert (growth.state, growth.why, growth.totals.gone_tests) == ("could not tell", ONE, 0)
    assert bench.check(verdict, "growth").reason == f"the growth of feature checkout is not known: {ONE}"


def test_feature_of_a_missing_part_is_inconclusive(bench: Any) -> None:
    """A feature without tests in the reported parts is inconclusive, not a pass."""
    policy = LIMIT + '[features.search.budget]\nlimit = "10 g"\n'
    verdict = bench.judge(policy, report=bench.report(tests={"checkout": 5}), entries=bench.spent(29.5), **MISSING)
    assert bench.judged(verdict, "search").state == "inconclusive"
    nothing = bench.judge(policy, report=bench.report(tests={}), **MISSING)
    assert nothing.state == "inconclusive"


@pytest.mark.parametrize("grams", [29.5, 131])
def test_run_of_a_fork_is_advisory_if_the_queue_decides(bench: Any, grams: float) -> None:
    """The verdict stays the same but only advises; without the policy's forks setting it decides."""
    who = {"provenance": "measured by the fork stranger/shop; nobody here checked the figures", "self_reported": True}
    plain = bench.judge(LIMIT, entries=bench.spent(grams))
    waiting = bench.judge(LIMIT + QUEUE, entries=bench.spent(grams), **who)
    assert (waiting.state, waiting.sentence) == (plain.state, plain.sentence)
    assert (waiting.provenance, waiting.exit_code) == (who["provenance"], 0)
    assert waiting.advisory.startswith("This verdict decides nothing yet")
    accepted = bench.judge(LIMIT, entries=bench.spent(grams), **who)
    assert (accepted.advisory, accepted.exit_code) == ("", plain.exit_code)
    assert bench.judge(LIMIT + QUEUE, entries=bench.spent(grams)).advisory == ""


def test_changes_to_the_policy_do_not_affect_the_verdict(bench: Any) -> None:
    """The verdict lists what the change does to the policy, and judges nothing by it."""
    plain, changed = (bench.judge(LIMIT, entries=bench.spent(131), policy_changes=words) for words in ((), ("more",)))
    assert changed.proposal == ("more",)
    assert (changed.state, changed.sentence, changed.judged) == (plain.state, plain.sentence, plain.judged)


def test_next_step_asks_for_the_override_that_counts(bench: Any) -> None:
    """On GitHub the next step names the policy's label, elsewhere the command."""
    policy = LIMIT + '[github]\noverride-label = "ok"\n'
    verdict = bench.judge(policy, entries=bench.spent(131), override_by_label=True)
    assert verdict.todo[-1].text == (
        "for an override of checkout: somebody with write access, but not the author, adds the label ok and writes the "
        'comment "carbon override: REASON"; or raise limit (now 120 g) in [features.checkout.budget] of the policy, '
        "and merge that first"
    )
    per_run = bench.judge(policy.replace("limit", "per-run").replace("120 g", "40 J"), override_by_label=True)
    assert per_run.todo[-1].text == verdict.todo[-1].text.replace("limit (now 120 g)", "per-run (now 40 J)")


def test_verdict_lists_the_costliest_tests(bench: Any) -> None:
    """The costliest test comes first, and at most 200 tests are listed."""
    verdict = bench.judge(report=bench.report(tests={"checkout": 150, "search": 150}, costs={"search": 2.0}))
    assert len(verdict.costliest) == 200
    first, last = verdict.costliest[0], verdict.costliest[-1]
    assert (first.nodeid, first.reference_j, first.feature) == ("tests/search/t.py::test_0", 2.0, "search")
    assert (last.reference_j, last.feature) == (1.0, "checkout")


def test_check_per_run_has_the_used_share(bench: Any) -> None:
    """The check has the used share of the limit if known, and the limit as the policy wrote it."""
    check = bench.check(bench.judge(PER_RUN.format("40 J")), "per-run")
    assert (check.used, check.limit) == (pytest.approx(1.25), "40 J")
    unknown = bench.check(bench.judge(PER_RUN.format("40 J"), report=bench.report(known=False)), "per-run")
    assert unknown.used is None

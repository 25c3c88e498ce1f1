"""One holder judged: who is judged, who pays, the figures, the trend and the status of every budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.judge.evaluate import evaluate
from pytest_carbon.core.judge.judge_holder import holder_statuses
from pytest_carbon.core.model import Range
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_entry import RunSource, make_entry
from tests.attack import Attack
from tests.core.judge.policies import SHOP

LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
DAY = timedelta(days=1)


def test_every_holder_is_judged_once(bench: Any) -> None:
    """The holders come in the order of the policy, then the features without a budget that have tests or pay."""
    verdict = bench.judge(SHOP, report=bench.report(tests={"checkout": 25, "search": 25, "": 5}))
    assert [(one.name, one.level, one.tests) for one in verdict.judged] == [
        ("repository", "repository", 55), ("checkout", "feature", 25), ("unattributed", "feature", 5),
        ("shop", "team", 50), ("search", "feature", 25),
    ]  # fmt: skip
    assert [one.energy_j for one in verdict.judged] == pytest.approx([110.0, 50.0, 10.0, 100.0, 50.0])
    assert [one.reference_j for one in verdict.judged] == pytest.approx([55.0, 25.0, 5.0, 50.0, 25.0])
    grams = [one.emissions_g.central for one in verdict.judged]
    assert grams == pytest.approx([1.1, 0.5, 0.1, 1.0, 0.5])
    assert bench.judged(verdict).emissions_g == pytest.approx((0.5, 0.4, 0.75))


def test_use_of_nothing_differs_from_unknown_use(bench: Any) -> None:
    """A feature without tests used 0 J; without a measurement the use is None."""
    report = bench.report(tests={"search": 25})
    idle = bench.judged(bench.judge(LIMIT, report=report))
    assert (idle.tests, idle.energy_j, idle.emissions_g) == (0, 0.0, Range(0.0, 0.0, 0.0))
    lost = bench.judged(bench.judge(LIMIT, report=bench.report(known=False)))
    assert (lost.tests, lost.energy_j, lost.reference_j, lost.emissions_g) == (25, None, 25.0, None)


@pytest.mark.parametrize("labels", [(), ("feature:checkout",), ("feature:search",)])
def test_the_bars_of_a_trend_and_its_row_pay_in_the_same_way(bench: Any, labels: tuple[str, ...]) -> None:
    """Each bar is what the holder's tests took, as its row is, whoever pays by a label for this run or for others."""
    entries = [bench.entry(n, ago=n * DAY, shares={"search": 1.0}, labels=("feature:search",)) for n in range(1, 4)]
    baseline, source = bench.baseline(3, noise=0.0), RunSource(branch="topic", pr=7, labels=labels)
    verdict = bench.judge(SHOP, entries=entries, baseline=baseline, source=source)
    for name, row_j in (("checkout", 25.0), ("search", 25.0), ("shop", 50.0), ("repository", 50.0)):
        holder = bench.judged(verdict, name)
        assert (holder.reference_j, holder.trend) == (pytest.approx(row_j), pytest.approx((row_j,) * 4))


def test_trend_of_a_status_has_what_its_window_counts(bench: Any) -> None:
    """The status of a budget counts who paid, and so do its bars, in the order of their start, without branches."""
    entries = [bench.entry(n, ago=n * DAY, reference_j=100.0 - n, branch="main" if n % 2 else "other")
               for n in range(7, 0, -1)]  # fmt: skip
    (status,) = holder_statuses(bench.policy(LIMIT), entries, (), bench.now, 400.0, "main")
    assert status.trend == (93.0, 95.0, 97.0, 99.0)


def test_features_named_by_labels_pay(bench: Any) -> None:
    """The features that labels name pay instead of the features whose tests ran, and their budgets are checked."""
    policy = SHOP + '[features.search.budget]\nlimit = "1 g"\n'
    inputs = bench.inputs(
        policy, source=RunSource(labels=("feature:search",)), entries=[bench.entry(shares={"search": 1.0})]
    )
    assert inputs.own_entry.shares == {"search": 1.0}
    checks = {one.name: [check.rule for check in one.checks] for one in evaluate(inputs).judged}
    assert checks["checkout"] == ["per-run", "growth", "budget"]
    assert evaluate(inputs).judged[-1].standing is not None
    assert bench.check(evaluate(inputs), name="search").state == "warn"


def test_current_labels_decide_who_pays(bench: Any) -> None:
    """A run that the ledger has under another feature is paid by the features that its labels name now."""
    policy = LIMIT.replace("120 g", "1 mg")
    report = bench.report()
    stored = make_entry(report, RunSource(branch="topic", pr=7, labels=("feature:checkout",), shares={"checkout": 1.0}))
    before = RunSource(branch="topic", pr=7)
    relabelled = replace(before, labels=("feature:search",))
    assert bench.judge(policy, report=report, source=before, entries=[stored]).state == "fail"
    assert bench.judge(policy, report=report, source=relabelled, entries=[stored]).state == "pass"


SEARCH = '[features.search.budget]\nlimit = "9 kg"\non-exceeded = "fail"\n'
NOT_JUDGED = "Not judged: the budget of checkout (search pays by a label)."


def test_a_budget_that_a_label_lets_others_pay_is_named(bench: Any) -> None:
    """A budget that fits is a limit that holds, whoever pays; one that is used up is named first as not judged."""
    source = RunSource(labels=("feature:search",))
    fits = bench.judge(LIMIT + SEARCH, entries=bench.spent(29.5), source=source)
    assert "Both limits hold." in fits.sentence
    at_risk = bench.judge(LIMIT + SEARCH, entries=bench.spent(110), source=source)
    assert (at_risk.state, bench.check(at_risk).not_judged) == ("pass", "")
    used_up = bench.judge(LIMIT + SEARCH, entries=bench.spent(131), source=source)
    assert used_up.state == "pass"
    assert used_up.sentence.startswith(NOT_JUDGED)
    assert "The other limit holds." in used_up.sentence
    check = bench.check(used_up)
    assert (check.rule, check.not_judged) == ("budget", "search pays by a label")
    assert check.reason == (
        "feature checkout has used 131 g of 120 g in 28 days (109 %); its budget is not judged, because search pays "
        "by a label"
    )


@pytest.mark.attack("approvals")
@pytest.mark.parametrize("how", ["no test of it ran", "runs are lost", "a label that the ledger has"])
def test_a_label_hides_no_exhausted_budget(bench: Any, how: str, attack: Attack) -> None:
    """Where labels do not count, the budget of a feature whose tests ran, or were lost, is judged whoever pays."""
    report, source = bench.report(), RunSource(labels=("feature:search",))
    facts: dict[str, Any] = {"report": report, "source": source, "entries": bench.spent(131)}
    if how == "no test of it ran":
        facts |= {"report": bench.report(tests={}), "baseline": bench.baseline()}
    elif how == "runs are lost":
        facts |= {"entries": bench.spent(29.5), "lost_runs": LostRuns("3 runs are gone", "restore them")}
    else:
        stored = make_entry(report, RunSource(labels=("feature:search",), shares={"search": 1.0}))
        facts |= {"source": RunSource(pr=7), "entries": [*bench.spent(131), stored]}
    named = bench.judge(LIMIT + SEARCH, **facts)
    assert named.sentence.startswith(NOT_JUDGED)
    judged = bench.judge(LIMIT + SEARCH, judge_unpaid=True, **facts)
    assert "Not judged: the budget" not in judged.sentence
    check = bench.check(judged)
    assert check.state == ("inconclusive" if how == "runs are lost" else "fail")
    attack.ended(judged.state)


def test_a_feature_beside_the_run_blocks_nobody(bench: Any) -> None:
    """A feature that neither has tests nor pays is named if its budget is used up, and never fails a run."""
    facts: dict[str, Any] = {"report": bench.report(tests={"search": 25}), "entries": bench.spent(131)}
    for judge_unpaid in (False, True):
        verdict = bench.judge(LIMIT + SEARCH, judge_unpaid=judge_unpaid, **facts)
        assert verdict.state == "pass"
        assert verdict.sentence.startswith("Not judged: the budget of checkout (it pays nothing for this run).")


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        ({"search": 0.25, "checkout": 0.75}, "checkout, search pay"),
        ({f"f{n}": 0.125 for n in range(8)}, "f0, f1, f2, f3, f4 and 3 more pay"),
    ],
)
def test_payers_are_named(bench: Any, shares: dict[str, float], text: str) -> None:
    """The payers are named, the largest share first, and many are counted."""
    assert bench.inputs(LIMIT, source=RunSource(shares=shares)).payers_text == text


def test_every_budget_with_a_window_has_a_status(bench: Any) -> None:
    """Every budget with a window has a status, in the order of the policy; budgets at risk or worse warn."""
    policy = bench.policy(SHOP)
    result = holder_statuses(policy, bench.spent(100), (), bench.now, 400.0, "main")
    assert [(one.name, one.state) for one in result] == [
        ("repository", "pass"), ("checkout", "warn"), ("unattributed", "pass"), ("shop", "pass"),
    ]  # fmt: skip
    assert all(one.standing and not one.standing.sunk and one.standing.recurring is None for one in result)

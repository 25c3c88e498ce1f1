"""A base that is lost is told from a beginning: a verdict without its base is inconclusive, the first one passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.judge.lost_base import find_lost_base
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.verdict.explain import explain
from tests.attack import Attack

GROWTH = 'on-inconclusive = "fail"\n[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
LIMIT = 'on-inconclusive = "fail"\n[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
GONE = LostRuns("the branch carbon-ledger is gone", "bring it back")


def _entries(bench: Any, count: int, **facts: Any) -> list[Any]:
    return [
        bench.entry(n, ago=timedelta(days=n), **{"commit": f"{n:040x}", "branch": "main", **facts})
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("entries", "baselines", "more", "lost"),
    [
        pytest.param((0, {}), 0, {}, "", id="a ledger that never had a run"),
        pytest.param((4, {}), 4, {}, "", id="a young ledger"),
        pytest.param((6, {}), 6, {}, "", id="a ledger with a base"),
        pytest.param((6, {"tests": 0}), 0, {}, "", id="only commands"),
        pytest.param((2, {"branch": "topic", "pr": 7}), 0, {}, "", id="earlier runs of the same pull request"),
        pytest.param((6, {"elsewhere": 1}), 0, {}, "", id="runs of other repositories"),
        pytest.param(
            (6, {}), 0, {}, "the ledger has 6 runs of main, and keeps the figures of the tests of none", id="cut"
        ),
        pytest.param(
            (1, {}), 0, {}, "the ledger has 1 run of main, and keeps the figures of the tests of none", id="cut early"
        ),
        pytest.param(
            (6, {}), 2, {}, "the ledger has 6 commits of main, and keeps the figures of the tests of 2", id="cut to 2"
        ),
        pytest.param(
            (6, {"branch": "master"}), 0, {"other_bases": ("master",)},
            "the ledger has runs of master to compare with, and none of main", id="renamed",
        ),
        pytest.param(
            (6, {"branch": "master"}), 2, {"other_bases": ("master",)},
            "the ledger has runs of master to compare with, and 2 of main", id="renamed, and not begun anew yet",
        ),
        pytest.param((4, {"branch": "topic5"}), 0, {}, "", id="a young ledger with runs of another branch"),
        pytest.param(
            (6, {"branch": None}), 0, {}, "the ledger has 6 runs of no branch, and none of main", id="detached"
        ),
        pytest.param(
            (6, {"branch": "trunk"}), 0, {}, "the ledger has 6 runs of trunk, and none of main", id="another branch"
        ),
    ],
)  # fmt: skip
def test_a_lost_base_is_told_from_a_beginning(
    bench: Any, entries: tuple[int, dict[str, Any]], baselines: int, more: dict[str, Any], lost: str
) -> None:
    """The records tell it; a loss is inconclusive with a next step, and a beginning says so and passes."""
    facts = {"entries": _entries(bench, entries[0], **entries[1]), "baseline": bench.baseline(baselines), **more}
    found = find_lost_base(bench.inputs(GROWTH, **facts), has_base=baselines >= 5)
    assert (found.seen if found else "") == lost
    verdict = bench.judge(GROWTH, **facts)
    if found:
        assert (verdict.state, verdict.exit_code, verdict.todo[0].text) == ("inconclusive", 3, found.remedy)
        assert lost in verdict.sentence
        assert bench.check(verdict, "growth").not_judged == "the base is lost"
    else:
        assert (verdict.state, verdict.exit_code) == ("pass", 0)
        assert ("This is the beginning" in verdict.sentence) == (baselines < 5)


def test_the_first_run_of_a_branch_is_a_beginning(bench: Any) -> None:
    """The own entry and baseline of the run under judgement are no past; neither are runs of its own branch."""
    own = replace(bench.baseline(1)[0], run="head")
    mine = bench.entry(9, run="head", id="head", tests=50)
    verdict = bench.judge(GROWTH, baseline=[own], entries=[mine], source=RunSource("main"))
    assert verdict.sentence.endswith(". This is the beginning: no other run of main is in the ledger yet.")
    earlier = _entries(bench, 3, branch="topic")
    assert bench.judge(GROWTH, entries=earlier, source=RunSource("topic")).state == "pass"


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("policy", [GROWTH, LIMIT])
def test_a_ledger_that_is_gone_is_inconclusive(bench: Any, policy: str, attack: Attack) -> None:
    """What the ledger itself tells comes first; growth and windows are not judged without it."""
    verdict = bench.judge(policy, lost_runs=GONE)
    assert GONE.seen in verdict.sentence
    assert verdict.todo[0].text == GONE.remedy
    assert "fine" not in verdict.sentence
    attack.ended(verdict.state, verdict.sentence)


@pytest.mark.attack("lost-base")
def test_runs_cut_out_of_a_window_are_no_free_budget(bench: Any, attack: Attack) -> None:
    """A baseline of a day without any entry shows that entries are missing: the budget of the window is not known."""
    since = (bench.now - timedelta(days=58)).date()
    facts = {"baseline": bench.baseline(6), "entries": _entries(bench, 2), "entries_since": since}
    verdict = bench.judge(LIMIT, **facts)
    assert "more may have been used: the ledger has no entry of 2026-03-14, though main ran on that day" in (
        verdict.sentence
    )
    assert verdict.todo[0].text.startswith("restore the ledger's files of that day")
    whole = {**facts, "entries": _entries(bench, 6)}
    assert bench.judge(LIMIT, **whole).state == "pass"
    attack.ended(verdict.state)


def test_a_failure_stays_a_failure_without_the_lost_runs(bench: Any) -> None:
    """What is left may exceed the budget already; a policy with limits per run alone does not need the ledger."""
    assert bench.judge(LIMIT, entries=bench.spent(131), lost_runs=GONE).state == "fail"
    per_run = '[features.checkout.budget]\nper-run = "1 kJ"\n'
    assert bench.judge(per_run, lost_runs=GONE).state == "pass"


def test_a_loss_that_ends_with_a_new_base(bench: Any) -> None:
    """What GitHub tells of earlier verdicts counts until five runs are there again; what git shows counts on."""
    told = replace(GONE, until_new_base=True)
    days = {"baseline": bench.baseline(6)}
    assert bench.judge(GROWTH, lost_runs=told, **days).state == "pass"
    assert bench.judge(LIMIT, lost_runs=told, **days).state == "pass"
    assert bench.judge(LIMIT, lost_runs=GONE, **days).state == "inconclusive"
    assert bench.judge(GROWTH, lost_runs=GONE, **days).state == "pass"


def test_the_explanation_says_what_was_not_judged_first(bench: Any) -> None:
    """Behind the answer comes what was not judged, with the reason."""
    tests = {"checkout": 25, "search": 3}
    policy = GROWTH + '[features.search.budget]\ngrowth = "5 %"\n'
    verdict = bench.judge(policy, report=bench.report(tests=tests), baseline=bench.baseline(tests=tests))
    assert explain(verdict)[1].startswith(
        "Not judged: the growth of feature search is not known: too small to be judged by itself"
    )

"""The next steps of a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.verdict.verdict import Verdict

LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
PER_RUN = '[features.checkout.budget]\nper-run = "{}"\non-exceeded = "fail"\n'
GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
BOTH = GROWTH + '[features.search.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
ZONE = 'set the zone of your machines, such as zone = "DE", or give the limit in joules'
TURNS = "measure base and head in turns, to be sure: pytest-carbon confirm -- pytest (your arguments)"
COSTLIEST = "make tests/checkout/t.py::test_0 cheaper: the costliest test, 1 J of reference energy in each run"
COMMAND = "pytest-carbon ledger override checkout --amount ... --reason ... --author ... --approver ..."
RAISE = "; or raise limit (now 120 g) in [features.checkout.budget] of the policy"
ASK = f"an override of at least 502 mg: {COMMAND}{RAISE}"


def _todo(verdict: Verdict) -> list[str]:
    return [todo.text for todo in verdict.todo]


@pytest.mark.parametrize("policy", [LIMIT, PER_RUN.format("1 g"), LIMIT + 'per-run = "1 g"\n'])
def test_missing_grid_is_asked_for_once(bench: Any, policy: str) -> None:
    """One next step covers all limits in grams, and no test is named."""
    verdict = bench.judge(policy, grid=bench.world, report=bench.report(grid=bench.world))
    assert (verdict.state, _todo(verdict)) == ("inconclusive", [ZONE])


@pytest.mark.parametrize("policy", [LIMIT, PER_RUN.format("1 J"), PER_RUN.format("1 g")])
def test_unknown_energy_does_not_ask_for_a_grid(bench: Any, policy: str) -> None:
    """Without a measurement, a grid zone would not help."""
    verdict = bench.judge(policy, report=bench.report(known=False))
    assert _todo(verdict) == ["find out why the energy of this run is not known: pytest-carbon doctor"]


def test_suspicious_growth_asks_for_pairs_once(bench: Any) -> None:
    """One step that decides for all features comes first, then the costlier tests."""
    verdict = bench.judge(BOTH, report=bench.report(costs={"checkout": 1.5, "search": 2.0}), baseline=bench.baseline())
    assert verdict.state == "inconclusive"
    assert _todo(verdict) == [
        TURNS,
        "make tests/search/t.py::test_0 cheaper: 1 J of reference energy more in each run than before",
        "make tests/search/t.py::test_1 cheaper: 1 J of reference energy more in each run than before",
    ]


def test_another_environment_asks_for_pairs(bench: Any) -> None:
    """Growth that is open because the environment changed is decided by base and head in one environment."""
    elsewhere = bench.baseline(6, fingerprint={"cpu": "CPU", "vcpus": "4", "python": "3.12"})
    verdict = bench.judge(GROWTH, baseline=elsewhere)
    assert verdict.state == "inconclusive"
    assert verdict.todo[0].text.startswith("measure base and head in turns, to be sure: pytest-carbon confirm -- ")


def test_exhausted_budget_asks_its_owners(bench: Any) -> None:
    """The command is complete except for the values that only the reader knows."""
    plain = bench.judge(LIMIT, entries=bench.spent(131))
    assert _todo(plain) == [COSTLIEST, f"ask the owners of checkout for {ASK}"]
    owned = bench.judge(LIMIT + 'owners = ["@shop", "ann"]\n', entries=bench.spent(131))
    assert _todo(owned)[-1] == f"ask the owners of checkout (@shop, ann) for {ASK}"


def test_new_tests_are_named_with_their_savings(bench: Any) -> None:
    """The step that saves most grams in a window comes first, and a new test is called new."""
    report = bench.report(tests={"checkout": 60, "search": 25})
    parts = {"entries": bench.spent(131, 40), "report": report, "baseline": bench.baseline()}
    todo = bench.judge(LIMIT, **parts).todo
    assert todo[0].text == "make tests/checkout/t.py::test_25 cheaper: a new test, 1 J of reference energy in each run"
    assert [step.saves_g for step in todo] == [pytest.approx(2.5, rel=0.1)] * 2 + [None]


def test_at_most_six_steps(bench: Any) -> None:
    """However much is wrong, there are at most 6 steps, each once."""
    names = [f"f{n}" for n in range(9)]
    policy = "".join(f'[features.{n}]\n[features.{n}.budget]\nlimit = "1 g"\non-exceeded = "fail"\n' for n in names)
    entries = [bench.entry(n, ago=timedelta(hours=n), shares=dict.fromkeys(names, 1 / 9)) for n in range(30)]
    report = bench.report(tests=dict.fromkeys(names, 5))
    verdict = bench.judge(policy, entries=entries, report=report)
    assert len(verdict.todo) == len(set(_todo(verdict))) == 6
    assert verdict.sentence.endswith("(and 8 more reasons).")


def test_growth_that_was_not_judged_has_a_next_step(bench: Any) -> None:
    """A verdict that passes says what makes growth visible: of holders that are too small, and of too much noise."""
    tests = {"checkout": 3, "search": 25}
    parts = {"report": bench.report(tests=tests), "baseline": bench.baseline(tests=tests, noise=0.2)}
    verdict = bench.judge(BOTH, **parts)
    assert (verdict.state, _todo(verdict)) == (
        "pass",
        [
            "to have the growth of checkout judged, group more paths into one feature: 20 tests and 613 mJ of "
            "reference energy (0.3 s of CPU time) are needed; or set a per-run limit, or leave it",
            "to see smaller changes of search: measure base and head in turns (pytest-carbon confirm -- pytest (your "
            "arguments)), record more runs of main, or group more tests into one feature",
        ],
    )
    in_turns = bench.judge(BOTH.replace("5 %", "1 %"), baseline=bench.baseline(), pairs=bench.pairs(7))
    assert _todo(in_turns) == [
        "to see smaller changes of checkout, search: measure on a quieter machine, or group more tests into one feature"
    ]
    failed = bench.judge(BOTH + '[budget]\nlimit = "1 g"\non-exceeded = "fail"\n', entries=bench.spent(131), **parts)
    assert failed.state == "fail"
    assert "make " in _todo(failed)[0]
    assert _todo(failed)[-2:] == _todo(verdict)


@pytest.mark.parametrize(
    ("tests", "limit", "step"),
    [
        (3, "", "20 tests and 613 mJ of reference energy (0.3 s of CPU time) are needed; or set a per-run limit"),
        (25, "", ": 613 mJ of reference energy (0.3 s of CPU time) are needed; or set a per-run limit"),
        (25, 'per-run = "500 J"\n', ""),
    ],
)
def test_no_step_is_advised_that_was_taken(bench: Any, tests: int, limit: str, step: str) -> None:
    """A small feature with enough tests is not told to get more, and one with a limit per run is told nothing."""
    parts = {"report": bench.report(tests={"checkout": tests}, costs={"checkout": 0.001})}
    parts["baseline"] = bench.baseline(tests={"checkout": tests}, costs={"checkout": 0.001})
    verdict = bench.judge(f'[features.checkout.budget]\ngrowth = "5 %"\n{limit}', **parts)
    assert verdict.state == "pass"
    assert "the growth of checkout (too small)" in verdict.sentence
    assert [step in text for text in _todo(verdict)] == ([True] if step else [])


def test_a_beginning_says_how_a_base_is_made(bench: Any) -> None:
    """As long as the ledger is too young to judge growth, a pass says what is missing: by hand, or in the Action."""
    for baseline, times in (
        ([], "five times"),
        (bench.baseline()[:2], "three times more"),
        (bench.baseline()[:4], "once more"),
    ):
        by_hand = f"make a base: on main, run pytest --carbon and then pytest-carbon ledger append, {times}"
        verdict = bench.judge(GROWTH, baseline=baseline)
        assert (verdict.state, _todo(verdict)) == ("pass", [by_hand])
        labelled = bench.judge(GROWTH, baseline=baseline, override_by_label=True)
        assert _todo(labelled) == [f"make a base: let the Action record main {times}, by pushes to main or every night"]
    assert _todo(bench.judge(LIMIT, baseline=[])) == []


def test_runs_of_several_environments_must_be_kept(bench: Any) -> None:
    """If the newest runs are of several environments, too few of each are kept: the sentence and the step say so."""
    others = [replace(run, run=f"b{n}") for n, run in enumerate(bench.baseline(3, fingerprint={"cpu": "CPU"}))]
    verdict = bench.judge(GROWTH, baseline=[*bench.baseline(3), *others])
    assert verdict.state == "inconclusive"
    assert "only 3 of the newest 6 runs of main are from this environment, and a comparison needs 5" in verdict.sentence
    assert _todo(verdict)[-1] == (
        "make a base: on main, run pytest --carbon and then pytest-carbon ledger append, twice more; if main goes on "
        "to run in 2 environments, first set runs of [ledger] to 12 or more"
    )


def test_no_override_is_proposed_that_is_refused(bench: Any) -> None:
    """Overrides may take a tenth of the limit; a change that costs more is told so, by a label and by a command."""
    report = bench.report(tests={"checkout": 60, "search": 25})
    parts = {"entries": bench.spent(100, 40), "report": report, "baseline": bench.baseline()}
    policy = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
    for by_label in (False, True):
        steps = " ".join(todo.text for todo in bench.judge(policy, override_by_label=by_label, **parts).todo)
        assert "it costs 89.7 g, and 12 g is what overrides may still be for, so none helps" in steps
        assert "for an override" not in steps


def test_label_that_is_there_and_does_not_count_is_the_next_step(bench: Any) -> None:
    """Whoever gave the label learns what it lacks, not that somebody must give it."""
    why = "the label carbon/override has no reason; bob must give a reason in a comment: carbon override: REASON"
    policy = '[features.checkout.budget]\nper-run = "1 J"\non-exceeded = "fail"\n'
    steps = _todo(bench.judge(policy, override_by_label=True, override_refusal=why))
    raised = "; or raise per-run (now 1 J) in [features.checkout.budget] of the policy, and merge that first"
    assert steps[-1] == f"for an override of checkout: {why}{raised}"
    steps = _todo(bench.judge(policy, override_by_label=True))
    assert steps[-1].startswith("for an override of checkout: somebody with write access")


@pytest.mark.parametrize(
    ("policy", "step"),
    [
        (PER_RUN.format("1 J"),
         "if this cost is wanted, raise per-run (now 1 J) in [features.checkout.budget] of the policy"),
        (GROWTH, "if this cost is wanted, raise growth (now 5 %) in [features.checkout.budget] of the policy"),
        ('[budget]\ngrowth = "10 %"\non-exceeded = "fail"\n',
         "if this cost is wanted, raise growth (now 10 %) in [budget] of the policy"),
        ('[teams.shop]\nfeatures = ["checkout"]\n[teams.shop.budget]\nper-run = "1 J"\non-exceeded = "fail"\n',
         "if this cost is wanted, raise per-run (now 1 J) in [teams.shop.budget] of the policy"),
        (GROWTH + 'limit = "9 kg"\n',
         f"ask the owners of checkout for an override of at least 9.27 g: {COMMAND} --pr N (and check with the same "
         "--pr N); or raise growth (now 5 %) in [features.checkout.budget] of the policy"),
    ],
    ids=["per run", "growth", "repository", "team", "with a window"],
)  # fmt: skip
def test_last_step_says_how_the_cost_may_pass(bench: Any, policy: str, step: str) -> None:
    """After the steps that find the cause: an override where there can be one, and the line of the policy."""
    costs = {"checkout": 1.5, "search": 1.5}
    parts = {"report": bench.report(costs=costs), "pairs": bench.pairs(6, costs=costs), "baseline": bench.baseline()}
    verdict = bench.judge(policy, entries=bench.spent(29.5), **parts)
    assert verdict.state == "fail"
    assert _todo(verdict)[0].startswith("make ")
    assert _todo(verdict)[-1] == step


def test_a_zone_is_asked_for_only_where_it_decides(bench: Any) -> None:
    """A limit that is open because no test of its feature ran needs tests, and no zone."""
    policy = PER_RUN.format("100 J") + '[features.search.budget]\nper-run = "100 J"\n'
    verdict = bench.judge(policy, report=bench.report(tests={"search": 25}), baseline=bench.baseline())
    assert verdict.state == "inconclusive"
    assert _todo(verdict)
    assert not any("zone" in step for step in _todo(verdict))


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("features.checkout.budget", "tests/checkout/t.py::test_0"),
        ("features.search.budget", "tests/search/t.py::test_0"),
        ('teams.shop]\nfeatures = ["checkout"]\n[teams.shop.budget', "tests/checkout/t.py::test_0"),
        ("budget", "tests/search/t.py::test_0"),
    ],
    ids=["feature", "dearer feature", "team", "repository"],
)
def test_the_tests_to_make_cheaper_are_the_holders_own(bench: Any, table: str, named: str) -> None:
    """A cheaper test of another feature would not help; the repository has all."""
    report = bench.report(costs={"checkout": 1.0, "search": 3.0})
    verdict = bench.judge(f'[{table}]\nper-run = "1 J"\non-exceeded = "fail"\n', report=report)
    assert verdict.state == "fail"
    assert next(step for step in _todo(verdict) if step.startswith("make ")).startswith(f"make {named} cheaper: ")

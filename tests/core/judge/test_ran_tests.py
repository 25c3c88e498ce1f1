"""A run that lost its tests: nothing ran, most of the base's tests did not run, or a feature's tests are gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.records.run_measurements import measurements_of
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.explain import explain
from pytest_carbon.core.verdict.verdict import WORST_FIRST, Verdict
from tests.attack import Attack

LAW = settings(max_examples=40, deadline=None)
LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
PER_RUN = '[features.checkout.budget]\nper-run = "1 kJ"\non-exceeded = "fail"\n'
STRICT = PER_RUN + '[budget]\nper-run = "1 kJ"\n'
LEAD = "Could not tell whether this change fits its carbon budget"


def _with_outcomes(report: Report, outcome: str, chosen: Callable[[str], bool] = lambda _: True) -> Report:
    """Return a report in which the chosen tests have this outcome."""
    rows = tuple(replace(row, outcome=outcome) if chosen(row.nodeid) else row for row in report.rows)
    return replace(report, rows=rows)


@pytest.mark.parametrize("budget", ["", PER_RUN, LIMIT])
@pytest.mark.parametrize(
    ("base", "sentence"),
    [
        (6, "Not measured: no test ran here, and 50 tests ran on main."),
        (1, "Not measured: no test ran here, and 50 tests ran on main."),
        (0, "Not measured: no test ran here."),
    ],
)
def test_nothing_ran_is_not_fine(bench: Any, budget: str, base: int, sentence: str) -> None:
    """A run without a test is not measured, whatever the policy limits and whatever is known of the base."""
    verdict = bench.judge(budget, report=bench.report(tests={}), baseline=bench.baseline(base))
    assert (verdict.state, verdict.sentence) == ("not-measured", sentence)
    assert {one.state for one in verdict.judged if one.checks} == {"inconclusive"}
    assert replace(verdict, on_inconclusive="fail").exit_code == 3


def test_skipped_tests_did_not_run(bench: Any) -> None:
    """A run whose tests were all skipped is a run without tests, and says how many there were."""
    report = _with_outcomes(bench.report(), "skipped")
    verdict = bench.judge(PER_RUN, report=report, baseline=bench.baseline())
    assert verdict.state == "not-measured"
    assert verdict.sentence == "Not measured: no test ran here (50 tests skipped), and 50 tests ran on main."


def test_command_is_no_test_and_is_measured(bench: Any) -> None:
    """A measured command ran something; where main runs tests, the tests are missing all the same."""
    rows = tuple(replace(row, kind="command") for row in bench.rows({"": 1}, {}))
    report = replace(bench.report(tests={}), rows=rows)
    assert bench.judge(PER_RUN, report=report).state == "pass"
    verdict = bench.judge(PER_RUN, report=report, baseline=bench.baseline())
    assert verdict.state == "inconclusive"
    assert verdict.sentence.startswith(f"{LEAD}: no test of the repository ran here, and 50 tests ran on main, so its")


@pytest.mark.parametrize(
    ("tests", "state", "sentence"),
    [
        ({"checkout": 25, "search": 25}, "pass", "Both limits hold"),
        ({"checkout": 25, "search": 9}, "pass", "Both limits hold"),
        ({"checkout": 13, "search": 12}, "pass", "Both limits hold"),
        ({"checkout": 12, "search": 25}, "inconclusive",
         "12 tests of feature checkout ran here, and 25 on main; less than 50 % does not speak for the whole"),
        ({"checkout": 13, "search": 11}, "inconclusive",
         "24 tests of the repository ran here, and 50 on main; less than 50 % does not speak for the whole"),
        ({"search": 25}, "inconclusive",
         "no test of feature checkout ran here, and 25 tests ran on main, so its use is not known"),
        ({"checkout": 25, "search": 25, "new": 90}, "pass", "Both limits hold"),
        ({"checkout": 25, "new": 25}, "pass", "Both limits hold"),
    ],
)  # fmt: skip
def test_shrunk_suite_does_not_speak_for_the_whole(
    bench: Any, tests: Mapping[str, int], state: str, sentence: str
) -> None:
    """Half of the base's tests speak for the whole; fewer are inconclusive, and so is a feature without its tests."""
    verdict = bench.judge(STRICT, report=bench.report(tests=tests), baseline=bench.baseline())
    assert verdict.state == state
    assert sentence in verdict.sentence
    if state == "inconclusive":
        (check,) = {check for one in verdict.judged for check in one.checks if check.rule == "tests"}
        assert check.reason in verdict.sentence
        assert check.reason in " ".join(explain(verdict))


def test_repository_without_a_budget_is_named_too(bench: Any) -> None:
    """The whole suite is looked at even if the policy limits only a feature."""
    verdict = bench.judge(PER_RUN, report=bench.report(tests={"checkout": 13}), baseline=bench.baseline())
    assert (verdict.state, verdict.judged[0].name) == ("inconclusive", "repository")
    assert "13 tests of the repository ran here, and 50 on main" in verdict.sentence


def test_small_feature_may_lose_some_of_its_tests(bench: Any) -> None:
    """A feature of a few tests is named only when none of them is left, or when they took most of much energy."""
    for cost, left, state in ((0.1, 1, "pass"), (0.1, 0, "inconclusive"), (1.0, 2, "pass"), (1.0, 1, "inconclusive")):
        costs = {"checkout": cost}
        base = bench.baseline(tests={"checkout": 3, "search": 25}, costs=costs)
        report = bench.report(tests={"checkout": left, "search": 25}, costs=costs)
        assert bench.judge(PER_RUN, report=report, baseline=base).state == state


@pytest.mark.parametrize("outcome", ["failed", "error", "xfailed", "skipped"])
def test_costly_tests_that_did_not_end_hide_their_cost(bench: Any, outcome: str) -> None:
    """Most tests ran, but those that take most of the energy did not run to their end."""
    base = bench.baseline(costs={"checkout": 9.0})
    report = _with_outcomes(bench.report(costs={"checkout": 0.1}), outcome, lambda name: "checkout" in name)
    verdict = bench.judge('[budget]\nper-run = "5 kJ"\n', report=report, baseline=base)
    assert verdict.state == "inconclusive"
    assert (
        "tests that take 90 % of the energy of the repository on main did not run here to their end; the other 10 % "
        "does not speak for the whole"
    ) in verdict.sentence


@pytest.mark.parametrize("tests", [{"checkout": 25, "other": 25}, {"checkout": 25, "search": 25}])
def test_cheaper_and_replaced_tests_are_no_loss(bench: Any, tests: Mapping[str, int]) -> None:
    """A suite that got cheaper is fine, and so is one whose new tests do as much work as the gone ones."""
    costs = {"search": 0.1, "checkout": 0.1} if "search" in tests else {}
    report = bench.report(tests=tests, costs=costs)
    assert bench.judge(PER_RUN, report=report, baseline=bench.baseline()).state == "pass"


def test_part_that_the_base_measures_too_is_compared_with_it(bench: Any) -> None:
    """A run of a part of the suite is held against runs of the same part; without them, against the whole."""
    part = replace(bench.report(tests={"checkout": 13}), run=replace(bench.report().run, command=("pytest", "tests/a")))
    whole, selection = bench.baseline(), measurements_of(part).selection
    assert bench.judge(PER_RUN, report=part, baseline=whole).state == "inconclusive"
    same = [replace(run, run=f"part-{n}") for n, run in enumerate(bench.baseline(5, tests={"checkout": 14}))]
    same = [replace(run, selection=selection) for run in same]
    assert bench.judge(PER_RUN, report=part, baseline=[*whole, *same]).state == "pass"
    assert bench.judge(PER_RUN, report=part, baseline=[*whole, *same[:4]]).state == "inconclusive"


@pytest.mark.attack("nothing-ran")
def test_one_run_of_a_part_does_not_speak_for_the_whole(bench: Any, attack: Attack) -> None:
    """A run of chosen tests that was once appended for main is no base for the next run of the same tests."""
    command = replace(bench.report().run, command=("pytest", "-k", "test_1"))
    part = replace(bench.report(tests={"checkout": 1}), run=command)
    once = replace(bench.baseline(1, tests={"checkout": 1})[0], run="once", selection=measurements_of(part).selection)
    verdict = bench.judge(PER_RUN, report=part, baseline=[once, *bench.baseline(4)])
    attack.ended(verdict.state, verdict.sentence)


@pytest.mark.parametrize(
    ("budget", "step"),
    [
        (PER_RUN, "5 runs of main, measured and appended after the merge, are the new base"),
        (LIMIT, "ask the owners of checkout for an override: pytest-carbon ledger override checkout "),
    ],
)
def test_tests_deleted_on_purpose_on_the_command_line(bench: Any, budget: str, step: str) -> None:
    """Only a budget over a window can be overridden there; without one, the step is to make a new base."""
    verdict = bench.judge(budget, report=bench.report(tests={"search": 25}), baseline=bench.baseline())
    assert any(todo.text.startswith(f"if this change deletes them on purpose: {step}") for todo in verdict.todo)


def test_run_of_chosen_tests_is_told_to_run_all(bench: Any) -> None:
    """Who chose some tests on purpose is not sent to the owners; in the Action, the workflow may have changed."""
    command = replace(bench.report().run, command=("pytest", "-k", "test_1"))
    parts = {
        "report": replace(bench.report(tests={"checkout": 1}), run=command),
        "baseline": bench.baseline(),
    }
    verdict = bench.judge(PER_RUN, **parts)
    assert "this run chose a part of the tests, run all of them to be judged" in verdict.sentence
    assert [todo.text for todo in verdict.todo] == [
        "run all tests, as the default branch does: this run chose a part of them"
    ]
    assert "override" in bench.judge(PER_RUN, override_by_label=True, **parts).todo[1].text


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ({"checkout": 0}, "; 25 tests of it ran here, but for feature cart."),
        ({"checkout": 3}, "; 22 tests of it ran here, but for feature cart."),
    ],
)
def test_tests_that_count_for_another_feature_are_named(bench: Any, tests: Mapping[str, int], said: str) -> None:
    """A feature that was renamed, or that lost its tests to another by a marker, did run its tests."""
    report = bench.report()
    kept = {f"tests/checkout/t.py::test_{n}" for n in range(tests["checkout"])}
    rows = tuple(
        replace(row, feature="cart") if "checkout" in row.nodeid and row.nodeid not in kept else row
        for row in report.rows
    )
    verdict = bench.judge(PER_RUN, report=replace(report, rows=rows), baseline=bench.baseline())
    assert (verdict.state, said in verdict.sentence) == ("inconclusive", True)


def test_one_odd_run_of_the_base_is_not_the_rule(bench: Any) -> None:
    """The middle one of the base's runs counts: neither a single small run nor a single large run does."""
    small = replace(bench.baseline(1, tests={"checkout": 1})[0], run="small")
    large = replace(bench.baseline(1, tests={"checkout": 25, "search": 25, "slow": 200})[0], run="large")
    verdict = bench.judge(PER_RUN, report=bench.report(tests={"checkout": 1}), baseline=[small, *bench.baseline(4)])
    assert verdict.state == "inconclusive"
    for odd in (small, large):
        assert bench.judge(PER_RUN, baseline=[odd, *bench.baseline(4)]).state == "pass"


@pytest.mark.parametrize(
    ("recorded", "now", "state"),
    [
        ("old", "checkout", "pass"),  # the policy has changed since the base ran, and gives the tests to checkout
        ("checkout", "checkout", "pass"),
        ("checkout", "search", "inconclusive"),  # the change gives them to another feature
        ("checkout", None, "inconclusive"),
    ],
)
def test_only_the_policy_takes_tests_from_a_feature(bench: Any, recorded: str, now: str | None, state: str) -> None:
    """A marker of the change, or its own policy, does not hide that a feature has lost its tests."""
    report = bench.report()
    rows = tuple(replace(row, feature=now) if "checkout" in row.nodeid else row for row in report.rows)
    base = [
        replace(run, features={n: recorded if "checkout" in n else "search" for n in run.tests})
        for run in bench.baseline()
    ]
    policy = PER_RUN + '[features.old.budget]\nper-run = "1 kJ"\n'
    verdict = bench.judge(policy, report=replace(report, rows=rows), baseline=base)
    assert verdict.state == state


@pytest.mark.attack("nothing-ran")
@pytest.mark.parametrize("rule", ['growth = "5 %"', 'per-run = "1 kJ"', 'limit = "120 g"'])
@pytest.mark.parametrize("runs", [6, 1])
def test_path_that_the_policy_lost_is_no_pass(bench: Any, attack: Attack, rule: str, runs: int) -> None:
    """A feature of main whose path is misspelt now has no tests here, and its budget is not kept: the path is named."""
    policy = bench.policy(f"[features.checkout.budget]\n{rule}\n")
    checkout = replace(policy.features["checkout"], paths=("tests/chekcout/**",))
    policy = replace(policy, features={**policy.features, "checkout": checkout})
    report = bench.report()
    rows = tuple(replace(row, feature=None) if row.feature == "checkout" else row for row in report.rows)
    verdict = bench.judge(policy, report=replace(report, rows=rows), baseline=bench.baseline(runs))
    assert verdict.sentence.startswith(
        f"{LEAD}: no test of feature checkout ran here, and 25 tests ran on main, so its use is not known; 25 tests of "
        "it ran here, but no feature claims them"
    )
    step = "correct the paths of feature checkout in the policy: 'tests/chekcout/**' claim none of these tests"
    assert verdict.todo[0].text == step
    attack.ended(verdict.state, verdict.sentence)


@pytest.mark.parametrize(
    ("labels", "state"), [((), "fail"), (("feature:checkout",), "fail"), (("feature:search",), "not-measured")]
)
def test_exhausted_budget_is_exhausted_although_nothing_ran(bench: Any, labels: tuple[str, ...], state: str) -> None:
    """The ledger alone shows it. A label names who pays; without a label, whoever lost tests does."""
    source = RunSource(branch="topic", pr=7, labels=labels)
    parts = {"report": bench.report(tests={}), "baseline": bench.baseline(), "source": source}
    verdict = bench.judge(LIMIT, entries=bench.spent(131), **parts)
    assert verdict.state == state
    assert verdict.sentence.endswith("o test ran here, and 50 tests ran on main.")
    assert bench.judge(LIMIT, entries=bench.spent(60), **parts).state == "not-measured"


def test_exhausted_budget_is_exhausted_although_this_run_is_not_known(bench: Any) -> None:
    """If the energy of this run is not known, what the ledger has is used all the same."""
    unknown = bench.report(known=False)
    assert bench.judge(LIMIT, report=unknown, entries=bench.spent(131)).state == "fail"
    assert bench.judge(LIMIT, report=unknown, entries=bench.spent(60)).state == "inconclusive"


def test_nothing_to_measure_is_a_pass(bench: Any) -> None:
    """A change that needs no test passes without one; a run with tests is judged as ever."""
    why = {"nothing_to_measure": "all 3 changed files are in no-measurement"}
    verdict = bench.judge(LIMIT, report=bench.report(tests={}), entries=bench.spent(131), **why)
    assert (verdict.state, verdict.judged) == ("pass", ())
    assert verdict.sentence == "Nothing to measure: all 3 changed files are in no-measurement."
    assert bench.judge(LIMIT, entries=bench.spent(131), **why).state == "fail"


@pytest.mark.parametrize(("pr", "state"), [(7, "overridden"), (8, "inconclusive")])
def test_tests_deleted_on_purpose_need_an_override(bench: Any, pr: int, state: str) -> None:
    """The next steps name the override, and an override of this pull request lets the shrunk suite pass."""
    override = bench.override(feature="repository", pr=pr, kind="reference")
    parts = {"report": bench.report(tests={"checkout": 13, "search": 5}), "baseline": bench.baseline()}
    verdict = bench.judge(PER_RUN, overrides=[override], **parts)
    assert verdict.state == state
    asked = bench.judge(PER_RUN, override_by_label=True, **parts)
    assert [todo.text for todo in asked.todo] == [
        "find out why these tests did not run here to their end, and run them",
        "if this change deletes them on purpose: for an override of repository: somebody with write access, but not "
        'the author, adds the label carbon/override and writes the comment "carbon override: REASON"',
    ]


@pytest.mark.attack("nothing-ran")
@pytest.mark.parametrize(
    ("tests", "outcome"),
    [({}, "passed"), ({"checkout": 25, "search": 25}, "skipped"), ({"search": 25}, "passed"), ({"new": 5}, "passed")],
)
def test_change_that_runs_no_test_is_no_success(
    bench: Any, attack: Attack, tests: Mapping[str, int], outcome: str
) -> None:
    """A change that empties the suite, skips it, or drops a costly feature's tests does not turn the check green."""
    report = _with_outcomes(bench.report(tests=tests), outcome)
    verdict: Verdict = bench.judge(PER_RUN, report=report, baseline=bench.baseline(costs={"checkout": 30.0}))
    attack.ended(verdict.state, verdict.sentence)


REMOVED = st.sets(st.integers(0, 49))


@LAW
@given(REMOVED, REMOVED, st.sampled_from(["gone", "skipped", "failed"]))
def test_more_lost_tests_never_make_the_verdict_better(
    bench: Any, some: Collection[int], more: Collection[int], way: str
) -> None:
    """The more of the base's tests do not run to their end, the worse is what the rule on tests says, or the same."""

    def verdict(lost: Collection[int]) -> Verdict:
        report = bench.report()
        names = [row.nodeid for row in report.rows]
        chosen = {names[number] for number in lost}
        if way == "gone":
            report = replace(report, rows=tuple(row for row in report.rows if row.nodeid not in chosen))
        else:
            report = _with_outcomes(report, way, chosen.__contains__)
        judged: Verdict = bench.judge('[budget]\nper-run = "1 MJ"\n', report=report, baseline=bench.baseline())
        return judged

    few, many = verdict(some), verdict({*some, *more})
    assert WORST_FIRST.index(many.state) <= WORST_FIRST.index(few.state)
    if len({*some, *more}) > 25:
        assert many.state in ("inconclusive", "not-measured")

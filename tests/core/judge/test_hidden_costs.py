"""Costs that the same tests do not show: broken tests, small suites, other code, work outside of tests."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest

from pytest_carbon.core.energy.feature_shares import feature_uses
from pytest_carbon.core.model import Row
from pytest_carbon.core.records.run_measurements import function_of, measurements_of
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.verdict import Verdict
from tests.attack import Attack

GROWTH = '[budget]\ngrowth = "5 %"\non-exceeded = "{}"\n'
FAIL, WARN = GROWTH.format("fail"), GROWTH.format("warn")


def _renamed(report: Report, code: str = "") -> Report:
    """Return a report whose tests all have other names; ``code`` says how their code begins, empty for none known."""
    rows = tuple(replace(row, nodeid=row.nodeid.replace("::test_", "::check_")) for row in report.rows)
    return replace(report, rows=rows, code=_codes([row.nodeid for row in rows], code))


def _codes(nodeids: list[str], code: str) -> dict[str, str]:
    return {function_of(n): f"{code}{n.rpartition('_')[2]}{n.split('/')[1]}" for n in nodeids} if code else {}


def _asked(bench: Any, report: Report) -> Verdict:
    """Return the verdict where a label asks for an override."""
    verdict: Verdict = bench.judge(FAIL, report=report, baseline=_base(bench, code="same"), override_by_label=True)
    return verdict


def _base(bench: Any, code: str = "", **facts: Any) -> list[Any]:
    return [replace(run, code=_codes(list(run.tests), code)) for run in bench.baseline(**facts)]


@pytest.mark.parametrize(
    ("cost", "code", "state", "text"),
    [
        (1.0, "same", "pass", "costs"),
        (1.5, "same", "inconclusive", "cost 50 % more than on the base in this one run"),
        (1.9, "same", "inconclusive", "cost 90 % more than on the base in this one run"),
        (2.5, "same", "fail", "; the same tests together took 125 J of reference energy, and at most 50.5 J in 6 runs "
         "of main (148 % more); up to 100 % more may be noise"),
        (1.0, "other", "inconclusive", "is not known"),
        (1.2, "other", "inconclusive", "is not known"),
        (1.5, "other", "fail", "its tests together took 75 J of reference energy, and at most 50.5 J in 6 runs of main "
         "(49 % more); up to 25 % more may be noise"),
        (3.0, "", "fail", "(197 % more)"),
    ],
)  # fmt: skip
def test_suite_of_renamed_tests(bench: Any, cost: float, code: str, state: str, text: str) -> None:
    """Renamed tests with the same code are compared; with other code, the total of the suite is looked at."""
    costs = {"checkout": cost, "search": cost}
    report = _renamed(bench.report(costs=costs), code)
    verdict = bench.judge(FAIL, report=report, baseline=_base(bench, code="same"))
    check = bench.check(verdict, "growth", "repository")
    assert check.state == verdict.state == state
    assert text in check.reason
    if state == "fail":
        assert text in verdict.sentence
        assert any(todo.text.startswith("for an override of repository") for todo in _asked(bench, report).todo)
        assert bench.judge(WARN, report=report, baseline=_base(bench, code="same")).state == "inconclusive"


@pytest.mark.parametrize(
    ("cost", "renamed", "state"),
    [(1.0, False, "inconclusive"), (1.9, False, "inconclusive"), (2.5, False, "fail"), (2.5, True, "fail")],
)
def test_suite_in_another_environment(bench: Any, cost: float, renamed: bool, state: str) -> None:
    """Machines differ, but not by a factor of two: a total that doubled fails, less is inconclusive."""
    report = bench.report(costs={"checkout": cost, "search": cost})
    base = bench.baseline(fingerprint={"cpu": "another", "vcpus": "2"})
    verdict = bench.judge(FAIL, report=_renamed(report) if renamed else report, baseline=base)
    assert verdict.state == state
    assert "from another environment, different in CPU" in verdict.sentence


@pytest.mark.parametrize(
    ("tests", "facts"),
    [
        ({"checkout": 25, "search": 25, "new": 90}, {}),
        ({"checkout": 25, "search": 25, "new": 90}, {"fingerprint": {"cpu": "another", "vcpus": "2"}}),
        ({"checkout": 25, "search": 25}, {"tests": {}}),
    ],
)
def test_new_tests_beside_the_same_tests_are_no_growth(
    bench: Any, tests: Mapping[str, int], facts: Mapping[str, Any]
) -> None:
    """While the same tests speak for a suite, what new tests take is no growth; and the first tests of all are new."""
    verdict = bench.judge(FAIL, report=bench.report(tests=tests), baseline=bench.baseline(**facts))
    assert bench.check(verdict, "growth", "repository").state != "fail"


@pytest.mark.parametrize(("cost", "state"), [(1.0, "inconclusive"), (1.9, "inconclusive"), (2.5, "fail")])
def test_suite_on_a_machine_that_was_never_at_full_speed(bench: Any, cost: float, state: str) -> None:
    """Noise hides a growth, but not one of more than a factor of two."""
    report = bench.report(costs={"checkout": cost, "search": cost})
    slow = replace(report, rows=tuple(replace(row, speed_before=9.0, speed_after=9.0) for row in report.rows))
    verdict = bench.judge(FAIL, report=slow, baseline=bench.baseline())
    assert verdict.state == state
    assert "none of these tests ran with the same code at full speed on both sides" in verdict.sentence


def test_pairs_decide_where_there_are_pairs(bench: Any) -> None:
    """A total that nearly doubled in one run says nothing any more once base and head were measured in turns."""
    report = bench.report(costs={"checkout": 1.9, "search": 1.9})
    verdict = bench.judge(FAIL, report=report, baseline=bench.baseline(), pairs=bench.pairs(6))
    assert bench.check(verdict, "growth", "repository").state == "pass"


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("outcome", ["xpassed", "rerun", "xfailed"])
def test_marks_take_no_test_out_of_the_growth(bench: Any, outcome: str, attack: Attack) -> None:
    """A costlier test that may fail, or that is run again, is compared like every other test."""
    report = bench.report(costs={"checkout": 10.0})
    rows = tuple(replace(row, outcome=outcome) if "checkout" in row.nodeid else row for row in report.rows)
    verdict = bench.judge(FAIL, report=replace(report, rows=rows), baseline=bench.baseline())
    attack.ended(verdict.state, verdict.sentence)


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("outcome", ["xfailed", "xpassed", "rerun", "failed", "skipped"])
@pytest.mark.parametrize("rule", ['limit = "10 g"', 'per-run = "40 J"'])
def test_new_tests_are_no_saving(bench: Any, outcome: str, rule: str, attack: Attack) -> None:
    """Tests that come anew, with other code and an outcome that hides their cost, excuse no budget that is exceeded."""
    budget = f'[features.checkout.budget]\n{rule}\non-exceeded = "fail"\n'
    report, moved = bench.report(costs={"checkout": 3.0}), {f"tests/checkout/t.py::test_{n}" for n in range(12)}
    rows = [
        replace(row, nodeid=row.nodeid.replace("::test_", "::check_"), outcome=outcome)
        if row.nodeid in moved
        else replace(row, reference_j=row.reference_j / 3.0 if "checkout" in row.nodeid else row.reference_j)
        for row in report.rows
    ]
    report = replace(report, rows=tuple(rows), code=_codes([row.nodeid for row in rows], "new"))
    verdict = bench.judge(budget, report=report, baseline=_base(bench), entries=bench.spent(20.0))
    assert bench.check(verdict, rule.split(maxsplit=1)[0].replace("limit", "budget")).state == "fail"
    attack.ended(verdict.state, verdict.sentence)


@pytest.mark.attack("inconclusive-on-purpose")
def test_chosen_tests_do_not_hide_their_total(bench: Any, attack: Attack) -> None:
    """A part of the suite that costs more than the whole suite did fails, also if main never ran this part."""
    report = _renamed(bench.report(costs={"checkout": 10.0, "search": 10.0}))
    part = replace(report, run=replace(report.run, command=("pytest", "-k", "check")))
    verdict = bench.judge(FAIL, report=part, baseline=bench.baseline())
    assert verdict.state == "fail"
    attack.ended(verdict.state, verdict.sentence)


def _costlier_first_test(report: Report, factor: float) -> Report:
    """Return a report whose first test takes so many times as much."""
    first, *others = report.rows
    return replace(report, rows=(replace(first, reference_j=factor * first.reference_j), *others))


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize(("factor", "on_exceeded", "state"), [(20.0, FAIL, "inconclusive"), (60.0, FAIL, "fail")])
def test_growth_that_sits_in_one_test(bench: Any, factor: float, on_exceeded: str, state: str, attack: Attack) -> None:
    """The mean of fifty tests draws one outlier in; the tests' total shows it."""
    report = _costlier_first_test(bench.report(), factor)
    verdict = bench.judge(on_exceeded, report=report, baseline=bench.baseline())
    attack.ended(verdict.state)
    assert bench.check(verdict, "growth", "repository").state == verdict.state == state
    assert "more than on the base in this one run" in verdict.sentence


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("changed", [45, 30])
def test_few_unchanged_tests_do_not_speak_for_the_whole(bench: Any, changed: int, attack: Attack) -> None:
    """Of fifty tests most have other code and cost more: the others are no answer, and the total is looked at."""
    report = bench.report()
    rows = tuple(replace(r, reference_j=10 * r.reference_j) if n < changed else r for n, r in enumerate(report.rows))
    nodeids = [row.nodeid for row in rows]
    codes = _codes(nodeids, "same") | _codes(nodeids[:changed], "other")
    verdict = bench.judge(FAIL, report=replace(report, rows=rows, code=codes), baseline=_base(bench, "same"))
    attack.ended(verdict.state)
    assert verdict.state == "fail"
    assert "of its cost on the base is of tests that are the same here" in verdict.sentence


def test_too_few_runs_of_the_base_show_no_range(bench: Any) -> None:
    """Four runs are no range, and neither are runs of another selection of tests."""
    report = _renamed(bench.report(costs={"checkout": 3.0, "search": 3.0}))
    other = [replace(run, selection=("tests/a",)) for run in bench.baseline(6)]
    for base in (bench.baseline(4), other):
        assert bench.judge(FAIL, report=report, baseline=base).state != "fail"


@pytest.mark.parametrize(
    ("broken", "state", "why"),
    [
        (0, "pass", ""),
        (2, "pass", ""),
        (4, "inconclusive", "tests/checkout/t.py::test_0 and 3 more tests passed on the base and did not pass here, "
         "and took 8 % of its cost"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("outcome", ["failed", "error", "xfailed", "skipped"])
def test_broken_test_hides_its_cost(bench: Any, broken: int, state: str, why: str, outcome: str) -> None:
    """Tests that no longer pass leave the growth open if they take more of the base than the growth allowed."""
    report = bench.report()
    rows = tuple(replace(row, outcome=outcome) if n < broken else row for n, row in enumerate(report.rows))
    verdict = bench.judge(FAIL, report=replace(report, rows=rows), baseline=bench.baseline())
    check = bench.check(verdict, "growth", "repository")
    assert check.state == verdict.state == state
    assert why in check.reason
    growth = bench.judged(verdict, "repository").growth
    assert (growth.change is None) == (growth.per_run_j is None) == bool(why)


@pytest.mark.parametrize(("nightly", "state"), [(3, "pass"), (4, "inconclusive")])
def test_test_that_only_some_runs_of_the_base_run_is_not_broken(bench: Any, nightly: int, state: str) -> None:
    """Tests that only the nightly runs of the default branch do not skip are expected to be skipped here."""

    def skipped(report: Report) -> Report:
        rows = tuple(replace(row, outcome="skipped") if n < 10 else row for n, row in enumerate(report.rows))
        return replace(report, rows=rows)

    base = list(bench.baseline(6))
    for number in range(nightly, 6):
        run = base[number]
        outcomes = measurements_of(skipped(bench.report())).tests
        base[number] = replace(run, tests={n: t._replace(outcome=outcomes[n].outcome) for n, t in run.tests.items()})
    check = bench.check(bench.judge(FAIL, report=skipped(bench.report()), baseline=base), "growth", "repository")
    assert check.state == state


def test_broken_test_is_no_saving(bench: Any) -> None:
    """A change that breaks costly tests does not pass an exhausted budget as one that lowers the energy."""
    policy = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
    report = bench.report(costs={"checkout": 0.7})
    parts = {"entries": bench.spent(131), "baseline": bench.baseline()}
    assert bench.judge(policy, report=report, **parts).state == "pass"
    rows = tuple(replace(row, outcome="failed") if n < 4 else row for n, row in enumerate(report.rows))
    assert bench.judge(policy, report=replace(report, rows=rows), **parts).state == "fail"


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("way", ["no pairs", "renamed", "rewritten", "environment", "broken", "noise"])
def test_growth_behind_an_open_question_is_no_success(bench: Any, attack: Attack, way: str) -> None:
    """A suite three times as costly cannot hide behind new names, new code, another machine or broken tests."""
    report, facts = bench.report(costs={"checkout": 3.0, "search": 3.0}), {}
    if way == "renamed":
        report = _renamed(report, "same")
    elif way == "rewritten":
        report = _renamed(report, "other")
    elif way == "noise":
        report = replace(report, rows=tuple(replace(row, speed_before=None) for row in report.rows))
    elif way == "environment":
        facts = {"fingerprint": {"cpu": "another", "vcpus": "2"}}
    elif way == "broken":
        rows = tuple(replace(row, outcome="failed") if n % 2 else row for n, row in enumerate(report.rows))
        report = replace(report, rows=rows)
    verdict = bench.judge(FAIL, report=report, baseline=_base(bench, "same", **facts))
    attack.ended(verdict.state, verdict.sentence)


def _rebuilt(report: Report, rows: Iterable[Row], code: Mapping[str, str] | None = None) -> Report:
    """Return a report with other rows, and with totals and features that fit them."""
    own = tuple(rows)
    energy_j, reference_j = (math.fsum(getattr(r, name) or 0.0 for r in own) for name in ("energy_j", "reference_j"))
    grams = 0.01 * energy_j
    totals = replace(
        report.totals, energy_j=energy_j, low_j=energy_j, high_j=energy_j, reference_j=reference_j,
        operational_g=grams, emissions_g=grams, emissions_low_g=grams, emissions_high_g=grams,
    )  # fmt: skip
    return replace(
        report, rows=own, totals=totals, features=feature_uses(own, energy_j, grams), code=code or report.code
    )


def _with_outside(report: Report, kind: Any, reference_j: float, users: str = "") -> Report:
    """Return a report with so much work outside of tests; a fixture is of the tests whose nodeids hold ``users``."""
    fixture = {"nodeid": "db", "scope": "session", "users": 25} if kind == "fixture" else {}
    extra = Row(kind, 2 * reference_j, reference_j / 2, reference_j / 2, reference_j, **fixture)
    using = sum(users in row.nodeid for row in report.rows)
    rows = [
        replace(row, amortised_j=(row.energy_j or 0.0) + (2 * reference_j / using if users in row.nodeid else 0.0))
        for row in report.rows
    ]
    return _rebuilt(report, [*(rows if kind == "fixture" else report.rows), extra])


CHECKOUT = '[features.checkout.budget]\n{}on-exceeded = "fail"\n'
CHECKOUT_GROWTH = CHECKOUT.format('growth = "5 %"\n')


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("tests", [19, 13])
@pytest.mark.parametrize("way", ["deleted", "moved"])
def test_suite_below_the_size_that_is_judged(bench: Any, tests: int, way: str, attack: Attack) -> None:
    """A change that makes a feature small, by deleting its tests or by another marker, is judged by what is left."""
    report = bench.report(tests={"checkout": tests, "search": 25}, costs={"checkout": 5.0})
    if way == "moved":
        rows = bench.report().rows
        left = {f"tests/checkout/t.py::test_{n}" for n in range(tests)}
        costly = [r if r.feature != "checkout" or r.nodeid in left else _times(r, 5.0) for r in rows]
        moved = (
            replace(r, feature="search") if r.feature == "checkout" and r.nodeid not in left else r for r in costly
        )
        report = _rebuilt(bench.report(), moved)
    verdict = bench.judge(CHECKOUT_GROWTH, report=report, baseline=bench.baseline())
    attack.ended(verdict.state, verdict.sentence)
    assert verdict.state in ("fail", "inconclusive")
    assert "more than on the base in this one run" in bench.check(verdict, "growth").reason


def _times(row: Row, factor: float) -> Row:
    return replace(row, reference_j=factor * row.reference_j, energy_j=factor * (row.energy_j or 0.0))


@pytest.mark.parametrize(
    ("tests", "before", "text"), [(19, 25, "costs no more than on the base"), (19, 19, "too small")]
)
def test_small_feature_is_judged_by_what_it_was(bench: Any, tests: int, before: int, text: str) -> None:
    """Deleting a few tests of a large feature blocks nobody: the others are compared. A small feature stays small."""
    base = bench.baseline(tests={"checkout": before, "search": 25})
    report = bench.report(tests={"checkout": tests, "search": 25})
    check = bench.check(bench.judge(CHECKOUT_GROWTH, report=report, baseline=base), "growth")
    assert check.state == "pass"
    assert text in check.reason


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("kind", ["fixture", "collection"])
@pytest.mark.parametrize("holder", ["checkout", "repository"])
def test_work_moved_out_of_the_tests_is_growth(bench: Any, kind: str, holder: str, attack: Attack) -> None:
    """A session fixture or an import that does the work of the tests, and more, is no saving."""
    policy = FAIL if holder == "repository" else CHECKOUT_GROWTH
    report = _with_outside(bench.report(costs={"checkout": 0.5}), kind, 60.0)
    verdict = bench.judge(policy, report=report, baseline=bench.baseline())
    attack.ended(verdict.state, verdict.sentence)
    assert bench.check(verdict, "growth", holder).state == verdict.state == "fail"
    told = (
        r"not known: work outside of tests \(fixtures, imports\) took [\d.]+ k?J of reference energy more than on the"
    )
    assert re.search(told, verdict.sentence)
    assert not any("cheaper: the costliest test" in todo.text for todo in verdict.todo)
    assert any("what wide fixtures, collection (imports)" in todo.text for todo in verdict.todo)
    assert not any("pytest-carbon confirm" in todo.text for todo in verdict.todo)


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("kind", ["fixture", "collection"])
@pytest.mark.parametrize("rule", ['limit = "10 g"\n', 'per-run = "20 J"\n'])
def test_work_moved_out_of_the_tests_excuses_nothing(bench: Any, kind: str, rule: str, attack: Attack) -> None:
    """An exceeded budget is not excused by cheaper tests if the run as a whole costs more."""
    report = _with_outside(bench.report(costs={"checkout": 0.5}), kind, 20.0)
    verdict = bench.judge(CHECKOUT.format(rule), report=report, baseline=bench.baseline(), entries=bench.spent(12.0))
    attack.ended(verdict.state, verdict.sentence)
    assert bench.check(verdict, rule.split(maxsplit=1)[0].replace("limit", "budget")).state == "fail"
    assert bench.judged(verdict).growth.state == "could not tell"


def test_what_work_outside_of_tests_adds_counts_in_the_window(bench: Any) -> None:
    """A fixture that the change adds uses the budget in every run from now on."""
    policy, entries = '[budget]\nlimit = "100 g"\non-exceeded = "fail"\n', bench.spent(60.0, runs=30)
    parts = {"baseline": bench.baseline(), "entries": entries}
    assert bench.judge(policy, **parts).state == "warn"  # it fits; at this pace it would not
    verdict = bench.judge(policy, report=_with_outside(bench.report(), "fixture", 200.0), **parts)
    assert verdict.state == "fail"
    assert "this change is likely to add" in bench.check(verdict, "budget", "repository").reason


def _outside(runs: Iterable[Any], *joules: float | None) -> list[Any]:
    """Return runs that took so much outside of tests, in turn."""
    return [replace(run, outside_j=own) for run, own in zip(runs, cycle(joules), strict=False)]


@pytest.mark.parametrize(
    ("before", "here"),
    [
        ((100.0, 120.0), 140.0),
        ((100.0,), 50.0),
        ((20.0,), 30.0),
        ((None,), 500.0),
        ((0.0, None), 500.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("policy", [FAIL, CHECKOUT_GROWTH])
def test_usual_work_outside_of_tests_blocks_nobody(
    bench: Any, before: tuple[float | None, ...], here: float, policy: str
) -> None:
    """Imports that vary, a fixture that got a little costlier, and runs of older versions, which know no such work."""
    report = _with_outside(bench.report(), "collection", here)
    verdict = bench.judge(policy, report=report, baseline=_outside(bench.baseline(), *before))
    assert verdict.state == "pass"


def test_setup_that_became_a_shared_fixture_is_no_growth(bench: Any) -> None:
    """Work that moves from tests into a session fixture and takes less there is a saving, and may pass."""
    policy = CHECKOUT.format('limit = "10 g"\ngrowth = "5 %"\n')
    report = _with_outside(bench.report(costs={"checkout": 0.5}), "fixture", 4.0, users="checkout")
    verdict = bench.judge(policy, report=report, baseline=bench.baseline(), entries=bench.spent(12.0))
    assert verdict.state == "pass"
    assert "this change lowers the energy of its tests" in verdict.sentence


def test_new_test_with_a_fixture_of_its_own_is_no_growth(bench: Any) -> None:
    """What a new test needs counts in budgets, as the test does; a fixture that all tests use is growth."""
    report = bench.report(tests={"checkout": 25, "search": 25, "new": 1})
    own = _with_outside(report, "fixture", 50.0, users="tests/new/")
    assert bench.judge(FAIL, report=own, baseline=bench.baseline()).state == "pass"
    shared = _with_outside(report, "fixture", 50.0)
    assert bench.judge(FAIL, report=shared, baseline=bench.baseline()).state == "fail"


def _half_new(bench: Any, way: str, cost: float) -> Report:
    """Return a report in which 12 of checkout's 25 tests have other code, the same names or new ones, and this cost."""
    report: Report = bench.report()
    names = {f"tests/checkout/t.py::test_{n}" for n in range(12)}
    rows = [_times(row, cost) if row.nodeid in names else row for row in report.rows]
    nodeids = [row.nodeid for row in rows]
    codes = _codes(nodeids, "same") | _codes(sorted(names), "other")
    if way == "renamed":
        rows = [replace(r, nodeid=r.nodeid.replace("::test", "::check")) if r.nodeid in names else r for r in rows]
        codes |= {name.replace("::test", "::check"): code for name, code in codes.items() if name in names}
    return _rebuilt(report, rows, codes)


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("way", ["changed", "renamed"])
@pytest.mark.parametrize("cost", [1.8, 100.0])
def test_new_code_of_half_of_the_tests_hides_no_growth(bench: Any, way: str, cost: float, attack: Attack) -> None:
    """The other half is as before, but the whole of the feature is above the range of main."""
    report = _half_new(bench, way, cost)
    verdict = bench.judge(CHECKOUT_GROWTH, report=report, baseline=_base(bench, "same"))
    attack.ended(verdict.state, verdict.sentence)
    assert bench.check(verdict, "growth").state == verdict.state == "fail"
    warned = bench.judge(CHECKOUT_GROWTH.replace("fail", "warn"), report=report, baseline=_base(bench, "same"))
    assert warned.state == "inconclusive"


@pytest.mark.parametrize("way", ["changed", "renamed"])
@pytest.mark.parametrize("slow", [1.0, 1.04, 1.3])
def test_new_code_that_costs_the_same_is_no_growth(bench: Any, way: str, slow: float) -> None:
    """Half of the tests may be rewritten; and a machine that is slow for all tests makes no finding of it."""
    report = _half_new(bench, way, 1.05)
    report = _rebuilt(report, [_times(row, slow) for row in report.rows])
    verdict = bench.judge(CHECKOUT_GROWTH, report=report, baseline=_base(bench, "same"), pairs=bench.pairs(5))
    assert verdict.state == "pass"


def test_new_feature_is_not_blamed_for_its_imports(bench: Any) -> None:
    """A feature without tests on the base has nothing to be compared with, whatever its first tests import."""
    policy = '[features.new]\npaths = ["tests/new"]\n[features.new.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
    report = _with_outside(bench.report(tests={"checkout": 25, "search": 25, "new": 25}), "collection", 30.0)
    verdict = bench.judge(policy, report=report, baseline=_outside(bench.baseline(), 10.0))
    assert bench.check(verdict, "growth", "new").state != "fail"


def test_new_feature_is_judged_on_its_budget_alone(bench: Any) -> None:
    """Its tests are in no run of main, so nothing is measured in turns, and the reason is said."""
    policy = '[features.new]\npaths = ["tests/new"]\n[features.new.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
    report = bench.report(tests={"checkout": 25, "search": 25, "new": 25})
    verdict = bench.judge(policy, report=report, baseline=bench.baseline())
    check = bench.check(verdict, "growth", "new")
    assert (check.state, check.not_judged) == ("pass", "new")
    assert "its tests are in fewer than 2 runs of main" in check.reason


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("cost", [2.5, 5.0])
def test_small_feature_that_more_than_doubled_fails(bench: Any, cost: float, attack: Attack) -> None:
    """Noise hides the growth of 13 tests, but not that they take more than twice as much as ever."""
    tests = {"checkout": 13, "search": 25}
    report = bench.report(tests=tests, costs={"checkout": cost})
    verdict = bench.judge(CHECKOUT_GROWTH, report=report, baseline=bench.baseline(tests=tests))
    attack.ended(verdict.state, verdict.sentence)
    assert verdict.state == "fail"
    assert "up to 100 % more may be noise" in bench.check(verdict, "growth").reason


@pytest.mark.parametrize(
    ("tests", "cost"), [({"checkout": 13, "search": 25}, 1.5), ({"checkout": 1, "search": 25}, 1.2)]
)
def test_small_feature_with_noise_passes(bench: Any, tests: dict[str, int], cost: float) -> None:
    """A small feature is too small to be judged by itself."""
    report = bench.report(tests=tests, costs={"checkout": cost})
    check = bench.check(bench.judge(CHECKOUT_GROWTH, report=report, baseline=bench.baseline(tests=tests)), "growth")
    assert (check.state, check.not_judged) == ("pass", "too small")


@pytest.mark.attack("inconclusive-on-purpose")
def test_empty_new_tests_dilute_nothing(bench: Any, attack: Attack) -> None:
    """Of the new tests, the costliest stand for those that are gone."""
    report = _half_new(bench, "renamed", 20.0)
    empty = [_times(replace(report.rows[0], nodeid=f"tests/checkout/t.py::empty_{n}"), 1e-4) for n in range(300)]
    report = _rebuilt(report, [*report.rows, *empty], {**report.code, "tests/checkout/t.py::empty_0": "empty"})
    verdict = bench.judge(CHECKOUT_GROWTH, report=report, baseline=_base(bench, "same"))
    attack.ended(verdict.state, verdict.sentence)
    assert bench.check(verdict, "growth").state == "fail"


def test_imports_of_new_files_are_no_growth_of_others(bench: Any) -> None:
    """A new test file may import a large library: nothing of checkout changed."""
    report = bench.report(tests={"checkout": 25, "search": 25, "new": 3})
    report = _with_outside(report, "collection", 40.0)
    verdict = bench.judge(CHECKOUT_GROWTH, report=report, baseline=_outside(bench.baseline(), 10.0))
    assert bench.check(verdict, "growth").state == "pass"
    same_files = _with_outside(bench.report(), "collection", 40.0)
    verdict = bench.judge(CHECKOUT_GROWTH, report=same_files, baseline=_outside(bench.baseline(), 10.0))
    assert bench.check(verdict, "growth").state == "fail"


@pytest.mark.parametrize(("here", "added"), [(2.0, False), (14.0, True)])
def test_noise_of_imports_adds_nothing_to_a_window(bench: Any, here: float, added: bool) -> None:
    """Imports that took a little more are noise; what is large beside the tests is added in every window."""
    report = _with_outside(bench.report(), "collection", here)
    policy = '[budget]\nlimit = "10 kg"\ngrowth = "5 %"\n'
    verdict = bench.judge(policy, report=report, baseline=_outside(bench.baseline(), 1.0))
    growth = bench.judged(verdict, "repository").growth
    assert (growth.per_run_j > 1.0) is added

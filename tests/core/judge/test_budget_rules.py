"""The three rules: the limit per run, the budget of a window, the growth against the base."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.judge import budget_rules
from pytest_carbon.core.model import GridFactor, Range, Row
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.records.ledger_records import SelfTest
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_entry import RunSource, environment_digest
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.verdict import ChangeTotals, Growth
from tests.attack import Attack

LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
PER_RUN = '[features.checkout.budget]\nper-run = "{}"\non-exceeded = "fail"\n'
GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
ONLY = "only a change that lowers the use, a security fix or an approved override may pass"
ALSO = "main is over this limit as well, by 25 % (50 J), and this change adds no measurable use"
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None, "embodied_g": None}
DIRTY = GridFactor("DE", Range(800.0, 400.0, 900.0), "by hand", 2024, False)
JOULES = "; the range from 40 J to 75 J includes the limit"
BUDGET = Budget("checkout", None, "fail", growth=0.05)
FOUND = Growth(
    "costlier", "confirm", 0.08, 0.06, 0.1, 0.052, 0.05, 0.9, 25, ChangeTotals(25.0, 25.0, 0, 0, 0, 0.0, 0.0, 0.0), 2.0,
    "confirmed by 5 pairs measured in turns",
)  # fmt: skip


# -- a run's limit ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "state", "reason"),
    [
        ("50 J", "pass", f"feature checkout used 50 J of 50 J per run{JOULES}"),
        ("40 J", "fail", f"feature checkout used 50 J, over its limit of 40 J per run by 25 %{JOULES}"),
        ("25 J ref", "pass", "feature checkout used 25 J ref of 25 J ref per run"),
        ("20 J ref", "fail", "feature checkout used 25 J ref, over its limit of 20 J ref per run by 25 %"),
        (
            "400 mg",
            "fail",
            "feature checkout used 500 mg, over its limit of 400 mg per run by 25 %; the range from 400 mg "
            "to 750 mg includes the limit",
        ),
    ],
)
def test_run_against_its_limit(bench: Any, limit: str, state: str, reason: str) -> None:
    """A feature is judged on what its own tests used."""
    check = bench.check(bench.judge(PER_RUN.format(limit)), "per-run")
    assert (check.state, check.reason) == (state, reason)


@pytest.mark.parametrize(
    ("holder", "reason"),
    [
        ("[budget]\n", "this run used 110 J, over its limit of 1 J per run by 10900 %"),
        ("[features.unattributed.budget]\n", "feature unattributed used 10 J, over its limit of 1 J per run by 900 %"),
        ("[features.search.budget]\n", "feature search used 50 J, over its limit of 1 J per run by 4900 %"),
        ('[teams.shop]\nfeatures = ["checkout", "search"]\n[teams.shop.budget]\n',
         "team shop used 100 J, over its limit of 1 J per run by 9900 %"),
    ],
)  # fmt: skip
def test_every_holder_is_judged_on_its_tests(bench: Any, holder: str, reason: str) -> None:
    """The repository has all tests, a team those of its features; tests that no feature claims have a holder too."""
    report = bench.report(tests={"checkout": 25, "search": 25, "": 5})
    verdict = bench.judge(f'{holder}per-run = "1 J"\n', report=report)
    assert [check.reason for one in verdict.judged for check in one.checks] == [reason]


def test_label_pays_for_the_whole_run(bench: Any) -> None:
    """A feature without tests in the run that a label names pays for all tests that ran."""
    report = bench.report(tests={"search": 25})
    source = RunSource(labels=("feature:checkout",))
    check = bench.check(bench.judge(PER_RUN.format("40 J"), report=report, source=source), "per-run")
    assert check.reason == f"feature checkout used 50 J, over its limit of 40 J per run by 25 %{JOULES}"


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("1 J", "feature checkout: its energy is not known, so its limit of 1 J was not judged"),
        ("1 g", "feature checkout: its energy is not known, so its limit of 1 g was not judged"),
    ],
)
def test_unknown_energy_is_inconclusive(bench: Any, limit: str, reason: str) -> None:
    """A run of unknown energy is neither within its limit nor over it."""
    check = bench.check(bench.judge(PER_RUN.format(limit), report=bench.report(known=False)), "per-run")
    assert (check.state, check.reason) == ("inconclusive", reason)


def test_reference_energy_is_known_without_joules(bench: Any) -> None:
    """The reference energy of the tests is known even if the energy of the machine is not."""
    check = bench.check(bench.judge(PER_RUN.format("20 J ref"), report=bench.report(known=False)), "per-run")
    assert (check.state, check.reason[:36]) == ("fail", "feature checkout used 25 J ref, over")


@pytest.mark.parametrize("counts", ["work", "located"])
def test_grid_of_the_day_matters_only_to_located_grams(bench: Any, counts: str) -> None:
    """On a grid twice as dirty, the same work stays within its limit unless the policy counts located grams."""
    policy = PER_RUN.format("500 mg") + f'counts = "{counts}"\n'
    check = bench.check(bench.judge(policy, report=bench.report(grid=DIRTY)), "per-run")
    assert check.state == ("pass" if counts == "work" else "fail")


@pytest.mark.parametrize(
    ("extra", "policy_grid", "run_grid", "state"),
    [
        ("", "world", "grid", "inconclusive"),
        ("", "grid", "world", "pass"),
        ('g-per-kwh = 800\n', "world", "world", "fail"),
        ('counts = "located"\n', "world", "grid", "pass"),
        ('counts = "located"\n', "grid", "world", "inconclusive"),
    ],
)  # fmt: skip
def test_grams_need_a_grid_that_is_set(bench: Any, extra: str, policy_grid: str, run_grid: str, state: str) -> None:
    """Work needs the intensity of the policy, located grams the grid of the run; neither is assumed."""
    report = bench.report(grid=getattr(bench, run_grid))
    verdict = bench.judge(PER_RUN.format("500 mg") + extra, report=report, grid=getattr(bench, policy_grid))
    check = bench.check(verdict, "per-run")
    assert check.state == state
    assert (
        'needs a grid zone, and the policy sets no zone; set the zone of your machines, such as zone = "DE"'
        in check.reason
    ) == (state == "inconclusive")


@pytest.mark.parametrize(
    ("limit", "tests", "costs", "state"),
    [
        ("40 J", {"checkout": 25}, {}, "warn"),
        ("40 J", {"checkout": 24}, {}, "warn"),
        ("40 J", {"checkout": 26}, {}, "fail"),
        ("40 J", {"checkout": 25}, {"checkout": 1.5}, "fail"),
        ("40 J", {"checkout": 25}, {"checkout": 0.85}, "warn"),
        ("50.5 J", {"checkout": 26}, {}, "fail"),
    ],
)
def test_limit_that_the_base_exceeds_too_only_warns(
    bench: Any, limit: str, tests: Mapping[str, int], costs: Mapping[str, float], state: str
) -> None:
    """A limit that the base exceeds as well is a warning, as long as this change surely adds nothing."""
    report = bench.report(tests={**tests, "search": 25}, costs=costs)
    check = bench.check(bench.judge(PER_RUN.format(limit), report=report, baseline=bench.baseline()), "per-run")
    assert check.state == state
    assert check.reason.endswith(ALSO) == (state == "warn")


@pytest.mark.parametrize(
    ("policy", "state"),
    [
        ('per-run = "100 J"', "pass"), ('per-run = "99 J"', "fail"), ('per-run = "1 g"', "pass"),
        ('limit = "2 g"', "pass"), ('limit = "0.9 g"', "fail"), ('limit = "200 J"', "pass"),
    ],
)  # fmt: skip
def test_budget_of_the_repository_never_fails_by_other_processes(bench: Any, policy: str, state: str) -> None:
    """The verdict counts the run itself, for the limit per run and for the window, and shows both."""
    report = bench.beside(bench.report(), 400.0)
    verdict = bench.judge(f'[budget]\n{policy}\non-exceeded = "fail"\n', report=report)
    (check,) = bench.judged(verdict, "repository").checks
    assert (check.state, verdict.state) == (state, state)
    assert ("other processes of the machine used 400 J more" in check.reason) == policy.startswith("per-run")


@pytest.mark.parametrize("runs", [1, 2, 4, 5, 10])
@pytest.mark.parametrize("tests", [1, 3, 19, 25])
@pytest.mark.parametrize("holder", ["features.checkout.", ""])
@pytest.mark.parametrize("on_exceeded", ["fail", "warn"])
def test_innocent_change_is_told_that_main_is_over(
    bench: Any, runs: int, tests: int, holder: str, on_exceeded: str
) -> None:
    """The figures of main, which is over the limit, block nobody: with any number of base runs and tests."""
    suite = {"checkout": tests}
    policy = f'[{holder}budget]\nper-run = "{tests * 1.6} J"\non-exceeded = "{on_exceeded}"\n'
    verdict = bench.judge(
        policy, report=bench.report(tests=suite), baseline=bench.baseline(runs, tests=suite, noise=0.0)
    )
    check = bench.check(verdict, "per-run", "checkout" if holder else "repository")
    assert (verdict.state, check.state) == ("warn", "warn")
    assert check.reason.endswith(ALSO.replace("50", str(tests * 2)))


@pytest.mark.parametrize(
    ("tests", "costs", "base"),
    [
        (3, {"checkout": 1.06}, {}),
        (4, {}, {}),
        (3, {"checkout": 3.0}, {"noise": 2.0}),
        (3, {}, {"costs": {"checkout": 0.5}}),
        (3, {}, {"tests": {"search": 3}}),
    ],
)
@pytest.mark.parametrize("runs", [1, 3, 6])
def test_main_over_the_limit_excuses_no_costlier_change(
    bench: Any, tests: int, costs: Mapping[str, float], base: dict[str, Any], runs: int
) -> None:
    """Growth, a new test, one costly run of main and a main within the limit excuse nothing."""
    base = {"tests": {"checkout": 3}, **base}
    report = bench.report(tests={"checkout": tests}, costs=costs)
    check = bench.check(
        bench.judge(PER_RUN.format("4 J"), report=report, baseline=bench.baseline(runs, **base)), "per-run"
    )
    assert check.state == "fail"


def _with_rows(report: Report, change: Callable[[Row], Row], *more: Row) -> Report:
    return replace(report, rows=(*map(change, report.rows), *more))


@pytest.mark.attack("inconclusive-on-purpose")
@pytest.mark.parametrize("how", ["skipped", "replaced", "fixture", "collection", "other selection", "missing part"])
@pytest.mark.parametrize("runs", [1, 6])
def test_hidden_costs_are_not_excused_by_main(bench: Any, how: str, runs: int, attack: Attack) -> None:
    """Few runs or few tests are no way to let a cost pass as one that main has, too."""
    report = bench.report(tests={"checkout": 3})
    parts: dict[str, Any] = {"baseline": bench.baseline(runs, tests={"checkout": 3})}
    if how == "skipped":
        report = _with_rows(report, lambda r: replace(r, outcome="skipped", reference_j=0) if "_0" in r.nodeid else r)
    elif how == "replaced":
        report = _with_rows(report, lambda r: replace(r, nodeid=r.nodeid.replace("_0", "_9"), reference_j=1.5))
    elif how in ("fixture", "collection"):
        kind: Any = how
        report = _with_rows(report, lambda row: row, Row(kind, 2.0, 1.0, 1.0, 1.0))
    elif how == "other selection":
        report = replace(report, run=replace(report.run, selection="a" * 16))
    else:
        parts["missing_parts"] = ("lint",)
    verdict = bench.judge(PER_RUN.format("4 J"), report=report, **parts)
    assert bench.check(verdict, "per-run").state == "fail"
    attack.ended(verdict.state, verdict.sentence)


# -- a window's budget --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grams", "state", "reason"),
    [
        (29.5, "pass", "feature checkout has used 30 g of 120 g in 28 days (25 %)"),
        (94.5, "pass", "feature checkout has used 95 g of 120 g in 28 days (79 %)"),
        (119.4999, "warn", "feature checkout has used 119.9999 g of 120 g in 28 days (>99 %)"),
        (119.5, "fail", f"feature checkout has used 120 g of 120 g in 28 days (100 %); {ONLY}"),
        (119.5001, "fail", f"feature checkout has used 120.0001 g of 120 g in 28 days (over 100 %); {ONLY}"),
        (131.5, "fail", f"feature checkout has used 132 g of 120 g in 28 days (110 %); {ONLY}"),
    ],
)
def test_window_is_judged_on_exact_numbers(bench: Any, grams: float, state: str, reason: str) -> None:
    """The 500 mg of this run count too, and the text never rounds across the limit."""
    entries = [bench.entry(ago=timedelta(days=27, hours=n), operational_g=grams / 4) for n in range(1, 5)]
    entries = [replace(entry, id=f"e{n}", run=f"e{n}") for n, entry in enumerate(entries)]
    check = bench.check(bench.judge(LIMIT, entries=entries))
    assert (check.state, check.reason.split(";")[0] if state == "warn" else check.reason) == (state, reason)


@pytest.mark.parametrize(
    ("window", "words"),
    [("28d", "in 28 days"), ("4w", "in 4 weeks"), ("month", "this month"), ("quarter", "this quarter")],
)
def test_reason_names_the_window(bench: Any, window: str, words: str) -> None:
    """The reason says which window it is about."""
    check = bench.check(bench.judge(f'{LIMIT}window = "{window}"\n', entries=bench.spent(5)))
    assert check.reason == f"feature checkout has used 5.5 g of 120 g {words} (4.6 %)"


def test_warning_gives_burn_rate_or_forecast(bench: Any) -> None:
    """If plenty of the budget is left, the warning gives the burn rate or the forecast."""
    fast = [bench.entry(n, ago=timedelta(hours=n / 4), operational_g=5.0) for n in range(1, 9)]
    check = bench.check(bench.judge(LIMIT, entries=fast))
    assert (check.state, check.reason) == (
        "warn",
        "feature checkout has used 40.5 g of 120 g in 28 days (34 %); "
        "the budget is used 9.4 times as fast as its window allows, told from 9 runs in 2 hours",
    )
    check = bench.check(bench.judge(LIMIT, entries=bench.spent(50)))
    assert check.state == "warn"
    assert check.reason.endswith("(42 %); at this pace it is exhausted in 12 days")


def test_reason_mentions_debt_and_unknown_runs(bench: Any) -> None:
    """The reason says that debt lowers the limit and that runs of unknown use are not counted."""
    entries = [bench.entry(1), bench.entry(2, **UNKNOWN)]
    check = bench.check(bench.judge(LIMIT, entries=entries, overrides=[bench.override()]))
    used = "feature checkout has used 1.5 g of 110 g in 28 days (1.4 %)"
    text = f"{used}; the limit is 10 g lower, because of overrides"
    assert check.reason == f"{text}, not counting 1 run whose use is not known"
    more = bench.check(bench.judge(LIMIT, entries=[*entries, bench.entry(3, **UNKNOWN)]))
    assert more.reason.endswith("(1.2 %), not counting 2 runs whose use is not known")


def test_exceeded_budget_that_only_warns(bench: Any) -> None:
    """If the policy only warns, the reason does not list what may pass: everything may."""
    check = bench.check(bench.judge(LIMIT.replace('"fail"', '"warn"'), entries=bench.spent(131.5)))
    assert (check.state, check.reason) == ("warn", "feature checkout has used 132 g of 120 g in 28 days (110 %)")


@pytest.mark.parametrize(
    ("labels", "state"),
    [
        ((), "fail"),
        (("security",), "pass"),
        (("Security",), "pass"),
        (("security-fix",), "fail"),
        (("bug", "security"), "pass"),
    ],
)
def test_security_fix_passes(bench: Any, labels: tuple[str, ...], state: str) -> None:
    """A security label of the policy lets a fix pass an exhausted budget."""
    check = bench.check(bench.judge(LIMIT, entries=bench.spent(131), source=RunSource(labels=labels)))
    assert check.state == state
    assert check.reason.endswith("; it is a security fix, so it may pass" if state == "pass" else ONLY)


@pytest.mark.parametrize(
    ("tests", "costs", "state"),
    [
        (25, 1.0, "fail"),
        (25, 0.97, "fail"),
        (25, 0.7, "pass"),
        (24, 1.0, "fail"),
        (20, 1.0, "pass"),
        (60, 0.7, "fail"),
        (25, 1.5, "fail"),
    ],
)
def test_change_that_surely_lowers_it_passes(bench: Any, tests: int, costs: float, state: str) -> None:
    """Clearly cheaper or clearly fewer tests pass, unless new tests cost more than is saved."""
    report = bench.report(tests={"checkout": tests, "search": 25}, costs={"checkout": costs})
    check = bench.check(bench.judge(LIMIT, entries=bench.spent(131), report=report, baseline=bench.baseline()))
    assert check.state == state
    assert ("this change lowers the energy of its tests, so it may pass" in check.reason) == (state == "pass")


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({}, "overridden",
         "bob has approved 10 g more until 2026-03-25 12:00 UTC (reason: it cannot wait); "
         "these 10 g are debt at once, for 28 days"),
        ({"amount": 0.5}, "overridden", "bob has approved 500 mg more until"),
        ({"amount": 0.4}, "fail", "the override of bob is for 400 mg, and this change costs 500 mg"),
        ({"pr": 7}, "overridden", "bob has approved"),
        ({"pr": 8}, "fail", ONLY),
        ({"commit": "a" * 40}, "overridden", "bob has approved"),
        ({"commit": "c" * 40}, "fail", ONLY),
        ({"expires": "2026-03-20T12:00:00Z"}, "fail", ONLY),
        ({"feature": "search"}, "fail", ONLY),
        ({"reason": ""}, "fail", ONLY),
        ({"amount": 13.0}, "fail", ONLY),
    ],
)  # fmt: skip
def test_override_in_force_lets_a_covered_change_pass(
    bench: Any, changes: dict[str, Any], state: str, reason: str
) -> None:
    """A check is overridden by an override in force that is for this change and large enough."""
    check = bench.check(bench.judge(LIMIT, entries=bench.spent(131), overrides=[bench.override(**changes)]))
    assert check.state == state
    assert reason in check.reason


def test_large_enough_override_is_preferred_to_a_longer_one(bench: Any) -> None:
    """A smaller override that lasts longer does not hide one that is large enough."""
    small = bench.override(id="o-2", amount=0.1, expires="2026-03-26T00:00:00Z", approver="eve")
    check = bench.check(bench.judge(LIMIT, entries=bench.spent(131), overrides=[bench.override(), small]))
    assert check.state == "overridden"
    assert "bob has approved 10 g" in check.reason


def test_override_covers_all_runs_of_the_pull_request_and_what_it_adds(bench: Any) -> None:
    """A pull request costs what its runs have used and what its new tests will use in a window."""
    runs = [bench.entry(20 + n, pr=7, ago=timedelta(days=n)) for n in range(1, 10)]
    report = bench.report(tests={"checkout": 26, "search": 25})
    parts = {"entries": [*runs, *bench.spent(131)], "report": report, "baseline": bench.baseline()}
    check = bench.check(bench.judge(LIMIT, **parts, overrides=[bench.override()]))
    assert check.state == "fail"
    assert check.reason.endswith("the override of bob is for 10 g, and this change costs 10.8 g")


@pytest.mark.parametrize(
    ("tests", "runs", "state"), [(25, 40, "warn"), (60, 40, "fail"), (60, 3, "warn"), (24, 40, "warn")]
)
def test_what_a_change_adds_must_fit_too(bench: Any, tests: int, runs: int, state: str) -> None:
    """New tests cost again in every expected run; with too few runs for an expectation their cost is left open."""
    report = bench.report(tests={"checkout": tests, "search": 25})
    parts = {"entries": bench.spent(100, runs), "report": report, "baseline": bench.baseline()}
    check = bench.check(bench.judge(LIMIT, **parts))
    assert check.state == state
    if state == "fail":
        assert check.reason == (
            "feature checkout has used 101 g of 120 g in 28 days (84 %); this change is likely to add about 88 g in "
            f"each window, told from 41 runs in 9 days, and 19 g is left; {ONLY}"
        )


@pytest.mark.parametrize(
    ("oldest", "state", "told"),
    [
        (timedelta(hours=26), "warn", "told from 8 runs in 26 hours"),
        (timedelta(days=3), "warn", "told from 8 runs in 3 days"),
        (timedelta(days=7) - timedelta(minutes=1), "warn", "told from 8 runs in 6 days"),
        (timedelta(days=7), "fail", ""),
        (timedelta(days=20), "fail", ""),
    ],
)
@pytest.mark.parametrize("window", ["28d", "4d", "month", "quarter"])
def test_first_day_stretched_to_a_window_fails_no_change(
    bench: Any, oldest: timedelta, state: str, told: str, window: str
) -> None:
    """What a change will add only warns with less than a week of history, and says from how little it is told."""
    entries = [bench.entry(n, ago=timedelta(minutes=90 + n)) for n in range(6)]
    entries += [bench.entry(6, ago=oldest, operational_g=0.01)]
    report = bench.report(tests={"checkout": 60, "search": 25})
    policy = f'{LIMIT.replace("120 g", "8 g")}window = "{window}"\n'
    check = bench.check(bench.judge(policy, entries=entries, report=report, baseline=bench.baseline()))
    assert (check.state, "this change is likely to add" in check.reason) == (state, True)
    seen = "7 runs in 4 days" if window == "4d" and "6 days" in told else told.removeprefix("told from ")
    assert f"in each window, told from {seen}" in check.reason
    assert check.reason.endswith("; it fails nothing below 7 days of runs" if told else ONLY)


def test_runs_that_are_lost_leave_a_young_projection_open(bench: Any) -> None:
    """A ledger that has lost runs looks young: its window is then not known."""
    entries = [bench.entry(n, ago=timedelta(minutes=90 + n)) for n in range(6)]
    parts = {"entries": entries, "report": bench.report(tests={"checkout": 60}), "baseline": bench.baseline()}
    lost = LostRuns("the branch had 40 runs", "restore the branch")
    check = bench.check(bench.judge(LIMIT.replace("120 g", "8 g"), **parts, lost_runs=lost))
    assert check.state == "inconclusive"


@pytest.mark.parametrize(("oldest", "state"), [(timedelta(days=2), "overridden"), (timedelta(days=9), "fail")])
def test_override_need_not_cover_what_a_day_makes_likely(bench: Any, oldest: timedelta, state: str) -> None:
    """An override must cover what the change has used; what it will add counts from a week of history on."""
    entries = [bench.entry(n, ago=timedelta(hours=3, minutes=n), operational_g=24.0) for n in range(6)]
    entries += [bench.entry(6, ago=oldest)]
    report = bench.report(tests={"checkout": 60, "search": 25})
    parts = {"entries": entries, "report": report, "baseline": bench.baseline(), "overrides": [bench.override()]}
    assert bench.check(bench.judge(LIMIT, **parts)).state == state


@pytest.mark.parametrize("label", ["feature:search", "feature:checkout"])
def test_exhausted_budget_stops_only_changes_it_pays_for(bench: Any, label: str) -> None:
    """A change that another feature pays for passes."""
    verdict = bench.judge(LIMIT, entries=bench.spent(131), source=RunSource(labels=(label,)))
    assert verdict.state == ("pass" if label == "feature:search" else "fail")


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("120 g", 'feature checkout: a limit in grams (120 g) needs a grid zone, and the policy sets no '
                  'zone; set the zone of your machines, such as zone = "DE", or give the limit in joules'),
        ("1 MJ", ""),
        ("1 MJ ref", ""),
    ],
)  # fmt: skip
def test_window_in_grams_needs_a_grid(bench: Any, limit: str, reason: str) -> None:
    """An assumed grid does not do for grams; joules need no grid."""
    policy = LIMIT.replace("120 g", limit)
    check = bench.check(bench.judge(policy, grid=bench.world, report=bench.report(grid=bench.world)))
    assert (check.state, check.reason) == (("inconclusive", reason) if reason else ("pass", check.reason))


@pytest.mark.parametrize(
    ("labels", "state"), [((), "inconclusive"), (("feature:checkout",), "inconclusive"), (("feature:search",), "pass")]
)
def test_run_of_unknown_energy_does_not_count_as_free(bench: Any, labels: tuple[str, ...], state: str) -> None:
    """If nobody can tell who pays, every holder with tests in the run is inconclusive; a label still says who pays."""
    verdict = bench.judge(LIMIT, report=bench.report(known=False), source=RunSource(labels=labels))
    check = bench.check(verdict)
    assert check.state == state
    unknown = "its energy is not known, so its limit of 120 g was not judged" in check.reason
    assert unknown == (state == "inconclusive")


# -- growth -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({}, "fail",
         "the same 25 tests of feature checkout cost 8 % more than on the base (between +6.0 % and +10.0 %), "
         "confirmed by 5 pairs measured in turns; 5 % is allowed"),
        ({"change": 0.0504}, "fail", "the same 25 tests of feature checkout cost 5.04 % more than on the base"),
        ({"state": "suspicious", "change": 0.05003, "stage": "screen"}, "inconclusive",
         "the same 25 tests of feature checkout cost 5.003 % more than on the base in this one run, more than the 5 % "
         "allowed; to be sure, base and head must be measured in turns"),
        ({"state": "no change", "change": 0.012, "why": "surely within what is allowed"}, "pass",
         "feature checkout costs 1.2 % more than on the base; surely within what is allowed; the smallest change that "
         "would have been seen is 5.2 %"),
        ({"state": "cheaper", "change": -0.3, "why": "cheaper in one run"}, "pass",
         "feature checkout costs 30 % less than on the base; cheaper in one run; the smallest"),
        ({"state": "no base", "change": None, "why": "no run of main is in the ledger yet"}, "pass",
         "feature checkout was not compared: no run of main is in the ledger yet"),
        ({"state": "could not tell", "change": 0.2, "why": "costlier in 3 pairs, too few to be sure"}, "inconclusive",
         "the growth of feature checkout is not known: costlier in 3 pairs, too few to be sure"),
        ({"state": "could not tell", "change": None, "why": "too small to be judged by itself (3 tests, 1 J)"}, "pass",
         "the growth of feature checkout is not known: too small to be judged by itself (3 tests, 1 J)"),
    ],
)  # fmt: skip
def test_reason_of_a_growth_check(changes: dict[str, Any], state: str, reason: str) -> None:
    """Only confirmed growth fails; the reason has the compared numbers, with enough digits to differ."""
    check = budget_rules.check_growth(BUDGET, replace(FOUND, **changes), "")
    assert check.state == state
    assert check.reason.startswith(reason)


def test_a_budget_alone_judges_where_there_is_one() -> None:
    """A holder that is not compared is said to be judged on its budget only if it has one."""
    new = replace(FOUND, state="no base", change=None, why="its tests are new")
    words = "feature checkout was not compared: its tests are new"
    alone = f"{words}; it is judged on its budget alone"
    bare = replace(BUDGET, limit=None, per_run=None)
    assert budget_rules.check_growth(bare, new, "").reason == words
    amount = parse_quantity("1 J", "limit")
    assert budget_rules.check_growth(replace(bare, limit=amount), new, "").reason == alone
    assert budget_rules.check_growth(replace(bare, per_run=amount), new, "").reason == alone


def test_growth_that_may_only_warn() -> None:
    """Growth warns if the policy only warns, or if growth is still advisory."""
    assert budget_rules.check_growth(replace(BUDGET, on_exceeded="warn"), FOUND, "").state == "warn"
    advised = budget_rules.check_growth(BUDGET, FOUND, "growth is advisory")
    assert (advised.state, advised.reason[-20:]) == ("warn", "; growth is advisory")


def _selftest(bench: Any, **changes: Any) -> SelfTest:
    own = environment_digest(bench.report().machine.fingerprint)
    return replace(SelfTest("s-1", "2026-03-01T00:00:00Z", own, 20, 0, {}, {}), **changes)


@pytest.mark.parametrize(
    ("selftest", "base", "state"),
    [
        (None, 6, "fail"),
        (None, 4, "warn"),
        (None, 0, "warn"),
        ({}, 0, "fail"),
        ({"comparisons": 19}, 0, "warn"),
        ({"false_alarms": 1}, 0, "warn"),
        ({"fingerprint": "0" * 16}, 0, "warn"),
    ],
)
def test_growth_is_advisory_without_history(bench: Any, selftest: dict[str, Any] | None, base: int, state: str) -> None:
    """A confirmed growth fails where the base has five runs like this one, or this machine has passed a self-test."""
    report = bench.report(costs={"checkout": 1.5})
    tests = () if selftest is None else (_selftest(bench, **selftest),)
    parts = {"report": report, "pairs": bench.pairs(6, costs={"checkout": 1.5}), "baseline": bench.baseline(base)}
    check = bench.check(bench.judge(GROWTH, **parts, selftests=tests), "growth")
    assert check.state == state
    assert ("growth only warns until the ledger has 5 runs of main" in check.reason) == (state == "warn")


@pytest.mark.parametrize(
    ("runs", "facts", "state", "why"),
    [
        (0, {}, "pass", "was not compared: no run of main is in the ledger yet"),
        (1, {}, "pass", "was not compared: the ledger has 1 run of main in this environment; a comparison needs 5"),
        (4, {}, "pass", "was not compared: the ledger has 4 runs of main in this environment; a comparison needs 5"),
        (6, {"fingerprint": {"cpu": "CPU", "vcpus": "4", "python": "3.12"}}, "inconclusive",
         "the runs of main are from another environment, different in Python, number of CPUs"),
        (6, {"tests": {"search": 25}}, "pass",
         "was not compared: its tests are in fewer than 2 runs of main"),
    ],
)  # fmt: skip
def test_missing_comparison_gives_its_reason(
    bench: Any, runs: int, facts: dict[str, Any], state: str, why: str
) -> None:
    """Without a base the check passes; another environment is inconclusive, and the reason names its fields."""
    verdict = bench.judge(GROWTH, baseline=bench.baseline(runs, **facts))
    check = bench.check(verdict, "growth")
    assert check.state == state
    assert why in check.reason
    if not runs or "fingerprint" in facts:
        assert verdict.base is None
        assert bench.judged(verdict).growth.per_run_j is None


def test_use_of_exactly_the_limit_passes(bench: Any) -> None:
    """A use of exactly the limit is within the limit."""
    budget = Budget("checkout", parse_quantity("25 J ref"), "fail")
    use = budget_rules.holder_use(bench.inputs(), budget, {"checkout"})
    assert (use.tests, use.energy_j, use.reference_j) == (25, 50.0, 25.0)
    assert budget_rules.check_per_run(bench.inputs(), budget, use, FOUND).state == "pass"


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"pr": 7}, "overridden"),
        ({"pr": 7, "commit": "a" * 40}, "overridden"),
        ({"pr": 7, "commit": "b" * 40}, "fail"),
        ({"pr": 8}, "fail"),
        ({}, "fail"),
        ({"pr": 7, "approver": "ann"}, "fail"),
        ({"pr": 7, "feature": "search"}, "fail"),
    ],
)
@pytest.mark.parametrize(
    ("rule", "limit"),
    [("per-run", 'per-run = "40 J"'), ("growth", 'growth = "5 %"'), ("growth", 'growth = "5 %"\nlimit = "1 kg"')],
)
def test_override_of_this_pull_request_exempts_from_any_rule(
    bench: Any, changes: dict[str, Any], state: str, rule: str, limit: str
) -> None:
    """Only an override that names this pull request, and its commit if any, exempts; no window is needed."""
    parts = {"overrides": [bench.override(**changes)], "baseline": bench.baseline()}
    parts |= {"report": bench.report(costs={"checkout": 1.3}), "pairs": bench.pairs(5, costs={"checkout": 1.3})}
    verdict = bench.judge(f'[features.checkout.budget]\non-exceeded = "fail"\n{limit}\n', **parts)
    check = bench.check(verdict, rule)
    assert check.state == state
    assert ("; bob has approved it until 2026-03-25 12:00 UTC (reason: it cannot wait)" in check.reason) == (
        state != "fail"
    )
    if not changes:
        assert "; the override of bob names no pull request, so it excuses only a limit over a window" in check.reason

"""A verdict in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.verdict import holder_lines
from pytest_carbon.core.verdict.verdict import Verdict

LIMIT = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\n'
PER_RUN = '[features.checkout.budget]\nper-run = "{}"\non-exceeded = "fail"\n'
GROWTH = '[features.checkout.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
BOTH = GROWTH + '[features.search.budget]\ngrowth = "5 %"\non-exceeded = "fail"\n'
ZONE = 'set the zone of your machines, such as zone = "DE", or give the limit in joules'
TURNS = "measure base and head in turns, to be sure: pytest-carbon confirm -- pytest (your arguments)"
BASE = "make a base: on main, run pytest --carbon and then pytest-carbon ledger append, five times"
COSTLIEST = "make tests/checkout/t.py::test_0 cheaper: the costliest test, 1 J of reference energy in each run"
NO_BASE = "This is the beginning: no run of main is in the ledger yet"


def _todo(verdict: Verdict) -> list[str]:
    return [todo.text for todo in verdict.todo]


def test_pass_names_the_fullest_budget(bench: Any) -> None:
    """A pass says how many limits hold, which budget is fullest, and what was not judged."""
    one = bench.judge(LIMIT, entries=bench.spent(29.5))
    assert one.sentence == f"{NO_BASE}. The only limit holds. In 28 days, checkout has used 25 % of its budget."
    two = bench.judge(LIMIT + 'per-run = "1 kJ"\nwindow = "month"\n', entries=bench.spent(29.5))
    assert two.sentence == f"{NO_BASE}. Both limits hold. This month, checkout has used 25 % of its budget."
    three = bench.judge(BOTH + '[budget]\ngrowth = "5 %"\n', baseline=bench.baseline())
    assert three.sentence == "All 3 limits hold."
    assert one.todo == two.todo == three.todo == ()


def test_budget_of_unknown_use_is_not_called_unused(bench: Any) -> None:
    """With only runs of unknown use, the sentence does not name the used share of the budget."""
    silent = bench.entry(energy_j=None, operational_g=None, embodied_g=None)
    verdict = bench.judge(LIMIT, entries=[silent], source=RunSource(labels=("feature:search",)))
    status = bench.judged(verdict).standing
    assert status is not None
    assert (status.unmeasured, status.state) == (True, "unknown")
    assert "checkout has used" not in verdict.sentence
    (line,) = holder_lines.budget_lines([bench.judged(verdict)])
    assert (line.share, line.used, line.budget_state) == (None, "not known, of 120 g in 28 days", "not known")


def test_unjudged_growth_is_no_limit_that_holds(bench: Any) -> None:
    """A growth rule that could not be judged does not count as a limit that holds."""
    first = bench.judge(GROWTH).sentence
    assert first == f"Nothing was judged: the growth of checkout. {NO_BASE}."
    small = bench.judge(GROWTH, report=bench.report(tests={"checkout": 3}), baseline=bench.baseline(tests={}))
    assert small.sentence == "Nothing was judged: the growth of checkout (too small)."


@pytest.mark.parametrize(("limits", "hold"), [(1, "The other limit holds"), (2, "Both other limits hold")])
def test_what_was_not_judged_comes_first(bench: Any, limits: int, hold: str) -> None:
    """Of several limits, those that were not judged are named first, with the reason, and the others are counted."""
    tests = {"checkout": 25, "search": 3}
    policy = BOTH + '[budget]\ngrowth = "5 %"\n' * (limits - 1)
    verdict = bench.judge(policy, report=bench.report(tests=tests), baseline=bench.baseline(tests=tests))
    assert verdict.sentence == f"Not judged: the growth of search (too small). {hold}."
    assert [(check.rule, check.not_judged) for check in bench.judged(verdict, "search").checks] == [
        ("growth", "too small")
    ]


@pytest.mark.parametrize(
    ("noise", "growth", "sentence"),
    [
        (0.01, "5 %", "Both limits hold."),
        (0.1, "5 %", "Nothing was judged: the growth of checkout, search (too noisy: it may be anything from -12.0 % "
         "to +14.1 %)."),
        (0.4, "5 %", "Nothing was judged: the growth of checkout, search (too noisy: it may be anything from -39.1 % "
         "to +76.2 %)."),
        (0.1, "20 %", "Both limits hold."),
    ],
)  # fmt: skip
def test_a_comparison_that_sees_too_little_does_not_read_like_a_pass(
    bench: Any, noise: float, growth: str, sentence: str
) -> None:
    """No visible change means little where even twice the allowed growth would not have been noticed."""
    verdict = bench.judge(BOTH.replace("5 %", growth), baseline=bench.baseline(noise=noise))
    assert (verdict.state, verdict.sentence) == ("pass", sentence)
    reasons = [check.reason for check in bench.judged(verdict).checks]
    assert all(("because of noise; 5 % is allowed" in reason) == ("noisy" in sentence) for reason in reasons)


def test_what_was_not_judged_is_named_beside_a_warning(bench: Any) -> None:
    """A pass with a warning names the limits that were not judged; many holders are counted."""
    policy = PER_RUN.format("40 J").replace('"fail"', '"warn"') + '[features.default.budget]\ngrowth = "5 %"\n'
    verdict = bench.judge(policy, report=bench.report(tests=dict.fromkeys(("checkout", "search"), 3)))
    assert verdict.state == "pass"
    warned = bench.judge(
        policy, baseline=bench.baseline(tests={}), report=bench.report(tests={"checkout": 25, "search": 3})
    )
    assert warned.sentence.startswith("Passes, with a warning: feature checkout used 50 J")
    assert warned.sentence.endswith("Not judged: the growth of search (too small).")


def test_pass_of_an_exhausted_budget_says_so(bench: Any) -> None:
    """A pass by an exemption does not say that the limit holds."""
    verdict = bench.judge(LIMIT, entries=bench.spent(131.5), source=RunSource(labels=("security",)))
    assert (verdict.state, verdict.sentence) == (
        "pass",
        "Passes although it does not fit its budget: feature checkout has used 132 g of 120 g in 28 days (110 %); "
        "it is a security fix, so it may pass.",
    )


def test_failure_gives_its_reason(bench: Any) -> None:
    """The sentence has the first reason, and the number of further reasons."""
    policy = LIMIT + 'per-run = "40 J"\n'
    verdict = bench.judge(policy, entries=bench.spent(131.5))
    assert verdict.sentence == (
        "This change does not fit its carbon budget: feature checkout used 50 J, over its limit of 40 J per run by 25 %"
        "; the range from 40 J to 75 J includes the limit (and 1 more reason)."
    )


def test_warning_gives_its_reason(bench: Any) -> None:
    """A pass with a warning gives the reason of the warning."""
    verdict = bench.judge(PER_RUN.format("40 J").replace('"fail"', '"warn"'))
    assert verdict.sentence == (
        "Passes, with a warning: feature checkout used 50 J, over its limit of 40 J per run by 25 %"
        "; the range from 40 J to 75 J includes the limit."
    )
    assert _todo(verdict) == [COSTLIEST]


def test_override_says_who_and_until_when(bench: Any) -> None:
    """The sentence says who approved how much, until when and why; there are no next steps."""
    verdict = bench.judge(LIMIT, entries=bench.spent(131.5), overrides=[bench.override()])
    assert verdict.sentence == (
        "Passes by an override: feature checkout has used 132 g of 110 g in 28 days (120 %); the limit is 10 g lower, "
        "because of overrides; bob has approved 10 g more until 2026-03-25 12:00 UTC (reason: it cannot wait); "
        "these 10 g are debt at once, for 28 days."
    )
    assert verdict.todo == ()


def test_inconclusive_limit_comes_before_a_warning(bench: Any) -> None:
    """An inconclusive limit decides the sentence although another limit, which only warns, is exceeded."""
    policy = PER_RUN.format("40 J").replace('"fail"', '"warn"') + '[budget]\nlimit = "1 g"\n'
    verdict = bench.judge(policy, grid=bench.world, report=bench.report(grid=bench.world))
    assert verdict.sentence == (
        "Could not tell whether this change fits its carbon budget: the repository: a limit in grams (1 g) needs "
        'a grid zone, and the policy sets no zone; set the zone of your machines, such as zone = "DE", or give the '
        "limit in joules."
    )
    assert _todo(verdict) == [ZONE, COSTLIEST]


def test_other_environment_asks_for_pairs_or_a_base(bench: Any) -> None:
    """Without a base in this environment, the steps are to measure in turns or to make a base."""
    verdict = bench.judge(GROWTH, baseline=bench.baseline(fingerprint={"cpu": "CPU", "vcpus": "4"}))
    assert verdict.sentence == (
        "Could not tell whether this change fits its carbon budget: the growth of feature checkout is not known: "
        "the runs of main are from another environment, different in number of CPUs."
    )
    assert _todo(verdict) == [TURNS, COSTLIEST, BASE]

"""The evidence of a verdict as lines: next steps, reasons, the base and the facts."""

from __future__ import annotations

from dataclasses import replace

from pytest_carbon.core.verdict import evidence_lines, holder_lines
from pytest_carbon.core.verdict.verdict import Base, Check, Todo
from tests.core.verdict.samples import CHECKOUT, DAY_S, GROWTH, VERDICT


def test_next_steps_are_three_and_the_most_saving_first() -> None:
    """At most three steps are shown."""
    verdict = replace(VERDICT, todo=(Todo("a"), Todo("b", 2.0), Todo("c", 30.0), Todo("d")))
    assert evidence_lines.next_steps(verdict) == [
        "c (costs about 30 g of CO2e in a window)",
        "b (costs about 2 g of CO2e in a window)",
        "a",
    ]


def test_reasons_are_those_of_checks_that_did_not_pass() -> None:
    """Each reason has its state, and the worst comes first."""
    checks = (Check("budget", "warn", "near"), Check("growth", "pass", "same"), Check("per-run", "fail", "over"))
    verdict = replace(VERDICT, judged=(replace(CHECKOUT, checks=checks),))
    assert evidence_lines.reasons(verdict) == [("fail", "over"), ("warn", "near")]


def test_evidence_leaves_out_unknown_parts() -> None:
    """Figures, base and speed are left out if they are unknown; the other parts stay."""
    assert evidence_lines.evidence(VERDICT) == [
        ("base", "none yet; nothing was compared"), ("policy", "carbon.toml"), ("machine", "bench"), ("grid", "DE"),
        ("method", "modelled"),
    ]  # fmt: skip
    known = evidence_lines.evidence(replace(VERDICT, no_base="main has no run", provenance="self-reported by a fork"))
    assert (known[0], known[-1]) == (
        ("base", "none (main has no run)"),
        ("figures", "self-reported by a fork"),
    )


def test_base_has_its_runs_and_age() -> None:
    """A base is named with its commit, runs, age and reason; unknown parts are left out."""
    base = Base("main", "0123456789abcdef", 1, 3 * DAY_S, "nothing newer")
    assert (
        evidence_lines.base_text(replace(VERDICT, base=base)) == "main at 0123456789, 1 run, 3 days old: nothing newer"
    )
    assert (
        evidence_lines.base_text(replace(VERDICT, base=replace(base, commit=None, age_s=None, why=""))) == "main, 1 run"
    )


def test_rules_that_were_not_judged_are_told_apart() -> None:
    """Only what passes without an answer is listed; its holder comes first among those that pass, and says why."""
    small = Check("growth", "pass", "small", not_judged="too small")
    unknown = replace(CHECKOUT, name="a", growth=GROWTH, checks=(small,))
    judged = replace(CHECKOUT, name="b", reference_j=1e9, checks=(Check("growth", "pass", "fine"),))
    no_answer = Check("growth", "inconclusive", "?", not_judged="x")
    open_ = replace(CHECKOUT, name="c", state="inconclusive", checks=(no_answer,))
    verdict = replace(VERDICT, judged=(judged, unknown, open_))
    assert evidence_lines.not_judged(verdict) == ["small"]
    lines = holder_lines.holder_lines(verdict)
    assert [line.label for line in lines] == ["c", "a", "b"]
    assert (lines[1].change, lines[1].change_bounds) == ("not judged", "(too small)")

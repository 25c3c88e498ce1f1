"""Whole comments on a pull request, made from a report, a ledger and a policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.policy.loosened_policy import loosened_rules
from pytest_carbon.core.records.run_entry import RunSource
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.verdict import Verdict
from pytest_carbon.reporters.verdict.markdown import render
from pytest_carbon.reporters.verdict.markdown_style import LIMIT

EXPECTED = Path(__file__).parents[2] / "expected"
LIMITED = '[features.checkout.budget]\nlimit = "120 g"\non-exceeded = "fail"\nowners = ["@shop"]\n'
PER_RUN = LIMITED.replace('limit = "120 g"', 'per-run = "40 J"')
GROWTH = LIMITED + 'growth = "5 %"\n'
FORKS = LIMITED + '[github]\nforks = "queue"\n'
LOOSER = LIMITED.replace("120 g", "500 g").replace("fail", "warn")
TRUSTED = "measured by run 4242 of this repository"
PYTHON = {"cpu": "AMD EPYC 7763", "vcpus": "4", "python": "CPython 3.12.4", "os": "Linux x86_64"}


def _report(bench: Any, run: str = "20260320T110000Z-0123456789ab", **facts: Any) -> Report:
    """Return the report of a run on a hosted machine."""
    report: Report = bench.report(run, fingerprint=PYTHON, **facts)
    machine = replace(report.machine, name="GitHub runner, 4 vCPUs of an EPYC 7763", clean_share=0.87)
    return replace(report, machine=machine)


def _baseline(bench: Any) -> Any:
    return bench.baseline(fingerprint=PYTHON)


def _fine(bench: Any) -> Verdict:
    return _judged(bench, GROWTH, entries=bench.spent(29.5), baseline=_baseline(bench))


def _judged(bench: Any, policy: Any, **parts: Any) -> Verdict:
    parts = {"report": _report(bench), "provenance": TRUSTED, "override_by_label": True, **parts}
    parts.setdefault("source", RunSource(branch="topic", pr=7, labels=("feature:checkout",)))
    verdict: Verdict = bench.judge(policy, **parts)
    return replace(verdict, policy="carbon.toml at fedcba987654")


def _regression(bench: Any) -> Verdict:
    """Return a verdict on tests that are 20 % costlier, confirmed in turns, and on 2 new tests."""
    report = _report(bench, tests={"checkout": 27, "search": 25}, costs={"checkout": 1.2})
    turns = bench.pairs(5, tests={"checkout": 27, "search": 25}, costs={"checkout": 1.2})
    return _judged(bench, GROWTH, report=report, pairs=turns, entries=bench.spent(29.5, 40), baseline=_baseline(bench))


def _improvement(bench: Any) -> Verdict:
    report = _report(bench, costs={"checkout": 0.7})
    return _judged(bench, GROWTH, report=report, entries=bench.spent(131), baseline=_baseline(bench))


def _unclear(bench: Any) -> Verdict:
    report = _report(bench, costs={"checkout": 1.3})
    return _judged(bench, GROWTH, report=report, entries=bench.spent(29.5), baseline=_baseline(bench))


def _several(bench: Any) -> Verdict:
    """Return a verdict on two features, unattributed tests, a team and the repository, each with a budget."""
    policy = PER_RUN + (
        '[features.search.budget]\nlimit = "30 g"\n[features.unattributed.budget]\nlimit = "10 kJ"\n'
        '[teams.shop]\nfeatures = ["checkout", "search"]\nbudget = { limit = "150 g" }\n[budget]\nlimit = "1 kg"\n'
    )
    facts = {"shares": {"checkout": 0.5, "search": 0.5}, "operational_g": 6.0, "tests": 0}
    entries = [bench.entry(n, ago=timedelta(days=n), **facts) for n in range(1, 11)]
    source = RunSource(branch="topic", pr=7, labels=("feature:checkout", "feature:search"))
    report = _report(bench, tests={"checkout": 25, "search": 25, "": 5})
    return _judged(bench, policy, report=report, entries=entries, source=source)


def _unlabelled(bench: Any) -> Verdict:
    """Return a verdict on a run that no label and no path gives to a feature; the budget of ``unattributed`` pays."""
    report = _report(bench, tests={"": 50})
    policy = LIMITED + '[features.unattributed.budget]\nlimit = "10 g"\n'
    return _judged(bench, policy, report=report, source=RunSource(branch="topic", pr=7), entries=bench.spent(29.5))


def _policy_changed(bench: Any) -> Verdict:
    old, new = bench.policy(LIMITED), bench.policy(LOOSER)
    entries = bench.spent(131)
    would = _judged(bench, new, entries=entries)
    preview = f"With the new policy, the verdict would be {would.state}: {would.sentence}"
    sentences = (preview, *loosened_rules(old, new))
    return _judged(bench, old, entries=entries, policy_changes=sentences)


def _fork(bench: Any) -> Verdict:
    who = "measured by the fork stranger/shop; nobody here checked the figures"
    return _judged(bench, FORKS, entries=bench.spent(131), provenance=who, self_reported=True)


def _missing(bench: Any) -> Verdict:
    parts = [(name, _report(bench, name, tests={"checkout": 9})) for name in ("linux-3.11", "linux-3.13", "macos-3.13")]
    parts = {"report": merge_reports(parts), "reported_parts": 3, "missing_parts": ("linux-3.12",)}
    return _judged(bench, LIMITED, entries=bench.spent(29.5), baseline=_baseline(bench), **parts)


def _many_features(bench: Any) -> Verdict:
    names = [f"feature-{n:03}" for n in range(500)]
    policy = "".join(f'[features.{name}.budget]\nper-run = "{5 + n} J"\n' for n, name in enumerate(names))
    return _judged(bench, policy, report=_report(bench, tests=dict.fromkeys(names, 3)), source=RunSource(pr=7))


def _many_tests(bench: Any) -> Verdict:
    tests = {"checkout": 20_000}
    report = _report(bench, tests={"checkout": 20_100}, costs={"checkout": 1.3})
    baseline = bench.baseline(5, tests=tests, fingerprint=PYTHON)
    return _judged(bench, GROWTH, report=report, entries=bench.spent(29.5), baseline=baseline)


CASES: dict[str, Callable[[Any], Verdict]] = {
    "fine": _fine,
    "over budget": lambda bench: _judged(bench, PER_RUN),
    "exhausted": lambda bench: _judged(bench, LIMITED, entries=bench.spent(131)),
    "regression": _regression,
    "improvement": _improvement,
    "inconclusive": _unclear,
    "no base yet": lambda bench: _judged(bench, GROWTH, entries=bench.spent(29.5)),
    "no tests measured": lambda bench: _judged(bench, LIMITED, report=_report(bench, tests={})),
    "label missing": _unlabelled,
    "several features": _several,
    "policy changed": _policy_changed,
    "overridden": lambda bench: _judged(bench, LIMITED, entries=bench.spent(131), overrides=[bench.override()]),
    "fork": _fork,
    "missing shard": _missing,
    "500 features": _many_features,
    "20000 tests": _many_tests,
}


@pytest.mark.parametrize("name", CASES)
def test_comment(bench: Any, name: str) -> None:
    """The whole comment is as expected, and within the size limit."""
    text = render(CASES[name](bench))
    assert len(text.encode()) < LIMIT
    assert text == (EXPECTED / f"{name.replace(' ', '-')}.md").read_text(encoding="utf-8")

"""A verdict as JUnit XML."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.verdict.verdict import Check, HolderVerdict, State, Verdict
from pytest_carbon.reporters.verdict.junit import render

LAW = settings(max_examples=150, deadline=None)
CHECKOUT = HolderVerdict("checkout", "feature", "pass", (), 9, None, None, None, None, None, (), ())
VERDICT = Verdict(
    "fail",
    "It failed.",
    (),
    (),
    (),
    "run",
    None,
    None,
    None,
    None,
    0.0,
    "modelled",
    "bench",
    None,
    "DE",
    "policy",
    (),
    {},
)
STATES: list[State] = ["error", "fail", "not-measured", "inconclusive", "overridden", "warn", "pass"]


def _of(*checks: Check, name: str = "checkout", state: State = "fail") -> Verdict:
    return replace(VERDICT, state=state, judged=(replace(CHECKOUT, name=name, state=state, checks=checks),))


def _root(verdict: Verdict) -> Xml.Element:
    return Xml.fromstring(render(verdict))  # noqa: S314 (it is our own text)


def test_document_of_a_known_verdict() -> None:
    """The whole text: one case for every rule; a failure, a skip, a warning and a pass."""
    verdict = _of(
        Check("budget", "fail", "131 g of 120 g"),
        Check("growth", "inconclusive", "slowed"),
        Check("per-run", "warn", "2 J of 1 J"),
    )
    other = replace(CHECKOUT, name="core", level="team", checks=(Check("budget", "pass", "fine"),))
    assert render(replace(verdict, judged=(other, *verdict.judged))) == (
        """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites tests="4" failures="1" errors="0" skipped="1" time="0">
  <testsuite name="carbon" tests="4" failures="1" errors="0" skipped="1" time="0">
    <testcase classname="carbon.checkout" name="budget" time="0">
      <failure message="fail: 131 g of 120 g" type="carbon.fail">fail: 131 g of 120 g</failure>
    </testcase>
    <testcase classname="carbon.checkout" name="growth" time="0">
      <skipped message="inconclusive: slowed">inconclusive: slowed</skipped>
    </testcase>
    <testcase classname="carbon.checkout" name="per-run" time="0">
      <system-out>warning: 2 J of 1 J</system-out>
    </testcase>
    <testcase classname="carbon.team core" name="budget" time="0" />
  </testsuite>
</testsuites>
"""
    )


@pytest.mark.parametrize(
    ("state", "element"),
    [("pass", None), ("warn", "system-out"), ("overridden", "system-out"), ("inconclusive", "skipped"),
     ("not-measured", "skipped"), ("fail", "failure"), ("error", "error")],
)  # fmt: skip
def test_state_of_a_check_is_an_element(state: State, element: str | None) -> None:
    """Only a failed check fails; "inconclusive" is skipped, not passed."""
    (case,) = _root(_of(Check("budget", state, "x"))).iter("testcase")
    assert [child.tag for child in case] == ([element] if element else [])


def test_nothing_judged_is_one_case() -> None:
    """A verdict that judged nothing has one case, because CI takes an empty file for a mistake."""
    (case,) = _root(replace(VERDICT, state="not-measured", sentence="No report.")).iter("testcase")
    assert (case.get("classname"), case.get("name"), case[0].get("message")) == (
        "carbon", "verdict", "not measured: No report.",
    )  # fmt: skip


@LAW
@given(st.lists(st.tuples(st.sampled_from(STATES), st.text()), max_size=4), st.text())
def test_any_text_is_well_formed_and_the_counts_are_right(checks: list[tuple[State, str]], name: str) -> None:
    """Any name and any reason gives well-formed XML, whose attributes count the elements."""
    root = _root(_of(*(Check("budget", state, reason) for state, reason in checks), name=name))
    for suite in (root, root[0]):
        assert int(suite.attrib["tests"]) == len(list(root.iter("testcase"))) == max(1, len(checks))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[attribute]) == len(list(root.iter(tag)))
    for text in root.itertext():
        assert text.strip().isprintable()


def test_rule_that_was_not_judged_is_skipped() -> None:
    """A rule without an answer is no test that passed; the message gives the reason."""
    check = Check("growth", "pass", "the growth of checkout is not known", not_judged="too small")
    (suite,) = _root(_of(check, state="pass"))
    assert (suite.get("tests"), suite.get("skipped")) == ("1", "1")
    skipped = suite[0].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "not judged (too small): the growth of checkout is not known"


@pytest.mark.parametrize("on_inconclusive", ["fail", "warn"])
@pytest.mark.parametrize("state", ["inconclusive", "not-measured"])
def test_an_open_verdict_that_makes_the_job_red_is_an_error(state: State, on_inconclusive: str) -> None:
    """CI shows a skipped case as no problem; so it is one only where the exit code is 0."""
    checks = (Check("growth", state, "slowed"), Check("per-run", "pass", "small", not_judged="too small"))
    verdict = replace(_of(*checks, state=state), on_inconclusive=on_inconclusive)  # type: ignore[arg-type]
    red = verdict.exit_code == 3
    root = _root(verdict)
    assert (root.get("errors"), root.get("skipped")) == (("1", "1") if red else ("0", "2"))
    without = _root(replace(verdict, judged=()))
    assert (without.get("tests"), without.get("errors")) == ("1", "1" if red else "0")
    whole = _root(replace(_of(Check("budget", "pass", "fine"), state=state), on_inconclusive=on_inconclusive))  # type: ignore[arg-type]
    assert (whole.get("tests"), whole.get("errors")) == (("2", "1") if red else ("1", "0"))

"""A verdict as JUnit XML: one test case for every rule of every holder of a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from pytest_carbon.core.escape import visible, xml_for_log
from pytest_carbon.core.verdict.holder_lines import holder_label, sort_by_relevance
from pytest_carbon.core.verdict.verdict import State, Verdict
from pytest_carbon.core.verdict.wording import STATE_WORDS

if TYPE_CHECKING:
    from pytest_carbon.core.devices.judge_drops import DevicesVerdict

_ELEMENTS: dict[State, str] = {
    "pass": "",
    "warn": "system-out",
    "overridden": "system-out",
    "inconclusive": "skipped",
    "not-measured": "skipped",
    "fail": "failure",
    "error": "error",
}

_OPEN_EXIT_CODE = 3  # of a verdict that is open, where the policy lets that fail


def render(verdict: Verdict) -> str:
    """Return the verdict as JUnit XML: a warning passes, and "inconclusive" and "not judged" are skipped.

    Where the policy lets an open question fail, what is inconclusive or not measured is an error, as the job is red.
    A verdict that judged nothing has one case, because CI takes a file without cases for a mistake. ``time`` is always
    0, as judging takes next to no time.
    """
    is_red = verdict.exit_code == _OPEN_EXIT_CODE
    cases = [
        _case(f"carbon.{holder_label(holder)}", check.rule, check.state, check.reason, check.not_judged, is_red=is_red)
        for holder in sort_by_relevance(verdict.judged)
        for check in holder.checks
    ]
    cases += [_devices_case(verdict.devices)] if verdict.devices else []
    if not cases or (is_red and not any(case.find("error") is not None for case in cases)):
        cases.append(_case("carbon", "verdict", verdict.state, verdict.sentence, is_red=is_red))
    counts = {name: sum(case.find(tag) is not None for case in cases) for name, tag in _COUNTERS}
    totals = {"tests": str(len(cases)), **{name: str(count) for name, count in counts.items()}, "time": "0"}
    suites = Xml.Element("testsuites", totals)
    Xml.SubElement(suites, "testsuite", {"name": "carbon", **totals}).extend(cases)
    Xml.indent(suites)
    text = xml_for_log(Xml.tostring(suites, encoding="unicode"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _devices_case(verdict: DevicesVerdict) -> Xml.Element:
    from pytest_carbon.core.devices.dropped_support_lines import headline

    return _case("carbon", "devices", verdict.state_under_rule, headline(verdict))


_COUNTERS = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


def _case(
    class_name: str, rule: str, state: State, reason: str, not_judged: str = "", *, is_red: bool = False
) -> Xml.Element:
    case = Xml.Element("testcase", {"classname": visible(class_name), "name": rule, "time": "0"})
    tag, text = _ELEMENTS[state], visible(f"{STATE_WORDS[state]}: {reason}")
    if not_judged and state == "pass":
        tag, text = "skipped", visible(f"not judged ({not_judged}): {reason}")
    elif is_red and tag == "skipped":
        tag = "error"
    if tag == "system-out":
        Xml.SubElement(case, tag).text = text
    elif tag:
        kind = {"type": f"carbon.{state}"} if tag != "skipped" else {}
        Xml.SubElement(case, tag, {"message": text, **kind}).text = text
    return case

"""The changes against the base as lines of text: the tests that differ, and the growth of each holder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.quantities import format_amount, format_energy
from pytest_carbon.core.report_lines import whole_percent
from pytest_carbon.core.verdict import wording
from pytest_carbon.core.verdict.verdict import MOST_TESTS, Growth, TestChange, Verdict

_GROWTH_WORDS = {"suspicious": "costlier in one run, not confirmed"}
_KINDS = {"changed": "code changed", "renamed": "renamed", "new": "new", "gone": "gone"}


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test against the base, in reference energy; a side without a figure is empty."""

    __test__ = False

    nodeid: str
    kind: str
    base: str
    head: str
    change: str
    feature: str


def test_lines(tests: Sequence[TestChange], top: int) -> list[TestLine]:
    """Return at most ``top`` tests, those that differ most from the base in reference energy, up or down."""
    differing = sorted(filter(_differs, tests), key=lambda test: (-abs(test.difference_j), test.nodeid))
    return [_test_line(test) for test in differing[:top]]


def _differs(test: TestChange) -> bool:
    return test.kind != "same" or test.difference_j != 0


def _test_line(test: TestChange) -> TestLine:
    kind = _KINDS.get(test.kind) or ("costlier" if test.difference_j > 0 else "cheaper")
    base, head = ("" if j is None else format_amount(j, "reference") for j in (test.base_j, test.head_j))
    return TestLine(
        wording.shorten(test.nodeid, wording.TEST_CELLS),
        f"{kind} from {wording.shorten(test.was, wording.TEST_CELLS)}" if test.was else kind,
        base,
        head,
        "" if test.change is None else f"{wording.distinct_percent(test.change, 0, [0.0])} %",
        wording.shorten(test.feature or "", wording.NAME_CELLS),
    )


def tests_title(tests: Sequence[TestChange], shown: int) -> str:
    """Return a title: how many of the differing tests are shown, and how many are new, gone or renamed.

    Tests that are only costlier or cheaper are not counted by kind: noise makes any test differ.
    """
    differing = [test for test in tests if _differs(test)]
    counts = Counter(_KINDS[test.kind] for test in differing if test.kind in _KINDS)
    kinds = ", ".join(f"{counts[kind]} {kind}" for kind in _KINDS.values() if counts[kind])
    whole = f"at least {len(differing)}" if len(tests) >= MOST_TESTS else str(len(differing))
    number = f"{shown} of {whole}, largest difference first" if shown < len(differing) else str(shown)
    return f"Tests that differ from the base: {number}" + (f" ({kinds})" if kinds else "")


def costliest_test_rows(verdict: Verdict, top: int) -> list[tuple[str, str, str, str]]:
    """Return the costliest tests of this run: nodeid, reference energy, share of the run, feature."""
    return [
        (
            wording.shorten(test.nodeid, wording.TEST_CELLS),
            format_amount(test.reference_j, "reference"),
            whole_percent(test.reference_j / verdict.reference_j) if verdict.reference_j > 0 else "",
            wording.shorten(test.feature or "", wording.NAME_CELLS),
        )
        for test in verdict.costliest[:top]
    ]


def growth_text(growth: Growth) -> str:
    """Return the growth in one line: the answer, the smallest visible change, and the new, gone and changed tests."""
    change = " ".join(wording.change_with_bounds(growth))
    confirmed = ", confirmed" if growth.stage == "confirm" and growth.state == "costlier" else ""
    state = _GROWTH_WORDS.get(growth.state, growth.state)
    parts = [
        f"{state}{confirmed}" + (f", {change}" if change.strip() else ""),
        wording.smallest_change_text(growth),
    ]
    if growth.tests:
        parts.append(
            f"{wording.count_text(growth.tests, 'test')} compared, {whole_percent(growth.coverage)} of the cost"
        )
    for number, kind, energy_j in (
        (growth.totals.new_tests, "new", growth.totals.new_j),
        (growth.totals.gone_tests, "gone", growth.totals.gone_j),
        (growth.totals.changed_tests, "changed", growth.totals.changed_j),
    ):
        if number:
            tests = wording.count_text(number, f"{kind} test")
            parts.append(f"{tests} ({format_energy(energy_j)} of reference energy)")
    why = "" if growth.why == state else growth.why
    return "; ".join([part for part in (*parts, why) if part])

"""Where a growth lies: features, files and tests, with their joules; and which tests were not compared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.verdict.holder_lines import holder_label, sort_by_relevance
from pytest_carbon.core.verdict.verdict import MOST_TESTS, HolderVerdict, TestChange, Verdict
from pytest_carbon.core.verdict.wording import NAME_CELLS, TEST_CELLS, count_text, shorten

MOST_FEATURES, MOST_FILES = 3, 2
LEAST_SHARE = 0.1
"""A feature with less of the growth is not named: the noise of its tests may be all of it."""


def growth_lines(verdict: Verdict) -> list[tuple[str, str]]:
    """Return pairs of a label and a text: where the growth lies, and how many tests were compared.

    Empty without a holder that is costlier, or looks so in one run.
    """
    pairs = [("where", growth_place(verdict)), ("compared", "; ".join(map(_compared_text, _grown(verdict))))]
    return [(label, text) for label, text in pairs if text]


def growth_place(verdict: Verdict) -> str:
    """Return the features in which the same tests cost more, those that add most first, each with its files.

    Empty if no holder is costlier, and if the tests that differ do not cost more together.
    """
    grown = _grown(verdict)
    whole = any(holder.level != "feature" for holder in grown)
    names = {holder.name for holder in grown}
    groups: dict[str, list[TestChange]] = {}
    for test in verdict.tests:
        if test.kind in ("same", "renamed") and (whole or test.feature in names):
            groups.setdefault(test.feature or "", []).append(test)
    features = _largest_first(groups)
    if not grown or not features:
        return ""
    least_j = LEAST_SHARE * math.fsum(joules for _, joules in features)
    named = [(name, joules) for name, joules in features if joules >= least_j][:MOST_FEATURES]
    least = "at least " if len(verdict.tests) >= MOST_TESTS else ""  # the others that differ are not known here
    return "; ".join(_feature_text(name, f"{least}+{format_energy(joules)}", groups[name]) for name, joules in named)


def _grown(verdict: Verdict) -> list[HolderVerdict]:
    """Return the holders that exceed their limit on growth, or seem to in one run."""
    return [
        holder
        for holder in sort_by_relevance(verdict.judged)
        if holder.growth is not None and holder.growth.is_limited and holder.growth.state in ("costlier", "suspicious")
    ]


def _largest_first(groups: dict[str, list[TestChange]]) -> list[tuple[str, float]]:
    """Return the name and the joules of each group of tests that cost more together."""
    sums = [(name, _sum_j(tests)) for name, tests in groups.items()]
    return sorted([one for one in sums if one[1] > 0], key=lambda one: (-one[1], one[0]))


def _sum_j(tests: Iterable[TestChange]) -> float:
    return math.fsum(test.difference_j for test in tests)


def _feature_text(name: str, growth: str, tests: Sequence[TestChange]) -> str:
    files: dict[str, list[TestChange]] = {}
    for test in tests:
        files.setdefault(test.nodeid.partition("::")[0], []).append(test)
    largest = _largest_first(files)
    shown = [
        _file_text(file, files[file]) + (f" (+{format_energy(file_j)})" if len(largest) > 1 else "")
        for file, file_j in largest[:MOST_FILES]
    ]
    more = [count_text(len(largest) - MOST_FILES, "more file")] if len(largest) > MOST_FILES else []
    label = shorten(name, NAME_CELLS) if name else "tests of no feature"
    return f"{label} {growth} of reference energy a run, in {', '.join([*shown, *more])}"


def _file_text(file: str, tests: Sequence[TestChange]) -> str:
    risen = [test for test in tests if test.difference_j > 0]
    return shorten(f"{len(risen)} tests of {file}" if len(risen) > 1 else risen[0].nodeid, TEST_CELLS)


def _compared_text(holder: HolderVerdict) -> str:
    """Say how many of a holder's tests were compared, and why the others were not; empty if all were."""
    growth = holder.growth
    if growth is None or not 0 < growth.tests < holder.tests:
        return ""
    totals, left = growth.totals, holder.tests - growth.tests
    reasons = [f"{number} {what}" for number, what in
               ((totals.new_tests, "new"), (totals.changed_tests, "with other code")) if number]  # fmt: skip
    rest = left - totals.new_tests - totals.changed_tests
    if rest > 0:
        reasons.append(f"{rest} not run to the end at full speed here and on the base, or too noisy")
    return f"{holder_label(holder)}, {growth.tests} of {count_text(holder.tests, 'test')}; not: {', '.join(reasons)}"

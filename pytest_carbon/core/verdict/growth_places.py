"""Where the growth of the whole repository lies: which features and files took more than on the base."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.verdict.verdict import TestChange, Verdict
from pytest_carbon.core.verdict.wording import NAME_CELLS, count_text, shorten

MOST_PLACES, LEAST_SHARE = 3, 0.1
"""At most three files are named, and none that adds less than a tenth."""


def growth_places(verdict: Verdict) -> str:
    """Return the files that add most where the repository is costlier or may be, each with its feature and its share.

    Empty for other verdicts. The figures are of the tests that differ, as they were in this run, with their noise.
    """
    grown = [holder.growth for holder in verdict.judged if holder.level == "repository" and holder.growth]
    risen = [test for test in verdict.tests if test.difference_j > 0]
    if not risen or not any(growth.state in ("costlier", "suspicious") for growth in grown):
        return ""
    by_file: dict[tuple[str, str], list[TestChange]] = {}
    for test in risen:
        by_file.setdefault((test.nodeid.split("::")[0], test.feature or UNATTRIBUTED), []).append(test)
    whole_j = _sum_j(risen)
    places = sorted(by_file.items(), key=lambda item: (-_sum_j(item[1]), item[0]))
    named = [place for place in places[:MOST_PLACES] if _sum_j(place[1]) >= LEAST_SHARE * whole_j]
    if not named:
        return f"spread over {count_text(len(places), 'file')}, none of which adds a tenth"
    texts = [_place(file, feature, _sum_j(tests), whole_j) for (file, feature), tests in named]
    rest_j = whole_j - math.fsum(_sum_j(tests) for _, tests in named)
    others = len(places) - len(named)
    rest = [f"{percent_text(rest_j / whole_j)} in {count_text(others, 'other file')}"] if others else []
    return "; ".join([*texts, *rest])


def _sum_j(tests: Sequence[TestChange]) -> float:
    return math.fsum(test.difference_j for test in tests)


def _place(file: str, feature: str, added_j: float, whole_j: float) -> str:
    owner = "no feature" if feature == UNATTRIBUTED else f"feature {shorten(feature, NAME_CELLS)}"
    share = percent_text(added_j / whole_j)
    joules = f"{format_energy(added_j)} of reference energy more"
    return f"{shorten(file, NAME_CELLS)} ({owner}): {joules}, {share} of the rise"

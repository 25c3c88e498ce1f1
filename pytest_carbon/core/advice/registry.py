"""The kinds of advice. A new kind is one module in ``kinds`` with ``find``, and one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pytest_carbon.core.advice.finding import Finding
from pytest_carbon.core.advice.kinds import (
    costliest_tests,
    docs_only,
    flaky_tests,
    idle_cpus,
    matrix_cells,
    raised_cost,
    setup_cost,
    unchanged_code,
    unfailing_features,
    wide_fixtures,
)
from pytest_carbon.core.advice.kinds.wasted import cancelled_runs, repeated_runs, superseded_runs
from pytest_carbon.core.advice.settled_shares import PastAdvice, cost_of_runs_fell
from pytest_carbon.core.advice.window_runs import WindowRuns

Followed = Callable[[PastAdvice], Mapping[str, float] | None]


@dataclass(frozen=True, slots=True)
class AdviceKind:
    """A kind of advice. ``find`` yields its findings in a window.

    ``followed`` tells whether a finding of the window before was followed: what share of each later run was saved, or
    None; of no run if the place is gone and nobody knows what the advice saved. Without it, nobody can tell. ``place``
    is what a place of this kind is. Findings of a kind that is ``first``, because they caused a change, stand before
    larger savings.
    """

    name: str
    find: Callable[[WindowRuns], Iterator[Finding]]
    followed: Followed | None = None
    place: Literal["job", "test", "fixture", "feature", "pull request"] = "job"
    first: bool = False


ADVICE_KINDS: tuple[AdviceKind, ...] = (
    AdviceKind(raised_cost.KIND, raised_cost.find, None, "pull request", first=True),
    AdviceKind(superseded_runs.KIND, superseded_runs.find, cost_of_runs_fell),
    AdviceKind(cancelled_runs.KIND, cancelled_runs.find, cost_of_runs_fell),
    AdviceKind(flaky_tests.KIND, flaky_tests.find, flaky_tests.followed, "test"),
    AdviceKind(repeated_runs.KIND, repeated_runs.find, cost_of_runs_fell),
    AdviceKind(docs_only.KIND, docs_only.find, docs_only.followed),
    AdviceKind(matrix_cells.KIND, matrix_cells.find, matrix_cells.followed),
    AdviceKind(unchanged_code.KIND, unchanged_code.find, unchanged_code.followed),
    AdviceKind(idle_cpus.KIND, idle_cpus.find, idle_cpus.followed),
    AdviceKind(setup_cost.KIND, setup_cost.find, setup_cost.followed),
    AdviceKind(costliest_tests.KIND, costliest_tests.find, costliest_tests.followed, "test"),
    AdviceKind(wide_fixtures.KIND, wide_fixtures.find, wide_fixtures.followed, "fixture"),
    AdviceKind(unfailing_features.KIND, unfailing_features.find, None, "feature"),
)

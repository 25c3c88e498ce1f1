"""What a merged pull request changed in the runs of the default branch, and who may be told to have done it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.findings.pull_request_effects import find_merged_pulls

DAY = timedelta(days=1)


def _main(bench: Any, values: Sequence[float], **changes: Any) -> list[Any]:
    """Return a run of the default branch a day with so many reference joules, each of a pull request of its own."""
    return [
        bench.entry(n, ago=(len(values) - n) * DAY, reference_j=value, pr=n + 1, commit=f"{n:040x}", **changes)
        for n, value in enumerate(values)
    ]


def _told(runs: Sequence[Any]) -> dict[int, tuple[float | None, str]]:
    """Return each pull request's change and how sure that is; what cannot be told is left out."""
    merged = find_merged_pulls(sorted(runs, key=lambda run: run.started), "main")
    return {pull: (one.step_j, one.sureness) for pull, found in merged.items() for one in found.effects}


def test_a_step_is_its_pull_requests(bench: Any) -> None:
    """The pull request whose run is the first at the new level changed it; the others changed nothing."""
    told = _told(_main(bench, [50.0] * 10 + [60.0] * 4))
    assert told[11] == (10.0, "sure")
    assert told[10] == told[12] == (None, "sure")
    assert told[13] == told[14] == (None, "not sure")
    assert set(told) == set(range(9, 15))


def test_the_newest_is_not_sure(bench: Any) -> None:
    """One run, or two, do not bear out a change."""
    assert _told(_main(bench, [50.0] * 10 + [60.0]))[11] == (10.0, "not sure")
    assert _told(_main(bench, [50.0] * 10 + [60.0] * 2))[11] == (10.0, "not sure")


@pytest.mark.parametrize("what", ["fingerprint", "job"])
def test_only_the_same_is_compared(bench: Any, what: str) -> None:
    """Runs of another machine or job tell nothing, so what a pull request changed is not known."""
    runs = _main(bench, [50.0] * 10 + [60.0])
    assert 11 not in _told([*runs[:-1], bench.entry(99, **{**_facts(runs[-1]), what: "another"})])


def _facts(run: Any) -> dict[str, Any]:
    names = ("started", "reference_j", "pr", "commit", "job", "fingerprint")
    return {name: getattr(run, name) for name in names}


def test_another_commit_in_between_is_not_anothers_doing(bench: Any) -> None:
    """Where a run of another machine, or one that was cancelled, came between, nobody is told to have done it."""
    for changes in ({"fingerprint": "another"}, {"conclusion": "cancelled"}):
        runs = [*_main(bench, [50.0] * 10), bench.entry(50, ago=-DAY, pr=50, commit="c" * 40, **changes)]
        runs += [bench.entry(51, ago=-2 * DAY, reference_j=60.0, pr=51, commit="d" * 40)]
        told = _told(runs)
        assert 50 not in told
        assert 51 not in told


def test_a_later_run_of_the_same_commit_bears_witness(bench: Any) -> None:
    """A run at night, which names no pull request, counts for the one that brought its commit."""
    runs = _main(bench, [50.0] * 10)
    push = bench.entry(50, ago=-DAY, pr=50, commit="c" * 40, fingerprint="another", reference_j=60.0)
    night = bench.entry(51, ago=-DAY * 1.5, commit="c" * 40, reference_j=60.0)
    assert _told([*runs, push, night])[50] == (10.0, "not sure")


def test_two_kinds_of_machines_are_averaged(bench: Any) -> None:
    """Where one sees a change and the other none, half of it is told, and not as sure."""
    one, other = _main(bench, [50.0] * 10 + [60.0] * 4), _main(bench, [50.0] * 14, fingerprint="another")
    assert _told(one + other)[11] == (5.0, "not sure")
    alike = _main(bench, [40.0] * 10 + [46.0] * 4, fingerprint="another")
    assert _told(one + alike)[11] == (8.0, "sure")


def test_what_is_no_run_of_the_default_branch_is_nothing(bench: Any) -> None:
    """Runs of pull requests, of no commit and of other tools neither merge nor compare anything."""
    assert _told(_main(bench, [50.0] * 10 + [60.0], branch="topic")) == {}
    assert find_merged_pulls([bench.entry(1, pr=1, commit=None)], "main") == {}
    (one,) = find_merged_pulls([bench.entry(1, pr=1, reference_j=None)], "main").values()
    assert (one.effects, one.changed) == ((), ())

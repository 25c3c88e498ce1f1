"""How merged pull requests changed the cost of default-branch runs, and when that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.findings.pull_request_effects import find_merged_pulls

DAY = timedelta(days=1)


def _main(bench: Any, values: Sequence[float], **changes: Any) -> list[Any]:
    """Return one default-branch run a day with these reference joules, each of another pull request."""
    return [
        bench.entry(n, ago=(len(values) - n) * DAY, reference_j=value, pr=n + 1, commit=f"{n:040x}", **changes)
        for n, value in enumerate(values)
    ]


def _changes(runs: Sequence[Any]) -> dict[int, tuple[float | None, str]]:
    """Return each pull request's change and how sure it is; an unknown change is left out."""
    merged = find_merged_pulls(sorted(runs, key=lambda run: run.started), "main")
    return {pr: (effect.step_j, effect.sureness) for pr, pull in merged.items() for effect in pull.effects}


def test_a_step_belongs_to_its_pull_request(bench: Any) -> None:
    """The pull request of the first run at the new level has the change; the others have none."""
    changes = _changes(_main(bench, [50.0] * 10 + [60.0] * 4))
    assert changes[11] == (10.0, "sure")
    assert changes[10] == changes[12] == (None, "sure")
    assert changes[13] == changes[14] == (None, "not sure")
    assert set(changes) == set(range(9, 15))


def test_the_newest_change_is_not_sure(bench: Any) -> None:
    """One or two runs at the new level do not support a change."""
    assert _changes(_main(bench, [50.0] * 10 + [60.0]))[11] == (10.0, "not sure")
    assert _changes(_main(bench, [50.0] * 10 + [60.0] * 2))[11] == (10.0, "not sure")


@pytest.mark.parametrize("what", ["fingerprint", "job"])
def test_only_alike_runs_are_compared(bench: Any, what: str) -> None:
    """Runs of another machine or job are not compared, so the change is not known."""
    runs = _main(bench, [50.0] * 10 + [60.0])
    assert 11 not in _changes([*runs[:-1], bench.entry(99, **{**_facts(runs[-1]), what: "another"})])


def _facts(run: Any) -> dict[str, Any]:
    names = ("started", "reference_j", "pr", "commit", "job", "fingerprint")
    return {name: getattr(run, name) for name in names}


def test_a_commit_in_between_hides_the_cause(bench: Any) -> None:
    """If another commit ran in between, on another machine or cancelled, no pull request has the change."""
    for changes in ({"fingerprint": "another"}, {"conclusion": "cancelled"}):
        runs = [*_main(bench, [50.0] * 10), bench.entry(50, ago=-DAY, pr=50, commit="c" * 40, **changes)]
        runs += [bench.entry(51, ago=-2 * DAY, reference_j=60.0, pr=51, commit="d" * 40)]
        by_pull = _changes(runs)
        assert 50 not in by_pull
        assert 51 not in by_pull


def test_a_later_run_of_the_same_commit_counts(bench: Any) -> None:
    """A nightly run, which names no pull request, counts for the pull request of its commit."""
    runs = _main(bench, [50.0] * 10)
    push = bench.entry(50, ago=-DAY, pr=50, commit="c" * 40, fingerprint="another", reference_j=60.0)
    night = bench.entry(51, ago=-DAY * 1.5, commit="c" * 40, reference_j=60.0)
    assert _changes([*runs, push, night])[50] == (10.0, "not sure")


def test_two_kinds_of_machines_are_averaged(bench: Any) -> None:
    """If only one of two machines shows a change, the mean is half of it, and not sure."""
    changed, unchanged = _main(bench, [50.0] * 10 + [60.0] * 4), _main(bench, [50.0] * 14, fingerprint="another")
    assert _changes(changed + unchanged)[11] == (5.0, "not sure")
    alike = _main(bench, [40.0] * 10 + [46.0] * 4, fingerprint="another")
    assert _changes(changed + alike)[11] == (8.0, "sure")


def test_other_runs_have_no_effect(bench: Any) -> None:
    """Runs of pull requests, without a commit or without reference energy are neither merges nor compared."""
    assert _changes(_main(bench, [50.0] * 10 + [60.0], branch="topic")) == {}
    assert find_merged_pulls([bench.entry(1, pr=1, commit=None)], "main") == {}
    (pull,) = find_merged_pulls([bench.entry(1, pr=1, reference_j=None)], "main").values()
    assert (pull.effects, pull.changed) == ((), ())

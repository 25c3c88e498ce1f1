"""The part of a change in work per run that each merged pull request made."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pytest_carbon.core.accounts.decomposition.window_use import Group, GroupUse
from pytest_carbon.core.accounts.findings.feature_steps import PaidByLabel
from pytest_carbon.core.accounts.findings.pull_request_effects import Effect, MergedPull
from pytest_carbon.core.accounts.values.holder_shares import HolderShare


@dataclass(frozen=True, slots=True)
class PullStep:
    """What a merged pull request added to each run of a job since ``at``."""

    pr: int
    at: datetime
    effect: Effect


@dataclass(frozen=True, slots=True)
class PullPart:
    """A pull request's part of a change, in grams, its noise, and the features whose tests it changed."""

    pr: int
    at: datetime
    emissions_g: float
    noise_g: float
    features: tuple[str, ...]


def borne_out_steps(merged: Mapping[int, MergedPull]) -> list[PullStep]:
    """Return the steps of all merged pull requests that the runs before and after bear out."""
    return [PullStep(pr, pull.at, effect) for pr, pull in merged.items() for effect in pull.changed if effect.borne_out]


def split_work(
    steps: Iterable[PullStep],
    windows: tuple[Sequence[HolderShare], Sequence[HolderShare]],
    uses: tuple[Mapping[Group, GroupUse], Mapping[Group, GroupUse]],
    work_g_per_j: Mapping[Group, float],
    features: frozenset[str] | None,
    paid_by_label: PaidByLabel,
) -> list[PullPart]:
    """Return the parts of pull requests, each as grams for one joule per run, times how the mean per run moved.

    A run that labels pay has the whole step in the holder's share of it, any other run only the steps in the holder's
    own tests: ``features``, None for the repository.
    """
    parts: dict[int, list[tuple[float, float, PullStep]]] = {}
    told = [
        _ToldRuns(window, use, paid_by_label, whole=features is None) for window, use in zip(windows, uses, strict=True)
    ]
    for step in steps:
        for group, g_per_j in work_g_per_j.items():
            step_j = _own_step_j(step.effect, group, features)
            if group.job != step.effect.job or step_j == 0:
                continue
            presence = [runs.part_since(group, step.at) for runs in told]
            moved_g = g_per_j * (presence[1] - presence[0])
            if moved_g:
                parts.setdefault(step.pr, []).append((moved_g * step_j, abs(moved_g) * step.effect.noise_j, step))
    return [
        PullPart(
            pr,
            own[0][2].at,
            sum(grams for grams, _, _ in own),
            sum(noise for _, noise, _ in own),
            tuple(sorted({name for _, _, step in own for name in step.effect.features or ()})),
        )
        for pr, own in parts.items()
    ]


def _own_step_j(effect: Effect, group: Group, features: frozenset[str] | None) -> float:
    if features is None or group.by_label:
        return effect.step_j or 0.0
    return sum(step_j for name, step_j in (effect.features or {}).items() if name in features)


class _ToldRuns:
    """The told runs of a window, group by group in order of time, counted once for all steps."""

    def __init__(
        self,
        window: Sequence[HolderShare],
        use: Mapping[Group, GroupUse],
        paid_by_label: PaidByLabel,
        *,
        whole: bool,
    ) -> None:
        self._whole = {group: own.total().told for group, own in use.items()}
        self._at: dict[tuple[str | None, bool], list[datetime]] = {}
        self._before: dict[tuple[str | None, bool], list[float]] = {}
        for share in window:
            entry = share.entry
            if share.emissions_g is not None and entry.reference_j is not None:
                by_label = not whole and paid_by_label(entry)
                key = entry.job, by_label
                before = self._before.setdefault(key, [0.0])
                before.append(before[-1] + (share.share if by_label else 1.0))
                self._at.setdefault(key, []).append(share.at)

    def part_since(self, group: Group, at: datetime) -> float:
        """Return the part of a group's told runs that began at a time or later."""
        told, key = self._whole[group], (group.job, group.by_label)
        if not told or key not in self._at:
            return 0.0
        before = self._before[key]
        return min((before[-1] - before[bisect_left(self._at[key], at)]) / told, 1.0)

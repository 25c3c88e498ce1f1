"""The part of a change in work per run that each merged pull request made."""

from __future__ import annotations

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
    for step in steps:
        for group, g_per_j in work_g_per_j.items():
            step_j = _own_step_j(step.effect, group, features)
            if group.job != step.effect.job or step_j == 0:
                continue
            presence = [
                _presence(window, use[group], group, step.at, paid_by_label, whole=features is None)
                for window, use in zip(windows, uses, strict=True)
            ]
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


def _presence(
    window: Sequence[HolderShare],
    use: GroupUse,
    group: Group,
    at: datetime,
    paid_by_label: PaidByLabel,
    *,
    whole: bool,
) -> float:
    """Return the part of a group's told runs that began with the step or later."""
    told = use.total().told
    later = 0.0
    for share in reversed(window):
        if share.at < at:
            break
        entry = share.entry
        if entry.job == group.job and share.emissions_g is not None and entry.reference_j is not None:
            by_label = not whole and paid_by_label(entry)
            if by_label == group.by_label:
                later += share.share if by_label else 1.0
    return min(later / told, 1.0) if told else 0.0

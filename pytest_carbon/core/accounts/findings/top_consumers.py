"""Single causes of a large part of a budget: a pull request, or a job that runs outside of any."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_carbon.core.accounts.values.account import TOP_CONSUMER_SHARE, TopConsumer
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, total_emissions

UNNAMED = "without a name"


def find_top_consumers(
    parts: Sequence[HolderShare], amounts: Sequence[float | None], limit: float
) -> tuple[TopConsumer, ...]:
    """Return what alone took more than a fifth of a window's budget, the largest first.

    ``parts`` are those of the window, ``amounts`` what each took of ``limit``. All runs of a pull
    request are its own, also that of its merge; all others are those of their job. What other repositories ran is not
    looked into: of which pull request or job it was is not known here.
    """
    found: dict[tuple[int | None, str], list[tuple[HolderShare, float]]] = {}
    for part, amount in zip(parts, amounts, strict=True):
        if amount is not None and not part.entry.elsewhere:
            pull = part.entry.pr
            found.setdefault((pull, "" if pull is not None else part.entry.job), []).append((part, amount))
    causes = [_make_consumer(pull, job, own, limit) for (pull, job), own in found.items()]
    return tuple(
        sorted((one for one in causes if one.share > TOP_CONSUMER_SHARE), key=lambda one: (-one.share, one.name))
    )


def _make_consumer(pull: int | None, job: str, own: Sequence[tuple[HolderShare, float]], limit: float) -> TopConsumer:
    grams = total_emissions(part for part, _ in own)
    return TopConsumer(
        kind="job" if pull is None else "pull request",
        name=job or UNNAMED if pull is None else f"#{pull}",
        share=math.fsum(amount for _, amount in own) / limit,
        emissions_g=grams.central if grams else None,
        runs=len(own),
    )

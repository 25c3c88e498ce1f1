"""Single pull requests, or jobs outside pull requests, that use a large share of a budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from heapq import nsmallest

from pytest_carbon.core.accounts.values.account import TOP_CONSUMER_SHARE, TopConsumer
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, total_emissions

UNNAMED = "without a name"
MOST_CONSUMERS = 5
"""Of a budget that is used many times over, dozens of pull requests use a large share each."""


def find_top_consumers(
    shares: Sequence[HolderShare], amounts: Sequence[float | None], limit: float
) -> tuple[TopConsumer, ...]:
    """Return what used more than TOP_CONSUMER_SHARE of a window's budget alone: the largest MOST_CONSUMERS, in order.

    ``shares`` are the shares of the window, ``amounts`` what each used of ``limit``. A pull request has all its runs,
    with the run of its merge; a job has the runs outside pull requests. Runs of other repositories are left out: their
    pull requests are not known here.
    """
    by_consumer: dict[tuple[int | None, str], list[tuple[HolderShare, float]]] = {}
    for share, amount in zip(shares, amounts, strict=True):
        if amount is not None and not share.entry.elsewhere:
            pr = share.entry.pr
            by_consumer.setdefault((pr, "" if pr is not None else share.entry.job), []).append((share, amount))
    consumers = [_make_consumer(pr, job, runs, limit) for (pr, job), runs in by_consumer.items()]
    large = (consumer for consumer in consumers if consumer.share > TOP_CONSUMER_SHARE)
    return tuple(nsmallest(MOST_CONSUMERS, large, key=lambda consumer: (-consumer.share, consumer.name)))


def _make_consumer(pr: int | None, job: str, runs: Sequence[tuple[HolderShare, float]], limit: float) -> TopConsumer:
    grams = total_emissions(share for share, _ in runs)
    return TopConsumer(
        kind="job" if pr is None else "pull request",
        name=job or UNNAMED if pr is None else f"#{pr}",
        share=math.fsum(amount for _, amount in runs) / limit,
        emissions_g=grams.central if grams else None,
        runs=len(runs),
    )

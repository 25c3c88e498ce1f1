"""A job killed at any call: the next run completes its work, and nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from itertools import product
from typing import Any

import pytest

from github_action.api.client import ApiError
from tests.github_action.issues.samples import OVERRIDE, account, cause
from tests.github_action.issues.shop import OUR_LOGIN, WRITES, Shop

BLAMED = (cause(), cause("nightly", 0.25))


def _first(shop: Shop) -> None:
    """The first run: labels, a team, two features, a post-mortem for each of two causes, the index."""
    shop.update(account(causes=BLAMED), account("search"), account("shop", level="team", causes=BLAMED))


def _change(shop: Shop) -> None:
    """A day later: a threshold, an override, a removed, a new and a returned feature, a duplicate issue."""
    changed = account(used=1.02, overrides=(OVERRIDE,), causes=BLAMED)
    team = account("shop", level="team", used=0.95, causes=(cause("#13"),))
    shop.update(changed, account("pay"), account("basket"), team, day="2026-06-16", used=0.8)


def _nothing(_: Shop) -> None:
    """There is no issue before the first run."""


def _prepared(shop: Shop) -> None:
    """Earlier runs: a feature came and went, and two runs at the same moment created one issue each."""
    shop.update(account(causes=BLAMED), account("search"), account("shop", level="team"), account("basket"))
    shop.update(account(causes=BLAMED), account("search"), account("shop", level="team"))
    shop.repo.open_issue("Carbon report: checkout again", OUR_LOGIN, shop.body(), ["carbon-report"])


def _seen(shop: Shop) -> Any:
    """Return all that people see, without numbers and times."""
    threads = shop.repo.threads.values()
    numbers = {f"#{thread.number}": f"#({thread.title})" for thread in threads}

    def named(text: str) -> str:
        text = "\n".join(line for line in text.splitlines() if not line.startswith("<!-- state"))
        for number in sorted(numbers, key=len, reverse=True):
            text = text.replace(f"{number} ", f"{numbers[number]} ").replace(f"{number}\n", f"{numbers[number]}\n")
        return text

    return sorted(
        (thread.title, thread.state, named(thread.body or ""), [named(c["body"]) for c in thread.comments],
         sorted(shop.repo.threads[number].title for number in thread.children))
        for thread in threads
    )  # fmt: skip


@pytest.mark.parametrize(("prepare", "act"), [(_nothing, _first), (_prepared, _change)], ids=["first run", "a change"])
def test_killed_at_every_call(shop: Shop, prepare: Callable[[Shop], None], act: Callable[[Shop], None]) -> None:
    """A run that ends before or after any of its writes, and another after it, leave what one whole run leaves.

    Reading changes nothing: to be killed there is to be killed before the next write.
    """
    prepare(shop)
    saved = deepcopy((shop.repo.threads, shop.repo.labels))
    before = len(shop.hub.requests)
    act(shop)
    whole = _seen(shop)
    writes = [n for n, request in enumerate(shop.hub.requests[before:]) if request.method in WRITES]
    assert len(writes) > 8
    for n, taken in product(writes, (False, True)):
        shop.repo.threads, shop.repo.labels = deepcopy(saved)
        shop.hub.end_after(n, taken=taken)
        with suppress(ApiError):
            act(shop)
        shop.hub.end_after(None)
        act(shop)
        assert _seen(shop) == whole, f"killed {'after' if taken else 'before'} call {n}"

"""What keeps YAML of strangers harmless: how deep it may be nested, and how much it may unfold to."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

MAX_LEVELS, MAX_VALUES = 50, 100_000
"""Levels; and texts, lists and tables with every alias written out. No workflow of people comes near them."""


def check_yaml_limits(events: Iterable[yaml.Event]) -> None:
    """Raise ValueError for a document that is nested too deep, holds itself, or unfolds to too much.

    libyaml's loader calls itself for each level, without a limit; and values that aliases share are compared whole.
    """
    unfolded: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = [(None, 0)]
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor, 1))
            if len(open_) - 1 > MAX_LEVELS:
                raise ValueError(f"it is nested more than {MAX_LEVELS} levels deep")
            continue
        anchor, size = None, 0
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_.pop()
        elif isinstance(event, yaml.ScalarEvent):
            anchor, size = event.anchor, 1
        elif isinstance(event, yaml.AliasEvent):
            alias = event.anchor or ""
            size = unfolded.get(alias, 0)
            if not size:
                raise ValueError(f"the alias {alias[:50]!r} stands for nothing, or for what holds it")
        if anchor:
            unfolded[anchor] = size
        open_[-1] = (open_[-1][0], open_[-1][1] + size)
        if open_[-1][1] > MAX_VALUES:
            raise ValueError(f"it has more than {MAX_VALUES:,} values with its aliases written out")

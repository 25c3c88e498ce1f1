"""Limits for YAML files from strangers: depth of nesting, and size with all aliases expanded."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

MAX_LEVELS, MAX_VALUES = 50, 100_000
"""Levels of nesting; and scalars, lists and mappings with all aliases expanded. No real workflow comes near them."""


def check_yaml_limits(events: Iterable[yaml.Event]) -> None:
    """Raise ValueError for a document that is nested too deep, contains itself, or is too large when expanded.

    libyaml's loader recurses once per level, without a limit. A small file can expand to billions of values, because
    an alias may refer to a list of aliases (a "YAML bomb").
    """
    expanded_sizes: dict[str, int] = {}
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
            size = expanded_sizes.get(alias, 0)
            if not size:
                raise ValueError(
                    f"the alias {alias[:50]!r} has no anchor before it, or refers to a value that contains it"
                )
        if anchor:
            expanded_sizes[anchor] = size
        open_[-1] = (open_[-1][0], open_[-1][1] + size)
        if open_[-1][1] > MAX_VALUES:
            raise ValueError(f"it has more than {MAX_VALUES:,} values with its aliases expanded")

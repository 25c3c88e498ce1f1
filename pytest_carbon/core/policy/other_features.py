"""Tells a report that was made with other features than the policy has now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.model import Row


def other_features_text(rows: Iterable[Row], paths: Mapping[str, Sequence[str]], source: str) -> str:
    """Say how many tests of a report belong to another feature by the policy's ``paths`` now; empty if none do.

    ``paths`` are by feature. A marker wins over paths, so a test counts only if no marker can explain its feature: it
    has none, or one that the policy does not have.
    """
    claimed = cache(lambda path: feature_of_path(path, paths))
    recorded = {row.nodeid: row.feature for row in rows if row.kind == "test"}
    others = [
        nodeid
        for nodeid, feature in recorded.items()
        if feature not in paths and claimed(nodeid.partition("::")[0]) is not None
    ]
    if not others:
        return ""
    return (
        f"the report was made with other features: {len(others)} of its {len(recorded)} tests belong to others by "
        f"{source} now"
    )

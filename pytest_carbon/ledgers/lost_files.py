"""Which removed files of a ledger's tree are a loss: packed records, old days and superfluous baselines are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date

from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.ledgers.file_layout import day_of_path, days_of_month, is_baseline, is_record, month_path


def is_of_a_run(path: str) -> bool:
    """Return whether a path has the form of a record, a packed month or a baseline."""
    return is_record(path) or is_baseline(path) or days_of_month(path) is not None


def lost_files(removed: Iterable[str], present: Collection[str], since: date) -> list[str]:
    """Return the removed files that a tree misses: of days from ``since`` on, and baselines if too few are left."""
    kept = Counter(path.rpartition("/")[0] for path in present if is_baseline(path))
    return sorted(path for path in removed if path not in present and _matters(path, present, kept, since))


def _matters(path: str, present: Collection[str], kept: Counter[str], since: date) -> bool:
    if is_baseline(path):
        return kept[path.rpartition("/")[0]] < LEAST_BASELINE
    month = days_of_month(path)
    if month is not None:
        return month[1] >= since
    day = day_of_path(path)
    return is_record(path) and day is not None and day >= since and month_path(path) not in present

"""Which removed files of a ledger's tree are a loss: packed records, old days and superfluous baselines are none.

A file that is there and cannot be read is a loss as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date

from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.ledgers.file_layout import day_of_path, days_of_month, is_baseline, is_folder_of_runs, is_record
from pytest_carbon.ledgers.ledger import Skipped

COMMITS_LOOKED_AT = 30
"""The newest commits in which removed files are looked for."""
ONLY_REMOVED = ("-z", "--no-renames", "--diff-filter=D", "--name-only")
"""Options with which git lists the files that a commit removed."""
LOG_OF_REMOVED = ("log", "-m", f"-{COMMITS_LOOKED_AT}", "--format=", *ONLY_REMOVED)


def listed_names(output: bytes) -> set[str]:
    """Return the names that git listed with ``-z``; between commits, git puts an empty line."""
    return {name.strip("\n") for name in output.decode("utf-8", "surrogateescape").split("\0")} - {""}


def is_of_a_run(path: str) -> bool:
    """Return whether a path has the form of a record, a packed month or a baseline."""
    return is_record(path) or is_baseline(path) or days_of_month(path) is not None


def unreadable_runs(where: str, records: Iterable[Skipped], baselines: Iterable[Skipped]) -> LostRuns | None:
    """Return that runs of a ledger cannot be read: records that count, and baselines if too few others are left.

    Other files in a ledger are no loss.
    """
    of_records, of_baselines = ([one for one in skipped if _hides_a_run(one.path)] for skipped in (records, baselines))
    skipped = [*of_records, *of_baselines]
    if not skipped:
        return None
    files, first = count_text(len(skipped), "file"), skipped[0]
    return LostRuns(
        f"{files} of runs in the {where} cannot be read, such as {first.path} ({first.reason})",
        f"bring {first.path} back as it was; pytest-carbon ledger verify names every such file",
        until_new_base=not of_records,
        only_base=not of_records,
    )


def _hides_a_run(path: str) -> bool:
    return any(is_of_a_run(part) or is_folder_of_runs(part) for part in path.split(" in "))


def lost_files(removed: Iterable[str], present: Collection[str], since: date) -> list[str]:
    """Return the removed files that a tree misses: of days from ``since`` on, and baselines if too few are left.

    ``present`` has the paths of the tree and those inside its packed months.
    """
    kept = Counter(path.rpartition("/")[0] for path in present if is_baseline(path))
    return sorted(path for path in removed if path not in present and _matters(path, kept, since))


def _matters(path: str, kept: Counter[str], since: date) -> bool:
    if is_baseline(path):
        return kept[path.rpartition("/")[0]] < LEAST_BASELINE
    month = days_of_month(path)
    if month is not None:
        return month[1] >= since
    day = day_of_path(path)
    return is_record(path) and day is not None and day >= since

"""Groups the files of tests by the folders that name parts of a product, into few groups of a sensible size."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

MOST_GROUPS = 8
_SMALLEST_SHARE, _LARGE_SHARE, _COSTLY_SHARE = 0.04, 0.4, 0.1
_FEW_FILES = 15
_LONGEST_NAME = 40
"""With ``feature:`` before it, a name is a label, which GitHub limits to 50 letters."""
TESTS = frozenset({"test", "tests", "testing", "testsuite"})
_SOURCES = frozenset({"src", "source", "lib", "python"})
_KINDS = frozenset(
    {
        *("unit", "units", "unittest", "unittests", "unit-tests", "integration", "integrations", "integration-tests"),
        *("functional", "functional-tests", "system", "e2e", "end-to-end", "acceptance", "smoke", "regression"),
    }
)
"""Folders that say what kind of tests they hold: a product has no feature of that name."""
_AROUND = re.compile(r"^(?:tests?[-_])?(.*?)(?:[-_]tests?)?$")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Files of tests that belong together: the name, the names of the groups around it, and the folders."""

    name: str
    around: tuple[str, ...]
    folders: tuple[str, ...]
    share: float


@dataclass(slots=True)
class _Folder:
    """A folder of a product, wherever its tests lie: ``share`` is the larger of its shares of files and of energy."""

    name: str = ""
    around: tuple[str, ...] = ()
    inside: dict[str, _Folder] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)
    files: int = 0
    cost: float = 0.0
    files_share: float = 0.0
    share: float = 0.0

    def measure(self, files: int, cost: float) -> None:
        self.files_share = self.files / files
        cost_share = self.cost / cost if cost > 0 else 0.0
        self.share = max(self.files_share, cost_share)
        for inner in self.inside.values():
            inner.measure(files, cost)


def group_files(files: Collection[str], costs: Mapping[str, float] | None = None) -> list[FileGroup]:
    """Return the groups, in the order of their names; at most ``MOST_GROUPS``. Files of no group are the rest.

    ``costs`` are the joules of files that were measured: a folder that costs much is a group although it is small.
    Folders that only say that there are tests, or sources, or of which kind they are (``unit``), make no group, unless
    there are no others; so ``tests/unit/pay`` and ``tests/integration/pay`` are one group. A folder of 40 % and more
    with several parts is its parts; what remains of it is a group if that is large enough, and if
    the folder does not hold all tests.
    """
    for passed_over in (TESTS | _SOURCES | _KINDS, TESTS | _SOURCES):
        top = _tree(files, costs or {}, passed_over)
        groups = list(_split(top))
        if groups:
            break
    largest = sorted(groups, key=lambda group: (-group.share, group.folders))[:MOST_GROUPS]
    return sorted(largest, key=lambda group: (group.name, group.around))


def name_of_folder(folder: str) -> str:
    """Return the name that a folder or module gives to a group: ``test_pay_flow`` gives ``pay-flow``."""
    lower = folder.casefold().strip("_")
    inner = _AROUND.sub(r"\1", lower) or lower
    return _NOT_IN_NAMES.sub("-", inner)[:_LONGEST_NAME].strip("-")


def _tree(files: Collection[str], costs: Mapping[str, float], passed_over: Collection[str]) -> _Folder:
    top = _Folder()
    for file in files:
        folder = top
        _count(folder, costs.get(file, 0.0))
        place: list[str] = []
        for part in file.split("/")[:-1]:
            place.append(part)
            name = name_of_folder(part)
            if not name or part.casefold() in TESTS | _SOURCES or name in passed_over:
                continue
            folder = folder.inside.setdefault(name, _Folder(name, (*folder.around, folder.name)))
            folder.places.add("/".join(place))
            _count(folder, costs.get(file, 0.0))
    top.measure(max(top.files, 1), top.cost)
    return top


def _count(folder: _Folder, cost: float) -> None:
    folder.files += 1
    folder.cost += cost


def _split(folder: _Folder) -> Iterator[FileGroup]:
    for inner in _large_enough(folder.inside.values()):
        parts = list(_large_enough(inner.inside.values()))
        alone = len(parts) == 1 and inner.files == parts[0].files
        if alone or (inner.share >= _LARGE_SHARE and len(parts) > 1):
            yield from _split(inner)
            remains = inner.files_share - sum(part.files_share for part in parts)
            if remains >= _SMALLEST_SHARE and inner.files < folder.files:
                yield _group(inner)
        else:
            yield _group(inner)


def _large_enough(folders: Iterable[_Folder]) -> Iterator[_Folder]:
    """Yield the folders that deserve a group of their own: one file of many is too few, unless it costs much."""
    for folder in folders:
        all_files = round(folder.files / folder.files_share)
        several = folder.files > 1 or all_files <= _FEW_FILES
        if (several and folder.files_share >= _SMALLEST_SHARE) or folder.share >= _COSTLY_SHARE:
            yield folder


def _group(folder: _Folder) -> FileGroup:
    names = tuple(name for name in folder.around if name)
    return FileGroup(folder.name, names, tuple(sorted(folder.places)), folder.share)

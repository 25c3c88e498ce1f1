"""Which test of the head is which test of the base: the same, changed, renamed, new or gone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pytest_carbon.core.report.run_measurements import RunMeasurements, function_of, parameters_of


@dataclass(frozen=True, slots=True)
class Matching:
    """Tests of the head by what became of them.

    ``same`` and ``renamed`` map a nodeid of the head to that of the base and run the same code as far as is
    known; ``changed`` have the same nodeid and other code; ``absent`` are on the base and were not asked to run.
    """

    same: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    @property
    def comparable(self) -> dict[str, str]:
        """Return head nodeid -> base nodeid of every test that is the same on both sides."""
        return {**self.same, **self.renamed}


def match(head: RunMeasurements, base: RunMeasurements) -> Matching:
    """Match two runs' tests: by nodeid, then by the same code under another name, then by other parameters.

    A renamed function keeps its tests where, of those that only one side has, exactly one on either side has that
    code. Where a function's parameters have other ids and there are as many as before, they are matched in the
    order of their ids: runs are in no order of their own where workers or chance made it. A head that ran another
    selection than the base says nothing about the tests it left out: they are ``absent``.
    """
    common = head.tests.keys() & base.tests.keys()
    changed = {nodeid for nodeid in common if _code_differs(head, base, nodeid)}
    left_head = [nodeid for nodeid in head.tests if nodeid not in common]
    left_base = [nodeid for nodeid in base.tests if nodeid not in common]
    renamed = _by_code(head, base, left_head, left_base)
    left_head = [nodeid for nodeid in left_head if nodeid not in renamed]
    taken = set(renamed.values())
    left_base = [nodeid for nodeid in left_base if nodeid not in taken]
    renamed |= _by_parameters(head, base, left_head, left_base)
    rest = frozenset(left_base) - set(renamed.values())
    whole = head.selection == base.selection
    return Matching(
        same={nodeid: nodeid for nodeid in head.tests if nodeid in common and nodeid not in changed},
        renamed=renamed,
        changed=frozenset(changed),
        new=frozenset(left_head) - renamed.keys(),
        gone=rest if whole else frozenset(),
        absent=frozenset() if whole else rest,
    )


def _code_differs(head: RunMeasurements, base: RunMeasurements, nodeid: str) -> bool:
    function = function_of(nodeid)
    ours, theirs = head.code.get(function), base.code.get(function)
    return ours is not None and theirs is not None and ours != theirs


def _by_code(
    head: RunMeasurements, base: RunMeasurements, left_head: list[str], left_base: list[str]
) -> dict[str, str]:
    ours, theirs = _only_by_code(head, left_head), _only_by_code(base, left_base)
    moved = {new: theirs[code] for code, new in ours.items() if code in theirs}
    there = set(left_base)
    found = {}
    for nodeid in left_head:
        was = moved.get(function_of(nodeid))
        if was is not None and was + parameters_of(nodeid) in there:
            found[nodeid] = was + parameters_of(nodeid)
    return found


def _only_by_code(run: RunMeasurements, left: Iterable[str]) -> dict[str, str]:
    """Map a digest of code to the only function left that has it."""
    functions = {function_of(nodeid) for nodeid in left}
    times = Counter(run.code[function] for function in functions if function in run.code)
    return {run.code[f]: f for f in functions if f in run.code and times[run.code[f]] == 1}


def _by_parameters(
    head: RunMeasurements, base: RunMeasurements, left_head: list[str], left_base: list[str]
) -> dict[str, str]:
    ours, theirs = _by_function(left_head), _by_function(left_base)
    found: dict[str, str] = {}
    for function, nodeids in ours.items():
        before = theirs.get(function, [])
        if len(before) == len(nodeids) and not _code_differs(head, base, function):
            found.update(zip(sorted(nodeids, key=_natural), sorted(before, key=_natural), strict=True))
    return found


def _natural(nodeid: str) -> tuple[str, str]:
    """Return what sorts ``[2]`` before ``[10]``."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(20), nodeid[:1000]), nodeid


def _by_function(nodeids: Iterable[str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = defaultdict(list)
    for nodeid in nodeids:
        if parameters_of(nodeid):
            out[function_of(nodeid)].append(nodeid)
    return out

"""Match the tests of head and base: the same, renamed, changed, new or gone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.records.run_measurements import RunMeasurements, function_of, parameters_of


@dataclass(frozen=True, slots=True)
class Matching:
    """The tests of head and base by kind of change.

    ``same`` and ``renamed`` map a nodeid of the head to that of the base; as far as is known, both run the same code.
    ``changed`` have the same nodeid and other code. ``new`` are only in the head, ``gone`` only in the base.
    """

    same: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    @property
    def comparable(self) -> dict[str, str]:
        """Return head nodeid -> base nodeid of every test that is the same on both sides."""
        return {**self.same, **self.renamed}


def match_tests(head: RunMeasurements, base: RunMeasurements) -> Matching:
    """Match the tests of two runs: by nodeid, then by equal code under another name, then by other parameters.

    Of the unmatched functions with the same code, those match whose own names are the same, and else the only one on
    each side. If the parameters of a function have other ids, and there are as many as before, they are matched in the
    order of their ids, because workers and random order change the order of a run. If head and base ran different
    selections of the suite, a test that only the base ran is not gone: it may have been left out.
    """
    common = head.tests.keys() & base.tests.keys()
    changed = {nodeid for nodeid in common if _code_differs(head, base, nodeid)}
    left_head = [nodeid for nodeid in head.tests if nodeid not in common]
    left_base = [nodeid for nodeid in base.tests if nodeid not in common]
    functions = _renamed_functions(head, base, left_head, left_base)
    renamed = _by_code(functions, left_head, left_base)
    left_head = [nodeid for nodeid in left_head if nodeid not in renamed]
    taken = set(renamed.values())
    left_base = [nodeid for nodeid in left_base if nodeid not in taken]
    renamed |= _by_parameters(head, base, functions, left_head, left_base)
    only_base = frozenset(left_base) - set(renamed.values())
    return Matching(
        same={nodeid: nodeid for nodeid in head.tests if nodeid in common and nodeid not in changed},
        renamed=renamed,
        changed=frozenset(changed),
        new=frozenset(left_head) - renamed.keys(),
        gone=only_base if head.selection == base.selection else frozenset(),
    )


def tests_moved_from(head: RunMeasurements, base: RunMeasurements, names: Mapping[str, str]) -> dict[str, set[str]]:
    """Return by feature of the base the tests of the head that have another feature now.

    ``names`` maps a test of the head to that of the base.
    """
    moved: dict[str, set[str]] = {}
    for nodeid, was in names.items():
        before = base.features.get(was, UNATTRIBUTED)
        if before != head.features.get(nodeid, UNATTRIBUTED) and was in base.tests:
            moved.setdefault(before, set()).add(nodeid)
    return moved


def _code_differs(head: RunMeasurements, base: RunMeasurements, nodeid: str) -> bool:
    function = function_of(nodeid)
    head_code, base_code = head.code.get(function), base.code.get(function)
    return head_code is not None and base_code is not None and head_code != base_code


def _renamed_functions(
    head: RunMeasurements, base: RunMeasurements, left_head: Iterable[str], left_base: Iterable[str]
) -> dict[str, str]:
    """Return head function -> base function of the functions with another name and the same code.

    Of several functions with the same code, first those match that were only moved: their own names are the same, with
    their class or without it. What is left matches if it is one function on each side.
    """
    left = _functions_by_code(head, left_head), _functions_by_code(base, left_base)
    renamed: dict[str, str] = {}
    for kept_parts in (2, 1, 0):
        ours, theirs = (_unique(functions, kept_parts) for functions in left)
        found = {now: theirs[key] for key, now in ours.items() if key in theirs}
        renamed |= found
        done = {*found, *found.values()}
        left = _without(left[0], done), _without(left[1], done)
    return renamed


def _functions_by_code(run: RunMeasurements, unmatched: Iterable[str]) -> dict[str, list[str]]:
    """Map a digest of code to the unmatched functions that have this code."""
    functions: dict[str, list[str]] = {}
    for function in dict.fromkeys(function_of(nodeid) for nodeid in unmatched):
        if function in run.code:
            functions.setdefault(run.code[function], []).append(function)
    return functions


def _unique(functions: Mapping[str, list[str]], kept_parts: int) -> dict[tuple[str, ...], str]:
    """Map a digest of code and the last parts of a name to the function; leave out what several functions share."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for code, names in functions.items():
        for name in names:
            parts = name.split("::")
            found[code, *parts[len(parts) - kept_parts :]].append(name)
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _without(functions: Mapping[str, list[str]], done: Collection[str]) -> dict[str, list[str]]:
    return {code: [name for name in names if name not in done] for code, names in functions.items()}


def _by_code(functions: Mapping[str, str], left_head: list[str], left_base: list[str]) -> dict[str, str]:
    """Return head nodeid -> base nodeid of the tests of renamed functions that have the same parameters."""
    unmatched = set(left_base)
    matches = {}
    for nodeid in left_head:
        was = functions.get(function_of(nodeid))
        if was is not None and was + parameters_of(nodeid) in unmatched:
            matches[nodeid] = was + parameters_of(nodeid)
    return matches


def _by_parameters(
    head: RunMeasurements,
    base: RunMeasurements,
    functions: Mapping[str, str],
    left_head: list[str],
    left_base: list[str],
) -> dict[str, str]:
    """Return head nodeid -> base nodeid of a function's tests, if it has as many other parameters as before."""
    head_nodeids, base_nodeids = _by_function(left_head), _by_function(left_base)
    matches: dict[str, str] = {}
    same = {f: f for f in head_nodeids if f in base_nodeids and not _code_differs(head, base, f)}
    renamed = {now: was for now, was in functions.items() if now not in same and was not in same}
    for function, was in {**same, **renamed}.items():
        after, before = head_nodeids.get(function, []), base_nodeids.get(was, [])
        if len(before) == len(after):
            matches.update(zip(sorted(after, key=_natural_order), sorted(before, key=_natural_order), strict=True))
    return matches


def _natural_order(nodeid: str) -> tuple[str, str]:
    """Return a sort key that puts ``[2]`` before ``[10]``."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(20), nodeid[:1000]), nodeid


def _by_function(nodeids: Iterable[str]) -> dict[str, list[str]]:
    """Group the nodeids with parameters by their test function."""
    groups: dict[str, list[str]] = defaultdict(list)
    for nodeid in nodeids:
        if parameters_of(nodeid):
            groups[function_of(nodeid)].append(nodeid)
    return groups

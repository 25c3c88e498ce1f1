"""Match the tests of head and base: the same, renamed, changed, new or gone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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

    A function is renamed if exactly one unmatched function on each side has its code. If the parameters of a function
    have other ids, and there are as many as before, they are matched in the order of their ids, because workers and
    random order change the order of a run. If head and base ran different selections of the suite, a test that only
    the base ran is not gone: it may have been left out.
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
    only_base = frozenset(left_base) - set(renamed.values())
    return Matching(
        same={nodeid: nodeid for nodeid in head.tests if nodeid in common and nodeid not in changed},
        renamed=renamed,
        changed=frozenset(changed),
        new=frozenset(left_head) - renamed.keys(),
        gone=only_base if head.selection == base.selection else frozenset(),
    )


def _code_differs(head: RunMeasurements, base: RunMeasurements, nodeid: str) -> bool:
    function = function_of(nodeid)
    head_code, base_code = head.code.get(function), base.code.get(function)
    return head_code is not None and base_code is not None and head_code != base_code


def _by_code(
    head: RunMeasurements, base: RunMeasurements, left_head: list[str], left_base: list[str]
) -> dict[str, str]:
    """Return head nodeid -> base nodeid of the tests whose function has another name and the same code."""
    head_functions, base_functions = _function_by_code(head, left_head), _function_by_code(base, left_base)
    renamed = {new: base_functions[code] for code, new in head_functions.items() if code in base_functions}
    unmatched = set(left_base)
    matches = {}
    for nodeid in left_head:
        was = renamed.get(function_of(nodeid))
        if was is not None and was + parameters_of(nodeid) in unmatched:
            matches[nodeid] = was + parameters_of(nodeid)
    return matches


def _function_by_code(run: RunMeasurements, unmatched: Iterable[str]) -> dict[str, str]:
    """Map a digest of code to the unmatched function that has this code; leave out code that several have."""
    functions = {function_of(nodeid) for nodeid in unmatched}
    times = Counter(run.code[function] for function in functions if function in run.code)
    return {run.code[f]: f for f in functions if f in run.code and times[run.code[f]] == 1}


def _by_parameters(
    head: RunMeasurements, base: RunMeasurements, left_head: list[str], left_base: list[str]
) -> dict[str, str]:
    """Return head nodeid -> base nodeid of the tests of a function that has as many other parameters."""
    head_nodeids, base_nodeids = _by_function(left_head), _by_function(left_base)
    matches: dict[str, str] = {}
    for function, after in head_nodeids.items():
        before = base_nodeids.get(function, [])
        if len(before) == len(after) and not _code_differs(head, base, function):
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

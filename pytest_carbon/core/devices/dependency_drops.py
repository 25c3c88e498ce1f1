"""Dependencies whose new lower bound drops a Python that the project still declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.match_statements import Support
from pytest_carbon.core.devices.stranded_devices import find_stranded
from pytest_carbon.core.devices.values import Declarations, Dependency, DeviceFacts, Drop, SettingLocation
from pytest_carbon.core.devices.version_ranges import accepts_line, minimum_version, parse_version
from pytest_carbon.core.devices.wording import releases_label, short_name


@dataclass(frozen=True, slots=True)
class PythonNeed:
    """From which version on a package is known to need which Python; ``source`` says who says so."""

    version: str
    python: str
    source: str


_PYTHON_MARKER = re.compile(r"\bpython(?:_version|_full_version)?\b")
PackageNeeds = Mapping[str, tuple[PythonNeed, ...]]
"""What is known of packages, by their canonical name."""


def needs_by_policy(rule: DevicesRule) -> dict[str, tuple[PythonNeed, ...]]:
    """Return what a policy says that packages need, by their canonical name."""
    told = {canonicalize_name(name): steps for name, steps in rule.dependencies.items()}
    return {
        name: tuple(PythonNeed(of, python, f"{name} {of} (by the policy)") for of, python in steps.items())
        for name, steps in told.items()
    }


def raised_dependencies(base: Declarations, head: Declarations) -> tuple[Dependency, ...]:
    """Return head's dependencies that ask for newer versions than base, and on every Python."""
    before = {_key(one): minimum_version([one.specifier]) for one in base.dependencies}
    found = []
    for one in head.dependencies:
        was, now = before.get(_key(one)), minimum_version([one.specifier])
        conditional = _PYTHON_MARKER.search(one.marker)
        if now and (was is None or now > was) and not conditional:
            found.append(one)
    return tuple(found)


def _key(one: Dependency) -> tuple[str, str, str]:
    return one.project, canonicalize_name(one.name), one.extra


def find_dependency_drops(
    base: Declarations, head: Declarations, known: PackageNeeds, facts: DeviceFacts
) -> tuple[tuple[Drop, ...], tuple[str, ...]]:
    """Return what raised dependencies drop of the Pythons that head declares, and in sentences what is not known.

    What a package needs is known of single versions. A lower bound at or above one of them needs at least as much;
    for one below it that is likely, and told as a note, as what only an extra asks for is.
    """
    drops: list[Drop] = []
    notes: list[str] = []
    unknown: list[str] = []
    for one in raised_dependencies(base, head):
        needs = known.get(canonicalize_name(one.name), ())
        drops += [
            drop for need in needs if _certainly_needs(one, need) for drop in _drops_of_need(one, need, head, facts)
        ]
        for need in (need for need in needs if not _certainly_needs(one, need)):
            lost = [releases_label("python", drop.releases) for drop in _drops_of_need(one, need, head, facts)]
            notes += [f"{one.name}{one.specifier} may drop {text}: {need.source} needs {need.python}" for text in lost]
        unknown += [] if needs else [one.name]
    if unknown:
        names = ", ".join(sorted(set(unknown)))
        notes.append(f"which Python the newly asked versions need is not known of {names}: not installed here")
    return tuple(drops), tuple(dict.fromkeys(notes))


def _certainly_needs(one: Dependency, need: PythonNeed) -> bool:
    asked, of = minimum_version([one.specifier]), parse_version(need.version)
    return not one.extra and asked is not None and of is not None and asked >= of


def _drops_of_need(one: Dependency, need: PythonNeed, head: Declarations, facts: DeviceFacts) -> Iterator[Drop]:
    """Yield the drop of the Pythons that the project of a dependency declares and a version of it refuses."""
    own = tuple(s for s in head.statements if (s.family, s.role, s.project) == ("python", "declared", one.project))
    support = Support("declared", own)
    if not own or not accepts_line([need.python], _newest_python(facts)):
        return
    after = minimum_version([need.python])
    listed = [release.name for release in facts.releases.get("python", ())]
    lost = [name for name in listed if support.accepts(name) and not accepts_line([need.python], name)]
    below = tuple(sorted((name for name in lost if after and Version(name) < after), key=Version))
    if below:
        holders, open_ = find_stranded("python", support.minimum, after, facts)
        patched = next(release for release in facts.releases["python"] if release.name == below[-1])
        place = SettingLocation(one.path, f"{one.name}{one.specifier}", one.project)
        names = tuple(short_name("python", name) for name in below)
        before = str(support.minimum) if support.minimum else None
        yield Drop("python", names, below, (place,), before, str(after), patched, holders, open_)


def _newest_python(facts: DeviceFacts) -> str:
    return max((release.name for release in facts.releases.get("python", ())), key=Version, default="3")

"""Finds dependencies whose raised lower bound drops a Python that the project still declares to support."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.core.devices.match_statements import Support
from pytest_carbon.core.devices.stranded_devices import find_stranded
from pytest_carbon.core.devices.support_values import Declarations, Dependency, DeviceFacts, Drop, SettingLocation
from pytest_carbon.core.devices.version_ranges import accepts_line, minimum_version, parse_version
from pytest_carbon.core.devices.wording import releases_label, short_name


@dataclass(frozen=True, slots=True)
class PythonNeed:
    """The Python versions, as a specifier, that a package needs since its version ``version``.

    ``source`` names the package, its version and the origin of this fact, for a sentence.
    """

    version: str
    python: str
    source: str


_PYTHON_MARKER = re.compile(r"\bpython(?:_version|_full_version)?\b")
PackageNeeds = Mapping[str, tuple[PythonNeed, ...]]
"""The known needs of packages, by their canonical name."""


def needs_by_policy(rule: DevicesRule) -> dict[str, tuple[PythonNeed, ...]]:
    """Return the needs that a policy declares, by the canonical name of the package."""
    by_name = {canonicalize_name(name): steps for name, steps in rule.dependencies.items()}
    return {
        name: tuple(
            PythonNeed(version, python, f"{name} {version} (by the policy)") for version, python in steps.items()
        )
        for name, steps in by_name.items()
    }


def raised_dependencies(base: Declarations, head: Declarations) -> tuple[Dependency, ...]:
    """Return the dependencies of head with a new or raised lower bound, unless their marker is about Python."""
    old_minima = {_key(dependency): minimum_version([dependency.specifier]) for dependency in base.dependencies}
    raised = []
    for dependency in head.dependencies:
        old, new = old_minima.get(_key(dependency)), minimum_version([dependency.specifier])
        if new and (old is None or new > old) and not _PYTHON_MARKER.search(dependency.marker):
            raised.append(dependency)
    return tuple(raised)


def _key(dependency: Dependency) -> tuple[str, str, str]:
    return dependency.project, canonicalize_name(dependency.name), dependency.extra


def find_dependency_drops(
    base: Declarations, head: Declarations, needs: PackageNeeds, facts: DeviceFacts
) -> tuple[tuple[Drop, ...], tuple[str, ...]]:
    """Return the drops of Pythons that head declares and its raised dependencies refuse, and notes.

    A need is known for one version of a package. A dependency with a lower bound at or above that version drops what
    the need refuses; a dependency with a lower bound below that version, or one of an extra, only makes a note.
    """
    drops: list[Drop] = []
    notes: list[str] = []
    unknown: list[str] = []
    for dependency in raised_dependencies(base, head):
        known = needs.get(canonicalize_name(dependency.name), ())
        for need in known:
            refused = list(_drops_of_need(dependency, need, head, facts))
            if _certainly_needs(dependency, need):
                drops += refused
                continue
            requirement = f"{dependency.name}{dependency.specifier}"
            labels = [releases_label("python", drop.releases) for drop in refused]
            notes += [f"{requirement} may drop {label}: {need.source} needs Python {need.python}" for label in labels]
        unknown += [] if known else [dependency.name]
    if unknown:
        names = ", ".join(sorted(set(unknown)))
        notes.append(
            f"it is unknown which Python the new minimum of {names} needs: not installed here, "
            "and not in [devices.dependencies]"
        )
    return tuple(drops), tuple(dict.fromkeys(notes))


def _certainly_needs(dependency: Dependency, need: PythonNeed) -> bool:
    minimum, version = minimum_version([dependency.specifier]), parse_version(need.version)
    return not dependency.extra and minimum is not None and version is not None and minimum >= version


def _drops_of_need(dependency: Dependency, need: PythonNeed, head: Declarations, facts: DeviceFacts) -> Iterator[Drop]:
    """Yield the drop of the Pythons that the dependency's project declares and the need refuses, if there are any."""
    subject = ("python", "declared", dependency.project)
    declared = tuple(s for s in head.statements if (s.family, s.role, s.project) == subject)
    support = Support("declared", declared)
    if not declared or not accepts_line([need.python], _newest_python(facts)):
        return
    after = minimum_version([need.python])
    listed = [release.name for release in facts.releases.get("python", ())]
    refused = [name for name in listed if support.accepts(name) and not accepts_line([need.python], name)]
    lost = tuple(sorted((name for name in refused if after and Version(name) < after), key=Version))
    if lost:
        groups, unknown = find_stranded("python", support.minimum, after, facts)
        yield Drop(
            family="python",
            names=tuple(short_name("python", name) for name in lost),
            releases=lost,
            where=(SettingLocation(dependency.path, f"{dependency.name}{dependency.specifier}", dependency.project),),
            before=str(support.minimum) if support.minimum else None,
            after=str(after),
            patched=next(release for release in facts.releases["python"] if release.name == lost[-1]),
            stranded=groups,
            unknown=unknown,
        )


def _newest_python(facts: DeviceFacts) -> str:
    return max((release.name for release in facts.releases.get("python", ())), key=Version, default="3")

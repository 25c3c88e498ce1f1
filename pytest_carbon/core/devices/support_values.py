"""The values of this room: what a project declares to support, facts about releases and devices, and drops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Role = Literal["declared", "claimed", "used", "image", "tested"]
ROLES: tuple[Role, ...] = ("declared", "claimed", "used", "image", "tested")
"""The strongest role first.

``declared`` is a minimum that tools enforce, ``claimed`` a classifier, ``used`` a pinned runtime, ``image`` the image
in which a program is shipped, ``tested`` what CI tests or only a build uses.
"""

FAMILIES_OF_NAMES = frozenset({"wheels", "os", "browsers"})
"""Families whose members are names without an order. The releases of all other families are ordered."""

UNCERTAIN = "?"
"""Suffix of a name that is only possibly supported. Losing such a name is no drop; a name that base certainly supports
counts as kept if head has the name with this suffix."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One setting of one file that declares what the project supports.

    ``values`` are alternative version specifiers of PEP 440 (``>=3.9,<4``), or names in a family of names (``win32``).
    ``project`` is the folder of the project, empty at the root. ``part`` separates statements of one project that are
    about different things, such as the architectures of wheels.
    """

    family: str
    values: tuple[str, ...]
    role: Role
    path: str
    setting: str
    project: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that a project requires, with a specifier of the accepted versions.

    ``marker`` is the environment marker of the requirement. ``extra`` names the only extra that requires the package.
    """

    name: str
    specifier: str
    path: str
    project: str = ""
    marker: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file, or a setting of a file, that could not be read, and the reason."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Declarations:
    """Everything that the files of one commit declare."""

    statements: tuple[Statement, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    unread: tuple[UnreadableFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A release line of a product. ``until`` is the last day of security patches for everybody.

    ``until`` is ``date.max`` if no end is announced, ``date.min`` if support ended on an unknown day, and None if
    nothing is known. ``extended`` is the last day of patches by paid support or by volunteers, if there are any.
    """

    name: str
    released: date | None = None
    until: date | None = None
    extended: date | None = None


LAST_SOLD = "sold until"
"""The only value of ``DeviceGroup.how`` that is an upper bound: no such device was sold new after that day."""


@dataclass(frozen=True, slots=True)
class DeviceGroup:
    """Devices or systems that cannot run anything newer than the release ``last`` of a family.

    ``newest`` is the day on which the newest of the devices was last sold, introduced or released; ``how`` says which.
    ``until`` is the last day of the devices' own security patches, as in Release.
    """

    name: str
    last: str
    newest: date | None = None
    how: str = LAST_SOLD
    until: date | None = None


def newest_first(groups: Iterable[DeviceGroup]) -> list[DeviceGroup]:
    """Return groups of devices by the age of their newest device, groups of unknown age last."""
    return sorted(groups, key=lambda group: group.newest or date.min, reverse=True)


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known about releases and devices on the day ``as_of``. All mappings have families as keys.

    ``needs`` are the releases of other families that a release needs, from that release on:
    ``{"python": {"3.9": {"windows": "6.3"}}}``. ``newest_covered`` is the newest release that ``groups`` and ``needs``
    cover, for families in which this is not the newest of ``releases``.
    """

    as_of: date
    source: str = ""
    releases: Mapping[str, tuple[Release, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[DeviceGroup, ...]] = field(default_factory=dict)
    needs: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    newest_covered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettingLocation:
    """A setting in a file of a project. The name of the project at the root is empty."""

    path: str
    setting: str
    project: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """What a change no longer supports, and the devices that it strands.

    ``names`` are short names: ``python 3.8``, ``glibc < 2.28``, ``win32``. ``releases`` are the same without their
    family, oldest first. ``where`` are the settings of head. ``before`` and ``after`` are the minimum releases that
    base and head accept. ``patched`` is the newest dropped release, if the facts contain it. ``unknown`` are clauses
    about stranded devices that the facts do not know.
    """

    family: str
    names: tuple[str, ...]
    releases: tuple[str, ...]
    where: tuple[SettingLocation, ...]
    before: str | None = None
    after: str | None = None
    patched: Release | None = None
    stranded: tuple[DeviceGroup, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaleRelease:
    """A release that head declares or builds upon, although the maker no longer patches the release."""

    family: str
    release: Release
    role: Role
    where: tuple[SettingLocation, ...]

"""What a project declares to run on, the facts about releases and devices, and what a change drops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Role = Literal["declared", "claimed", "used", "image", "tested"]
ROLES: tuple[Role, ...] = ("declared", "claimed", "used", "image", "tested")
"""Strongest first: a minimum that tools enforce; a classifier; a pinned runtime; the image that a program is shipped
in; what CI tries, and what only builds."""

FAMILIES_OF_NAMES = frozenset({"wheels", "os", "browsers"})
"""Families of names; the releases of all others have an order."""

UNCERTAIN = "?"
"""Stands behind a name that is possibly supported: its loss is no drop, and it keeps what the other side is sure of."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One setting of one file that says what the project runs on.

    ``values`` are version specifiers of PEP 440 of which any may hold (``>=3.9,<4``), or names for a family of names
    (``win32``). ``part`` tells settings apart that speak of different things within a project.
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
    """A package that a project asks for, with the versions it takes.

    ``marker`` says where it is asked for, and ``extra`` for which extra only.
    """

    name: str
    specifier: str
    path: str
    project: str = ""
    marker: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file, or a setting of it, that could not be read, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Declarations:
    """All that the files of one commit declare."""

    statements: tuple[Statement, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    unread: tuple[UnreadableFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A release line of a product. ``until`` is the last day of its security patches for everybody.

    It is ``date.max`` where no end is announced, ``date.min`` where it is over since an unknown day, and None where
    nothing is known. ``extended`` is the end of paid or volunteers' patches, where there are any.
    """

    name: str
    released: date | None = None
    until: date | None = None
    extended: date | None = None


LAST_SOLD = "sold until"
"""How a day is known that is nobody's least: nothing of the kind was sold new after it."""


@dataclass(frozen=True, slots=True)
class DeviceGroup:
    """Devices or systems that cannot go beyond a release: ``last`` of their family.

    ``newest`` is the day the newest of them was last sold, or introduced, or released, as ``how`` says. ``until`` is
    the last day of their own security patches, as in Release.
    """

    name: str
    last: str
    newest: date | None = None
    how: str = LAST_SOLD
    until: date | None = None


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known of releases and devices on the day ``as_of``.

    ``needs`` says from which release on a family needs which release of another:
    ``{"python": {"3.9": {"windows": "6.3"}}}``. ``known`` says of a family the newest release that ``holders`` and
    ``needs`` speak of, where that is not the newest of ``releases``.
    """

    as_of: date
    source: str = ""
    releases: Mapping[str, tuple[Release, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[DeviceGroup, ...]] = field(default_factory=dict)
    needs: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    newest_covered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettingLocation:
    """A setting of a file of a project; the project at the root has no name."""

    path: str
    setting: str
    project: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """What a change stops supporting, and whom that strands.

    ``names`` are such as ``python 3.8``, ``glibc < 2.28`` and ``win32``; ``releases`` are the same without their
    family, oldest first. ``before`` and ``after`` are the least release that base and head take. ``patched`` is the
    newest dropped release, where it is in the facts. ``unknown`` says in sentences what could not be told.
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

    @property
    def newest(self) -> DeviceGroup | None:
        """Return the newest of the stranded whose age is known."""
        known = [holder for holder in self.stranded if holder.newest]
        return max(known, key=lambda holder: holder.newest or date.min, default=None)


@dataclass(frozen=True, slots=True)
class StaleRelease:
    """A release that head declares or builds upon, and that upstream no longer patches."""

    family: str
    release: Release
    role: Role
    where: tuple[SettingLocation, ...]

"""The statements of base and head, matched: what speaks of the same thing, and which of it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.version import Version

from pytest_carbon.core.devices.values import ROLES, UNCERTAIN, Declarations, Role, SettingLocation, Statement
from pytest_carbon.core.devices.version_ranges import accepts_line, minimum_version

Subject = tuple[str, str, str]
_BUILD_FAMILIES = frozenset({"glibc", "musl", "macos"})
"""Families of which a project may build several, each for others."""


@dataclass(frozen=True, slots=True)
class Support:
    """What the strongest statements about one thing take together."""

    role: Role
    statements: tuple[Statement, ...]

    def accepts(self, release: str) -> bool:
        """Say whether a release line is supported. Every minimum must take it; of other statements one is enough."""
        every = all if self.role == "declared" else any
        return every(accepts_line(statement.values, release) for statement in self.statements)

    @property
    def minimum(self) -> Version | None:
        """Return the least version that is supported; None where there is no lower bound."""
        bounds = [minimum_version(statement.values) for statement in self.statements]
        known = [bound for bound in bounds if bound is not None]
        if self.role == "declared":
            return max(known, default=None)
        return min(known) if known and len(known) == len(bounds) else None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that every setting takes; what one file or another says of a setting is taken together.

        One that no setting is sure of keeps its mark.
        """
        by_setting: defaultdict[str, set[str]] = defaultdict(set)
        for statement in self.statements:
            by_setting[statement.setting].update(statement.values)
        sure = {name for names in by_setting.values() for name in names if not name.endswith(UNCERTAIN)}
        known = dict.fromkeys(one.removesuffix(UNCERTAIN) for statement in self.statements for one in statement.values)
        taken = [name for name in known if all({name, f"{name}{UNCERTAIN}"} & names for names in by_setting.values())]
        return tuple(name if name in sure else f"{name}{UNCERTAIN}" for name in taken)

    @property
    def locations(self) -> tuple[SettingLocation, ...]:
        """Return where it is said."""
        return tuple(dict.fromkeys(SettingLocation(one.path, one.setting, one.project) for one in self.statements))


@dataclass(frozen=True, slots=True)
class StatementPair:
    """What base and head say of one thing. ``counts`` is false where another statement has more weight."""

    family: str
    base: Support
    head: Support
    decisive: bool


def match_statements(base: Declarations, head: Declarations) -> Iterator[StatementPair]:
    """Yield what both sides speak of; what only one of them says is neither dropped nor kept.

    Of several statements the strongest role counts. What CI tries never counts, and a pinned runtime or an image
    only where the project declares nothing of the family itself.
    """
    before, after = _group_by_subject(base), _group_by_subject(head)
    strong = {(one.project, one.family) for one in base.statements if one.role in ("declared", "claimed")}
    for key, statements in before.items():
        project, family, _ = key
        declared = (project, family) in strong or ("", family) in strong
        for number, (ours, theirs) in enumerate(_match_supports(statements, after.get(key, ()))):
            weak = theirs.role == "tested" or (theirs.role in ("used", "image") and declared)
            yield StatementPair(family, ours, theirs, number == 0 and not weak)


def strongest_supports(declared: Declarations) -> Iterator[tuple[str, Support]]:
    """Yield the family and the strongest support of everything that is spoken of."""
    for (_, family, _), statements in _group_by_subject(declared).items():
        yield family, next(iter(_supports_by_role(statements).values()))


def _group_by_subject(declared: Declarations) -> dict[Subject, list[Statement]]:
    groups: defaultdict[Subject, list[Statement]] = defaultdict(list)
    for statement in declared.statements:
        groups[statement.project, statement.family, statement.part].append(statement)
    return groups


def _match_supports(base: Sequence[Statement], head: Sequence[Statement]) -> Iterator[tuple[Support, Support]]:
    """Yield the strongest support of both, and of every weaker role what both have."""
    if {one.family for one in base} <= _BUILD_FAMILIES and {*base} <= {*head}:
        head = base  # another build beside those that there were, such as a test in a newer image, drops nothing
    ours, theirs = _supports_by_role(base), _supports_by_role(head)
    if not ours or not theirs:
        return
    strongest, same = next(iter(ours)), [role for role in ours if role in theirs]
    head_strongest = next(iter(theirs))
    if ROLES.index(head_strongest) < ROLES.index(strongest):
        yield ours[strongest], theirs[head_strongest]
    yield from ((ours[role], theirs[role]) for role in same)


def _supports_by_role(statements: Sequence[Statement]) -> dict[Role, Support]:
    by_role = {role: tuple(one for one in statements if one.role == role) for role in ROLES}
    return {role: Support(role, found) for role, found in by_role.items() if found}

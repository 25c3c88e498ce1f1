"""Matches the statements of base and head that are about the same subject, and finds which pair decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.version import Version

from pytest_carbon.core.devices.support_values import ROLES, UNCERTAIN, Declarations, Role, SettingLocation, Statement
from pytest_carbon.core.devices.version_ranges import accepts_line, minimum_version

Subject = tuple[str, str, str]
"""What a statement is about: its project, family and part."""
_BUILD_FAMILIES = frozenset({"glibc", "musl", "macos"})
"""Families for which a project may build several variants, each for other systems."""


@dataclass(frozen=True, slots=True)
class Support:
    """What statements of one role about one subject accept together."""

    role: Role
    statements: tuple[Statement, ...]

    def accepts(self, release: str) -> bool:
        """Return whether a release line is supported: by all enforced minima, or by any statement of another role."""
        every = all if self.role == "declared" else any
        return every(accepts_line(statement.values, release) for statement in self.statements)

    @property
    def minimum(self) -> Version | None:
        """Return the minimum version that is supported; None if there is no lower bound."""
        if self.role == "declared":
            minima = [minimum_version(statement.values) for statement in self.statements]
            return max((minimum for minimum in minima if minimum), default=None)
        return minimum_version(value for statement in self.statements for value in statement.values)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that every setting contains; statements of the same setting are united first.

        A name keeps the suffix ``UNCERTAIN`` if no setting contains the name without it.
        """
        by_setting: defaultdict[str, set[str]] = defaultdict(set)
        for statement in self.statements:
            by_setting[statement.setting].update(statement.values)
        certain = {name for names in by_setting.values() for name in names if not name.endswith(UNCERTAIN)}
        plain = dict.fromkeys(
            name.removesuffix(UNCERTAIN) for statement in self.statements for name in statement.values
        )
        common = [name for name in plain if all({name, f"{name}{UNCERTAIN}"} & names for names in by_setting.values())]
        return tuple(name if name in certain else f"{name}{UNCERTAIN}" for name in common)

    @property
    def locations(self) -> tuple[SettingLocation, ...]:
        """Return the settings that make the statements."""
        return tuple(dict.fromkeys(SettingLocation(s.path, s.setting, s.project) for s in self.statements))


@dataclass(frozen=True, slots=True)
class StatementPair:
    """What base and head support of one subject. A pair that is not ``decisive`` makes a note, never a drop."""

    family: str
    base: Support
    head: Support
    decisive: bool


def match_statements(base: Declarations, head: Declarations) -> Iterator[StatementPair]:
    """Yield a pair for each subject and role that both sides have; a subject of one side alone is no drop.

    Of several pairs about a subject, only that of the strongest role decides. What CI tests never decides; a pinned
    runtime or an image decides only if the project declares or claims nothing else about the family.
    """
    before, after = _group_by_subject(base), _group_by_subject(head)
    declared = {(s.project, s.family) for s in base.statements if s.role in ("declared", "claimed")}
    for subject, statements in before.items():
        project, family, _ = subject
        is_declared = (project, family) in declared or ("", family) in declared
        for number, (old, new) in enumerate(_match_supports(statements, after.get(subject, ()))):
            weak = new.role == "tested" or (new.role in ("used", "image") and is_declared)
            yield StatementPair(family, old, new, number == 0 and not weak)


def strongest_supports(declarations: Declarations) -> Iterator[tuple[str, Support]]:
    """Yield the family and the support of the strongest role for each subject."""
    for (_, family, _), statements in _group_by_subject(declarations).items():
        yield family, next(iter(_supports_by_role(statements).values()))


def _group_by_subject(declarations: Declarations) -> dict[Subject, list[Statement]]:
    groups: defaultdict[Subject, list[Statement]] = defaultdict(list)
    for statement in declarations.statements:
        groups[statement.project, statement.family, statement.part].append(statement)
    return groups


def _match_supports(base: Sequence[Statement], head: Sequence[Statement]) -> Iterator[tuple[Support, Support]]:
    """Yield the pairs of supports of equal roles, strongest role first.

    If the strongest role of head is stronger than that of base, yield the pair of the two strongest first.
    """
    if {statement.family for statement in base} <= _BUILD_FAMILIES and {*base} <= {*head}:
        head = base  # a build in addition to the old builds, such as a test in a newer image, drops nothing
    old, new = _supports_by_role(base), _supports_by_role(head)
    if not old or not new:
        return
    strongest_old, strongest_new = next(iter(old)), next(iter(new))
    if ROLES.index(strongest_new) < ROLES.index(strongest_old):
        yield old[strongest_old], new[strongest_new]
    yield from ((old[role], new[role]) for role in old if role in new)


def _supports_by_role(statements: Sequence[Statement]) -> dict[Role, Support]:
    by_role = {role: tuple(statement for statement in statements if statement.role == role) for role in ROLES}
    return {role: Support(role, of_role) for role, of_role in by_role.items() if of_role}

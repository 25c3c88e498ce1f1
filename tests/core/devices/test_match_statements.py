"""Which statements of base and head are compared, and which pair decides."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.version import Version

from pytest_carbon.core.devices.match_statements import Support, match_statements, strongest_supports
from pytest_carbon.core.devices.support_values import Declarations, Role, Statement


def _statement(role: Role, *values: str, family: str = "python", **more: Any) -> Statement:
    return Statement(family, values, role, "a file", more.pop("setting", "a setting"), **more)


def _declarations(*statements: Statement) -> Declarations:
    return Declarations(statements)


DECLARED, CLAIMED, USED, TESTED, IMAGE = (
    _statement(role, ">=3.8") for role in ("declared", "claimed", "used", "tested", "image")
)


@pytest.mark.parametrize(
    ("base", "head", "pairs"),
    [
        ((), (), []),
        ((DECLARED,), (), []),
        ((), (DECLARED,), []),
        ((DECLARED,), (DECLARED,), [("declared", "declared", True)]),
        ((DECLARED,), (CLAIMED,), []),
        ((CLAIMED,), (DECLARED,), [("claimed", "declared", True)]),
        ((DECLARED, CLAIMED), (DECLARED, CLAIMED), [("declared", "declared", True), ("claimed", "claimed", False)]),
        ((CLAIMED,), (DECLARED, CLAIMED), [("claimed", "declared", True), ("claimed", "claimed", False)]),
        ((TESTED,), (TESTED,), [("tested", "tested", False)]),
        ((USED,), (USED,), [("used", "used", True)]),
        ((IMAGE,), (IMAGE,), [("image", "image", True)]),
        ((USED, DECLARED), (USED,), [("used", "used", False)]),
        ((IMAGE, CLAIMED), (IMAGE,), [("image", "image", False)]),
    ],
)
def test_the_strongest_common_role_decides(base: Any, head: Any, pairs: list[Any]) -> None:
    """What CI tests never decides; a runtime or an image only if the project declares nothing of the family."""
    matched = match_statements(_declarations(*base), _declarations(*head))
    assert [(pair.base.role, pair.head.role, pair.decisive) for pair in matched] == pairs


def test_only_statements_on_the_same_subject_are_matched() -> None:
    """Projects, families and parts are compared each with itself."""
    base = [_statement("declared", ">=1", project="a"), _statement("declared", ">=1", family="node")]
    head = [_statement("declared", ">=2", project="b"), _statement("declared", ">=2", family="node", part="x")]
    assert list(match_statements(_declarations(*base), _declarations(*head))) == []


def test_a_declaration_at_the_root_outweighs_a_runtime_in_a_project() -> None:
    """A runtime that a project pins decides nothing if the root declares a minimum."""
    pinned, root = _statement("used", "==3.8.*", project="docs"), _statement("declared", ">=3.8")
    (pair, _) = match_statements(_declarations(pinned, root), _declarations(pinned, root))
    assert (pair.base.role, pair.decisive) == ("used", False)


def test_another_build_beside_the_old_builds_changes_nothing() -> None:
    """A project that keeps its manylinux wheels and adds a newer build still supports the old systems."""
    old, new = _statement("declared", ">=2.17", family="glibc"), _statement("declared", ">=2.28", family="glibc")
    (kept,) = match_statements(_declarations(old), _declarations(old, new))
    (raised,) = match_statements(_declarations(old), _declarations(new))
    assert (kept.head.minimum, raised.head.minimum) == (Version("2.17"), Version("2.28"))


@pytest.mark.parametrize(
    ("role", "ranges", "minimum", "accepted"),
    [
        ("declared", [">=3.8"], "3.8", ["3.8", "3.9", "3.10"]),
        ("declared", [">=3.8", ">=3.9"], "3.9", ["3.9", "3.10"]),
        ("declared", [">=3.9", "<3.10"], "3.9", ["3.9"]),
        ("claimed", ["==3.8.*", "==3.10.*"], "3.8", ["3.8", "3.10"]),
        ("claimed", ["==3.9.*", "<4"], None, ["3.7", "3.8", "3.9", "3.10"]),
        ("declared", ["<3.9"], None, ["3.7", "3.8"]),
    ],
)
def test_what_statements_of_one_role_support(
    role: Role, ranges: list[str], minimum: str | None, accepted: list[str]
) -> None:
    """Enforced minima must all accept a release; of other statements one is enough."""
    support = Support(role, tuple(_statement(role, text) for text in ranges))
    assert support.minimum == (Version(minimum) if minimum else None)
    assert [line for line in ("3.7", "3.8", "3.9", "3.10") if support.accepts(line)] == accepted


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ([], ()),
        ([("a", ["win32", "linux"])], ("win32", "linux")),
        ([("a", ["win32"]), ("a", ["linux"])], ("win32", "linux")),
        ([("a", ["win32", "linux"]), ("b", ["linux"])], ("linux",)),
        ([("a", ["linux?"])], ("linux?",)),
        ([("a", ["linux?"]), ("b", ["linux"])], ("linux",)),
        ([("a", ["linux?"]), ("b", ["linux?"])], ("linux?",)),
    ],
)
def test_names_are_those_of_every_setting(settings: list[tuple[str, list[str]]], names: tuple[str, ...]) -> None:
    """Statements of one setting are united, settings are intersected; a name is certain if any setting is certain."""
    statements = [_statement("declared", *values, family="wheels", setting=setting) for setting, values in settings]
    assert Support("declared", tuple(statements)).names == names


def test_the_strongest_support_of_each_subject() -> None:
    """Of several roles on one subject the strongest is returned, whatever their order."""
    node = _statement("used", "==18.*", family="node")
    supports = strongest_supports(_declarations(TESTED, CLAIMED, node, USED))
    assert [(family, support.role) for family, support in supports] == [("python", "claimed"), ("node", "used")]


def test_locations_are_named_once() -> None:
    """Two statements of one setting have one location."""
    support = Support("claimed", (_statement("claimed", "==3.8.*"), _statement("claimed", "==3.9.*")))
    assert [(location.path, location.setting) for location in support.locations] == [("a file", "a setting")]

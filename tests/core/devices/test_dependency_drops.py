"""Dependencies that drop a Python, and the needs of packages in a policy."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.devices.dependency_drops import (
    PythonNeed,
    find_dependency_drops,
    needs_by_policy,
    raised_dependencies,
)
from pytest_carbon.core.devices.devices_rule import DevicesRule
from pytest_carbon.declared.read_project import read_declarations
from tests.core.devices.device_check import PYPROJECT, python_project, shipped

NEEDS = {"numpy": (PythonNeed("2.1", ">=3.10", "numpy 2.1"),)}


@pytest.mark.parametrize(
    ("base", "head", "names", "note"),
    [
        (python_project("3.8", "numpy>=1.20"), python_project("3.8", "NumPy>=2.1"), ["python 3.8", "python 3.9"], ""),
        (python_project("3.8", "numpy>=1.20"), python_project("3.8", "numpy>=2.2"), ["python 3.8", "python 3.9"], ""),
        (python_project("3.8"), python_project("3.9", "numpy>=2.1"), ["python 3.9"], ""),
        (python_project("3.8", "numpy>=1.20"), python_project("3.10", "numpy>=2.1"), [], ""),
        (python_project("3.8", "numpy>=2.1"), python_project("3.8", "numpy>=2.1,<3"), [], ""),
        (
            python_project("3.8", "numpy>=1.20"),
            python_project("3.8", "numpy>=2.1; python_version>='3.10'", "numpy<2"),
            [],
            "",
        ),
        (
            python_project("3.8", "numpy>=1.20"),
            python_project("3.8", "numpy>=2.0"),
            [],
            "numpy>=2.0 may drop Python 3.8 and 3.9: numpy 2.1 needs Python >=3.10",
        ),
        (
            python_project("3.8"),
            {PYPROJECT: python_project("3.8")[PYPROJECT] + "\noptional-dependencies = {docs = ['numpy>=2.1']}"},
            [],
            "numpy>=2.1 may drop Python 3.8 and 3.9: numpy 2.1 needs Python >=3.10",
        ),
        (
            python_project("3.8", "numpy>=1.20"),
            python_project("3.8", "numpy>=2.1; platform_python_implementation=='CPython'"),
            ["python 3.8", "python 3.9"],
            "",
        ),
        (
            python_project("3.8", "scipy>=1"),
            python_project("3.8", "scipy>=2"),
            [],
            "it is unknown which Python the new minimum of scipy needs: not installed here, and not in "
            "[devices.dependencies]",
        ),
        (
            {PYPROJECT: "[project]\ndependencies = ['numpy>=1']"},
            {PYPROJECT: "[project]\ndependencies = ['numpy>=2.1']"},
            [],
            "",
        ),
    ],
)
def test_a_dependency_may_drop_what_the_project_declares(base: Any, head: Any, names: list[str], note: str) -> None:
    """A raised lower bound drops the Pythons that its version refuses; a bound below the known version only may."""
    drops, notes = find_dependency_drops(read_declarations(base), read_declarations(head), NEEDS, shipped())
    assert [name for drop in drops for name in drop.names] == names
    assert notes == ((note,) if note else ())
    assert all(drop.where[0].setting.lower().startswith("numpy") for drop in drops)


def test_a_drop_by_a_dependency_strands_as_a_drop_by_the_project() -> None:
    """The drop begins at the minimum of the project, and strands the systems between that and what is needed."""
    base, head = python_project("3.8", "numpy>=1.20"), python_project("3.8", "numpy>=2.1")
    (drop,), _ = find_dependency_drops(read_declarations(base), read_declarations(head), NEEDS, shipped())
    assert (drop.before, drop.after, drop.patched and drop.patched.name) == ("3.8", "3.10", "3.9")
    assert {group.name for group in drop.stranded} == {"Windows Vista PCs", "Windows 7 PCs", "Windows 8 PCs"}


@pytest.mark.parametrize(
    ("base", "head", "raised"),
    [
        ([], [], []),
        (["numpy"], ["numpy"], []),
        (["numpy>=1"], ["numpy"], []),
        (["numpy"], ["numpy>=1"], ["numpy"]),
        ([], ["numpy>=1"], ["numpy"]),
        (["numpy>=2"], ["numpy>=1"], []),
        (["Num_Py>=1"], ["num-py>=2"], ["num-py"]),
        (["numpy>=1"], ["numpy>=2; python_full_version>='3.10'"], []),
        (["numpy>=1"], ["numpy>=2; sys_platform=='win32'"], ["numpy"]),
    ],
)
def test_a_new_or_raised_lower_bound_counts(base: list[str], head: list[str], raised: list[str]) -> None:
    """Names are compared in their canonical form; a requirement for some Pythons only raises nothing."""
    declarations = [read_declarations(python_project("3.8", *requirements)) for requirements in (base, head)]
    assert [dependency.name for dependency in raised_dependencies(*declarations)] == raised


def test_a_policy_declares_what_packages_need() -> None:
    """Needs are by the canonical name of the package, one for each version that is named."""
    rule = DevicesRule(dependencies={"Num_Py": {"2.1": ">=3.10", "2.3": ">=3.11"}})
    assert needs_by_policy(DevicesRule()) == {}
    assert needs_by_policy(rule) == {
        "num-py": (
            PythonNeed("2.1", ">=3.10", "num-py 2.1 (by the policy)"),
            PythonNeed("2.3", ">=3.11", "num-py 2.3 (by the policy)"),
        )
    }

"""The readers of compiler flags and deployment targets."""

from __future__ import annotations

import pytest

from pytest_carbon.declared.cpu_flags import read_cpu_level, read_macos_target
from tests.declared.sample_files import FLAG_FILES, Expected, check_sample, each


@each(FLAG_FILES)
def test_flags_in_build_files(path: str, text: str, expected: Expected) -> None:
    """The lowest level of all flags counts; flags of one file and checks of the compiler do not."""
    check_sample(path, text, expected)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", (">=1",)),
        ("-march=native", (">=1",)),
        ("-march=x86-64", (">=1",)),
        ("-march x86-64-v2", (">=2",)),
        ("-march='haswell'", (">=3",)),
        ("-C target-cpu=skylake-avx512", (">=4",)),
        ("-msse4.2", (">=2",)),
        ("-mavx512f -mavx2", (">=3",)),
        ("-mavx2\n-march=unheard-of", (">=3",)),
    ],
)
def test_levels_of_x86_64(text: str, values: tuple[str, ...]) -> None:
    """Names of CPUs and single flags mean a level; an unknown name and no flag mean every CPU."""
    (statement,) = read_cpu_level("Makefile", text)
    assert getattr(statement, "values", None) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", None),
        ("MACOSX_DEPLOYMENT_TARGET=10.13", (">=10.13",)),
        ('MACOSX_DEPLOYMENT_TARGET: "11"', (">=11",)),
        ("-DCMAKE_OSX_DEPLOYMENT_TARGET:STRING=10.15", (">=10.15",)),
        ("-mmacosx-version-min=10.9 -mmacosx-version-min=11.0", (">=10.9", ">=11.0")),
        ("MACOSX_DEPLOYMENT_TARGET=$TARGET", None),
    ],
)
def test_macos_deployment_targets(text: str, values: tuple[str, ...] | None) -> None:
    """All spellings are read; a computed target declares nothing."""
    statements = list(read_macos_target("ci/build.sh", text))
    assert [getattr(statement, "values", None) for statement in statements] == ([values] if values else [])

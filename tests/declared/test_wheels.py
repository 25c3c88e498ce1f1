"""The readers of wheels: cibuildwheel, maturin and platform tags."""

from __future__ import annotations

import pytest

from pytest_carbon.declared.read_project import read_declarations
from pytest_carbon.declared.wheels import read_platform_tags
from tests.declared.sample_files import WHEEL_FILES, Expected, check_sample, each


@each(WHEEL_FILES)
def test_files_with_wheels(path: str, text: str, expected: Expected) -> None:
    """The built wheels, their Pythons and their minimum C library are read."""
    check_sample(path, text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("linux_x86_64 xmanylinux2014", []),
        ("manylinux1", [("glibc", (">=2.5",), "x86_64")]),
        ("manylinux2010_i686", [("glibc", (">=2.12",), "i686")]),
        ("manylinux2014_x86_64 manylinux_2_28_x86_64", [("glibc", (">=2.17", ">=2.28"), "x86_64")]),
        ("manylinux_2_17_aarch64 manylinux_2_28_x86_64",
         [("glibc", (">=2.17",), "aarch64"), ("glibc", (">=2.28",), "x86_64")]),
        ("musllinux_1_2", [("musl", (">=1.2",), "x86_64")]),
        ("manylinux-i686-image = 'manylinux_2_28'", [("glibc", (">=2.28",), "i686")]),
        ("CIBW_MUSLLINUX_AARCH64_IMAGE: musllinux_1_1", [("musl", (">=1.1",), "aarch64")]),
    ],
)  # fmt: skip
def test_platform_tags(text: str, expected: list[tuple[str, tuple[str, ...], str]]) -> None:
    """A tag means a minimum of its C library for its architecture, x86_64 if it names none."""
    tags = [
        (getattr(tag, "family", ""), getattr(tag, "values", ()), getattr(tag, "part", ""))
        for tag in read_platform_tags("a", "tags", text)
    ]
    assert tags == expected


@pytest.mark.parametrize(
    ("options", "wheels"),
    [
        ("archs = 'native'", "linux-x86_64 macos-arm64 macos-x86_64 musllinux win-amd64"),
        ("archs = 'auto32'", "linux-i686 musllinux win32"),
        ("archs = ['x86_64']\nskip = '*musllinux*'", "linux-x86_64 macos-x86_64"),
        ("build = 'cp312-win_amd64'\narchs = 'auto'", "win-amd64"),
        ("build = 'cp3{9,12}-win*'", "win-amd64 win-arm64? win32"),
        ("skip = '$(skipped)'\narchs = 'auto32'", "linux-i686 musllinux win32"),
        ("build = '${{ env.BUILD }}'\narchs = 'auto32'", "linux-i686 musllinux win32"),
        ("build = ''\nskip = '*'", ""),
        ("[tool.cibuildwheel.linux]\narchs = 'all'\nskip = '*musl*'\n[tool.cibuildwheel.windows]\nskip = '*'\n"
         "[tool.cibuildwheel.macos]\narchs = 'universal2'",
         "linux-aarch64 linux-armv7l linux-i686 linux-ppc64le linux-s390x linux-x86_64 macos-arm64 macos-x86_64"),
    ],
)  # fmt: skip
def test_options_of_cibuildwheel(options: str, wheels: str) -> None:
    """Globs select the wheels, braces are written out, and what the runner decides is marked as uncertain."""
    statements = read_declarations({"pyproject.toml": f"[tool.cibuildwheel]\n{options}"}).statements
    names = [statement.values for statement in statements if statement.family == "wheels"]
    assert names == ([tuple(wheels.split())] if wheels else [])

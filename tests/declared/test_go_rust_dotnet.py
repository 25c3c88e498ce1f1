"""The readers of Go, Rust, .NET and asdf."""

from __future__ import annotations

import pytest

from pytest_carbon.declared.read_project import read_declarations
from tests.declared.sample_files import OTHER_FILES, Expected, check_sample, each


@each(OTHER_FILES)
def test_files_of_other_languages(path: str, text: str, expected: Expected) -> None:
    """Minima and pinned versions are read; comments are not."""
    check_sample(path, text, expected)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("go.mod", "module go 1.21\n", []),
        ("go.mod", "go 1\n", []),
        ("go.mod", "// go 1.1\ngo 1.22\n", [(">=1.22",)]),
        ("Cargo.toml", "[package]\nrust-version = 3\n", []),
        ("Cargo.toml", "workspace = {}\n", []),
        ("Cargo.toml", '[workspace.package]\nrust-version = "1.60"\n', [(">=1.60",)]),
        ("rust-toolchain", "1.70.0\n", [("==1.70.*",)]),
        ("rust-toolchain", "stable\n", []),
        ("a.csproj", "<TargetFramework>netstandard2.0</TargetFramework>", []),
        ("a.csproj", "<TargetFramework>net48</TargetFramework>", []),
        ("a.csproj", "<TargetFramework>netcoreapp3.1</TargetFramework>", [("==3.*",)]),
        (".tool-versions", "\nruby 3.2.0\nnodejs lts\npython 3\n", []),
        (".tool-versions", "node v20\nrust 1.70\n", [("==20.*",), ("==1.70.*",)]),
    ],
)
def test_edge_cases(path: str, text: str, expected: list[tuple[str, ...]]) -> None:
    """A version that a file does not state, or states in another way, declares nothing."""
    declarations = read_declarations({path: text})
    assert [statement.values for statement in declarations.statements] == expected
    assert declarations.unread == ()

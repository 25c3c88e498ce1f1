"""What the files of a project declare to run on: text in, statements out. Nothing is run, and nothing is raised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from posixpath import basename, dirname
from typing import TypeVar

from pytest_carbon.core.devices.values import Declarations, Dependency, Statement, UnreadableFile
from pytest_carbon.declared import ci_workflows, container_images, mobile, node, other_languages, python
from pytest_carbon.declared.statements import Declaration, Reader

T = TypeVar("T")
LARGEST, LARGEST_TOML = 2_000_000, 100_000
"""Bytes; a larger file states no minimum that a person wrote. tomllib takes the square of a key's length."""
MOST = 5_000
"""Statements of one file."""
_READERS: tuple[tuple[str, Reader], ...] = (
    (r"pyproject\.toml", python.pyproject),
    (r"setup\.cfg", python.setup_cfg),
    (r"setup\.py", python.setup_py),
    (r"\.python-version|runtime\.txt", python.python_version),
    (r"package\.json", node.package_json),
    (r"\.browserslistrc|browserslist", node.browserslistrc),
    (r"\.nvmrc|\.node-version", node.node_version),
    (r"\.tool-versions", other_languages.tool_versions),
    (r"(?:.*/)?\.github/workflows/[^/]+\.ya?ml", ci_workflows.workflow),
    (r"(?:.*[._-])?(?:Dockerfile|Containerfile)(?:[._-].*)?|.*\.[Dd]ockerfile", container_images.dockerfile),
    (r".*\.gradle(?:\.kts)?|AndroidManifest\.xml", mobile.gradle),
    (r"(?:.*/)?(?:buildSrc|build-logic)/.*\.kt", mobile.gradle),
    (r".*\.versions\.toml|gradle\.properties", mobile.catalog),
    (r"project\.pbxproj|.*\.xcconfig", mobile.xcode),
    (r"Podfile|.*\.podspec", mobile.pods),
    (r"Package(?:@swift-[\d.]+)?\.swift", mobile.swift),
    (r"go\.mod", other_languages.go_mod),
    (r"Cargo\.toml", other_languages.cargo),
    (r"rust-toolchain(?:\.toml)?", other_languages.rust_toolchain),
    (r".*\.(?:cs|fs|vb)proj|Directory\.Build\.props", other_languages.dotnet),
    (r"G?[Mm]akefile|CMakeLists\.txt|.*\.cmake|(?:.*/)?\.cargo/config(?:\.toml)?|tox\.ini", other_languages.build_file),
    (r"(?:.*/)?(?:\.?ci|\.github|tools|scripts)/[^/]+\.sh", other_languages.build_file),
)
_COMPILED = tuple((re.compile(pattern), "/" in pattern, reader) for pattern, reader in _READERS)
_MANIFEST = re.compile(
    r"pyproject\.toml|setup\.(?:py|cfg)|package\.json|Cargo\.toml|go\.mod|Package\.swift|Podfile|pubspec\.yaml"
    r"|build\.gradle(?:\.kts)?|.*\.(?:cs|fs|vb)proj"
)
_FOREIGN = re.compile(
    r"(?:^|/)(?:node_modules|vendor|vendored|third[_-]party|\.?venv|site-packages|Pods|testdata|fixtures)/"
)


@lru_cache(65536)
def _reader(path: str) -> Reader | None:
    if _FOREIGN.search(path):
        return None
    name = basename(path)
    return next((read for pattern, whole, read in _COMPILED if pattern.fullmatch(path if whole else name)), None)


def wanted(path: str) -> bool:
    """Say whether a file of this path may declare something, or begins a project."""
    return _reader(path) is not None or bool(_MANIFEST.fullmatch(basename(path)) and not _FOREIGN.search(path))


def read(files: Mapping[str, bytes | str]) -> Declarations:
    """Return what files declare, by their path in the repository.

    A file belongs to the project of the nearest folder above that has a manifest, else to the root's. What is broken,
    too large or not UTF-8 is told with the reason, and never raised.
    """
    projects = {dirname(path) for path in files if _MANIFEST.fullmatch(basename(path)) and wanted(path)}
    said = [(path, one) for path in sorted(files) for one in _said(path, files[path])]
    placed = [
        replace(one, project=_project(path, projects)) for path, one in said if not isinstance(one, UnreadableFile)
    ]
    return Declarations(
        tuple(_only(placed, Statement)),
        tuple(_only(placed, Dependency)),
        tuple(_only((one for _, one in said), UnreadableFile)),
    )


def _only(values: Iterable[object], kind: type[T]) -> Iterator[T]:
    return (value for value in values if isinstance(value, kind))


@lru_cache(4096)
def _said(path: str, content: bytes | str) -> tuple[Declaration, ...]:
    """Return what one file says; the same file of base and head is read once."""
    reader = _reader(path)
    if reader is None:
        return ()
    most = LARGEST_TOML if path.endswith(".toml") else LARGEST
    if len(content) > most:
        return (UnreadableFile(path, f"it has more than {most:,} bytes"),)
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        said = tuple(dict.fromkeys(islice(reader(path, text.replace("\r\n", "\n")), MOST + 1)))
        return said if len(said) <= MOST else (UnreadableFile(path, f"it says more than {MOST:,} things"),)
    except Exception as error:  # strangers write these files, and a parser has more ways to fail than can be listed
        return (UnreadableFile(path, f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"),)


def _project(path: str, projects: set[str]) -> str:
    folder = dirname(path)
    while folder and folder not in projects:
        folder = dirname(folder)
    return folder

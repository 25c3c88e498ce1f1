"""Reads what the files of a project declare to support. Runs nothing of the project and raises nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from posixpath import basename, dirname
from typing import TypeVar

from pytest_carbon.core.devices.support_values import Declarations, Dependency, Statement, UnreadableFile
from pytest_carbon.declared import ci_workflows, container_images, go_rust_dotnet, mobile, node, python
from pytest_carbon.declared.make_statements import Declaration, Reader

T = TypeVar("T")
MAX_FILE_BYTES, MAX_BYTES_BY_HAND = 2_000_000, 100_000
"""Of files that tools write, and of those that people write: some parsers' time grows with the square of the size."""
_WRITTEN_BY_TOOLS = (".pbxproj", ".csproj", ".fsproj", ".vbproj")
MAX_STATEMENTS = 5_000
"""The most declarations of one file."""
_READERS: tuple[tuple[str, Reader], ...] = (
    (r"pyproject\.toml", python.read_pyproject),
    (r"setup\.cfg", python.read_setup_cfg),
    (r"setup\.py", python.read_setup_py),
    (r"\.python-version|runtime\.txt", python.read_python_version),
    (r"package\.json", node.read_package_json),
    (r"\.browserslistrc|browserslist", node.read_browserslistrc),
    (r"\.nvmrc|\.node-version", node.read_node_version),
    (r"\.tool-versions", go_rust_dotnet.read_tool_versions),
    (r"(?:.*/)?\.github/workflows/[^/]+\.ya?ml", ci_workflows.read_workflow),
    (r"(?:.*[._-])?(?:Dockerfile|Containerfile)(?:[._-].*)?|.*\.[Dd]ockerfile", container_images.read_dockerfile),
    (r".*\.gradle(?:\.kts)?|AndroidManifest\.xml", mobile.read_gradle),
    (r"(?:.*/)?(?:buildSrc|build-logic)/.*\.kt", mobile.read_gradle),
    (r".*\.versions\.toml|gradle\.properties", mobile.read_gradle_catalog),
    (r"project\.pbxproj|.*\.xcconfig", mobile.read_xcode),
    (r"Podfile|.*\.podspec", mobile.read_pods),
    (r"Package(?:@swift-[\d.]+)?\.swift", mobile.read_swift),
    (r"go\.mod", go_rust_dotnet.read_go_mod),
    (r"Cargo\.toml", go_rust_dotnet.read_cargo),
    (r"rust-toolchain(?:\.toml)?", go_rust_dotnet.read_rust_toolchain),
    (r".*\.(?:cs|fs|vb)proj|Directory\.Build\.props", go_rust_dotnet.read_dotnet),
    (
        r"G?[Mm]akefile|CMakeLists\.txt|.*\.cmake|(?:.*/)?\.cargo/config(?:\.toml)?|tox\.ini",
        go_rust_dotnet.read_build_file,
    ),
    (r"(?:.*/)?(?:\.?ci|\.github|tools|scripts)/[^/]+\.sh", go_rust_dotnet.read_build_file),
)
_COMPILED_READERS = tuple((re.compile(pattern), "/" in pattern, reader) for pattern, reader in _READERS)
_MANIFEST = re.compile(
    r"pyproject\.toml|setup\.(?:py|cfg)|package\.json|Cargo\.toml|go\.mod|Package\.swift|Podfile|pubspec\.yaml"
    r"|build\.gradle(?:\.kts)?|.*\.(?:cs|fs|vb)proj"
)
_FOREIGN_FOLDER = re.compile(
    r"(?:^|/)(?:node_modules|vendor|vendored|third[_-]party|\.?venv|site-packages|Pods|testdata|fixtures)/"
)


@lru_cache(65536)
def _reader_for(path: str) -> Reader | None:
    if _FOREIGN_FOLDER.search(path):
        return None
    name = basename(path)
    readers = (read for pattern, whole, read in _COMPILED_READERS if pattern.fullmatch(path if whole else name))
    return next(readers, None)


def may_declare(path: str) -> bool:
    """Return whether a file with this path may declare something or is the manifest of a project."""
    return _reader_for(path) is not None or _is_manifest(path)


def _is_manifest(path: str) -> bool:
    return _MANIFEST.fullmatch(basename(path)) is not None and not _FOREIGN_FOLDER.search(path)


def read_declarations(files: Mapping[str, bytes | str]) -> Declarations:
    """Return what files declare; ``files`` has the contents by their path in the repository.

    A file belongs to the project in the nearest folder above it that has a manifest, else to the project at the root. A
    file that is broken, too large or not UTF-8 is named as unreadable with the reason; nothing is raised.
    """
    projects = {dirname(path) for path in files if _is_manifest(path)}
    declarations = [
        declaration if isinstance(declaration, UnreadableFile) else replace(declaration, project=project)
        for path in sorted(files)
        for project in [_project_of(path, projects)]
        for declaration in _read_file(path, files[path])
    ]
    return Declarations(
        tuple(_of_type(declarations, Statement)),
        tuple(_of_type(declarations, Dependency)),
        tuple(_of_type(declarations, UnreadableFile)),
    )


def _of_type(values: Iterable[object], kind: type[T]) -> Iterator[T]:
    return (value for value in values if isinstance(value, kind))


@lru_cache(4096)
def _read_file(path: str, content: bytes | str) -> tuple[Declaration, ...]:
    """Return the declarations of one file. Equal files of base and head are read once."""
    reader = _reader_for(path)
    if reader is None:
        return ()
    limit = MAX_FILE_BYTES if path.endswith(_WRITTEN_BY_TOOLS) else MAX_BYTES_BY_HAND
    if len(content) > limit:
        return (UnreadableFile(path, f"the file has more than {limit:,} bytes"),)
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        declarations = tuple(dict.fromkeys(islice(reader(path, text.replace("\r\n", "\n")), MAX_STATEMENTS + 1)))
    except Exception as error:  # strangers write these files, and parsers fail in more ways than can be listed
        return (UnreadableFile(path, f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"),)
    if len(declarations) > MAX_STATEMENTS:
        return (UnreadableFile(path, f"the file makes more than {MAX_STATEMENTS:,} declarations"),)
    return declarations


def _project_of(path: str, projects: set[str]) -> str:
    folder = dirname(path)
    while folder and folder not in projects:
        folder = dirname(folder)
    return folder

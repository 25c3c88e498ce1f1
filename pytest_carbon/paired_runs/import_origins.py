"""Makes the code under test come from each side's own checkout, and checks that it does."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

_NEVER_PRODUCT = frozenset(
    ("conftest", "setup", "test", "tests", "testing", "doc", "docs", "example", "examples", "benchmarks", "scripts")
)


def import_roots(
    repository: Path, search_path: Sequence[str] = sys.path, finders: Sequence[object] = sys.meta_path
) -> list[Path]:
    """Return the folders of a repository from which this interpreter imports, relative to the repository.

    They are entries of the search path (also those of ``.pth`` files) and the folders that setuptools' finders of
    editable installs know.
    """
    home = repository.resolve()
    folders = [Path(entry) for entry in search_path if entry]
    for name, path in _editable_mappings(finders):
        parts = tuple(name.split("."))
        if path.parts[-len(parts) :] == parts:
            folders.append(path.parents[len(parts) - 1])
    inside = [folder.resolve() for folder in folders if folder.resolve().is_relative_to(home)]
    return list(dict.fromkeys(folder.relative_to(home) for folder in inside))


def editable_packages(finders: Sequence[object] = sys.meta_path) -> list[str]:
    """Return the packages that setuptools' finders of editable installs know, in any folder."""
    return sorted({name for name, _ in _editable_mappings(finders)})


def _editable_mappings(finders: Iterable[object]) -> Iterator[tuple[str, Path]]:
    for finder in finders:
        module = str(getattr(finder, "__module__", ""))
        if module.startswith("__editable__"):
            for name, path in vars(sys.modules[module]).get("MAPPING", {}).items():
                yield name, Path(path)


def existing_roots(tree: Path, roots: Iterable[Path]) -> list[str]:
    """Return the import roots that a checkout has, as paths in it."""
    return [str(tree / root) for root in roots if (tree / root).is_dir()]


def product_packages(tree: Path, folder: str, roots: Iterable[Path]) -> list[str]:
    """Return the packages that tests may import: those in a checkout's root, in the project, in ``src``, in roots."""
    folders = {tree, tree / "src", tree / folder, tree / folder / "src", *(tree / root for root in roots)}
    packages = {init.parent.name for parent in folders for init in parent.glob("*/__init__.py")}
    return sorted(packages - _NEVER_PRODUCT - sys.stdlib_module_names)


def describe_foreign_import(
    origins: Mapping[str, str], packages: Iterable[str], tree: Path, repository: Path
) -> str | None:
    """Return a sentence about the first module that should come from a checkout and does not; None without one.

    ``origins`` are the files of the modules of a run, by name. A module should come from the checkout at ``tree`` if it
    is one of ``packages``, or if it came from the user's ``repository`` and the checkout has the same file.
    """
    own, home, product = tree.resolve(), repository.resolve(), frozenset(packages)
    for name, file in sorted(origins.items()):
        path = Path(file).resolve()
        if path.is_relative_to(own):
            continue
        leaks = path.is_relative_to(home) and (own / path.relative_to(home)).is_file()
        if leaks or name in product:
            return (
                f"{name} was imported from {file}, not from the commit's own checkout, so that base and head would "
                "run the same code; install the project with pip install -e, or set [confirm] setup and its own python"
            )
    return None

"""Where the code under test comes from: made to be a side's own checkout, and checked that it is."""

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
    """Return the folders of a repository from which this interpreter imports, relative to it.

    They are entries of the search path (also those of ``.pth`` files) and the places that setuptools' finders of
    editable installs know.
    """
    home = repository.resolve()
    places = [Path(entry) for entry in search_path if entry]
    for name, place in _editable_mappings(finders):
        parts = tuple(name.split("."))
        if place.parts[-len(parts) :] == parts:
            places.append(place.parents[len(parts) - 1])
    inside = [place.resolve() for place in places if place.resolve().is_relative_to(home)]
    return list(dict.fromkeys(place.relative_to(home) for place in inside))


def editable_packages(finders: Sequence[object] = sys.meta_path) -> list[str]:
    """Return the packages that setuptools' finders of editable installs know, wherever they lie."""
    return sorted({name for name, _ in _editable_mappings(finders)})


def _editable_mappings(finders: Iterable[object]) -> Iterator[tuple[str, Path]]:
    for finder in finders:
        module = str(getattr(finder, "__module__", ""))
        if module.startswith("__editable__"):
            for name, place in vars(sys.modules[module]).get("MAPPING", {}).items():
                yield name, Path(place)


def existing_roots(tree: Path, roots: Iterable[Path]) -> list[str]:
    """Return the import roots as they are in a checkout; those that it does not have are left out."""
    return [str(tree / root) for root in roots if (tree / root).is_dir()]


def product_packages(tree: Path, folder: str, roots: Iterable[Path]) -> list[str]:
    """Return the packages of a checkout that tests may import: in its root, its ``src``, the project's, the roots."""
    places = {tree, tree / "src", tree / folder, tree / folder / "src", *(tree / root for root in roots)}
    found = {init.parent.name for place in places for init in place.glob("*/__init__.py")}
    return sorted(found - _NEVER_PRODUCT - sys.stdlib_module_names)


def describe_foreign_import(
    origins: Mapping[str, str], names: Iterable[str], tree: Path, repository: Path
) -> str | None:
    """Return a sentence about a module that was not imported from a checkout that has it; None if all were.

    ``origins`` maps the modules that a run knows to their files; ``names`` are the packages of the checkout.
    """
    own, home, product = tree.resolve(), repository.resolve(), frozenset(names)
    for name, place in sorted(origins.items()):
        path = Path(place).resolve()
        if path.is_relative_to(own):
            continue
        leaks = path.is_relative_to(home) and (own / path.relative_to(home)).is_file()
        if leaks or name in product:
            return (
                f"{name} was imported from {place}, not from the commit's own checkout, so that base and head would "
                "run the same code; install the project with pip install -e, or set [confirm] setup and its own python"
            )
    return None

"""Finds the files that pytest takes for tests, as its settings say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from pytest_carbon.core.path_globs import path_glob

USUAL_NAMES = ("test_*.py", "*_test.py")
_NOT_ENTERED = frozenset({"build", "dist", "venv", "node_modules", "CVS", "_darcs", "{arch}", "__pycache__"})


def find_test_files(files: Iterable[str], test_paths: Sequence[str], test_names: Sequence[str]) -> list[str]:
    """Return the files of tests, in order. Paths are relative to the project.

    ``test_paths`` (``testpaths``) narrow them to some folders, if there are any tests there; ``test_names``
    (``python_files``) are globs of names, pytest's own if empty. As pytest does, hidden folders and those of builds
    are not entered. A path that no policy can name, with a wildcard or a control character, is left out.
    """
    names = tuple(test_names) or USUAL_NAMES
    found = sorted(file for file in files if _is_test(file, names) and is_nameable(file))
    globs = [path_glob(f"{path.removeprefix('./').rstrip('/')}/**") for path in test_paths if path.strip("./")]
    exact = set(test_paths)
    return [file for file in found if file in exact or any(glob.matches(file) for glob in globs)] or found


def is_nameable(path: str) -> bool:
    """Return whether a path can stand in a policy as it is: it has no wildcard, and every letter can be printed."""
    return path.isprintable() and not set("*?") & set(path)


def _is_test(file: str, names: Sequence[str]) -> bool:
    *folders, name = file.split("/")
    if any(folder.startswith(".") or folder in _NOT_ENTERED or folder.endswith(".egg") for folder in folders):
        return False
    return any(fnmatchcase(file if "/" in glob else name, glob) for glob in names)

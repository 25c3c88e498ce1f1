"""Whether a change touches nothing but documentation, by the names of its files."""

from __future__ import annotations

from collections.abc import Collection

_TEXTS = (".md", ".markdown", ".rst", ".adoc", ".asciidoc")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".drawio", ".puml", ".mmd")
_FOLDERS = frozenset({"doc", "docs", "documentation"})
_NAMES = frozenset(
    {"license", "licence", "copying", "notice", "authors", "contributors", "changelog", "changes", "readme"}
)


def touches_only_documentation(paths: Collection[str]) -> bool | None:
    """Return whether all changed paths (with ``/``) are documentation; None without a path.

    A name decides, and in doubt a file is none: texts elsewhere than at the top and below a folder of documentation may
    be data that tests read; code, settings and tests below such a folder are not documentation.
    """
    return all(map(_is_documentation, paths)) if paths else None


def _is_documentation(path: str) -> bool:
    *folders, name = path.lower().split("/")
    stem, _, _ = name.partition(".")
    is_below = bool(folders) and folders[0] in _FOLDERS
    if name.endswith(_TEXTS) or (stem in _NAMES and name in (stem, f"{stem}.txt")):
        return is_below or not folders
    return name.endswith(_PICTURES) and is_below

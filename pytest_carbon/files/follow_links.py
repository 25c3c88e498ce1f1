"""Follows the links of a path. A link that lies in the project may not lead out of the project."""

from __future__ import annotations

import os
from errno import EINVAL
from pathlib import Path


class UnfitFileError(OSError):
    """A path that is not read or written, although the system would allow it. ``strerror`` is the ``reason``."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(EINVAL, reason, str(path))
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.filename}: {self.reason}"


def project_top(folder: Path) -> Path:
    """Return the real path of the top of the checkout that a folder lies in; of the folder itself without git."""
    real = Path(os.path.realpath(folder))
    return next((place for place in (real, *real.parents) if os.path.lexists(place / ".git")), real)


def refuse_outside(path: Path, project: Path) -> None:
    """Raise UnfitFileError for a path outside of the project, which only the user may name, and not a file in it."""
    if not follow_links(path, project).is_relative_to(project_top(project)):
        raise UnfitFileError(
            path, "a file of the project names this place, which lies outside of the project; name a place in it"
        )


def follow_links(path: Path, project: Path) -> Path:
    """Return the real path of a file or folder, which need not exist.

    Links outside the project are the user's own and are followed, as is a path that names another place in plain words.
    Raises UnfitFileError for a link in the project whose target lies outside of the project.
    """
    top, real = project_top(project), Path(os.path.realpath(Path.cwd()))
    for part in path.parts:
        following = real.parent if part == ".." else real / part
        if following.is_symlink():
            target = Path(os.path.realpath(following))
            if real.is_relative_to(top) and not target.is_relative_to(top):
                raise UnfitFileError(
                    path,
                    f"{following} is a link that leaves the project, to {target}; remove the link: only an option may "
                    "name such a place",
                )
            following = target
        real = following
    return real

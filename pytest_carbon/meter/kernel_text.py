"""The text of a small file of the kernel."""

from __future__ import annotations

from pathlib import Path


def kernel_text(path: Path) -> str:
    """Return the text of a file of the kernel, without white space around it; empty if the file cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

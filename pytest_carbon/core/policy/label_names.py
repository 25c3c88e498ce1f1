"""Compares the names of labels as GitHub does, for which ``Carbon/Override`` and ``carbon/override`` are one label."""

from __future__ import annotations

from collections.abc import Iterable


def label_key(name: str) -> str:
    """Return the form in which two names of one label are equal."""
    return name.casefold().strip()


def find_label(wanted: str, labels: Iterable[str]) -> str | None:
    """Return the label that has the wanted name, as it is spelt among the labels; None without it."""
    key = label_key(wanted)
    return next((label for label in labels if label_key(label) == key), None)

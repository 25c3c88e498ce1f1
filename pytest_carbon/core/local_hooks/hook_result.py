"""The result of a local hook."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HookResult:
    """The lines that a hook prints: ``warnings`` fail the hook with ``--fail``, ``notes`` never do."""

    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

"""What a local hook says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HookResult:
    """The lines of a hook: ``warnings``, which make it fail where that is asked for, and ``notes``, which never do."""

    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

"""What an attack of the tests brings along: bait that must stay untouched, and the state that the attack ended with."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path

SUCCESSES = frozenset({"success", "pass", "neutral", "overridden", "exit 0"})
_TEXT = "the content before the attack\n"


@dataclass
class Attack:
    """An attack with bait of its own.

    ``command`` is a program that must never run, ``secret`` a text that must never be shown, ``outside`` a file outside
    the project that must stay as it is. The test calls ``ended`` with the state that the attack ended with, or
    ``harmless`` if the attack has no verdict at stake. The fixture ``attack`` then looks at the bait.
    """

    folder: Path
    secret: str = "s3cret-0f-the-attack"  # noqa: S105
    states: list[str] = field(default_factory=list)
    _shown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.command.write_text(f"#!/bin/sh\ntouch '{self._ran}'\n", encoding="utf-8")
        self.command.chmod(self.command.stat().st_mode | stat.S_IXUSR)
        self.outside.write_text(_TEXT, encoding="utf-8")

    @property
    def command(self) -> Path:
        """A program that leaves a trace if somebody runs it."""
        return self.folder / "command"

    @property
    def outside(self) -> Path:
        """A file that the attack wants to be written, emptied, moved or removed."""
        return self.folder / "outside"

    @property
    def _ran(self) -> Path:
        return self.folder / "ran"

    def ended(self, state: str | int, *texts: str) -> None:
        """Note the state of a status or verdict, or an exit code, and texts that were shown or uploaded."""
        self.states.append(f"exit {state}" if isinstance(state, int) else state)
        self._shown += texts

    def harmless(self, *texts: str) -> None:
        """Note that the attack has no verdict at stake: only the bait and the shown texts are looked at."""
        self.states.append("harmless")
        self._shown += texts

    def check(self) -> None:
        """Fail unless the attack ended, ended in no success, and left the bait alone."""
        assert self.states, "the test names no state that its attack ended with"
        assert not SUCCESSES & set(self.states), f"the attack ended with {self.states}"
        assert not self._ran.exists(), "the attack ran a command"
        assert self.outside.read_text(encoding="utf-8") == _TEXT, "the attack wrote to a file outside the project"
        assert not any(self.secret in text for text in self._shown), "the attack made a secret visible"
